"""Deep copies: a function that is called with them does what is promised."""

import collections
import copy
import dataclasses

import numpy as np

import cow


def deep(value, memo=None):
    """Return `value` with its arrays copied and its containers rebuilt."""
    memo = {} if memo is None else memo
    if id(value) not in memo:
        memo[id(value)] = _copied(value, memo), value
    return memo[id(value)][0]


def _copied(value, memo):
    if isinstance(value, np.ndarray):
        return _copied_array(value, memo)
    if isinstance(value, list | collections.deque):
        inner = copy.copy(value)
        memo[id(value)] = inner, value
        for at, item in enumerate(value):
            inner[at] = deep(item, memo)
        return inner
    if isinstance(value, dict):
        inner = copy.copy(value)
        memo[id(value)] = inner, value
        for key, item in value.items():
            inner[key] = deep(item, memo)
        return inner
    if isinstance(value, tuple):
        return tuple.__new__(type(value), [deep(item, memo) for item in value])
    if isinstance(value, set | frozenset):
        return type(value)([deep(item, memo) for item in value])
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = copy.copy(value)
        memo[id(value)] = inner, value
        for each in dataclasses.fields(value):
            object.__setattr__(inner, each.name, deep(getattr(value, each.name), memo))
        return inner
    return value


def _copied_array(value, memo):
    if not isinstance(value, cow.CowArray):
        if value.dtype == object and type(value) is np.ndarray:
            return _copied_objects(value, memo)
        return copy.deepcopy(value)
    inner = np.array(value)
    return _copied_objects(inner, memo) if value.dtype == object else inner


def _copied_objects(value, memo):
    inner = value.copy("K")
    for at in np.ndindex(value.shape):
        box = np.empty((), object)
        box[()] = deep(value[at], memo)
        inner[(*at, ...)] = box
    return inner


def with_copies(function):
    """Return a function that calls `function` with copies: what is promised."""

    def call(*args, **kwargs):
        args, kwargs = deep((args, kwargs))
        return function(*args, **kwargs)

    return call
