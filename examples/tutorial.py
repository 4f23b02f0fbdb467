"""NumPy array copying and views vs copies: each step on NumPy and on cow.

Every step is run twice, from the same source: once with ``array = np.array``
and once with ``array = cow.array``. Nothing that is printed depends on the
machine.
"""

import gc
import textwrap
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

import cow

NAMES, COLUMN = 34, 31


def bytes_taken(make: Callable[[], object]) -> str:
    """Return the bytes of array memory that ``make()`` takes, and keeps."""
    domain = [tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)]

    def held() -> int:
        gc.collect()
        traces = tracemalloc.take_snapshot().filter_traces(domain).traces
        return sum(trace.size for trace in traces)

    tracemalloc.start()
    try:
        before = held()
        kept = make()
        taken = held() - before
        del kept
        return f"{taken:,} bytes"
    finally:
        tracemalloc.stop()


def outcome(expression: str, names: dict[str, Any]) -> str:
    """Return the text of a value, or of the exception in its place."""
    try:
        return str(eval(expression, names)).replace("\n", "")
    except (ValueError, AttributeError) as error:
        return type(error).__name__


def run(source: str, names: dict[str, Any]) -> str | None:
    """Execute a step; return the name of the exception that ended it."""
    try:
        exec(source, names)
    except ValueError as error:
        return type(error).__name__
    return None


def show(title: str, source: str, *expressions: str) -> None:
    """Run `source` on NumPy and on cow and print what the expressions give."""
    source = textwrap.dedent(source).strip()
    columns: list[tuple[list[str], list[str]]] = []
    for array in (np.array, cow.array):
        names: dict[str, Any] = {"array": array, "np": np, "cow": cow}
        names["bytes_taken"] = bytes_taken
        error = run(source, names)
        cells = [outcome(expression, names) for expression in expressions]
        columns.append(([error or "runs"], cells))
    (plain_end, plain), (cow_end, shared) = columns
    print(f"\n{title}")
    print(textwrap.indent(source, "    "))
    print(f"{'':{NAMES}}{'NumPy':{COLUMN}}cow")
    if plain_end != cow_end:
        plain, shared = plain_end + plain, cow_end + shared
        expressions = ("(the code above)", *expressions)
    for name, left, right in zip(expressions, plain, shared, strict=True):
        print(f"  {name:{NAMES - 2}}{left:{COLUMN}}{right}")


def chapter(title: str) -> None:
    print(f"\n\n{title}\n{'=' * len(title)}")


def views() -> None:
    chapter("1. Views: slices, reshapes, transposes")
    show(
        "A slice is a view. What does a write through it do?",
        """
        a = array([0, 1, 2, 3, 4])
        v = a[1:4]
        v[0] = 99
        """,
        "v",
        "a",
    )
    show(
        "And a write to the source, while the view lives?",
        """
        a = array([0, 1, 2, 3, 4])
        v = a[1:4]
        a[:] = 7
        """,
        "v",
        "a",
    )
    show(
        "A reshape",
        """
        a = array([0, 1, 2, 3])
        square = a.reshape(2, 2)
        square[0, 0] = 99
        """,
        "square",
        "a",
    )
    show(
        "A transpose",
        """
        a = array([[1, 2], [3, 4]])
        t = a.T
        t[0, 1] = 99
        """,
        "t",
        "a",
    )
    show(
        "Rows in a loop: to change the array, write to the array: a[i] = row * 2",
        """
        a = array([[1, 2], [3, 4]])
        for row in a:
            row *= 2
        """,
        "a",
    )
    show(
        "A write into a view without a name can only be a mistake in cow",
        """
        a = array([0, 1, 2, 3, 4])
        a[1:3][0] = 99
        """,
        "a",
    )
    show(
        "Writing to the array itself is the same in both",
        """
        a = array([0, 1, 2, 3, 4])
        a[1:3] = 99
        a[3:] += 10
        """,
        "a",
    )


