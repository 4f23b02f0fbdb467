"""Tell who writes into the arrays of a caller: events, listeners, a watch.

A `Watch` compares arrays with snapshots while other code runs. It never changes
what that code does, plain arrays are read and nothing else.
"""

from __future__ import annotations

import dataclasses
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

import numpy as np

from cow._ground.errors import MutationWarning
from cow._ground.types import Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Watch", "WriteEvent", "on_report", "report"]

# Bytes compared, and lines traced, before a watch stops looking for the line.
_BYTES, _LINES = 256 * 2**20, 100_000
# The places of such code are of no use: the line that called it is wanted.
_FOREIGN = (
    os.path.dirname(os.path.dirname(__file__)) + os.sep,  # cow
    os.path.dirname(np.__file__) + os.sep,
    "<frozen ",
)


_Kind: TypeAlias = Literal["write", "c-write"]
_Place: TypeAlias = tuple[str, int]  # file and line


@dataclasses.dataclass(frozen=True, slots=True)
class WriteEvent:
    """A function wrote into an array of its caller.

    `kind` is ``"write"`` where `filename` and `lineno` are those of the write.
    It is ``"c-write"`` where the write was found afterwards only: then they are
    those of the function.
    """

    function: str  # module and qualified name
    parameter: str  # with its path: config['grid'][0]
    filename: str
    lineno: int
    kind: _Kind

    def __str__(self) -> str:
        return (
            f"{self.function}() writes to its argument {self.parameter} at "
            f"{self.filename}:{self.lineno}"
        )


# Called with each event; where it is empty, `report` warns.
on_report: list[Callable[[WriteEvent], object]] = []


def report(event: WriteEvent) -> None:
    """Hand `event` to the listeners, or warn with the place of the write."""
    for listener in list(on_report):
        listener(event)
    if not on_report:
        warnings.warn_explicit(
            str(event), MutationWarning, event.filename, event.lineno
        )


def place(frame: FrameType, lineno: int | None = None) -> _Place:
    """Return (file, line) of the innermost frame outside of NumPy and cow."""
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_FOREIGN):
        frame, lineno = frame.f_back, None
    return frame.f_code.co_filename, lineno or frame.f_lineno


def origin(func: object) -> _Place:
    """Return (file, line) where a function is defined, as far as it has any."""
    code: CodeType | None = getattr(func, "__code__", None)
    if code is None:
        return f"<{getattr(func, '__module__', None) or 'built-in'}>", 0
    return code.co_filename, code.co_firstlineno


