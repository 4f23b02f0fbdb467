"""What limits the figures that are above their limits.

Shown on the page under a table for those operations alone that are above it there.
"""

DISPATCH = """A function of NumPy looks for the hooks of its arguments and calls
them; the last table tells what that takes at least."""
HEADER = """A result takes a header of ours over the plain array that owns the
memory, some 70 ns, where NumPy needs the array alone."""
METHOD = """Besides the header, some 70 ns, a method is looked up through a hook of
ours, some 45 ns: a view of a foreign class shows itself in that hook alone."""
OUTPUT = """An output is written through an alias, for which cow asks first who else
looks at the memory; besides, NumPy dispatches `np.add` through a hook, see the last
table."""
ELEMENT = "A few nanoseconds: cow asks who else looks at the memory."
FAULTS = """What is gained are the page faults of new blocks. NumPy writes into its own
temporaries; up to CPython 3.13 ours are new blocks each, for no count can prove that
nobody holds one."""
COPY = """A copy is NumPy's, and a header of ours over it."""
ROWS = """`row` is named while its source is written, so it is given memory of its
own: a copy of 8 kB for each row that NumPy, where `row` changes with the array,
does not make."""
WINDOWS = """NumPy's windows change with the array. Ours keep its old values, so those
that see the write get memory of their own."""
KEPT = """Each write gives the one new window memory of its own: a storage and a
header for 80 bytes, where NumPy's eager copy is one small array."""
SMALL = """Matrices of 4 x 4: an operation takes NumPy 0.2 to 0.9 us, and cow 0.1
more for the header of its result."""
RESIDENT = """Resident memory also counts what the C library has not given back to
the system; what the arrays themselves take is traced."""

# {file: {beginning of an operation: reason}}
REASONS = {
    "elements": {"x[5]": ELEMENT, "x[3, 4]": ELEMENT},
    "calls": {
        "np.add": OUTPUT,
        "np.": DISPATCH,
        "x.": METHOD,
        "x": HEADER,
        "-x": HEADER,
    },
    "expressions": {"": FAULTS},
    "writes": {
        "y = x.copy()": COPY,
        "for i, row": ROWS,
        "windows x[": WINDOWS,
        "windows kept": KEPT,
    },
    "programs": {"kalman": SMALL},
}


def reason(file: str, operation: str, size: str) -> str | None:
    """Return why the figure is what it is, None where nobody has found out."""
    if size == "resident":
        return RESIDENT
    for beginning, text in REASONS.get(file, {}).items():
        if operation.startswith(beginning):
            return text
    return None
