"""no_mutate: whatever a function does, its caller's arrays stay as they were.

A guarded call returns, raises and does what the function does on copies. Where it
is proven that arguments are only read (`cow._guard.proof`), nothing is copied.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from cow._ground.types import OnWrite
from cow._guard.border import Border, CodeBorder
from cow._guard.guarded_function import GuardedFunction
from cow._guard.members import is_builtin, is_entry, rewrap
from cow._guard.options import Options, checked, lenient
from cow._guard.results import CachedProperty
from cow._guard.wrapper import Wrapper, wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["no_mutate"]


def no_mutate(
    func: Any = None,
    *,
    on_write: OnWrite = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    strict: bool = False,
    results: Literal["share", "own"] = "share",
) -> Any:
    """Keep a function from changing the arrays of its caller.

    ``no_mutate(f)(*args)`` returns, raises and does what ``f`` does on arguments
    whose arrays were all copied first (`copy.deepcopy`), and the caller's arrays
    are as they were. Where it is proven that they are only read, nothing is
    copied; returning or keeping an argument costs one copy.

    Parameters
    ----------
    func : callable, class, classmethod, staticmethod, property or partial
        Of a class the constructor and the public methods that it defines are
        guarded, in place. Methods are recognised by a first parameter named
        ``self`` or ``cls``, which is left alone.
    on_write : {'copy', 'raise', 'report'}, optional
        What happens when the body has written to an argument: 'copy' lets it, on
        memory of its own; 'raise' raises `MutationError` at the end of the call,
        which names the function and the parameter, and file and line where they
        are known; 'report' issues a `MutationWarning` that points at the write.
    isolate : bool or None, optional
        None (default): copy what is not proven to be only read. True: always
        copy. False: never; it is your word that the function only reads. A write
        through NumPy then raises, and some elements are compared afterwards to
        find one by C code.
    verify : bool, optional
        With ``isolate=False``, compare all elements afterwards; where C code has
        written past the read-only flag, restore and raise `MutationError`.
    only, skip : str or iterable of str, optional
        Names of the parameters to guard, or to leave alone. Outputs are left
        alone anyway: parameters named ``out``, ``output``, ``dest``, ``dst``,
        ``buf``, ``..._out`` or the like, None by default or by keyword only.
    results : {'share', 'own'}, optional
        'share' (default): results are what the function returns. 'own': they are
        the caller's alone. What the function keeps of them (a buffer that it
        fills again, a cache) is copied, so that neither later calls change what
        was given out, nor the caller what is kept; what nothing else refers to
        is not copied. Generators: each value; cached properties: each access;
        classes: what indexing and iteration give, too.
    strict : bool, optional
        Warn of each argument that passes as it is, since cow does not know its
        class.

    Returns
    -------
    callable
        Same signature, name and documentation.

    Raises
    ------
    MutationError
        See `on_write`, `isolate` and `verify`.

    Notes
    -----
    Inside, all arrays are plain and writeable, whatever the caller passed:
    copies of cow arrays are ``np.array(a)``. Lists, tuples, dicts, dataclasses
    and the like are rebuilt around the copies; tables (pandas, polars, xarray),
    sparse matrices, tensors and buffers are copied always, and what
    `register_container` was told about is rebuilt. Other objects, ``self`` among
    them, pass as they are (`guard_report` tells), and arrays that are not reached
    through arguments are not guarded. Results share memory with each other as on
    copies, with the caller's arrays never; who passed cow arrays gets cow arrays
    back. With ``results="own"`` they share memory with each other as before, with
    nothing else; cow arrays are snapshots, memmaps are copied into memory, objects
    of unknown classes are given out as they are.

    Examples
    --------
    >>> import numpy as np, cow
    >>> @cow.no_mutate
    ... def center(x):
    ...     x -= x.mean()
    ...     return x
    >>> p = np.array([1.0, 2.0, 3.0])
    >>> center(p), p
    (array([-1.,  0.,  1.]), array([1., 2., 3.]))
    """
    options = checked(
        on_write=on_write,
        isolate=isolate,
        verify=verify,
        only=only,
        skip=skip,
        results=results,
        strict=strict,
    )
    if func is None:
        return functools.partial(decorate, options=options)
    return decorate(func, options)


def decorate(func: Any, options: Options, border: Border | None = None) -> Any:
    """Return `func` guarded; a class is changed in place."""

    def wrap(function: Any) -> Wrapper:
        if not callable(function):
            raise TypeError(f"no_mutate needs a callable, got {function!r}")
        known = wrapper_of(function)
        if known is not None:
            function = known.cow_func
        wrapper = Wrapper(
            function,
            border if border is not None else CodeBorder.of_function(function),
            functools.partial(GuardedFunction, options=options),
            functools.partial(decorate, options=options),
        )
        wrapper.cow_prepare()
        return wrapper

    if isinstance(func, type) and not is_builtin(func):
        border = CodeBorder.of_class(func)
        for name, method in list(vars(func).items()):
            if is_entry(name, method, options):
                setattr(func, name, decorate(method, lenient(options), border))
        return func
    if isinstance(func, property):
        options = lenient(options)
    if isinstance(func, functools.cached_property) and options["results"] == "own":
        shares = decorate(func.func, {**options, "results": "share"}, border)
        return CachedProperty(func, shares)
    return rewrap(func, wrap)
