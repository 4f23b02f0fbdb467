"""Sizes and containers that several files of tests give to guarded functions.

Small arrays are copied, the memory of large ones is borrowed.
"""

import dataclasses
import typing

import pytest

BOTH = pytest.mark.parametrize("n", [6, 5000], ids=["small", "large"])


@dataclasses.dataclass
class Box:
    x: object
    name: str = "box"


class Point(typing.NamedTuple):
    x: object
    y: object
