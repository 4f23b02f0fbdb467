"""Dask, distributed (two processes), Ray, joblib."""

import contextlib
import functools
import os
import tempfile

import dask
import dask.array as da
import joblib
import numpy as np
from dask.base import tokenize
from distributed import Client, LocalCluster

import cow
from tests.packages_matrix.probe import Package

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
LARGE = np.arange(300_000.0)
dask.config.set(scheduler="threads")


@functools.cache
def cluster():
    made = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
    )
    return Client(made), made


@functools.cache
def ray():
    import ray as module
    import ray._private.services as services

    # else Ray takes the address of the machine, and listens everywhere
    services.resolve_ip_for_localhost = lambda host: host
    services.get_node_ip_address = lambda *args: "127.0.0.1"
    module.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=200 << 20,
        log_to_driver=False,
        configure_logging=False,
        _node_ip_address="127.0.0.1",
    )
    return module


@functools.cache
def folder():
    return tempfile.TemporaryDirectory()


def close():
    """End the schedulers."""
    if cluster.cache_info().currsize:
        client, made = cluster()
        client.close()
        made.close()
    if ray.cache_info().currsize:
        ray().shutdown()
    with contextlib.suppress(OSError):
        folder().cleanup()


def blocks(a):
    return da.from_array(a, chunks=100_000)


def written(x):
    x = np.asarray(x) if x.flags.writeable else x
    x[0] = 9.0
    return x


def first(x):
    return float(x[0]), type(x).__name__ in ("CowArray", "ndarray", "memmap")


DASK = Package(
    "dask",
    sample=LARGE,
    takes={
        "sum": lambda a: blocks(a).sum().compute(),
        "map_blocks": lambda a: blocks(a).map_blocks(lambda b: b + 1).compute(),
        "map_overlap": lambda a: (
            blocks(a).map_overlap(lambda b: b * 2, depth=1).compute()
        ),
        "delayed": lambda a: dask.delayed(np.cumsum)(a).compute(),
        "tokenize": lambda a: tokenize(a) == tokenize(a[...]),
    },
    gives={
        "map_blocks": lambda a: blocks(a).map_blocks(lambda b: b + 1).compute(),
        "compute": lambda a: (blocks(a) * 1).compute(),
    },
    keeps={"from_array": (blocks, lambda d: d.compute())},
    sends={"dask array": (blocks, lambda d: d.compute())},
    guarded={
        "delayed": lambda a: dask.delayed(written, pure=False)(a).compute()[:3],
    },
)
DISTRIBUTED = Package(
    "distributed",
    sample=LARGE,
    takes={
        "submit": lambda a: cluster()[0].submit(np.cumsum, a).result(),
        "scatter": lambda a: (
            cluster()[0].submit(np.sum, cluster()[0].scatter(a)).result()
        ),
    },
    gives={
        "submit": lambda a: cluster()[0].submit(np.add, a, 1).result(),
        "scatter": lambda a: cluster()[0].scatter(a).result(),
    },
    keeps={"scatter": (lambda a: cluster()[0].scatter(a), lambda f: f.result())},
    sends={"scatter": (lambda a: a, lambda a: cluster()[0].scatter(a).result())},
)
RAY = Package(
    "ray",
    sample=LARGE,
    takes={
        "task": lambda a: ray().get(ray().remote(np_sum).remote(a)),
        "put": lambda a: ray().get(ray().remote(np_sum).remote(ray().put(a))),
    },
    gives={
        "get": lambda a: ray().get(ray().put(a)),
        "task": lambda a: ray().get(ray().remote(plus_one).remote(a)),
    },
    keeps={"put": (lambda a: ray().put(a), lambda ref: ray().get(ref))},
    sends={"put": (lambda a: a, lambda a: ray().get(ray().put(a)))},
)


def np_sum(x):
    return float(np.sum(x))


def plus_one(x):
    return x + 1


def parallel(function, *args, **options):
    with joblib.Parallel(2, max_nbytes="1M", **options) as pool:
        return pool(joblib.delayed(function)(*args) for _ in range(2))


def remembered(a):
    memory = joblib.Memory(folder().name, verbose=0)
    return memory.cache(plus_one)(a), memory.cache(plus_one)(a)


def dumped(a):
    path = os.path.join(folder().name, "dumped")
    joblib.dump(a, path)
    return path


JOBLIB = Package(
    "joblib",
    sample=LARGE,
    takes={
        "Parallel": lambda a: parallel(np_sum, a),
        "threads": lambda a: parallel(np_sum, a, prefer="threads"),
        "Memory": remembered,
        "hash": lambda a: joblib.hash(a) == joblib.hash(a[...]),
    },
    gives={
        "Parallel": lambda a: parallel(plus_one, a)[0],
        "load": lambda a: joblib.load(dumped(a)),
        "Memory": lambda a: remembered(a)[1],
    },
    keeps={"dump": (dumped, joblib.load)},
    sends={"Parallel": (lambda a: a, lambda a: parallel(plus_one, a)[0])},
    guarded={
        "threads": lambda a: parallel(written, a, prefer="threads")[0][:3],
    },
)
PACKAGES = [DASK, DISTRIBUTED, RAY, JOBLIB]


def scattered(schedule):
    """Tasks that write a shared array, guarded and not: (verdict, what they see)."""
    data = cow.array(LARGE)
    seen = schedule(cow.no_mutate(written), data)
    return {"verdict": "right" if seen == [0.0, 0.0] else "leaks"}


def with_distributed(task, data):
    client, _ = cluster()
    shared = client.scatter(data, broadcast=True)
    client.submit(task, shared, pure=False).result()
    workers = list(client.scheduler_info()["workers"])
    return [
        client.submit(first, shared, workers=w, pure=False).result()[0] for w in workers
    ]


def with_ray(task, data):
    shared = ray().put(data)
    ray().get(ray().remote(task).remote(shared))
    look = ray().remote(first)
    return [ray().get(look.remote(shared))[0] for _ in range(2)]


MORE = {
    "distributed": lambda: {"guarded": {"submit": scattered(with_distributed)}},
    "ray": lambda: {"guarded": {"task": scattered(with_ray)}},
}
