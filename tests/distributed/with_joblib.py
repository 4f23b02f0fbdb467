"""Processes of joblib over one array in a file, without cow and with it.

    python with_joblib.py r+|auto plain|cow MEGABYTES

`r+`: the caller has a memmap that can be written, and so have the workers.
`auto`: joblib itself puts a large argument into a file, with ``mmap_mode="r+"``.
A program of its own, which prints what it has seen as JSON.
"""

import json
import os
import sys
import tempfile
import time

import joblib
import numpy as np
from memory import Peak, total

import cow


def centred(x):
    """Write into its argument: the mistake that the page is about."""
    x -= 1.0
    return x


def task(number, x, folder, guarded):
    """Wait for the others, so that each is a worker of its own; the first one writes.

    What it has written, and what the last one sees then.
    """
    first = float(x.sum() / len(x))
    meet(folder, f"read{number}", "read", 4)
    if number == 0:
        y = (cow.no_mutate(centred) if guarded else centred)(x)
        seen = float(y[0]), type(x).__name__, type(y).__name__
        time.sleep(0.3)  # for the sampling of the memory
        meet(folder, "written", "written", 1)
        return [*seen, y[:2]]
    meet(folder, None, "written", 1)
    return [first, float(x[0]), type(x).__name__]


def meet(folder, name, what, number):
    """Leave a note, and wait for as many of them."""
    if name is not None:
        open(os.path.join(folder, name), "w").close()
    until = time.monotonic() + 60
    while sum(each.startswith(what) for each in os.listdir(folder)) < number:
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.01)


def run(data, guarded, folder):
    jobs = joblib.delayed(task)
    with joblib.Parallel(4, max_nbytes="1M", mmap_mode="r+", timeout=100) as pool:
        pool(joblib.delayed(abs)(i) for i in range(8))  # the workers are there
        before = total()
        with Peak(before) as peak:
            wrote, *others = pool(jobs(i, data, folder, guarded) for i in range(4))
    result = wrote[3]
    result[1] = 7.0
    return {
        "input": [value for _, value, _ in others],
        "of the caller": float(data[0]),
        "result": wrote[0],
        "class": wrote[1],
        "class of the result": type(result).__name__,
        "can be written": float(result[1]),
        "writing": peak.most,
    }


def main():
    mode, way, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as notes,
    ):
        if mode == "r+":
            path = os.path.join(folder, "x.npy")
            np.save(path, np.ones(megabytes << 17))
            load = cow.load if way == "cow" else np.load
            data = load(path, mmap_mode="r+")
        else:
            data = (cow.ones if way == "cow" else np.ones)(megabytes << 17)
        found = run(data, way == "cow", notes)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
