"""A fuzzer of value semantics: random programs against eager copies.

``python -m tests.programs.values SEED SECONDS`` prints the number of programs and
lines. Where a program shows something else than the eager copies, dies or hangs, it
prints the program without the lines that are not needed, and fails. ``--program FILE``
runs the lines of a file. Between the programs threads share arrays for a short time.
"""

import argparse
import gc
import subprocess
import sys
import tempfile
import time

from tests.programs import threads
from tests.programs.callbacks import CallbackWorld
from tests.programs.statements import Author
from tests.programs.world import Difference, Line

LINES = 40
PROGRAMS_A_STRESS = 400  # then threads have their turn
SECONDS_OF_A_STRESS = 1.0
PATIENCE = 120  # seconds for what should have ended


def program(seed, log=None, make=CallbackWorld):
    """Draw and run a program; return its lines and the difference, or None."""
    world = make()
    author = Author(seed, world)
    lines = []
    for _ in range(author.random.randrange(4, LINES)):
        lines.append(author.line())
        if log is not None:
            log(lines)
        try:
            world.run(lines[-1])
        except Difference as difference:
            return lines, difference
    return lines, None


def trial(lines):
    """Run a program; return the number of lines that were run."""
    world = CallbackWorld()
    return sum([world.run(line) for line in lines])


def fails(lines):
    """Return what is different, or None."""
    try:
        trial(lines)
    except Difference as difference:
        return difference
    return None


def dies(lines):
    """Say whether a program ends its process."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(as_text(lines))
        file.flush()
        command = [sys.executable, "-m", "tests.programs.values"]
        command += ["--program", file.name]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return True
    return done.returncode not in (0, 1)


def shrunk(lines, still=fails):
    """Drop lines for as long as the program still fails."""
    lines = list(lines)
    size = max(1, len(lines) // 2)
    while True:
        at = 0
        while at < len(lines):
            rest = lines[:at] + lines[at + size :]
            if rest and still(rest):
                lines = rest
            else:
                at += size
        if size == 1:
            return lines
        size = max(1, size // 2)


def as_text(lines):
    return "\n".join(map(str, lines)) + "\n"


def from_file(name):
    with open(name) as file:
        lines = file.read().splitlines()
    return [Line.read(line) for line in lines if line and line[0] != "#"]


def stress(n):
    """Let threads share arrays, at one of the switch intervals."""
    old = sys.getswitchinterval()
    sys.setswitchinterval(threads.INTERVALS[n % len(threads.INTERVALS)])
    try:
        threads.Stress(SECONDS_OF_A_STRESS, 4).run()
    finally:
        sys.setswitchinterval(old)


def fuzz(seed, seconds, log=None):
    """Run programs until the time is over or one fails; return True if none did."""
    end = time.monotonic() + seconds
    gc.collect()
    gc.freeze()  # the programs collect often
    programs = steps = 0
    while time.monotonic() < end:
        lines, difference = program(f"{seed}:{programs}", log)
        programs += 1
        steps += len(lines)
        if difference is not None:
            print(f"program {seed}:{programs - 1}, step {len(lines)}, {steps} in all:")
            least = shrunk(lines)
            print(f"{fails(least) or difference}\n\n{as_text(least)}", flush=True)
            return False
        if programs % PROGRAMS_A_STRESS == 0:
            try:
                stress(programs // PROGRAMS_A_STRESS)
            except BaseException as error:
                print(f"threads, {steps} steps in all: {error!r}", flush=True)
                return False
    print(f"{programs} programs, {steps} steps: as the eager copies", flush=True)
    return True


class Log:
    """Writes each program to a file before its last line runs."""

    def __init__(self, name):
        self.file = open(name, "w")  # noqa: SIM115  open as long as the process
        self.steps = 0

    def __call__(self, lines):
        if len(lines) == 1:
            self.file.seek(0)
            self.file.truncate()
            self.file.write(f"# {self.steps}\n")
        self.steps += 1
        self.file.write(f"{lines[-1]}\n")
        self.file.flush()

    @staticmethod
    def read(name):
        """Return the lines of the last program, and the number of steps."""
        with open(name) as file:
            steps = int(file.readline()[1:] or 0)
        lines = from_file(name)
        return lines, steps + len(lines)


def watched(seed, seconds):
    """Fuzz in a child; where it dies or hangs, print the program that did it."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        command = [sys.executable, "-X", "faulthandler", "-m", "tests.programs.values"]
        command += [str(seed), str(seconds), "--log", file.name]
        try:
            code = subprocess.run(command, timeout=seconds + PATIENCE).returncode
        except subprocess.TimeoutExpired:
            code = "timeout"
        if code in (0, 1):
            return code == 0
        lines, steps = Log.read(file.name)
    print(f"the process ended with {code}, after {steps} in all:")
    if code != "timeout" and dies(lines):
        lines = shrunk(lines, dies)
    print(as_text(lines), flush=True)
    return False


def main():
    parser = argparse.ArgumentParser(prog="values")
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("seconds", type=float, nargs="?", default=60)
    parser.add_argument("--program")
    parser.add_argument("--log", help="the file for programs (for the child)")
    options = parser.parse_args()
    if options.program:
        print(f"{trial(from_file(options.program))} steps: as the eager copies")
        return 0
    if options.log:
        return 0 if fuzz(options.seed, options.seconds, Log(options.log)) else 1
    return 0 if watched(options.seed, options.seconds) else 1


if __name__ == "__main__":
    sys.exit(main())
