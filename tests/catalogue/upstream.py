"""Defects of NumPy and others, each on plain arrays: docs/upstream.md.

``python -m tests.catalogue.upstream`` writes the page. Each program prints one line,
which shows the defect, or what is right; `tests/project/test_upstream.py` runs those
that do not crash.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import numpy as np

PAGE = Path(__file__).parents[2] / "docs" / "upstream.md"
PYTHON = sys.version_info
NUMPY = np.lib.NumpyVersion(np.__version__)


@dataclass
class Defect:
    """A defect: what a program prints where it is there, and where it is not."""

    title: str
    package: str
    text: str
    versions: str
    state: str
    code: str
    wrong: str
    right: str
    there: Callable[[], bool] = lambda: True
    crashes: bool = False


DEFECTS = [
    Defect(
        "Elided temporaries: held operands are overwritten",
        "NumPy",
        "NumPy takes an operand whose count is one for a temporary, if the stack "
        "of the "
        "C library shows that the interpreter calls. An operand that only a tuple, a "
        "`partial` or a bound method holds has that count, too, and is overwritten. It "
        "takes 256 KiB; on CPython 3.14 the tuple of an argument list is safe.",
        "CPython 3.11 to 3.13 with NumPy 2.0 to 2.5, Linux; `itertools.starmap` "
        "on 3.14 "
        "and 3.15, too",
        "open, as far as we know; NumPy asks CPython itself from 3.14 on",
        """
        import operator
        import numpy as np

        args = (np.zeros(100_000), 1.0)
        operator.add(*args)
        print(args[0][0])
        """,
        "1.0",
        "0.0",
        lambda: sys.platform == "linux" and PYTHON < (3, 14),
    ),
    Defect(
        "Elided temporaries: a bound method counts on",
        "NumPy",
        "The same by a method that is called twice: the second result is 2, not 1.",
        "CPython 3.11 to 3.13 with NumPy 2.0 to 2.5, Linux",
        "open, as far as we know",
        """
        import numpy as np

        add = (np.zeros(100_000) * 1.0).__add__
        print(add(1.0)[0], add(1.0)[0])
        """,
        "1.0 2.0",
        "1.0 1.0",
        lambda: sys.platform == "linux" and PYTHON < (3, 14),
    ),
    Defect(
        "Named arrays are overwritten on CPython 3.14",
        "NumPy",
        "CPython 3.14 lends the stack what a local variable holds, without counting.",
        "NumPy before 2.3.2 on CPython 3.14",
        "mended in NumPy 2.3.2",
        """
        import numpy as np

        def f(x):
            t = x * 2
            y = t + 1
            return t[0]

        print(f(np.ones(100_000)))
        """,
        "3.0",
        "2.0",
        lambda: PYTHON >= (3, 14) and NUMPY < "2.3.2",
    ),
    Defect(
        "Assignment of overlapping parts with other strides",
        "NumPy",
        "For one dimension and strides of one sign NumPy does not ask whether "
        "source and "
        "target overlap. Elements are written before they are read, from five on. "
        "`np.copyto` does the same; ufuncs with `out=` are right.",
        "all of 2.0 to 2.5",
        "open, as far as we know",
        """
        import numpy as np

        w = np.arange(104)
        expected = w[2:52].copy()
        w[:100:2] = w[2:52]
        print((w[:100:2] == expected).all())
        """,
        "False",
        "True",
    ),
    Defect(
        "Read-only operands are copied to be read",
        "NumPy",
        "`argmax`, `argmin`, `repeat`, `np.bincount` and `np.correlate` ask for a "
        "writeable operand though they only read. A read-only one is copied: twice the "
        "time, and as much memory.",
        "all of 2.0 to 2.5",
        "open, as far as we know",
        """
        import tracemalloc
        import numpy as np

        def peak(x):
            tracemalloc.start()
            x.argmax()
            size = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return size

        x = np.zeros(1_000_000)
        writeable = peak(x)
        x.flags.writeable = False
        print(peak(x) > writeable + x.nbytes / 2)
        """,
        "True",
        "False",
    ),
    Defect(
        "f2py writes read-only arrays",
        "NumPy (f2py), and all that is wrapped by it, such as SciPy",
        "For `intent(in, overwrite)` the wrapper asks for a contiguous array of "
        "the right "
        "type, and not whether it may be written.",
        "SciPy 1.16 to 1.18 with NumPy 2.0 to 2.5",
        "open, as far as we know",
        """
        import numpy as np
        from scipy.linalg.blas import dscal

        y = np.arange(3.0)
        y.flags.writeable = False
        dscal(2.0, y)
        print(y)
        """,
        "[0. 2. 4.]",
        "[0. 1. 2.]",
    ),
    Defect(
        "scipy.linalg writes read-only arrays with overwrite_a=True",
        "SciPy",
        "A consequence: permission to use the memory is taken for a promise that "
        "it can "
        'be written. A memory-mapped file opened with `mode="r"` ends the process.',
        "SciPy 1.16 to 1.18",
        "open, as far as we know",
        """
        import numpy as np
        import scipy.linalg

        z = np.asfortranarray(np.eye(3) * 4)
        z.flags.writeable = False
        scipy.linalg.cholesky(z, overwrite_a=True)
        print(z[0, 0])
        """,
        "2.0",
        "4.0",
    ),
    Defect(
        "ufunc.at writes read-only arrays",
        "NumPy",
        "The flag of the target is not looked at.",
        "NumPy before 2.5.5",
        "mended in 2.5.5 (numpy/numpy#33275)",
        """
        import numpy as np

        x = np.zeros(3)
        x.flags.writeable = False
        try:
            np.add.at(x, 0, 1)
        except ValueError:
            pass
        print(x)
        """,
        "[1. 0. 0.]",
        "[0. 0. 0.]",
        lambda: NUMPY < "2.5.5",
    ),
    Defect(
        "real and imag of a read-only array without dimensions",
        "NumPy",
        "Assignment to `x.real` or `x.imag` does not look at the flag of a 0-d array.",
        "NumPy 2.5",
        "open, as far as we know",
        """
        import numpy as np

        z = np.array(1 + 2j)
        z.flags.writeable = False
        try:
            z.real = 9
        except ValueError:
            pass
        print(z)
        """,
        "(9+2j)",
        "(1+2j)",
        lambda: NUMPY >= "2.5.0",
    ),
    Defect(
        "A reduction that raises keeps its operand for ever",
        "NumPy",
        "For an operand whose class has `__array_ufunc__`.",
        "NumPy 2.0 to 2.4",
        "mended in 2.5",
        """
        import sys
        import numpy as np

        class Refuses(np.ndarray):
            def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
                raise TypeError("no")

        x = np.zeros(3).view(Refuses)
        before = sys.getrefcount(x)
        for _ in range(100):
            try:
                np.add.reduce(x)
            except TypeError:
                pass
        print(sys.getrefcount(x) - before)
        """,
        "100",
        "0",
        lambda: NUMPY < "2.5.0",
    ),
    Defect(
        "StringDType: put, putmask and flat store other strings",
        "NumPy",
        "Long strings lie in an arena of the dtype of each array. These copy the "
        "elements "
        "as bytes, from one array to another with another arena.",
        "NumPy 2.0 to 2.4: `put`, `np.putmask`, `x.flat = ...`; up to 2.2 slices of "
        "`x.flat`, too",
        "mended in 2.5, as far as seen",
        """
        import numpy as np

        text = "a string that is longer than what an element holds in itself"
        x = np.array([text] * 50, dtype=np.dtypes.StringDType())
        x.put([0], [text * 3])
        print(x[0] == text * 3)
        """,
        "False",
        "True",
        lambda: NUMPY < "2.5.0",
    ),
    Defect(
        "StringDType: place and byteswap end the process",
        "NumPy",
        "The same cause. `byteswap` turns round the bytes of the references "
        "themselves; "
        "from 2.5 on it raises when an element is read.",
        "NumPy 2.0 to 2.4",
        "`place` is mended in 2.5; `byteswap(inplace=True)` still destroys the "
        "elements",
        """
        import numpy as np

        text = "a string that is longer than what an element holds in itself"
        x = np.array([text] * 50, dtype=np.dtypes.StringDType())
        np.place(x, np.arange(50) == 0, [text * 3])
        print(x[0] == text * 3)
        """,
        "",
        "True",
        lambda: NUMPY < "2.5.0",
        crashes=True,
    ),
    Defect(
        "StringDType: resize",
        "NumPy",
        "An element that `resize` has added cannot be written.",
        "NumPy 2.0",
        "mended in 2.2 or before",
        """
        import numpy as np

        text = "a string that is longer than what an element holds in itself"
        x = np.array([text] * 50, dtype=np.dtypes.StringDType())
        x.resize(60, refcheck=False)
        try:
            x[59] = text
            print(x[59] == text)
        except MemoryError as error:
            print(type(error).__name__)
        """,
        "MemoryError",
        "True",
        lambda: NUMPY < "2.1.0",
    ),
    Defect(
        "An array interface without a shape ends the process",
        "NumPy",
        "A key of `__array_interface__` that is missing is read all the same.",
        "NumPy 2.2",
        "mended in 2.3; 2.0 is right",
        """
        import numpy as np

        class Holder:
            __array_interface__ = {
                "typestr": "<f8", "data": np.arange(3.0), "version": 3
            }

        try:
            np.array(Holder())
        except ValueError as error:
            print(error)
        """,
        "",
        "Missing __array_interface__ shape",
        lambda: "2.2.0" <= NUMPY < "2.3.0",
        crashes=True,
    ),
    Defect(
        "like= in frombuffer and fromiter ends the process",
        "NumPy",
        "With `like=` an array of another library, arguments that NumPy has "
        "handed over "
        "are given back once too often.",
        "NumPy 2.5 on CPython 3.12 to 3.15",
        "open, as far as we know",
        """
        import numpy as np

        class Elsewhere:
            def __array_function__(self, func, types, args, kwargs):
                return func.__name__, args

        for _ in range(2000):
            np.frombuffer(*(b"12345678",), like=Elsewhere())
        print("alive")
        """,
        "",
        "alive",
        lambda: PYTHON >= (3, 12),
        crashes=True,
    ),
    Defect(
        "An index that changes the shape of the array ends the process",
        "NumPy",
        "`__index__` of an index is called after the array has been looked at, and "
        "may change its shape, so that memory outside of it is read or written.",
        "NumPy 2.5; 2.4 reads another element, 2.0 to 2.3 raise `IndexError`",
        "open, as far as we know",
        """
        import numpy as np

        x = np.arange(64.0).reshape(8, 8)

        class Index:
            def __index__(self):
                x.shape = (64,)
                return 7

        try:
            print(x[7, Index()])
        except (IndexError, ValueError) as error:
            print(type(error).__name__)
        """,
        "",
        "63.0",
        crashes=True,
    ),
]

INTRO = """# Defects of others

