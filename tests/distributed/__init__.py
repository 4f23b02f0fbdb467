"""Tasks on many workers, with the real schedulers: each program prints what it saw.

``make test-distributed`` runs the tests, and measures what docs/distributed.md shows.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROGRAMS = {
    "dask threads": ("with_dask.py", "threads"),
    "dask processes": ("with_dask.py", "processes"),
    "dask delayed": ("with_dask.py", "delayed"),
    "ray checked": ("with_ray.py", "checked"),
    "ray unchecked": ("with_ray.py", "unchecked"),
    "joblib auto": ("with_joblib.py", "auto"),
    "joblib r+": ("with_joblib.py", "r+"),
}


def saw(name: str, way: str, megabytes: int) -> dict[str, object]:
    """Run a scenario, ``plain`` or ``cow``, and return what it has seen."""
    done = subprocess.run(
        [sys.executable, HERE / PROGRAMS[name][0], PROGRAMS[name][1], way]
        + [str(megabytes)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name}, {way}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
