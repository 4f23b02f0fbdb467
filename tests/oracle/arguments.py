"""Arrays of many kinds, for the bodies that take them."""

import dataclasses
import itertools
import os
import tempfile
import zlib

import numpy as np

import cow
from tests.catalogue.bodies import RECORD, Own

THOROUGH = "COW_ROUNDS" in os.environ


def numbers(shape, at=0, dtype="f8"):
    """Return an array of unsorted numbers, a third of them negative."""
    n = int(np.prod(shape))
    values = (np.arange(n) * 7919) % max(n, 1) - n // 3 + at
    if dtype == "bool":
        return (values % 2 == 0).reshape(shape)
    if dtype == "c16":
        return (values + 1j * values[::-1]).reshape(shape)
    if np.dtype(dtype).kind == "f":
        values = values + 0.25
    return values.astype(dtype).reshape(shape)


def wider(shape, at=0):
    return numbers((*shape[:-1], 2 * shape[-1]), at)


def records(shape, at=0):
    a = np.zeros(shape, RECORD)
    a["u"], a["w"] = numbers(shape, at), numbers(shape, at, "i4")
    a["z"] = -a["w"]
    return a


def objects(shape, at=0):
    return numbers(shape, at, "i8").astype(object)


def arrays_in_objects(shape, at=0):
    a = objects(shape, at)
    shared = np.arange(3.0)
    for where, item in zip(
        itertools.islice(np.ndindex(shape), 5),
        (shared, [np.arange(2.0)], np.ones(2), shared, {"x": shared[1:]}),
        strict=False,
    ):
        a[where] = item
    return a


def words(shape, at=0):
    return numbers(shape, at, "i8").astype("U5")


def memmap(shape, at=0):
    n = int(np.prod(shape))
    with tempfile.TemporaryFile() as file:
        a = np.memmap(file, "f8", "w+", shape=shape if n else 1)
    if not n:
        return a[:0].reshape(shape)  # NumPy 2.0 maps no empty file
    a[...] = numbers(shape, at)
    return a


def buffer(shape, at=0):
    return np.frombuffer(bytearray(numbers(shape, at).tobytes())).reshape(shape)


def read_only(base):
    view = base[...]
    view.flags.writeable = False
    return view


def unaligned(shape, at=0):
    """Return bytes, and numbers that begin at the second of them."""
    a = numbers(shape, at)
    base = np.zeros(a.nbytes + 1, np.uint8)
    view = base[1:].view("f8").reshape(shape)
    view[...] = a
    return base, view


def own(base):
    view = base.view(Own)
    view.unit = "m"
    return view