What was met in NumPy and other packages while cow was made: each with a program on
plain arrays, without cow, that shows it, ready to be sent to where it belongs. The page
is generated (`python -m tests.catalogue.upstream`). The test suite runs the programs
that do not end the process: on versions where the defect is said to be, it is there,
and on others it is not. "Open, as far as we know" means: it is there in the newest
release that was tried, and nobody of us has found or sent a report.

Functions of released packages that write into their input have pages of their own: the
[gallery](gallery.md), and the [reports](reproductions.md) that others have sent.
"""

# the newest that was tried: one that comes later may have mended what is open
NEWEST = "2.5"


def program(defect: Defect) -> str:
    """Return the text of the program."""
    return dedent(defect.code).strip() + "\n"


def outcomes(defect: Defect) -> set[str]:
    """Return what the program may print with this CPython and NumPy."""
    if not defect.there():
        return {defect.right}
    newer = tuple(map(int, np.__version__.split(".")[:2])) > tuple(
        map(int, NEWEST.split("."))
    )
    return {defect.wrong, defect.right} if newer else {defect.wrong}


def page() -> str:
    """Return the page."""
    parts = [INTRO]
    for defect in DEFECTS:
        shows = "the process dies" if defect.crashes else f"`{defect.wrong}`"
        parts.append(
            f"## {defect.title}\n\n"
            f"{defect.text}\n\n"
            f"- **Package**: {defect.package}\n"
            f"- **Versions**: {defect.versions}\n"
            f"- **State**: {defect.state}\n"
            f"- **Shows**: {shows}; right is `{defect.right}`\n\n"
            f"```python\n{program(defect)}```\n"
        )
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page())
