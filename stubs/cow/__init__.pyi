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
from cow._errors import (
    ChainedAssignmentError,
    CopyBudgetWarning,
    MutationError,
    MutationWarning,
    ReadOnlyError,
)
from cow._explain import explain, is_shared
from cow._guard import no_mutate
from cow._guard_report import guard_report
from cow._ledger import ledger
from cow._memory import trim
from cow._modify import editing, safe_modify, writing
from cow._protect import protect
from cow._readonly import ReadOnly, ReadOnlyArray, is_readonly, readonly
from cow._registry import register_container
from cow._relation import relation

__version__: str

__all__ = [
    "ChainedAssignmentError",
    "CopyBudgetWarning",
    "CowArray",
    "MutationError",
    "MutationWarning",
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
    "explain",
    "eye",
    "frombuffer",
    "fromfunction",
    "fromiter",
    "full",
    "full_like",
    "guard_report",
    "is_readonly",
    "is_shared",
    "ledger",
    "linspace",
    "load",
    "loadtxt",
    "no_mutate",
    "ones",
    "ones_like",
    "protect",
    "readonly",
    "register_container",
    "relation",
    "safe_modify",
    "trim",
    "writing",
    "zeros",
    "zeros_like",
]