def copies() -> None:
    chapter("2. Copies: np.copy and .copy()")
    show(
        "A copy is independent",
        """
        a = array([0, 1, 2, 3, 4])
        b = a.copy()
        c = np.copy(a)
        b[0] = 77
        c[0] = 88
        """,
        "a",
        "b",
        "c",
    )


def indexing() -> None:
    chapter("3. Fancy and boolean indexing")
    show(
        "An index array or a mask on the right gives a copy",
        """
        a = array([0, 1, 2, 3, 4])
        picked = a[[0, 2, 4]]
        large = a[a > 2]
        picked[:] = -1
        large[:] = -1
        """,
        "picked",
        "large",
        "a",
    )
    show(
        "On the left of an assignment they write to the array",
        """
        a = array([0, 1, 2, 3, 4])
        a[[0, 2]] = 50
        a[a < 5] = 0
        """,
        "a",
    )


def relations() -> None:
    chapter("4. Who shares memory? shares_memory, may_share_memory, base")
    show(
        "Before a write, cow shares as much as NumPy; a[...] shares all",
        """
        a = array([0, 1, 2, 3, 4])
        v = a[1:4]
        s = a[...]
        c = a.copy()
        """,
        "np.shares_memory(a, v)",
        "np.may_share_memory(a, v)",
        "np.shares_memory(a, s)",
        "np.shares_memory(a, c)",
        "v.base is None",
    )
    show(
        "After a write they part",
        """
        a = array([0, 1, 2, 3, 4])
        v = a[1:4]
        v[0] = 99
        """,
        "np.shares_memory(a, v)",
        "v.base is None",
    )
    show(
        "may_share_memory only compares bounds; shares_memory is exact",
        """
        a = array([0, 1, 2, 3, 4, 5])
        even, odd = a[::2], a[1::2]
        """,
        "np.may_share_memory(even, odd)",
        "np.shares_memory(even, odd)",
    )


def costs() -> None:
    chapter("5. What a view and a copy cost: 1000 x 1000 float64, measured")
    show(
        "Bytes of array memory that each line takes (tracemalloc)",
        """
        a = array(np.ones((1000, 1000)))
        def written_snapshot():
            b = a[...]
            b[0, 0] = 2.0
            return b
        def written_row():
            row = a[0]
            row[0] = 1.0
            return row
        """,
        "bytes_taken(lambda: a[::2])",
        "bytes_taken(lambda: a.T)",
        "bytes_taken(lambda: a[[0, 1]])",
        "bytes_taken(lambda: a.copy())",
        "bytes_taken(lambda: a[...])",
        "bytes_taken(written_snapshot)",
        "bytes_taken(written_row)",
    )


def helpers() -> None:
    chapter("6. safe_modify: let a function write, keep the original")
    show(
        "It takes plain arrays and cow arrays",
        """
        def normalise(x):
            x -= x.min()
            x /= x.max()
        a = array([2.0, 4.0, 6.0])
        scaled = cow.safe_modify(a, normalise)
        """,
        "scaled",
        "a",
    )
    show(
        "Without it, the caller's array changes: it is one object, in both",
        """
        def normalise(x):
            x -= x.min()
            x /= x.max()
        a = array([2.0, 4.0, 6.0])
        normalise(a)
        """,
        "a",
    )


def guards() -> None:
    chapter("7. no_mutate: a function that cannot change its caller's arrays")
    show(
        "It computes what it computes on copies, whatever the size",
        """
        def shares(x):
            for row in x:
                row /= row.sum()
            return x
        guarded = cow.no_mutate(shares)
        small, large = array(np.ones((3, 2))), array(np.ones((3000, 2)))
        """,
        "guarded(small)[-1]",
        "guarded(large)[-1]",
        "small[-1]",
        "large[-1]",
    )


def main() -> None:
    print("NumPy array copying and views vs copies")
    for part in (views, copies, indexing, relations, costs, helpers, guards):
        part()


if __name__ == "__main__":
    main()
