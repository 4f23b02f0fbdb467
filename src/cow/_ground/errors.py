"""The exceptions of cow. Each message says what to do instead."""

__all__ = [
    "ChainedAssignmentError",
    "CopyBudgetWarning",
    "MutationError",
    "MutationWarning",
    "ReadOnlyError",
    "ViewError",
    "ViewWarning",
]


class ChainedAssignmentError(ValueError):
    """A write into a temporary view, which would be lost.

    ``a[1:3][0] = 9`` changes ``a`` under NumPy's rules. Here the view gets
    memory of its own at its first write and is gone after the statement.
    The message has a line that can be written instead: one step (``a[1] = 9``),
    or the view gets a name, is written and assigned back.
    """


class ReadOnlyError(ValueError):
    """A write to an array from `cow.readonly`: write to ``r.copy()`` instead.

    Or a write to a cow array by code that offers no hook, and looks at NumPy's flag,
    where `no_mutate` sees the error: write ``with cow.writing(a) as p:``.
    """


class ViewError(ValueError):
    """A write at which cow and NumPy part, under ``cow.views("raise")``.

    With NumPy another array would see it. Write the array that both were taken from,
    or let the other one be a value: ``view = base[1:3].copy()``. Nothing has changed.
    """


class ViewWarning(UserWarning):
    """As `ViewError`, under ``cow.views("warn")``: each line of code once."""


class MutationError(RuntimeError):
    """A function guarded by `cow.no_mutate` wrote to an argument."""


class MutationWarning(UserWarning):
    """A function guarded with ``on_write="report"`` wrote to an argument."""


class CopyBudgetWarning(UserWarning):
    """Private copies took more bytes than the budget of a `cow.ledger`."""


for _error in (
    ChainedAssignmentError,
    CopyBudgetWarning,
    MutationError,
    MutationWarning,
    ReadOnlyError,
    ViewError,
    ViewWarning,
):
    _error.__module__ = "cow"
