"""How much of the C the suite has run, from gcov; ``make coverage-c``.

``python tests/programs/coverage_c.py BUILD``: prints the share of lines that ran and
those that did not, and fails below the limit.
"""

import pathlib
import subprocess
import sys

LIMIT = 95.0


def lines(build):
    """Return {(file, line): (did it run, text)} of the lines that are code."""
    build = pathlib.Path(build)
    data = next(build.glob("_core*.p/*.gcda")).relative_to(build)
    subprocess.run(["gcov", data], cwd=build, check=True, capture_output=True)
    found = {}
    for part in sorted((pathlib.Path(__file__).parents[2] / "src/core").iterdir()):
        report = build / f"{part.name}.gcov"
        for line in report.read_text().splitlines() if report.exists() else []:
            if line.count(":") < 2:
                continue  # a rule between the variants of an inline function
            count, number, text = line.split(":", 2)
            if count.strip() != "-":
                ran = count.strip() not in ("#####", "=====")
                found[part.name, int(number)] = (ran, text)
    return found


def main(build):
    found = lines(build)
    missed = {n: text for n, (ran, text) in found.items() if not ran}
    for (part, n), text in missed.items():
        print(f"{part}:{n}: {text}")
    share = 100 * (1 - len(missed) / len(found))
    print(f"{len(found)} lines of C, {len(missed)} not run: {share:.1f} % covered")
    return share < LIMIT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
