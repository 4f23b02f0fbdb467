"""Tasks of Ray over one array in its shared store, without cow and with it.

    python with_ray.py checked|unchecked plain|cow MEGABYTES

`checked`: the task writes with NumPy, which honours the flag of the store's arrays;
`unchecked`: with LAPACK, which does not. A program of its own, which prints what it
has seen as JSON.
"""

import json
import os
import sys

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import numpy as np
import ray
import ray._private.services
from memory import Peak, total
from scipy.linalg import blas

import cow

LOOPBACK = "127.0.0.1"
# else Ray takes the address of the machine, and listens everywhere
ray._private.services.resolve_ip_for_localhost = lambda host: host
ray._private.services.get_node_ip_address = lambda *args: LOOPBACK


def centred(x):
    """Write into its argument: the mistake that the page is about."""
    x -= 1.0
    return x


def scaled(x):
    """The same, where C code writes that does not look at NumPy's flag."""
    blas.dscal(0.0, x)
    return x


@ray.remote
def look(x):
    return float(x.min()), type(x).__name__


def told(task, *args):
    """Return the result, and what is said against it."""
    try:
        return ray.get(task.remote(*args), timeout=60), None
    except ray.exceptions.RayTaskError as error:
        return None, str(error.cause)


def run(task, data):
    before = total()
    shared = ray.put(data)
    with Peak(before) as reading:
        ray.get([look.remote(shared) for _ in range(4)], timeout=60)
    with Peak(before) as writing:
        result, error = told(task, shared)
    after = ray.get([look.remote(shared) for _ in range(4)], timeout=60)
    found = {
        "input": [value for value, _ in after],
        "of the caller": float(data[0]),
        "error": error,
        "reading": reading.most,
        "writing": writing.most,
    }
    if error is None:
        found["result"] = float(result[0])
        found["class of the result"] = type(result).__name__
        try:
            result[1] = 7.0
            found["can be written"] = float(result[1])
        except ValueError as refused:
            found["can be written"] = str(refused)
    return found


def main():
    mode, way, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    data = (cow.ones if way == "cow" else np.ones)(megabytes << 17)
    task = {"checked": centred, "unchecked": scaled}[mode]
    if way == "cow":
        task = cow.no_mutate(task)
    ray.init(
        num_cpus=4,
        include_dashboard=False,
        object_store_memory=(3 * megabytes << 20) + (200 << 20),
        log_to_driver=False,
        configure_logging=False,
        _node_ip_address=LOOPBACK,
    )
    try:
        ray.get([look.remote(np.ones(1)) for _ in range(4)], timeout=60)
        found = run(ray.remote(task), data)
    finally:
        ray.shutdown()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
