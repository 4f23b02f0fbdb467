"""Write the figures of docs/distributed.md: ``python -m tests.distributed.page``."""

import datetime
import importlib.metadata

from tests import ROOT
from tests.distributed import PROGRAMS, saw

MEGABYTES = 400
PAGE = ROOT / "docs" / "distributed.md"
MARK = "<!-- figures -->"
HEAD = """
| workers | plain: the input afterwards | MB | with cow: the input | MB |
|---|---|---|---|---|
"""


def damage(found):
    if found.get("error"):
        return "as it was; the task fails: " + found["error"]
    seen = sorted({*found["input"], found["of the caller"]})
    if seen == [1.0]:
        return "as it was"
    wrong = sum(value != 1.0 for value in found["input"])
    told = f"wrong for {wrong} of {len(found['input'])} who look"
    return told + ("" if found["of the caller"] == 1.0 else ", and for the caller")


def table():
    rows = []
    for name in PROGRAMS:
        plain, mine = (saw(name, way, MEGABYTES) for way in ("plain", "cow"))
        rows.append(
            f"| {name} | {damage(plain)} | {plain['writing']:.0f} | {damage(mine)} "
            f"| {mine['writing']:.0f} |\n"
        )
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("dask", "distributed", "ray", "joblib", "numpy")
    )
    day = datetime.date.today().isoformat()
    return f"{HEAD}{''.join(rows)}\nMeasured on {day} with {versions}.\n"


def main():
    before, _, after = PAGE.read_text().split(MARK)
    PAGE.write_text(f"{before}{MARK}\n{table()}\n{MARK}{after}")


if __name__ == "__main__":
    main()
