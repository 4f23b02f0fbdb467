from cow._array import CowArray
from cow._creation import (
    arange,
    array,
    asarray,
    ascontiguousarray,
    asfortranarray,
    empty,
    empty_like,
    eye,
    frombuffer,
    fromfunction,
    fromiter,
    full,
    full_like,
    linspace,
    load,
    loadtxt,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from cow._errors import ChainedAssignmentError, MutationError, ReadOnlyError
from cow._explain import is_shared
from cow._guard import no_mutate
from cow._modify import editing, safe_modify
from cow._readonly import ReadOnly, ReadOnlyArray, is_readonly, readonly

__version__: str

__all__ = [
    "ChainedAssignmentError",
    "CowArray",
    "MutationError",
    "ReadOnly",
    "ReadOnlyArray",
    "ReadOnlyError",
    "arange",
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "editing",
    "empty",
    "empty_like",
    "eye",
    "frombuffer",
    "fromfunction",
    "fromiter",
    "full",
    "full_like",
    "is_readonly",
    "is_shared",
    "linspace",
    "load",
    "loadtxt",
    "no_mutate",
    "ones",
    "ones_like",
    "readonly",
    "safe_modify",
    "zeros",
    "zeros_like",
]
