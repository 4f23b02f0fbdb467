"""``python -m benchmarks.programs PROGRAM numpy|careful|cow``: JSON of its figures.

seconds: the least of some runs; traced: the peak of what tracemalloc counts;
resident: the peak of the process's memory; both above what was there before.
"""

import importlib
import json
import re
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

import cow

RUNS = 5


def status(field: str) -> int:
    """Return a field of the process's status in bytes."""
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def resident(run: Callable[[], object]) -> float:
    """Return by how much `run` raises the peak of the resident memory."""
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts from here
    run()
    return status("VmHWM") - before


def seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


def traced(run: Callable[[], object]) -> float:
    tracemalloc.start()
    run()
    return tracemalloc.get_traced_memory()[1]


def main(program: str, kind: str) -> None:
    module = importlib.import_module(f"benchmarks.programs.{program}")
    array = cow.array if kind == "cow" else np.array

    def run() -> None:
        module.run(array, careful=kind == "careful")

    # what NumPy loads and allocates at its first use is not the program's
    _ = np.linalg.inv(np.eye(9) @ np.eye(9)), np.random.default_rng(1).normal(size=9)
    found = {"resident": resident(run)}
    found["seconds"] = min(seconds(run) for _ in range(RUNS))
    found["traced"] = traced(run)
    print(json.dumps(found))


main(*sys.argv[1:])
