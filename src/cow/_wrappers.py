"""The wrappers of guarded functions, one for each kind of function.

Each holds no reference to an argument of the body when it settles the result:
the counts tell what the body has kept.
"""

from __future__ import annotations

import types
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._borrow import Call, lend
from cow._containers import ATOMS
from cow._loan import settled
from cow._types import Args, Func, Kwargs, Lent, type_of

if TYPE_CHECKING:
    from cow._guard import Guarded

__all__ = ["WRAPPERS"]

# What cannot look at memory, once nobody looks at what was lent.
_FINAL: frozenset[object] = (
    ATOMS
    | {np.ndarray}
    | {
        t
        for t in set(np.sctypeDict.values())
        if not issubclass(t, np.void | np.object_)
    }
)


def _function(func: Func, guarded: Guarded) -> Func:
    general = _general(func, guarded)
    if not guarded.is_quick():
        return general
    first = guarded.first

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        small = guarded.small or guarded.up_to()
        loans: list[Lent] = []
        inner = lend(args[first:] if first else args, small, loans)
        named: Sequence[Any] | None = ()
        if kwargs:
            named = None
            if inner is not None and not _repeats(args, kwargs):
                named = lend(kwargs.values(), small, loans)
        if inner is None or named is None:
            inner = named = None
            return general(*args, **kwargs)
        try:
            if kwargs:
                by_name = zip(kwargs, named, strict=True)
                result = func(*args[:first], *inner, **dict(by_name))
            elif first:
                result = func(args[0], *inner)
            else:
                result = func(*inner)
        except BaseException as error:
            inner = named = None
            call = guarded.after(loans, args, kwargs)
            guarded.failed(error, call)
            call.sever(failed=True)
            raise
        inner = named = None
        if type_of(result) in _FINAL:
            if all(map(settled, loans)):
                return result
        elif not loans:
            return result
        box = [result]
        del result
        return guarded.after(loans, args, kwargs).leave(box)

    return wrapper


def _repeats(args: Args, kwargs: Kwargs) -> bool:
    """Is an object passed both by position and by name?"""
    ids = {id(value) for value in args if type(value) not in ATOMS}
    return any(id(value) in ids for value in kwargs.values())


def _general(func: Func, guarded: Guarded) -> Func:
    reports = guarded.mode == "report"

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        call, inner, named = guarded.enter(args, kwargs)
        try:
            if reports:
                with guarded.watch(call):
                    box = [func(*inner, **named)]
            else:
                box = [func(*inner, **named)]
        except BaseException as error:
            del inner, named
            _failed(guarded, call, error)
            raise
        del inner, named
        return _done(guarded, call, box)

    return wrapper


def _failed(guarded: Guarded, call: Call, error: BaseException) -> None:
    if guarded.mode == "report":
        _tell(guarded, call)
    else:
        guarded.failed(error, call)
    call.sever(failed=not isinstance(error, GeneratorExit))


def _done(guarded: Guarded, call: Call, box: list[Any]) -> Any:
    if guarded.mode == "report":
        _tell(guarded, call)
    elif guarded.mode == "raise":
        guarded.wrote(call)
    return call.leave(box)


def _tell(guarded: Guarded, call: Call) -> None:
    watch = call.watch
    if watch is None:
        watch = guarded.watch(call)
        with watch:
            pass  # compares what was written before
    guarded.told(call, watch)


@types.coroutine
def _steps(awaited: Any, call: Call) -> Generator[Any, Any, list[Any]]:
    """As ``await awaited``; the caller's arrays may change while it waits."""
    step, value = awaited.send, None
    while True:
        try:
            waited = step(value)
        except StopIteration as stop:
            return [stop.value]
        call.check()
        try:
            value = yield waited
            step = awaited.send
        except GeneratorExit:
            awaited.close()
            raise
        except BaseException as error:
            step, value = awaited.throw, error
        call.resume()


def _coroutine(func: Func, guarded: Guarded) -> Func:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        call, inner, named = guarded.enter(args, kwargs)
        awaited = None
        try:
            awaited = func(*inner, **named)
            inner.clear()
            named.clear()
            box = await _steps(awaited, call)
        except BaseException as error:
            del inner, named, awaited
            _failed(guarded, call, error)
            raise
        del awaited
        return _done(guarded, call, box)

    return wrapper


def _generator(func: Func, guarded: Guarded) -> Func:
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        call, inner, named = guarded.enter(args, kwargs)
        generator = func(*inner, **named)
        del inner, named
        try:
            box = [next(generator)]
            while True:
                try:
                    sent = yield call.pause(box)
                except GeneratorExit:
                    generator.close()
                    raise
                except BaseException as error:
                    call.resume()
                    box = [generator.throw(error)]
                else:
                    call.resume()
                    sent = call.enter(sent, ("send()",))
                    box = [generator.send(sent)]
                    sent = None
        except StopIteration as stop:
            box = [stop.value]
            del generator, stop
            return _done(guarded, call, box)
        except BaseException as error:
            generator = None
            _failed(guarded, call, error)
            raise

    return wrapper


def _async_generator(func: Func, guarded: Guarded) -> Func:
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        call, inner, named = guarded.enter(args, kwargs)
        generator = func(*inner, **named)
        del inner, named
        try:
            box = await _steps(generator.__anext__(), call)
            while True:
                try:
                    sent = yield call.pause(box)
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:
                    call.resume()
                    box = await _steps(generator.athrow(error), call)
                else:
                    call.resume()
                    sent = call.enter(sent, ("send()",))
                    box = await _steps(generator.asend(sent), call)
                    sent = None
        except StopAsyncIteration:
            generator = None
            _done(guarded, call, [None])
        except BaseException as error:
            generator = None
            _failed(guarded, call, error)
            raise

    return wrapper


WRAPPERS: dict[str, Callable[[Func, Guarded], Func]] = {
    "function": _function,
    "coroutine": _coroutine,
    "generator": _generator,
    "async generator": _async_generator,
}
