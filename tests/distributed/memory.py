"""How much memory this process and its children have, shared pages counted once."""

from __future__ import annotations

import os
import threading
from pathlib import Path

__all__ = ["Peak"]

PROC = Path("/proc")


def family() -> list[int]:
    """Return the numbers of this process, its children, theirs, and so on."""
    parents = {}
    for each in PROC.iterdir():
        if each.name.isdigit():
            try:
                fields = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it is gone
                continue
            parents[int(each.name)] = int(fields[1])
    found = [os.getpid()]
    for number in found:
        found += [child for child, parent in parents.items() if parent == number]
    return found


def total() -> float:
    """Return the proportional set sizes of the family, in MB."""
    kilobytes = 0
    for number in family():
        try:
            lines = (PROC / str(number) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line[:4] == "Pss:")
    return kilobytes / 1024


class Peak:
    """In a ``with`` block: the most memory that was taken, beyond `before`, in MB."""

    def __init__(self, before: float) -> None:
        self.before = before
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.look()

    def look(self) -> None:
        self.most = max(self.most, total() - self.before)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self.look()
