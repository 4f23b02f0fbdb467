"""What a program is: a function of arrays, and its inputs for each size."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Random: TypeAlias = np.random.Generator
Inputs: TypeAlias = list[Any]


class Size(NamedTuple):
    """How many bytes the main array of a program takes, about."""

    name: str
    nbytes: int

    def side(self, axes: int = 2, itemsize: int = 8) -> int:
        """Return the length of each of the `axes` of the main array."""
        return int((self.nbytes / itemsize) ** (1 / axes) + 0.5)

    def steps(self, small: int, medium: int, large: int) -> int:
        """Return how often something is done for this size."""
        return {"small": small, "medium": medium, "large": large}[self.name]


SIZES = {
    "small": Size("small", 2_000),
    "medium": Size("medium", 200_000),
    "large": Size("large", 20_000_000),
}


@dataclass(frozen=True)
class Program:
    """A function, and what makes the arguments that it is called with."""

    run: Callable[..., object]
    inputs: Callable[[Size, Random], Inputs]

    @property
    def name(self) -> str:
        return self.run.__name__

    def arguments(self, size: Size) -> Inputs:
        """Return new plain arguments, the same at each call."""
        return self.inputs(size, np.random.default_rng(1))
