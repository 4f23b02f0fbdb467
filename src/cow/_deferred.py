"""Guarded generators and coroutines: their arguments are copied at the call."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING, Any

from cow._arguments import Call, give
from cow._types import Func

if TYPE_CHECKING:
    from cow._guard import Guarded

__all__ = ["Deferred"]


class Deferred:
    """A guarded function whose body runs after the call.

    A function of Python would copy at the first step. For `inspect` this is one
    of the kind of `func`, whose ``__code__`` it has.
    """

    __code__: types.CodeType
    __name__: str
    __qualname__: str

    def __init__(self, func: Func, kind: str, guarded: Guarded) -> None:
        functools.update_wrapper(self, func)
        function: Any = guarded.function
        self.__code__ = function.__code__
        self.__defaults__ = function.__defaults__
        self.__kwdefaults__ = function.__kwdefaults__
        self.guarded = guarded
        self._run = _RUN[kind]
        if self.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE:
            self._run = types.coroutine(_generator)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        call, inner, named = self.guarded.enter(args, kwargs, lends=False)
        watched = [(path, inner, inner.copy("K")) for path, inner, _ in call.passed]
        if self.guarded.mode == "copy":
            watched.clear()
        call.passed = watched
        if call.own is not None:
            call.memo.clear()
        result: Any = self._run(self.guarded.func(*inner, **named), call, self.guarded)
        result.__name__, result.__qualname__ = self.__name__, self.__qualname__
        return result

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __reduce__(self) -> str:
        return self.__qualname__  # by name, as functions

    def __copy__(self) -> Deferred:
        return self

    def __deepcopy__(self, memo: object) -> Deferred:
        return self

    def __repr__(self) -> str:
        return f"<guarded {self.guarded.func!r}>"


def _give(call: Call, box: list[Any]) -> Any:
    """Make the value in `box` the caller's; what he may send back as it is.

    The list has the only reference to the value that is ours.
    """
    if call.own is not None:
        call.own(box)
    if call.cows:
        box[0] = give(box[0])
    return box[0] if call.own is None else None


def _sent(call: Call, value: Any, given: Any) -> Any:
    """What is sent into a generator is an argument, unless it comes from there."""
    if value is given:
        return value
    call.memo.clear()
    inner = call.enter(value, ("send()",))
    if call.own is not None:
        call.memo.clear()  # it would hold what is yielded
    return inner


def _end(guarded: Guarded, call: Call) -> None:
    if guarded.mode != "copy":
        with guarded.watch(call) as watch:
            pass  # compares
        guarded.told(watch, call)


def _generator(inner: Any, call: Call, guarded: Guarded) -> Generator[Any, Any, Any]:
    box: list[Any] = []
    try:
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
                box.append(inner.send(_sent(call, sent, given)))
                del sent
    except StopIteration as stop:
        box.append(stop.value)
    _end(guarded, call)
    _give(call, box)
    return box.pop()


async def _coroutine(inner: Any, call: Call, guarded: Guarded) -> Any:
    box = [await inner]
    _end(guarded, call)
    _give(call, box)
    return box.pop()


async def _async_generator(
    inner: AsyncGenerator[Any, Any], call: Call, guarded: Guarded
) -> AsyncGenerator[Any, Any]:
    try:
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
                box = [await inner.asend(_sent(call, sent, given))]
                del sent
    except StopAsyncIteration:
        _end(guarded, call)


_RUN: dict[str, Callable[[Any, Call, Guarded], Any]] = {
    "generator": _generator,
    "coroutine": _coroutine,
    "async generator": _async_generator,
}
