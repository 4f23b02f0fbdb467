"""Whether two results are the same, down to the bits of their arrays."""

import pickle
import types
import warnings

import numpy as np

PLAIN = (int, float, complex, str, bytes, bool, type(None), np.generic, np.dtype, range)
CODE = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, type, np.ufunc)


def difference(a, b):
    """Return where two objects differ and how, or None."""
    return _difference(a, b, "", {})


def shared(a, b):
    """Return whether an array in `a` shares memory with one in `b`."""
    others = list(arrays_in(b))
    return any(np.shares_memory(x, y) for x in arrays_in(a) for y in others)


def arrays_in(thing, seen=None):
    """Yield the arrays in an object, containers and attributes included."""
    seen = {} if seen is None else seen
    if id(thing) in seen or isinstance(thing, PLAIN + CODE):
        return
    seen[id(thing)] = thing  # kept, or another would get its id
    if isinstance(thing, np.ndarray):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from arrays_in(value, seen)
    elif isinstance(thing, list | tuple | set):
        for value in thing:
            yield from arrays_in(value, seen)
    elif not isinstance(thing, types.ModuleType):
        yield from arrays_in(getattr(thing, "__dict__", {}), seen)


def _difference(a, b, place, seen):
    if a is b or (id(a), id(b)) in seen:
        return None
    seen[id(a), id(b)] = a, b  # kept, or others would get their ids
    if type(a) is not type(b):
        return f"{place}: {type(a).__name__} instead of {type(b).__name__}"
    if isinstance(a, np.ndarray):
        return _arrays(a, b, place, seen)
    if isinstance(a, PLAIN):
        alike = a.tobytes() == b.tobytes() if isinstance(a, np.generic) else None
        if alike is None:
            alike = repr(a) == repr(b)
        return None if alike else f"{place}: {a!r} instead of {b!r}"[:200]
    if isinstance(a, BaseException):
        return None if str(a) == str(b) else f"{place}: {a} instead of {b}"[:300]
    if isinstance(a, dict):
        if list(map(repr, a)) != list(map(repr, b)):
            return f"{place}: other keys"
        parts = zip(a, a.values(), b.values(), strict=True)
        return _first((f"{place}[{k!r}]", x, y) for k, x, y in parts)(seen)
    if isinstance(a, list | tuple):
        if len(a) != len(b):
            return f"{place}: {len(a)} instead of {len(b)} items"
        parts = enumerate(zip(a, b, strict=True))
        found = _first((f"{place}[{i}]", x, y) for i, (x, y) in parts)(seen)
        return found or _attributes(a, b, place, seen)
    if isinstance(a, set | frozenset):
        return None if a == b else f"{place}: another set"
    if isinstance(a, CODE):  # a guarded function has the name of its own
        names = [getattr(x, "__qualname__", str(x)) for x in (a, b)]
        return None if names[0] == names[1] else f"{place}: {names[0]}, {names[1]}"
    if type(a).__module__ in ("ctypes", "_ctypes"):
        return None
    if type(a).__module__.startswith("pandas.") and hasattr(a, "equals"):
        return None if a.equals(b) else f"{place}: another {type(a).__name__}"
    if hasattr(a, "__dict__") or hasattr(type(a), "__slots__"):
        return _attributes(a, b, place, seen)
    return _pickled(a, b, place)


def _first(parts):
    def search(seen):
        for place, x, y in parts:
            found = _difference(x, y, place, seen)
            if found:
                return found
        return None

    return search


def _arrays(a, b, place, seen):
    for name in ("dtype", "shape"):
        if getattr(a, name) != getattr(b, name):
            return f"{place}: {getattr(a, name)} instead of {getattr(b, name)}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of broadcast arrays
        if a.flags.writeable != b.flags.writeable:
            return f"{place}: writeable is {a.flags.writeable}"
    if a.dtype.hasobject:
        flat = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
        return _first((f"{place}.flat[{i}]", *ab) for i, ab in enumerate(flat))(seen)
    if a.dtype.names:  # the bytes between the fields mean nothing
        parts = [
            (f"{place}[{n!r}]", np.asarray(a[n]), np.asarray(b[n]))
            for n in a.dtype.names
        ]
        return _first(parts)(seen)
    plain, other = np.asarray(a), np.asarray(b)  # the data of masked arrays
    if plain.tobytes() != other.tobytes():
        count = np.count_nonzero(plain != other)
        return f"{place}: {count} of {a.size} other elements"
    return _attributes(a, b, place, seen) if type(a) is not np.ndarray else None


def _attributes(a, b, place, seen):
    names = list(getattr(a, "__dict__", ()))
    for cls in type(a).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        names += [slots] if isinstance(slots, str) else list(slots)
    parts = [
        (f"{place}.{name}", getattr(a, name), getattr(b, name))
        for name in names
        if name not in ("__dict__", "__weakref__")
        and hasattr(a, name)
        and hasattr(b, name)
    ]
    if _public(a) != _public(b):  # private ones may be caches, filled in one of them
        return f"{place}: other attributes"
    return _first(parts)(seen)


def _public(thing):
    return {name for name in getattr(thing, "__dict__", ()) if str(name)[:1] != "_"}


def _pickled(a, b, place):
    try:
        alike = pickle.dumps(a) == pickle.dumps(b)
    except Exception:  # objects of C code: their type must do
        return None
    return None if alike else f"{place}: another {type(a).__name__}"
