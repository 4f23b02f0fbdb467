"""Arrays drawn at random for the oracle: dtypes, shapes, layouts.

The names are those of `tests.catalogue.calls.arrays`, and some more; each stands for a
function that makes the array, given a constructor.
"""

import numpy as np

from tests.catalogue import calls

NUMBERS = ["f8", "f8", "f4", "i8", "i4", "u1", "c16", "?"]
DTYPES = [*NUMBERS, "M8[D]", "S3", "U2", "O"]
SHAPES = [(), (0,), (0, 2), (1,), (3,), (4,), (2, 3), (3, 3), (2, 2, 3)]
STRINGS = ["U5", "S5", np.dtypes.StringDType()]
WORDS = ["ab", "cbd", "", " b ", "Zoë", "b-b"]


def values(rng, dtype, shape):
    """Return an array of small numbers, so that none stands for a huge shape."""
    count = int(np.prod(shape))
    drawn = [rng.randrange(6) for _ in range(count)]
    if dtype == "O":
        flat = np.empty(count, object)
        flat[:] = drawn
    else:
        flat = np.array(drawn, "i8").astype(dtype)
        if dtype in ("f8", "f4", "c16") and count and rng.random() < 0.3:
            flat[rng.randrange(count)] = rng.choice([np.nan, np.inf, -0.5])
    return flat.reshape(shape)


def _strided(make, a):
    return make(np.repeat(a, 2, axis=-1))[..., ::2] if a.ndim else make(a)


def _part(make, a):
    whole = np.concatenate([a[:1], a]) if a.ndim and a.size else a
    return make(whole)[1:] if whole is not a else make(a)


# The same elements, otherwise laid out in memory.
LAYOUTS = [
    lambda make, a: make(a),
    lambda make, a: make(a),
    lambda make, a: make(np.array(a.T, order="C")).T,
    lambda make, a: make(np.array(a[::-1]))[::-1] if a.ndim else make(a),
    _strided,
    _part,
]


def _laid_out(rng, a):
    layout = rng.choice(LAYOUTS)
    return lambda make: layout(make, a)


def _repeated(a):
    """Lay out rows that are all the first one, with a stride of 0."""
    return lambda make: np.broadcast_to(make(a[:1]), a.shape)


def matrix(rng, n):
    """Return a matrix that can be inverted, or a stack of two."""
    stack = rng.choice([(), (), (2,)])
    flat = [rng.randrange(-2, 3) for _ in range(int(np.prod(stack)) * n * n)]
    m = np.array(flat, float).reshape(*stack, n, n) + 7 * np.eye(n)
    return m.astype(rng.choice(["f8", "f8", "f4", "c16", "i8"]))


def words(rng, n):
    chosen = [rng.choice(WORDS) for _ in range(n)]
    dtype = rng.choice(STRINGS)
    ascii_words = [word.replace("ë", "e") for word in chosen]
    return np.array(ascii_words if dtype == "S5" else chosen, dtype)


def _drawn(rng):
    """Return arrays of drawn dtypes and shapes, by name."""
    shape, n = rng.choice(SHAPES), rng.randrange(1, 5)
    other = shape if rng.random() < 0.8 else rng.choice(SHAPES)
    dtypes = DTYPES if rng.random() < 0.4 else NUMBERS
    first = rng.choice(dtypes)
    second = first if rng.random() < 0.5 else rng.choice(dtypes)
    fixed = calls.arrays(np.array)
    return fixed | {
        "x": values(rng, first, shape),
        "y": values(rng, second, other),
        "z": values(rng, rng.choice([first, "f8"]), shape),
        "m": matrix(rng, n),
        "i": values(rng, "i8", (n,)),
        "b": values(rng, "?", shape),
        "s": words(rng, n),
        "v": np.sort(values(rng, "f8", (n,))),
        "w": values(rng, rng.choice(["f8", "f4", "i8"]), (n,)),
        "o": values(rng, "O", shape),
    }


def arrays(rng, fixed):
    """Return the functions that make the arrays, by name.

    `fixed`: with the elements of `tests.catalogue.calls.arrays`, for which each call
    works.
    """
    bases = calls.arrays(np.array) if fixed else _drawn(rng)
    makers = {name: _laid_out(rng, a) for name, a in bases.items()}
    if not fixed and rng.random() < 0.1 and bases["x"].ndim:
        makers["x"] = _repeated(bases["x"])
    return makers