class Watch:
    """Find the arrays that some code writes, and the lines that do it.

    Parameters
    ----------
    function : str
        Its name, for the events.
    arrays : iterable of (str, ndarray) or (str, ndarray, ndarray)
        Spelled path, array and, if there is one already, a snapshot.
    where : (str, int)
        File and line of the events whose line stays unknown; see `origin`.
    trace : bool
        Look for the line, while the ``with`` block runs, by comparing after each
        line of Python code in this thread: slow, and bounded. Not done where a
        debugger or coverage traces already.
    """

    def __init__(
        self,
        function: str,
        arrays: Iterable[tuple[str, Any] | tuple[str, Any, Any]],
        where: _Place,
        trace: bool = False,
    ) -> None:
        self.function = function
        self.where = where
        self.trace = trace
        self.arrays = [
            (path, a, old[0] if old else a.copy("K")) for path, a, *old in arrays
        ]
        self.size = max(1, sum(a.nbytes for _, a, _ in self.arrays))
        self.events: list[WriteEvent] = []
        homes: set[str] = set()
        for _, each, _ in self.arrays:
            homes |= each.homes if isinstance(each, Look) else homes
        self._homes = tuple(homes)
        self._left = min(_LINES, _BYTES // self.size)
        self._last: dict[FrameType, int] = {}

    def __enter__(self) -> Self:
        self.trace = self.trace and sys.gettrace() is None and self._left > 0
        if self.trace:
            sys.settrace(self._call)
        return self

    def __exit__(self, *exc: object) -> None:
        if self.trace and sys.gettrace() == self._call:
            sys.settrace(None)
        self._last.clear()  # frames, and what they hold
        self._find(self.where, "c-write")

    def look_at(self, arrays: Iterable[tuple[str, Any, Any]]) -> None:
        """Compare arrays that came later with their snapshots."""
        self.arrays = list(arrays)
        self._find(self.where, "c-write")

    def _call(self, frame: FrameType, event: str, arg: object) -> Any:
        if frame.f_code.co_filename.startswith(_FOREIGN) or self._is_deep(frame):
            return None
        self._last[frame] = frame.f_lineno
        return self._line

    def _is_deep(self, frame: FrameType | None) -> bool:
        """Has a package that is watched itself called this code, or a callee of it?"""
        while self._homes and frame is not None and frame not in self._last:
            file = frame.f_code.co_filename
            if file.startswith(_FOREIGN[0]):
                return False  # the guard, or the watch
            if file.startswith(self._homes):
                return True
            frame = frame.f_back
        return False

    def _line(self, frame: FrameType, event: str, arg: object) -> Any:
        """Was something written since the last look, by the line before?"""
        self._left -= 1
        self._find((frame.f_code.co_filename, self._last[frame]), "write")
        if self._left <= 0 or not self.arrays:
            sys.settrace(None)
            return None
        self._last[frame] = frame.f_lineno
        if event == "return":
            del self._last[frame]
        return self._line

    def _find(self, place: _Place, kind: _Kind) -> None:
        same: list[tuple[str, Any, Any]] = []
        file, line = place
        for entry in self.arrays:
            path, array, old = entry
            if differs(array, old):
                self.events.append(WriteEvent(self.function, path, file, line, kind))
            else:
                same.append(entry)
        self.arrays = same


class Look:
    """Stands for an object of another package, among arrays that are watched.

    `look` returns what can be compared: texts, bytes, lists of such.
    """

    def __init__(self, look: Callable[[Any], Any], inner: object) -> None:
        self._look = look
        self._inner = inner
        self._before = self._now()
        self.nbytes = _size(self._before)
        self.homes = _homes(type(inner))

    def copy(self, order: str) -> Look:
        """Return itself: it knows what was."""
        return self

    def differs(self) -> bool:
        """Has somebody written to the object since?"""
        now = self._now()
        if now is None or self._before is None:
            return False
        return bool(now != self._before)

    def _now(self) -> Any:
        try:
            return self._look(self._inner)
        except Exception:
            return None  # an object that is half made tells nothing


def _homes(cls: type) -> set[str]:
    """Return the folders of the packages that define a class and its bases."""
    packages = {base.__module__.partition(".")[0] for base in cls.__mro__}
    modules = [sys.modules.get(package) for package in packages - {"__main__"}]
    files = [getattr(module, "__file__", None) or "" for module in modules]
    return {os.path.dirname(f) + os.sep for f in files if f.endswith("__init__.py")}


def _size(seen: Any) -> int:
    if isinstance(seen, list):
        return sum(map(_size, seen))
    return len(seen) if isinstance(seen, bytes | str) else 1


def differs(array: Any, old: Any) -> bool:
    """Is `array` not what it was, bit for bit, and in shape and dtype?"""
    if isinstance(array, Look):
        return bool(array.differs())
    if array.shape != old.shape or array.dtype != old.dtype:
        return True
    return bool(bits(array) != bits(old))


def bits(array: Plain) -> Any:
    """Return the contents of `array`, for comparison with `==`."""
    if isinstance(array, np.ma.MaskedArray):
        return bits(np.ma.getdata(array)), np.ma.getmaskarray(array).tobytes()
    if array.dtype.kind == "T":
        return array.tolist()  # its elements are handles of an arena
    return np.ndarray.tobytes(array)
