"""valgrind finds no definite leak of a block that the core allocated.

``python lost.py``; part of ``make test-memory``. Blocks that CPython and NumPy
lose at exit are theirs: a record counts when a frame of the core is in it. A
program that loses an array on purpose shows that one would be found.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LOSES = (
    "import ctypes, cow\n"
    "plain = cow._core.plain(cow.arange(20_000.0)[5:])\n"
    "ctypes.pythonapi.Py_IncRef(ctypes.py_object(plain))\n"
)


def records(*command):
    """Return the records of definite losses in which the core has a frame."""
    with tempfile.NamedTemporaryFile("r", suffix=".log") as log:
        subprocess.run(
            [
                *("valgrind", "--leak-check=full", "--show-leak-kinds=definite"),
                *("--undef-value-errors=no", "--num-callers=30"),
                *(f"--suppressions={HERE}/valgrind.supp", f"--log-file={log.name}"),
                *(sys.executable, *command),
            ],
            check=True,
            cwd=HERE,
            env={**os.environ, "PYTHONMALLOC": "malloc"},
        )
        text = re.sub(r"(?m)^==\d+== ?", "", log.read())
    assert "LEAK SUMMARY" in text, text
    found = [r for r in text.split("\n\n") if "definitely lost in" in r]
    return [r for r in found if "/cow/_core." in r]


def main():
    assert records("-c", LOSES), "the loss on purpose was not found"
    for command in (["holders.py"], ["fuzz.py", "3", "25"]):
        found = records(*command)
        if found:
            print(*found, sep="\n\n")
            sys.exit(f"{command[0]} loses {len(found)} blocks of the core")
    print("no definite leak")


if __name__ == "__main__":
    main()
