from cow._array.array import CowArray
from cow._array.creation import (
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
from cow._ground.errors import (
    ChainedAssignmentError,
    CopyBudgetWarning,
    MutationError,
    MutationWarning,
    ReadOnlyError,
)
from cow._insight.explain import explain, is_shared
from cow._guard.guard import no_mutate
from cow._guard.report import guard_report
from cow._insight.ledger import ledger
from cow._insight.pool import trim
from cow._guard.modify import editing, safe_modify, writing
from cow._guard.protect import protect
from cow._array.readonly import (
    ReadOnly,
    ReadOnlyArray,
    ReadOnlyNDArray,
    is_readonly,
    readonly,
)
from cow._guard.registry import register_container
from cow._insight.relation import relation

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
    "ReadOnlyNDArray",
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
