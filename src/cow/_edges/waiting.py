"""Modules of other packages, as soon as both they and cow are imported."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from typing import Any

from cow._ground import imports

__all__ = ["when_imported"]


def when_imported(name: str, told: Callable[[types.ModuleType], object]) -> None:
    """Call `told` with the module of this name: now, or after its import."""
    known = sys.modules.get(name)
    if known is not None:
        told(known)
        return
    entry: Any = None

    def tell(module: types.ModuleType) -> None:
        imports.forget(entry)
        told(module)

    entry = imports.wait_for(name.__eq__, tell)
