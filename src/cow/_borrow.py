"""The arrays of one guarded call: lent on the way in, settled on the way out.

Nothing that the callee gets is an object of the caller, and nothing that it
returns or keeps looks at the memory of the caller afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy import array as np_array
from numpy import asarray as np_asarray
from numpy import empty as np_empty
from typing_extensions import TypeIs

from cow import _core
from cow._array import CowArray
from cow._containers import ATOMS, rebuild
from cow._errors import MutationError
from cow._evict import evict
from cow._loan import Loan, borrow
from cow._readonly import ReadOnlyArray
from cow._report import Watch, differs, report
from cow._settle import settle
from cow._types import Guard, Lent, Path, Plain, type_of

if TYPE_CHECKING:
    from cow._types import isinstance

__all__ = ["SMALL", "Call", "lend", "spell"]

# Up to here a private copy costs no more than a borrow (benchmarks/guard.py).
SMALL = 16 * 1024
_ND = np.ndarray


_A = TypeVar("_A", bound=_core.Array)


# memmap says otherwise of setflags and flat, as NumPy's stubs do
class MappedArray(  # pyright: ignore[reportIncompatibleMethodOverride]
    CowArray, np.memmap[Any, np.dtype[Any]]
):
    """What a guarded function gets for a memmap: one whose file stays as it is."""

    _result_class = CowArray
    # as np.memmap has them
    filename: Any = None
    offset: Any = None
    mode: Any = None
    _mmap: Any = None

    def __array_finalize__(self, obj: object) -> None:
        if isinstance(obj, np.memmap):
            self.filename, self.offset, self.mode = obj.filename, obj.offset, obj.mode


class Call:
    """The arguments of one call of a guarded function.

    Parameters
    ----------
    isolate : bool
        Hand over private copies of all plain arrays.
    verify : bool
        Compare what is borrowed with a snapshot.
    guard : callable, optional
        ``guard(call, path)`` makes what the core calls before each write.
    compare : bool
        Tell afterwards which of the private copies were written.
    """

    __slots__ = (
        *("closed", "compare", "cows", "guard", "isolate", "lent", "loans"),
        *("memo", "reported", "verify", "watch", "watched"),
    )

    def __init__(
        self,
        isolate: bool | None = False,
        verify: bool = False,
        guard: Callable[[Call, Path], Guard] | None = None,
        compare: bool | None = False,
    ) -> None:
        self.isolate = isolate
        self.verify = verify
        self.guard = guard
        self.compare = compare
        self.memo: dict[int, tuple[Any, Any]] = {}
        self.loans: list[Loan] = []
        self.watched: list[tuple[Path, Plain, Plain]] = []
        self.watch: Watch | None = None
        self.reported: set[str] = set()
        self.lent = self.cows = self.closed = False

    # ------------------------------------------------------------- way in

    def enter(self, value: Any, path: Path, /) -> Any:
        """Return what the callee gets for `value`, an argument at `path`."""
        if type(value) in ATOMS:
            return value
        known = self.memo.get(id(value))
        if known is not None:
            return known[1]
        if not isinstance(value, _ND):
            return rebuild(self, value, path)
        inner = self._array(value, path)
        self.memo[id(value)] = (value, inner)
        return inner

    def enter_readonly(self, value: Any, path: Path) -> Any:
        """As `enter`, for a parameter that is annotated as read-only."""
        if not isinstance(value, _ND) or isinstance(value, ReadOnlyArray):
            return self.enter(value, path)
        if isinstance(value, _core.Array):
            self.cows = True
            return _core.share(value, ReadOnlyArray)
        return self._borrow(value, path, ReadOnlyArray)

    def _array(self, value: Plain, path: Path) -> Plain:
        if isinstance(value, _core.Array):
            self.cows = True
            inner = _core.share(value, type(value), value)
            if value.dtype.hasobject:
                inner = self._objects(value, inner, path)
            return self._guarded(inner, path)
        isolate = self.isolate or self.closed
        if type(value) is not _ND and type(value) is not np.memmap:
            return self._foreign(value, path, isolate)
        if isolate or value.dtype.hasobject:
            private = self._private(value, path)
            if not isolate and self.guard is not None:
                return self._guarded(_core.share(private, CowArray), path)
            return private
        if value.nbytes > SMALL or type(value) is np.memmap:
            cls = CowArray if type(value) is _ND else MappedArray
            return self._guarded(self._borrow(value, path, cls), path)
        if self.guard is None:
            return np_array(value, order="K")
        self.lent = True
        inner = self._guarded(_core.share(value.copy("K"), CowArray), path)
        self.watched.append((path, inner, value))
        return inner

    def _borrow(self, value: Plain, path: Path, cls: type[_A]) -> _A:
        inner, loan = borrow(value, cls)
        if cls is MappedArray:
            inner.__array_finalize__(value)
        self.loans.append(Loan(loan, path, self.verify))
        self.lent = True
        return inner

    def _guarded(self, inner: _A, path: Path) -> _A:
        if self.guard is not None:
            _core.set_guard(inner, self.guard(self, path))
        return inner

    def _private(self, value: Plain, path: Path) -> Plain:
        """Return a copy of `value`, of its class, with its attributes."""
        inner = value.copy("K")
        self.memo[id(value)] = (value, inner)
        if type(value) is np.memmap:
            for name in ("filename", "offset", "mode"):
                setattr(inner, name, getattr(value, name))
        elif type(value) is not _ND:
            self._attributes(value, inner, path)
        if value.dtype.hasobject:
            self._elements(np_asarray(value), inner.view(_ND), path)
        if self.compare or (self.guard is not None and type(value) is not _ND):
            old = inner.copy("K") if value.dtype.hasobject else value
            self.watched.append((path, inner, old))
        return inner

    def _foreign(self, value: Plain, path: Path, isolate: bool) -> Plain:
        """A subclass keeps its class: only a copy isolates it."""
        inner = self._private(value, path)
        if self.guard is not None and not isolate and not self.compare:
            for part in (inner, getattr(inner, "_mask", None)):
                if isinstance(part, _ND):
                    part.flags.writeable = False
        return inner

    def _attributes(self, value: Plain, inner: Plain, path: Path) -> None:
        mine = getattr(inner, "__dict__", {})
        if isinstance(value, np.ma.MaskedArray):
            return
        for name, item in getattr(value, "__dict__", {}).items():
            if name not in mine or mine[name] is item:
                mine[name] = self.enter(item, (*path, "." + name))

    def _objects(
        self, value: _core.Array, inner: _core.Array, path: Path
    ) -> _core.Array:
        """A cow array of objects: a copy only where an element has to change."""
        private = np_array(_core.plain(value), order="K")
        if self._elements(_core.plain(value), private, path):
            inner = _core.wrap(private.copy("K"), type(value), value)
        return inner

    def _elements(self, source: Plain, inner: Plain, path: Path) -> bool:
        """Guard the arrays and containers in an object array, or in a field."""
        changed = False
        if source.dtype.names is not None:
            for name in source.dtype.names:
                if source.dtype[name].hasobject:
                    part = (source[name], inner[name], (*path, name))
                    changed |= self._elements(*part)
            return changed
        box = np_empty((), dtype=object)
        for at in np.ndindex(source.shape):
            item = source[at]
            new = self.enter(item, (*path, at[0] if len(at) == 1 else at))
            if new is not item:
                # a sequence would be spread over the elements otherwise
                holder = np_empty(1, dtype=object)
                holder[0] = new
                box = holder.reshape(())
                inner[(*at, ...)] = box
                changed = True
        return changed

    # ------------------------------------------------------------ way out

    def leave(self, box: list[Any]) -> Any:
        """Settle the result in `box`; return it free of the caller's memory."""
        self.memo.clear()
        result = [self.settle(box)]
        self.sever()
        return result.pop()

    def settle(self, box: list[Any]) -> Any:
        """Return the value in `box` as the caller may have it."""
        return settle(box, not self.cows) if self.lent else box.pop()

    def pause(self, box: list[Any]) -> Any:
        """Settle what is handed out in between, by a generator."""
        self.memo.clear()
        self.check()
        return self.settle(box)

    def resume(self) -> None:
        """The caller may have written its own arrays in the meantime."""
        for loan in self.loans:
            loan.refresh()

    def sever(self, failed: bool = False) -> None:
        """Give memory of its own to whatever still looks at a borrowed array.

        `failed`: the call raised; its frames, and what they hold, live on in the
        traceback.
        """
        self.memo.clear()
        self.closed = True
        try:
            for loan in self.loans:
                evict(loan, failed)
            self.check()
        finally:
            self.loans.clear()
            self.watched.clear()

    def check(self) -> None:
        """Raise where C code wrote past the read-only flag."""
        changed = [loan for loan in self.loans if loan.written()]
        if not changed:
            return
        for loan in changed:
            if loan.whole is not None:
                loan.restore(loan.whole)
        names = ", ".join(spell(loan.path) for loan in changed)
        done = "restored" if self.verify else "NOT restored"
        self.loans.clear()
        raise MutationError(
            f"C code wrote into the memory of the argument {names}, past the "
            f"read-only flag; its contents are {done}. Use "
            "@no_mutate(isolate=True) for this function: it works on copies."
        )

    # ------------------------------------------------- who wrote the copies

    def start_watch(self, function: str, where: tuple[str, int], trace: bool) -> Watch:
        """Return the context in which the body runs, when `compare` is set."""
        arrays = [(spell(path), inner, old) for path, inner, old in self.watched]
        self.watch = Watch(function, arrays, where, trace)
        return self.watch

    def end_watch(self, watch: Watch) -> None:
        """Report what the watch has found."""
        for event in watch.events:
            if event.parameter not in self.reported:
                self.reported.add(event.parameter)
                report(event)

    def written_copies(self) -> list[str]:
        """Return the paths of the private copies that were written."""
        return [
            spell(path)
            for path, inner, old in self.watched
            if differs(np_asarray(inner) if _is_cow(inner) else inner, old)
        ]

    def only_path(self) -> str | None:
        """Return the spelled path of the one array that is read-only, or None."""
        paths = [loan.path for loan in self.loans] + [at for at, *_ in self.watched]
        return spell(paths[0]) if len(paths) == 1 else None

    def find_views(self, values: Iterable[object]) -> str | None:
        """Return the spelled path of a loan that one of `values` looks at."""
        for value in values:
            if _is_cow(value) or not isinstance(value, _ND):
                continue
            if not value.flags.writeable:
                for loan in self.loans:
                    if np.may_share_memory(value, loan.array):
                        return spell(loan.path)
                for path, inner, _ in self.watched:
                    if np.may_share_memory(value, inner):
                        return spell(path)
        return None


def _is_cow(array: object) -> TypeIs[_core.Array]:
    return isinstance(array, _core.Array)


def spell(path: Path) -> str:
    """Write a path as code: ``config['grid'][0]``."""
    name, *rest = path
    return name + "".join(
        step if isinstance(step, str) and step.startswith(".") else f"[{step!r}]"
        for step in rest
    )


def lend(values: Iterable[Any], small: int, loans: list[Lent]) -> list[Any] | None:
    """Return what the callee gets for `values`, appending to `loans`.

    The short way, for the usual arguments: atoms and plain arrays. None where
    it takes a `Call`.
    """
    inner: list[Any] = []
    seen: list[int] = []
    for value in values:
        kind = type_of(value)
        if kind is _ND:
            if value.dtype.hasobject or id(value) in seen:
                return None
            seen.append(id(value))
            if value.nbytes <= small:
                inner.append(np_array(value, order="K"))
            else:
                lent, loan = borrow(value, CowArray)
                loans.append(loan)
                inner.append(lent)
        elif kind in ATOMS:
            inner.append(value)
        elif kind is CowArray and not (value.dtype.hasobject or id(value) in seen):
            seen.append(id(value))
            inner.append(_core.share(value, CowArray, value))
        else:
            return None
    return inner
