"""guard_report and strict=True tell what is guarded, how, and what is not."""

import asyncio
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cow

LINE = 16


@cow.no_mutate
def several(x, y, out=None, *more, model=None, **rest):
    y[0] = 1  # line 24 of this file
    if out is not None:
        out[:] = x
    return x.sum() + len(more) + len(rest)


class Model:
    def __init__(self, x):
        self.x = x

    @cow.no_mutate
    def fit(self, x, weights=None):
        return (self.x * x).sum()

    @cow.no_mutate
    def keep(self, x):
        self.x = x


class Bag:
    def __init__(self, x):
        self.x = x


def rows(report):
    return {row.name: (row.how, row.why) for row in report.parameters}


def test_each_parameter_is_told_with_the_reason():
    found = rows(cow.guard_report(several))
    line = several.__code__.co_firstlineno + 2
    assert found["x"] == ("lent", "")
    assert found["y"] == ("copied", f"the function writes, test_guard_report.py:{line}")
    assert found["out"] == ("is written", "an output")
    assert set(found) == {"x", "y", "out", "more", "model", "rest"}


def test_methods_are_told_for_their_object():
    model = Model(np.ones(3))
    found = rows(cow.guard_report(model.fit))
    assert found["self"] == ("passes as it is", "the object itself")
    assert found["x"] == ("lent", "") and found["weights"] == ("lent", "")
    how, why = rows(cow.guard_report(model.keep))["x"]
    assert how == "copied" and why


def test_why_copies_are_made_of_everything():
    def dynamic(x):
        return eval("x.sum()")

    (row,) = cow.guard_report(cow.no_mutate(dynamic)).parameters
    assert row.how == "copied" and "eval" in row.why
    (row,) = cow.guard_report(cow.no_mutate(isolate=True)(np.sort)).parameters[:1]
    assert row.how == "copied" and "isolate=True" in row.why
    (row,) = cow.guard_report(cow.no_mutate(isolate=False)(dynamic)).parameters
    assert (row.how, row.why) == ("lent", "isolate=False")
    (row,) = cow.guard_report(cow.no_mutate(skip="x")(dynamic)).parameters
    assert row.how == "passes as it is"


def test_arguments_are_told_by_their_kind():
    x = np.ones(3)
    report = cow.guard_report(
        several, x, [x], pd.DataFrame({"a": x}), Bag(x), bytearray(3), model=3, key={}
    )
    found = [(row.name, row.how) for row in report.parameters]
    assert found == [
        ("x", "lent"),
        ("y", "rebuilt: list"),
        ("out", "is written"),
        ("more[0]", "passes as it is: an object of the class test_guard_report.Bag")
        if Bag.__module__ == "test_guard_report"
        else (
            "more[0]",
            f"passes as it is: an object of the class {Bag.__module__}.Bag",
        ),
        ("more[1]", "copied: bytearray"),
        ("model", "cannot be changed"),
        ("key", "rebuilt: dict"),
    ]
    assert x.all()


def test_arguments_beside_the_named_ones_are_told_as_they_are_passed():
    guarded = cow.no_mutate(lambda *xs, **more: np.add(xs[0], more["y"]))
    report = cow.guard_report(guarded)
    assert [row.how for row in report.parameters] == ["lent", "lent"]
    report = cow.guard_report(guarded, np.ones(3), y=np.ones(3))
    assert [(row.name, row.how) for row in report.parameters] == [
        ("xs[0]", "lent"),
        ("y", "lent"),
    ]
    guarded(np.ones(3), y=np.ones(3))
    assert guarded.cow_lent == 2


def test_calls_and_what_was_not_guarded_are_counted():
    @cow.no_mutate
    def f(x, y, bag=None):
        y[0] = 0
        return x.sum()

    x = np.ones(3)
    for _ in range(4):
        f(x, np.ones(3))
    f(x, np.ones(3), Bag(x))
    f(x, np.ones(3), [Bag(x)])
    report = cow.guard_report(f)
    assert report.calls == 6
    assert report.lent == 4 and report.copied == 8
    assert len(report.unguarded) == 1 and report.unguarded[0].startswith("bag, an obj")
    text = str(report)
    assert "6 guarded calls, 4 arrays lent, 8 copied" in text
    assert "not guarded so far: bag, an object of the class" in text
    assert "x: lent\n" in text


def test_functions_that_are_not_guarded_are_refused():
    with pytest.raises(TypeError, match=r"rows = cow.no_mutate\(rows\)"):
        cow.guard_report(rows)
    with pytest.raises(TypeError, match=r"cow.guard_report\(Model.method\)"):
        cow.guard_report(Model)


def test_protected_functions_have_a_report():
    import statistics

    with cow.protect("statistics"):
        report = cow.guard_report(statistics.fmean)
        assert rows(report)["data"][0] == "copied" or rows(report)["data"][0] == "lent"


@pytest.mark.parametrize("where", [Bag, lambda b: [b], lambda b: {"k": (1, b)}])
def test_strict_names_what_is_not_guarded(where):
    bag = Bag(np.ones(3))
    value = bag if where is Bag else where(bag)

    @cow.no_mutate(strict=True)
    def f(value, number=3):
        return number

    with pytest.warns(RuntimeWarning, match="register_container.Bag, ") as seen:
        f(value)
    assert seen[0].filename == __file__
    assert "value" in str(seen[0].message) and "skip='value'" in str(seen[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(value)  # once
        f([1, "a", None, np.float64(3), np.dtype("f8"), Path("a"), f, Bag])
        f(np.ones(3), number=pd.Series([1.0]))


def test_strict_of_generators_and_coroutines():
    @cow.no_mutate(strict=True)
    def steps(bag):
        yield bag

    @cow.no_mutate(strict=True)
    async def later(bag):
        return bag

    with pytest.warns(RuntimeWarning, match="steps"):
        next(steps(Bag(1)))
    with pytest.warns(RuntimeWarning, match="later"):
        asyncio.run(later(Bag(1)))


def test_strict_protection_names_classes_of_c_code():
    with pytest.warns(RuntimeWarning, match="class of C code"):
        cow.protect("array", strict=True).undo()


def test_registered_classes_are_no_longer_told():
    class Mine(Bag):
        pass

    @cow.no_mutate(strict=True)
    def f(bag):
        bag.x[0] = 5
        return bag

    cow.register_container(Mine, lambda b: [b.x], lambda b, parts: Mine(*parts))
    mine = Mine(np.ones(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f(mine).x[0] == 5 and mine.x[0] == 1
