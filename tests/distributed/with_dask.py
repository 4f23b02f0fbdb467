"""Tasks of Dask that write into a shared array, without cow and with it.

    python with_dask.py threads|processes|delayed plain|cow MEGABYTES

A program of its own, which prints what it has seen as JSON.
"""

import json
import sys

import dask
import dask.array as da
import numpy as np
from distributed import Client, LocalCluster
from memory import Peak, total

import cow


def centred(x):
    """Write into its argument: the mistake that the page is about."""
    x -= 1.0
    return x


def look(x):
    return float(x[0]), type(x).__name__


def written(x):
    """Write a result that has come back."""
    x[1] = 7.0
    return float(x[1])


def run(client, task, data):
    before = total()
    shared = client.scatter(data, broadcast=True)
    workers = list(client.scheduler_info()["workers"])
    # `data` is the object itself for workers that are threads
    with Peak(before) as reading:
        reads = [client.submit(look, shared, workers=w, pure=False) for w in workers]
        client.gather(reads)
    with Peak(before) as writing:
        result = client.submit(task, shared, workers=workers[0], pure=False)
        first, kind = client.submit(look, result).result()
    after = client.gather(
        [client.submit(look, shared, workers=w, pure=False) for w in workers]
    )
    back = result.result()
    return {
        "input": [value for value, _ in after],
        "of the caller": float(data[0]),
        "result": first,
        "class": kind,
        "class of the result": type(back).__name__,
        "can be written": written(back if kind == "CowArray" else back.copy()),
        "reading": reading.most,
        "writing": writing.most,
    }


def with_client(mode, task, data):
    processes = mode == "processes"
    # it would drop the copies of workers that look idle while we measure
    dask.config.set({"distributed.scheduler.active-memory-manager.start": False})
    where = {"host": "127.0.0.1"} if processes else {}
    with (
        LocalCluster(
            n_workers=4,
            threads_per_worker=1,
            processes=processes,
            dashboard_address=None,
            memory_limit=0,
            **where,
        ) as cluster,
        Client(cluster, timeout=60) as client,
    ):
        return run(client, task, data)


def without_client(task, data):
    """`dask.delayed` and `da.map_blocks` on threads: no cluster at all."""
    before = total()
    with Peak(before) as writing, dask.config.set(scheduler="threads", num_workers=4):
        delayed = dask.delayed(task, pure=False)
        first = dask.compute(*[delayed(data) for _ in range(4)])
        blocks = da.from_array(data, chunks=len(data) // 4, name=False, asarray=False)
        mapped = blocks.map_blocks(task, dtype=float, meta=np.zeros(0)).compute()
    return {
        "input": [float(data[0])],
        "of the caller": float(data[0]),
        "result": float(first[-1][0]),
        "mapped": float(mapped[0]),
        "class": type(first[0]).__name__,
        "class of the result": type(first[0]).__name__,
        "can be written": written(first[0]),
        "reading": 0.0,
        "writing": writing.most,
    }


def main():
    mode, way, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    make = cow.ones if way == "cow" else np.ones
    task = cow.no_mutate(centred) if way == "cow" else centred
    data = make(megabytes << 17)
    if mode == "delayed":
        found = without_client(task, data)
    else:
        found = with_client(mode, task, data)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
