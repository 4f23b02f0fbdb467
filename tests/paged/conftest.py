import sys
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    """Where there are no mappings, what is said of them cannot hold."""
    if sys.platform != "linux":
        for item in items:
            if "mapped" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason="copies are plain, not mapped"))


@pytest.fixture
def mapped():
    """Return how many mappings of memory files of ours there are."""

    def mapped():
        return Path("/proc/self/maps").read_text().count("memfd:cow")

    return mapped
