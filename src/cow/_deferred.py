"""Guarded generators and coroutines: their arguments are copied at the call."""

from __future__ import annotations

import inspect
import types
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any

from cow._arguments import Call, give

if TYPE_CHECKING:
    from cow._guard import Guarded

__all__ = ["start"]


def start(guarded: Guarded, call: Call, inner: Any) -> Any:
    """Return what stands for a generator or coroutine, made from copies."""
    watched = [(path, each, each.copy("K")) for path, each, _ in call.passed]
    if guarded.mode == "copy":
        watched.clear()
    call.passed = watched
    run = _RUN[guarded.kind]
    function: Any = guarded.function
    if function.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE:
        run = types.coroutine(_generator)
    result: Any = run(inner, call, guarded)
    result.__name__ = function.__name__
    result.__qualname__ = function.__qualname__
    return result


def _give(call: Call, value: Any) -> Any:
    known = call.outputs.leave()
    return give(value, known) if call.cows or call.outputs.cows else value


def _sent(call: Call, value: Any, given: Any) -> Any:
    """What is sent into a generator is an argument, unless it comes from there."""
    if value is given:
        return value
    call.memo.clear()
    return call.enter(value, ("send()",))


def _end(guarded: Guarded, call: Call) -> None:
    call.outputs.leave()
    watch = guarded.watch(call)
    if watch is not None:
        with watch:
            pass  # compares
        guarded.told(watch, call)


def _generator(
    inner: Generator[Any, Any, Any], call: Call, guarded: Guarded
) -> Generator[Any, Any, Any]:
    try:
        value = next(inner)
        while True:
            try:
                given = _give(call, value)
                sent = yield given
            except GeneratorExit:
                return inner.close()
            except BaseException as error:
                value = inner.throw(error)
            else:
                value = inner.send(_sent(call, sent, given))
                del sent
    except StopIteration as stop:
        _end(guarded, call)
        return _give(call, stop.value)


async def _coroutine(inner: Any, call: Call, guarded: Guarded) -> Any:
    value = await inner
    _end(guarded, call)
    return _give(call, value)


async def _async_generator(
    inner: AsyncGenerator[Any, Any], call: Call, guarded: Guarded
) -> AsyncGenerator[Any, Any]:
    try:
        value = await anext(inner)
        while True:
            try:
                given = _give(call, value)
                sent = yield given
            except GeneratorExit:
                await inner.aclose()
                raise
            except BaseException as error:
                value = await inner.athrow(error)
            else:
                value = await inner.asend(_sent(call, sent, given))
                del sent
    except StopAsyncIteration:
        _end(guarded, call)


_RUN: dict[str, Callable[[Any, Call, Guarded], Any]] = {
    "generator": _generator,
    "coroutine": _coroutine,
    "async generator": _async_generator,
}
