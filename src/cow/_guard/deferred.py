"""Guarded generators and coroutines: their arguments are copied at the call."""

from __future__ import annotations

import inspect
import types
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, TypeAlias

from cow._guard.arguments import Call, give
from cow._guard.refusals import Explaining
from cow._guard.writes import Writes

__all__ = ["Runner", "runner", "start"]

Runner: TypeAlias = Callable[[Any, Call, Writes], Any]


def runner(func: Any) -> Runner | None:
    """Return what runs a generator or coroutine of `func`; None: it makes none."""
    function = func
    if not inspect.isroutine(func) and not isinstance(func, type):
        function = type(func).__call__
    if inspect.iscoroutinefunction(function):
        return _coroutine
    if inspect.isasyncgenfunction(function):
        return _async_generator
    return _generator if inspect.isgeneratorfunction(function) else None


def start(run: Runner, function: Any, writes: Writes, call: Call, inner: Any) -> Any:
    """Return what stands for a generator or coroutine, made from copies."""
    watched = call.passed if call.watches else []
    call.passed = [(path, each, each.copy("K")) for path, each, _ in watched]
    if call.own is not None:
        call.memo.clear()
    if function.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE:
        run = types.coroutine(_generator)
    result: Any = run(inner, call, writes)
    result.__name__ = function.__name__
    result.__qualname__ = function.__qualname__
    return result


def _give(call: Call, box: list[Any]) -> Any:
    """Make the value in `box` the caller's; what he may send back as it is.

    The list has the only reference to the value that is ours.
    """
    known = None if call.outputs is None else call.outputs.leave()
    if call.own is not None:
        call.own(box)
    if call.cows:
        box[0] = give(box[0], known)
    return box[0] if call.own is None else None


def _sent(call: Call, value: Any, given: Any) -> Any:
    """What is sent into a generator is an argument, unless it comes from there."""
    if value is given:
        return value
    call.memo.clear()
    inner = call.enter(value, ("send()",))
    call.loose.clear()
    if call.own is not None:
        call.memo.clear()  # it would hold what is yielded
    return inner


def _end(writes: Writes, call: Call) -> None:
    if call.outputs is not None:
        call.outputs.leave()
    if call.watches:
        with writes.watch(call) as watch:
            pass  # compares
        writes.tell(watch, call)


def _generator(inner: Any, call: Call, writes: Writes) -> Generator[Any, Any, Any]:
    box: list[Any] = []
    explaining = Explaining(writes.name)
    try:
        with explaining:
            box.append(next(inner))
        while True:
            try:
                given = _give(call, box)
                sent = yield box.pop()
            except GeneratorExit:
                box.append(inner.close())
                _give(call, box)
                return box.pop()
            except BaseException as error:
                box.append(inner.throw(error))
            else:
                with explaining:
                    box.append(inner.send(_sent(call, sent, given)))
                del sent
    except StopIteration as stop:
        box.append(stop.value)
    _end(writes, call)
    _give(call, box)
    return box.pop()


async def _coroutine(inner: Any, call: Call, writes: Writes) -> Any:
    with Explaining(writes.name):
        box = [await inner]
    _end(writes, call)
    _give(call, box)
    return box.pop()


async def _async_generator(
    inner: AsyncGenerator[Any, Any], call: Call, writes: Writes
) -> AsyncGenerator[Any, Any]:
    explaining = Explaining(writes.name)
    try:
        with explaining:
            box = [await anext(inner)]
        while True:
            try:
                given = _give(call, box)
                sent = yield box.pop()
            except GeneratorExit:
                await inner.aclose()
                raise
            except BaseException as error:
                box = [await inner.athrow(error)]
            else:
                with explaining:
                    box = [await inner.asend(_sent(call, sent, given))]
                del sent
    except StopAsyncIteration:
        _end(writes, call)
