"""The wrappers of guarded functions, one for each kind of function.

Each holds no reference to an argument of the body when it settles the result:
the counts tell what the body has kept.
"""

import types
from typing import Any

import numpy as np

from cow import _core
from cow._borrow import lend
from cow._containers import ATOMS

__all__ = ["WRAPPERS"]

# What cannot look at memory, once nobody looks at what was lent.
_FINAL = (
    ATOMS
    | {np.ndarray}
    | {
        t
        for t in set(np.sctypeDict.values())
        if not issubclass(t, np.void | np.object_)
    }
)


def _function(func, guarded):
    general = _general(func, guarded)
    if not guarded.is_quick():
        return general
    first = guarded.first
    settled = _core.settled

    def wrapper(*args, **kwargs):
        small = guarded.small or guarded.up_to()
        loans: list[Any] = []
        inner = lend(args[first:] if first else args, small, loans)
        if inner is not None and kwargs:
            named = lend(kwargs.values(), small, loans)
            if named is None or _repeats(args, kwargs):
                inner = None
        if inner is None:
            return general(*args, **kwargs)
        try:
            if kwargs:
                named = dict(zip(kwargs, named, strict=True))
                result = func(*args[:first], *inner, **named)
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
        if type(result) in _FINAL:
            if all(map(settled, loans)):
                return result
        elif not loans:
            return result
        box = [result]
        del result
        return guarded.after(loans, args, kwargs).leave(box)

    return wrapper


def _repeats(args, kwargs):
    """Is an object passed both by position and by name?"""
    ids = {id(value) for value in args if type(value) not in ATOMS}
    return any(id(value) in ids for value in kwargs.values())


def _general(func, guarded):
    reports = guarded.mode == "report"

    def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        try:
            if reports:
                with guarded.watch(call):
                    box = [func(*inner, **named)]
            else:
                box = [func(*inner, **named)]
        except BaseException as error:
            inner = named = None
            _failed(guarded, call, error)
            raise
        inner = named = None
        return _done(guarded, call, box)

    return wrapper


def _failed(guarded, call, error):
    if guarded.mode == "report":
        _tell(guarded, call)
    else:
        guarded.failed(error, call)
    call.sever(failed=not isinstance(error, GeneratorExit))


def _done(guarded, call, box):
    if guarded.mode == "report":
        _tell(guarded, call)
    elif guarded.mode == "raise":
        guarded.wrote(call)
    return call.leave(box)


def _tell(guarded, call):
    if call.watch is None:
        with guarded.watch(call):
            pass  # compares what was written before
    guarded.told(call)


@types.coroutine
def _steps(awaited, call):
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


def _coroutine(func, guarded):
    async def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        try:
            awaited = func(*inner, **named)
            inner = named = None
            box = await _steps(awaited, call)
        except BaseException as error:
            inner = named = awaited = None
            _failed(guarded, call, error)
            raise
        awaited = None
        return _done(guarded, call, box)

    return wrapper


def _generator(func, guarded):
    def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        generator = func(*inner, **named)
        inner = named = None
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
            generator = stop = None
            return _done(guarded, call, box)
        except BaseException as error:
            generator = None
            _failed(guarded, call, error)
            raise

    return wrapper


def _async_generator(func, guarded):
    async def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        generator = func(*inner, **named)
        inner = named = None
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


WRAPPERS = {
    "function": _function,
    "coroutine": _coroutine,
    "generator": _generator,
    "async generator": _async_generator,
}
