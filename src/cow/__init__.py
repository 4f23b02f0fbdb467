"""NumPy arrays that behave as values."""

import cow._edges as _edges  # noqa: F401  # pyright: ignore[reportUnusedImport]
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
from cow._array.history import History, history
from cow._array.paged import paged, snapshot
from cow._array.readonly import (
    ReadOnly,
    ReadOnlyArray,
    ReadOnlyNDArray,
    is_readonly,
    readonly,
)
from cow._audit.audit import audit
from cow._ground.errors import (
    ChainedAssignmentError,
    CopyBudgetWarning,
    MutationError,
    MutationWarning,
    ReadOnlyError,
    ViewError,
    ViewWarning,
)
from cow._ground.strangers import check as _check
from cow._guard.guard import no_mutate
from cow._guard.modify import editing, safe_modify, writing
from cow._guard.protect import protect
from cow._guard.registry import register_container
from cow._guard.report import guard_report
from cow._insight.explain import explain, is_shared
from cow._insight.ledger import ledger
from cow._insight.pool import trim
from cow._insight.relation import relation
from cow._insight.views import views
from cow._off.plain import OFF, switch_off
from cow._version import __version__ as __version__

__all__ = [
    "ChainedAssignmentError",
    "CopyBudgetWarning",
    "CowArray",
    "History",
    "MutationError",
    "MutationWarning",
    "ReadOnly",
    "ReadOnlyArray",
    "ReadOnlyError",
    "ReadOnlyNDArray",
    "ViewError",
    "ViewWarning",
    "arange",
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "audit",
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
    "history",
    "is_readonly",
    "is_shared",
    "ledger",
    "linspace",
    "load",
    "loadtxt",
    "no_mutate",
    "ones",
    "ones_like",
    "paged",
    "protect",
    "readonly",
    "register_container",
    "relation",
    "safe_modify",
    "snapshot",
    "trim",
    "views",
    "writing",
    "zeros",
    "zeros_like",
]

_check()
if OFF:
    switch_off(globals())
del OFF, switch_off
