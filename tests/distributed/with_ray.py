"""Tasks of Ray over one array in its shared store, without cow and with it.

    python with_ray.py checked|unchecked plain|cow MEGABYTES

`checked`: the task writes with NumPy, which honours the flag of the store's arrays;
`unchecked`: with LAPACK, which does not. A program of its own, which prints what it
has seen as JSON.
"""

import json
import os
import sys

os.environ.update(RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0", RAY_USAGE_STATS_ENABLED="0")

import numpy as np
import ray
from memory import Peak, total
from scipy.linalg import lapack

import cow


def centred(x):
    """Write into its argument: the mistake that the page is about."""
    x -= 1.0
    return x


def solved(x):
    """The same, where C code writes: dscal() of BLAS would do as well."""
    lapack.dgetrs(np.eye(1), np.zeros(1, "i4"), x[:1], overwrite_b=True)
    return x


def main():
    mode, way, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print(mode, way, megabytes, json, Peak, total, cow, ray)


if __name__ == "__main__":
    main()
