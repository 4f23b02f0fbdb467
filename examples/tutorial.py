"""NumPy array copying and views vs copies: NumPy and cow side by side."""

import tracemalloc

import numpy as np

import cow

WIDTH = 24


def title(text):
    print(f"\n{text}\n{'-' * len(text)}")
    print(f"{'':40}{'NumPy':{WIDTH}}cow")


def row(what, function):
    """Print what `function` returns for ``numpy`` and for ``cow``."""
    results = [str(function(module)) for module in (np, cow)]
    print(f"{what:40}{results[0]:{WIDTH}}{results[1]}".rstrip())


def cost(module, what):
    """Return the bytes of array memory that ``what(array)`` allocates."""
    array = module.ones((1000, 1000))
    tracemalloc.start()
    result = what(array)
    snapshot = tracemalloc.take_snapshot()
    tracemalloc.stop()
    domain = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    size = sum(s.size for s in snapshot.filter_traces([domain]).statistics("filename"))
    del result
    return f"{size:,} bytes"


def views():
    title("A view is a window in NumPy, a snapshot in cow")

    def after_write(view):
        def function(module):
            a = module.array([1, 2, 3, 4, 5, 6])
            v = view(a)
            v[0] = 99
            return a

        return function

    row("v = a[1:4];         v[0] = 99;  a", after_write(lambda a: a[1:4]))
    row("v = a.reshape(2, 3); v[0] = 99; a", after_write(lambda a: a.reshape(2, 3)))
    row("v = a.T;            v[0] = 99;  a", after_write(lambda a: a.T))

    def source_first(module):
        a = module.array([1, 2, 3])
        v = a[:2]
        a[0] = 99
        return v

    row("v = a[:2];          a[0] = 99;  v", source_first)


def copies():
    title("A copy is independent in both; in cow it is free until a write")

    def copied(copy):
        def function(module):
            a = module.array([1, 2, 3])
            b = copy(a)
            b[0] = 99
            return f"{a} {b}"

        return function

    row("b = a.copy();     b[0] = 99;  a, b", copied(lambda a: a.copy()))
    row("b = np.copy(a);   b[0] = 99;  a, b", copied(np.copy))
    row("b = a[[0, 1, 2]]; b[0] = 99;  a, b", copied(lambda a: a[[0, 1, 2]]))
    row("b = a[a > 1];     b[0] = 99;  a, b", copied(lambda a: a[a > 1]))


def memory():
    title("Who shares memory with whom")

    def shares(test, make):
        def function(module):
            a = module.arange(10)
            return test(a, make(a))

        return function

    row("np.shares_memory(a, a[2:5])", shares(np.shares_memory, lambda a: a[2:5]))
    row("np.may_share_memory(a, a[2:5])", shares(np.may_share_memory, lambda a: a[2:5]))
    row("np.shares_memory(a, a.copy())", shares(np.shares_memory, lambda a: a.copy()))
    row("np.shares_memory(a, a[[2, 3]])", shares(np.shares_memory, lambda a: a[[2, 3]]))
    row("a[2:5].base is None", shares(lambda a, v: v.base is None, lambda a: a[2:5]))

    def written(module):
        a = module.arange(10)
        v = a[2:5]
        v[0] = 99
        return np.shares_memory(a, v), v.base is None

    row("v = a[2:5]; v[0] = 99; shares, base", written)


def costs():
    title("What a 1000 x 1000 array of float64 costs, measured")

    def written_copy(a):
        b = a.copy()
        b[0, 0] = 9
        return b

    row("v = a[::2]", lambda module: cost(module, lambda a: a[::2]))
    row("v = a.T", lambda module: cost(module, lambda a: a.T))
    row("b = a.copy()", lambda module: cost(module, lambda a: a.copy()))
    row("b = a.copy(); b[0, 0] = 9", lambda module: cost(module, written_copy))
    row("b = a[[0, 1]]", lambda module: cost(module, lambda a: a[[0, 1]]))


def helpers():
    title("Change an array without touching it: safe_modify")

    def double_first(x):
        x[0] *= 2

    a = np.array([1, 2, 3])
    print(f"cow.safe_modify(a, double_first)        {cow.safe_modify(a, double_first)}")
    print(f"a                                       {a}")
    c = cow.array([1, 2, 3])
    try:
        c[1:][0] = 9
    except cow.ChainedAssignmentError:
        print(
            "c[1:][0] = 9                            ChainedAssignmentError: c[1] = ..."
        )


def main():
    views()
    copies()
    memory()
    costs()
    helpers()


if __name__ == "__main__":
    main()