def _cube(shape):
    n = int(np.prod(shape))
    return {0: (0, 2, 3), 1: (1, 1, 1), 8: (2, 2, 2), 300: (5, 6, 10)}.get(
        n, (n // 500, 20, 25)
    )


# each makes an array, of a shape, and what owns its memory
KINDS = {
    "f8": lambda shape, at: numbers(shape, at),
    "f4": lambda shape, at: numbers(shape, at, "f4"),
    "c16": lambda shape, at: numbers(shape, at, "c16"),
    "i8": lambda shape, at: numbers(shape, at, "i8"),
    "bool": lambda shape, at: numbers(shape, at, "bool"),
    "read-only": lambda shape, at: (base := numbers(shape, at), read_only(base)),
    "sliced": lambda shape, at: (base := wider(shape, at), base[..., ::2]),
    "negative": lambda shape, at: (base := numbers(shape, at), base[::-1]),
    "fortran": lambda shape, at: np.asfortranarray(numbers(shape, at)),
    "transposed 3-d": lambda shape, at: (
        base := numbers(_cube(shape), at),
        base.transpose(2, 0, 1),
    ),
    "offset": lambda shape, at: (
        base := numbers((shape[0] + 1, *shape[1:]), at),
        base[1:],
    ),
    "memmap": memmap,
    "buffer": buffer,
    "broadcast": lambda shape, at: (
        base := numbers(shape[-1:], at),
        np.broadcast_to(base, shape),
    ),
    "big-endian": lambda shape, at: numbers(shape, at, ">f8"),
    "unaligned": unaligned,
    "cow": lambda shape, at: cow.array(numbers(shape, at)),
    "cow i8": lambda shape, at: cow.array(numbers(shape, at, "i8")),
    "cow sliced": lambda shape, at: (
        base := cow.array(wider(shape, at)),
        base[..., ::2],
    ),
    "mixed": lambda shape, at: (
        cow.array(numbers(shape, at)) if at else numbers(shape, at)
    ),
    "matrix": lambda shape, at: (base := numbers(shape, at), np.asmatrix(base)),
    "masked": lambda shape, at: (
        base := numbers(shape, at),
        np.ma.array(base, mask=base > 2, copy=False),
    ),
    "subclass": lambda shape, at: (base := numbers(shape, at), own(base)),
    "records": records,
    "sliced records": lambda shape, at: (base := records(shape, at), base[::-1]),
    "recarray": lambda shape, at: (
        base := records(shape, at),
        base.view(np.recarray),
    ),
    "cow records": lambda shape, at: cow.array(records(shape, at)),
    "objects": objects,
    "arrays in objects": arrays_in_objects,
    "cow objects": lambda shape, at: cow.array(arrays_in_objects(shape, at)),
    "words": words,
    "dates": lambda shape, at: numbers(shape, at, "i8").astype("M8[D]"),
    "cow words": lambda shape, at: cow.array(words(shape, at)),
}
CORE = ("f8", "sliced", "cow")
SHAPES = {
    1: lambda n: (n,),
    2: lambda n: {0: (0, 3), 1: (1, 1), 8: (2, 4), 300: (15, 20)}.get(
        n, (n // 100 if n < 10**6 else 1000, 100 if n < 10**6 else 1000)
    ),
}


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Which arrays a body gets."""

    kind: str
    shape: tuple[int, ...]

    def make(self, count):
        """Return `count` arrays, with all that owns their memory."""
        made = [KINDS[self.kind](self.shape, at) for at in range(count)]
        pairs = [each if isinstance(each, tuple) else (each,) for each in made]
        return [pair[-1] for pair in pairs], [a for pair in pairs for a in pair]


def fitting(body, dims):
    """Yield the kinds of arrays that a body takes."""
    for kind in body.kinds:
        is_cow = kind.startswith(("cow", "mixed"))
        if (kind == "mixed" and body.arrays < 2) or (body.plain_only and is_cow):
            continue
        if kind in ("fortran", "matrix", "transposed 3-d") and dims != 2:
            continue
        yield kind


def chosen(body, n, dims):
    """Return the kinds for `n` elements, fewer where there are many to compare."""
    found = list(fitting(body, dims))
    last = dims == max(body.dims)
    core = [kind for kind in CORE if kind in found] or found
    if n == 10**6 or (n in (0, 300) and not THOROUGH):
        return core[::2] if last else []
    if n not in (8, 5000):
        return core if last or THOROUGH else []
    if THOROUGH or (last and n == 8):
        return found
    some = found[zlib.crc32(body.name.encode()) % 4 :: 4] if last else []
    return [kind for kind in found if kind in core or kind in some]


def groups(body):
    """Yield lists of `Arguments`; each is for a function guarded anew."""
    sizes = [8, 5000, 1, 300, 0] + [10**6] * body.big
    for turn, n in enumerate(sizes):
        group = [
            Arguments(kind, SHAPES[dims](n))
            for dims in body.dims
            if dims
            for kind in chosen(body, n, dims)
        ]
        # what a guard learns from its first call has to hold for the others
        turn %= max(len(group), 1)
        yield group[turn:] + group[:turn]
    if 0 in body.dims:
        yield [Arguments(kind, ()) for kind in ("f8", "i8", "cow")]


def few_groups(body):
    dims = max(body.dims)
    for n in (8, 5000):
        found = list(fitting(body, dims))
        kinds = [kind for kind in CORE if kind in found] or found
        yield [Arguments(kind, SHAPES[dims](n)) for kind in kinds]
