"""The machine and the versions that the figures were measured with."""

import os
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np

import cow


def machine() -> dict[str, Any]:
    """Return a dictionary of words for a reader."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "cow": cow.__version__,
        "busy": os.getloadavg()[0] if sys.platform != "win32" else None,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2] for line in lines if line.startswith("model name")]
    return names[0].strip() if names else "unknown"
