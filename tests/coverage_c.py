"""How much of the C the suite has run, from gcov; ``make coverage-c``.

``python tests/coverage_c.py BUILD``: prints the share of lines that ran and those
that did not, and fails below the limit.
"""

import pathlib
import subprocess
import sys

LIMIT = 95.0


def lines(build):
    """Return {line number: (did it run, text)} of the lines that are code."""
    objects = next(pathlib.Path(build).glob("_core*.p"))
    data = next(objects.glob("*.gcda")).name
    subprocess.run(["gcov", data], cwd=objects, check=True, capture_output=True)
    found = {}
    for line in (objects / "_core.c.gcov").read_text().splitlines():
        count, number, text = line.split(":", 2)
        if count.strip() != "-":
            ran = count.strip() not in ("#####", "=====")
            found[int(number)] = (ran, text)
    return found


def main(build):
    found = lines(build)
    missed = {n: text for n, (ran, text) in found.items() if not ran}
    for n, text in missed.items():
        print(f"{n:5}: {text}")
    share = 100 * (1 - len(missed) / len(found))
    print(f"{len(found)} lines of C, {len(missed)} not run: {share:.1f} % covered")
    return share < LIMIT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
