"""Cow arrays travel through distributed as what they are.

It has a serializer for `numpy.ndarray`, which it takes for subclasses too: they arrive
as plain arrays. Pickled they arrive as they are, and their memory travels without a
copy there as well.
"""

from __future__ import annotations

import types
from typing import Any, NoReturn

from cow import _core
from cow._array.array import CowArray
from cow._edges.waiting import when_imported

__all__: list[str] = []


def _leave_to_pickle(array: _core.Array, context: Any = None) -> NoReturn:
    # with this exception distributed takes the next of its ways, which is pickle
    raise NotImplementedError("cow arrays are pickled")


def _register(serialize: types.ModuleType) -> None:
    serializers: Any = getattr(serialize, "dask_serialize", None)
    if serializers is not None:
        serializers.register(CowArray, _leave_to_pickle)


when_imported("distributed.protocol.serialize", _register)
