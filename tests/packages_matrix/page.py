"""Write docs/packages.md from the outcomes; fail where one has no reason.

python -m tests.packages_matrix.page
"""

import datetime
import json
import platform
import sys
import tomllib
from pathlib import Path

from tests import ROOT

GROUPS = ("science", "parallel", "compiled", "files", "domain")
COLUMNS = {
    "takes": "input",
    "gives": "output",
    "keeps": "stored",
    "sends": "processes",
    "guarded": "`no_mutate`",
}
TEXT = """# Packages

What cow arrays do in {count} packages, each with the release that pip installs today.
`make test-packages` installs them, runs small calls with a plain array and with a cow
array, compares, and writes this page ({probes} calls; {right} of them right).

- *input*: functions of the package on a cow array give what they give on a plain one,
  and leave it.
- *output*: what comes back has these values, can be written, and is not written
  through to the argument. Most packages give plain arrays: `cow.asarray(result)`
  borrows.
- *stored*: an object of the package is made of the array, then the array is written:
  the object keeps the old values.
- *processes*: such an object, or the array, comes back from another process (a
  spawned one; for Dask, Ray and joblib their own) with its values.
- `no_mutate`: a function that writes into its argument through the package computes
  what it computes on a copy, and the arrays of its caller, plain and cow, stay.

*right*: as with NumPy, or better. *refused*: an error. *another result*: without a
word.
*leaks*: what should be a snapshot sees later writes. The number of calls is in
brackets.

{table}

## What is not right

The ways round were run, too: each gives what NumPy gives.

{wrong}

Reasons:

{reasons}

## What cow does for packages

- *scipy.sparse*: matrices over cow arrays take copies of them, so that `S *= 2` and
  `S.sort_indices()` work. As soon as both are imported, cow wraps the constructors.
- *distributed*: cow arrays travel as cow arrays, see [many workers](distributed.md).
- *joblib*: puts a cow array into one file for all tasks, and gets it back over the
  map.
- *astropy*, *unyt*: `a * unit` and `a << unit` have memory of their own. What is made
  of `numpy.asarray(a)` (`unyt.unyt_array(a, "m")`) is read-only: write `a * unit`.
- *pandas*: takes plain copies; *pyarrow* and *polars*: snapshots.
- *xarray*: keeps the cow array. `e = d.isel(x=0); e[0] = 50` leaves `d` as it is,
  where NumPy's views would carry it on: write `d[0, 0] = 50`, `d.loc[...]`.
- *autograd* (HIPS) takes no subclass of ndarray, *orjson* none either: hand them
  `numpy.asarray(a)`; `orjson.dumps(x, default=numpy.asarray,
  option=OPT_SERIALIZE_NUMPY)`.

PyTorch is the build for the CPU where pip finds one; the wheel of the index brings some
gigabytes of CUDA. Measured on {day} with CPython {python}, NumPy {numpy}.
"""


def outcomes():
    found = {}
    for group in GROUPS:
        path = ROOT / "build" / "packages" / f"{group}.json"
        found.update(json.loads(path.read_text()))
    return found


def cell(tried):
    if not tried:
        return "-"
    wrong = {}
    for outcome in tried.values():
        if outcome["verdict"] != "right":
            wrong[outcome["verdict"]] = wrong.get(outcome["verdict"], 0) + 1
    good = len(tried) - sum(wrong.values())
    parts = [f"right ({good})"] if good else []
    return ", ".join(parts + [f"**{verdict}** ({n})" for verdict, n in wrong.items()])


def calls(found):
    for package, each in found.items():
        for column, tried in each["columns"].items():
            for name, outcome in tried.items():
                yield (package, column, name), outcome


def reasons():
    path = Path(__file__).with_name("reasons.toml")
    return tomllib.loads(path.read_text())


def of_probe(known):
    return {p: key for key, each in known.items() for p in each["probes"]}


def check(found, known):
    """Return what is wrong with the reasons."""
    wrong = {", ".join(key) for key, o in calls(found) if o["verdict"] != "right"}
    given = of_probe(known)
    problems = [f"no reason: {each}" for each in sorted(wrong - set(given))]
    problems += [f"right by now: {each}" for each in sorted(set(given) - wrong)]
    for key, outcome in calls(found):
        told = ", ".join(key)
        no_way = outcome["verdict"] != "right" and not outcome.get("ways")
        if no_way and given.get(told) != "same":
            problems.append(f"no way round: {told}")
    return problems


def page(found, known):
    rows = ["| package | version | " + " | ".join(COLUMNS.values()) + " |"]
    rows.append("|---" * (len(COLUMNS) + 2) + "|")
    for package, each in sorted(found.items(), key=lambda item: item[0].lower()):
        cells = " | ".join(cell(each["columns"][column]) for column in COLUMNS)
        rows.append(f"| {package} | {each['version']} | {cells} |")
    wrong = ["| package | call | what | ways round | reason |", "|---|---|---|---|---|"]
    given, order = of_probe(known), list(known)
    for (package, column, name), outcome in calls(found):
        if outcome["verdict"] == "right":
            continue
        number = order.index(given[f"{package}, {column}, {name}"]) + 1
        what = outcome["verdict"]
        if outcome.get("error"):
            what += f": `{outcome['error']}`"
        ways = ", ".join(outcome.get("ways", ["`np.array(result)`"]))
        call = f"{COLUMNS[column]}: {name}"
        wrong.append(f"| {package} | {call} | {what} | {ways} | {number} |")
    listed = [f"{i}. {each['text']}." for i, each in enumerate(known.values(), 1)]
    every = [outcome["verdict"] for _, outcome in calls(found)]
    return TEXT.format(
        count=len(found),
        probes=len(every),
        right=every.count("right"),
        table="\n".join(rows),
        wrong="\n".join(wrong),
        reasons="\n".join(listed),
        day=datetime.date.today().isoformat(),
        python=platform.python_version(),
        numpy=" and ".join(sorted({each["numpy"] for each in found.values()})),
    )


def main():
    found, known = outcomes(), reasons()
    problems = check(found, known)
    if problems:
        sys.exit("\n".join(problems))
    (ROOT / "docs" / "packages.md").write_text(page(found, known))


if __name__ == "__main__":
    main()
