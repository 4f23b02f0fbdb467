"""Answers about sharing."""

from cow import _core

__all__ = ["is_shared"]


def is_shared(a):
    """Tell whether the next write to `a` would copy.

    Parameters
    ----------
    a : CowArray

    Returns
    -------
    bool
        True while another array, a memoryview or the owner of borrowed memory
        looks at the memory of `a`.

    Examples
    --------
    >>> import cow
    >>> a = cow.zeros(3)
    >>> b = a.copy()
    >>> cow.is_shared(a)
    True
    >>> b[0] = 1
    >>> cow.is_shared(a)
    False
    """
    others, plain, owner, _, _, _ = _core.sharing(a)
    return bool(others or plain or owner is not None)
