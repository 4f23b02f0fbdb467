"""Modules as they are imported: a finder that lets the others find.

The loader of a module that somebody waits for is replaced until the module runs;
nothing of it is left in the module.
"""

from __future__ import annotations

import importlib.machinery
import pkgutil
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

__all__ = ["exists", "forget", "wait_for"]

_Wait = tuple[Callable[[str], bool], Callable[[types.ModuleType], object]]


class _Loader:
    """Runs a module, and tells those who wait for it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> Any:
        create = getattr(self._loader, "create_module", None)
        return create(spec) if create is not None else None

    def exec_module(self, module: types.ModuleType) -> None:
        # the module sees the loader that it has without us
        spec: Any = module.__spec__
        if spec is not None and spec.loader is self:
            spec.loader = self._loader
        if getattr(module, "__loader__", None) is self:
            module.__loader__ = self._loader
        self._loader.exec_module(module)
        for waits, told in list(_waiting):
            if waits(module.__name__):
                told(module)


class _Finder:
    """Stands first in ``sys.meta_path``, and finds nothing itself."""

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not any(waits(fullname) for waits, _ in list(_waiting)):
            return None
        for finder in list(sys.meta_path):
            find: Any = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: importlib.machinery.ModuleSpec | None = find(fullname, path, target)
            if spec is not None:
                loader: Any = spec.loader
                if hasattr(loader, "exec_module"):
                    loader = _Loader(loader)
                spec.loader = loader
                return spec
        return None


_finder: Any = _Finder()
_waiting: list[_Wait] = []


def wait_for(
    waits: Callable[[str], bool], told: Callable[[types.ModuleType], object]
) -> _Wait:
    """Call `told` with each module that is imported and whose name `waits` takes."""
    entry = waits, told
    _waiting.append(entry)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    return entry


def forget(entry: _Wait) -> None:
    """Take back what `wait_for` has returned."""
    if entry in _waiting:
        _waiting.remove(entry)
    if not _waiting and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


def exists(pattern: str, matches: Callable[[str], bool]) -> bool:
    """Is there a module that a pattern matches? Imports nothing."""
    if any(matches(name) for name in list(sys.modules)):
        return True
    parts = pattern.split(".")
    fixed = next((i for i, p in enumerate(parts) if set(p) & set("*?[")), len(parts))
    path: Sequence[str] | None = None
    for at in range(fixed):
        spec = _find(".".join(parts[: at + 1]), path)
        if spec is None:
            return False
        path = spec.submodule_search_locations
        if path is None and at + 1 < len(parts):
            return False
    return fixed == len(parts) or any(
        matches(name) for name in _below(parts[:fixed], path)
    )


def _find(name: str, path: Sequence[str] | None) -> Any:
    for finder in list(sys.meta_path):
        find: Any = getattr(finder, "find_spec", None)
        if finder is not _finder and find is not None:
            spec = find(name, path, None)
            if spec is not None:
                return spec
    return None


def _below(parts: list[str], path: Sequence[str] | None) -> Iterator[str]:
    """Yield the names of the modules in a package, from the outside in."""
    for each in pkgutil.iter_modules(path):
        name = ".".join([*parts, each.name])
        yield name
        if each.ispkg and parts:
            spec = _find(name, path)
            if spec is not None:
                yield from _below([*parts, each.name], spec.submodule_search_locations)
