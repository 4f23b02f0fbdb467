"""Parameters that are there to be written, and what is given for them.

The audit and `no_mutate` agree on the names.
"""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import array as np_array

from cow import _core
from cow._ground.types import Plain
from cow._guard.registry import ATOMS

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Outputs", "is_output", "names_output"]

_OUTPUT = re.compile(r"(out|output|outputs|dest|dst|buf|buffer|out_\w+|\w+_out)\Z")


def names_output(name: str) -> bool:
    """Does a name say that what it stands for is there to be written?"""
    return _OUTPUT.match(name) is not None


def is_output(parameter: inspect.Parameter) -> bool:
    """Is a parameter an output: named so, and optional or by keyword only?"""
    optional = parameter.default is None or parameter.kind is parameter.KEYWORD_ONLY
    return optional and names_output(parameter.name)


class Outputs:
    """What one call was given to write to.

    Arrays of the caller pass as they are. For a cow array the function gets a plain
    one, whose contents become those of the cow array when the call is over.
    """

    def __init__(self) -> None:
        self.arrays: list[Plain] = []
        self.others = False  # something whose memory is not known
        self.cows = False
        self._plain: list[tuple[Plain, Plain]] = []

    def enter(self, value: Any) -> Any:
        """Return what the function gets for an output."""
        if type(value) in ATOMS or isinstance(value, np.dtype | np.generic):
            return value
        if isinstance(value, tuple | list):
            items = [self.enter(item) for item in value]
            same = all(a is b for a, b in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if not isinstance(value, np.ndarray):
            self.others = True
            return value
        if not isinstance(value, _core.Array):
            self.arrays.append(value)
            return value
        for outer, inner in self._plain:
            if outer is value:
                return inner
        self.cows = True
        source = _core.plain(value)
        self.arrays.append(source)
        inner = np_array(source, order="K")
        self._plain.append((value, inner))
        return inner

    def overlap(self, value: Any) -> bool:
        """May an argument look at memory that the call writes?"""
        if type(value) in ATOMS or not (self.arrays or self.others):
            return False
        if self.others or not isinstance(value, np.ndarray):
            return True
        if isinstance(value, _core.Array):
            value = _core.plain(value)
        return any(np.may_share_memory(value, each) for each in self.arrays)

    def given(self) -> list[Plain]:
        """Return the arrays that the function was given to write to."""
        return [*self.arrays, *(inner for _, inner in self._plain)]

    def leave(self) -> dict[int, tuple[Any, Any]]:
        """Hand over what was written; what stands for what in a result."""
        known: dict[int, tuple[Any, Any]] = {}
        for outer, inner in self._plain:
            outer[...] = inner
            known[id(inner)] = inner, outer
        for array in self.arrays:
            known.setdefault(id(array), (array, array))
        return known
