"""What is compared of arrays that are lent on somebody's word: `isolate=False`."""

from __future__ import annotations

import numpy as np

from cow import _core
from cow._ground.errors import MutationError
from cow._ground.types import Plain
from cow._guard.arguments import Call, spell_path
from cow._guard.mutation import bits

__all__ = ["Sample", "compare", "samples_of"]


class Sample:
    """Some elements of an array that is lent, or all of them."""

    def __init__(self, name: str, array: Plain, whole: bool) -> None:
        self.name = name
        self.array = _core.plain(array) if isinstance(array, _core.Array) else array
        self.whole = self.array.copy("K") if whole else None
        self.some = self._look()

    def _look(self) -> bytes:
        return self.array.flat[:: self.array.size // 32 + 1].tobytes()

    def is_written(self) -> bool:
        if self.whole is not None:
            return bool(bits(self.array) != bits(self.whole))
        return self._look() != self.some

    def restore(self) -> None:
        if self.whole is not None:
            flags = self.array.flags
            was, flags.writeable = flags.writeable, True
            np.copyto(self.array, self.whole)
            flags.writeable = was


def samples_of(call: Call, whole: bool) -> list[Sample]:
    """Return samples of what a call lends."""
    return [
        Sample(spell_path(path), value, whole)
        for path, inner, value in call.passed
        if any(inner is loan for loan in call.loans)
    ]


def compare(samples: list[Sample]) -> None:
    """Raise where C code wrote past the read-only flag."""
    written = [each for each in samples if each.is_written()]
    if not written:
        return
    for each in written:
        each.restore()
    names = ", ".join(each.name for each in written)
    done = "NOT restored" if written[0].whole is None else "restored"
    raise MutationError(
        f"C code wrote into the memory of the argument {names}, past the "
        f"read-only flag; its contents are {done}. Leave out isolate=False: "
        "the function then works on copies."
    )
