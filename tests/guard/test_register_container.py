"""Objects of registered classes are guarded as their parts are."""

import copy
import gc
import threading
import weakref

import numpy as np
import pandas as pd
import pytest

import cow
from cow._guard.registry import how, kind_of
from tests.oracle.guarded import alike, never_written, pointed, tells


class Signal:
    def __init__(self, samples, rate=1, **more):
        self.samples, self.rate = samples, rate
        self.__dict__.update(more)


class Louder(Signal):
    pass


cow.register_container(
    Signal,
    lambda signal: dict(vars(signal)),
    lambda signal, parts: type(signal)(**parts),
)

SIGNALS = {
    "array": lambda: Signal(np.array([1.0, 2.0])),
    "large": lambda: Signal(np.arange(5000.0)),
    "subclass": lambda: Louder(np.array([1.0, 2.0])),
    "view": lambda: Signal(np.arange(6.0)[::2]),
    "read-only": lambda: Signal(cow.readonly([1.0, 2.0])),
    "list": lambda: Signal([np.array([1.0, 2.0]), [3]]),
    "frame": lambda: Signal(pd.DataFrame({"a": [1.0, 2.0]})),
    "bytes": lambda: Signal(bytearray(16)),
    "nested": lambda: Signal(Signal(np.array([1.0, 2.0]))),
    "objects": lambda: Signal(np.array([[1], np.zeros(2)], dtype=object)),
    "more": lambda: Signal(np.ones(2), window={"w": np.ones(3)}),
}
SIGNAL_WRITES = {
    "item": lambda x: x.samples.__setitem__(0, 9),
    "inner": lambda x: x.samples[0].__setitem__(0, 9),
    "nested": lambda x: x.samples.samples.__setitem__(0, 9),
    "iloc": lambda x: x.samples.iloc.__setitem__((0, 0), 9),
    "append": lambda x: x.samples[1].append(9),
    "pointer": lambda x: pointed(x.samples),
    "window": lambda x: x.window["w"].__setitem__(0, 9),
    "rate": lambda x: setattr(x, "rate", 9),
    "new": lambda x: setattr(x, "samples", None),
}


def signal_seen(x):
    held = [
        signal_seen(each)
        if isinstance(each, Signal)
        else np.asarray(each, "O").tolist()
        for each in (x.samples, getattr(x, "window", None))
    ]
    return repr((held, x.rate, type(x)))


@pytest.mark.parametrize("write", SIGNAL_WRITES)
@pytest.mark.parametrize("kind", SIGNALS)
def test_registered_object_is_written_inside_alone(kind, write):
    def deep(x):  # inside, all arrays are plain and writeable
        x = copy.deepcopy(x)
        if isinstance(x.samples, cow.CowArray):
            x.samples = np.array(x.samples)
        return x

    alike(SIGNALS[kind], SIGNAL_WRITES[write], signal_seen, deep)


def test_the_writes_write():
    assert never_written(SIGNALS, SIGNAL_WRITES, signal_seen) == set()


@pytest.mark.parametrize("write", ["item", "nested", "pointer", "window", "iloc"])
def test_write_into_an_array_of_a_registered_object_is_told(write):
    for kind in ("array", "large", "frame", "nested", "more"):
        tells(SIGNALS[kind], SIGNAL_WRITES[write], signal_seen)


def test_report_names_the_part_and_the_line():
    @cow.no_mutate(on_write="report")
    def write(x):
        x.samples[0] = 9.0
        x.window["w"][1] = 9.0

    with pytest.warns(cow.MutationWarning) as caught:
        write(SIGNALS["more"]())
    texts = sorted(str(each.message) for each in caught)
    assert "argument x.samples at " in texts[0]
    assert "argument x.window['w'] at " in texts[1]
    assert all(each.filename == __file__ for each in caught)


# ------------------------------------------------------------- how parts are passed


def registered(cls, form):
    cow.register_container(
        cls, lambda obj: form([obj.x]), lambda obj, parts: cls(*parts)
    )
    return cls


@pytest.mark.parametrize("form", [list, tuple])
def test_parts_come_in_the_form_that_they_left_in(form):
    class Holder:
        def __init__(self, x):
            self.x = x

    seen = []
    cow.register_container(
        Holder,
        lambda obj: form([obj.x, "a"]),
        lambda obj, parts: seen.append((obj, parts)) or Holder(parts[0]),
    )
    holder = Holder(np.ones(2))
    cow.no_mutate(lambda h: None)(holder)
    ((obj, parts),) = seen
    assert obj is holder and type(parts) is form
    assert parts[0] is not holder.x and parts[1] == "a"


def test_shared_parts_are_shared_inside():
    a = np.arange(4.0)
    one, other = Signal(a), Signal(a, note=[a])

    @cow.no_mutate
    def write(one, other, same, a):
        a[0] = 99.0
        assert same is one and one.samples is other.samples is a is other.note[0]
        return one, other

    first, second = write(one, other, one, a)
    assert first.samples is second.samples and first.samples[0] == 99
    assert a[0] == 0 and first is not one


def test_overlapping_parts_are_apart_inside_as_in_lists():
    a = np.arange(4.0)

    @cow.no_mutate
    def write(x, y):
        x.samples[:] = 99.0
        return y.samples.tolist()

    assert write(Signal(a[:3]), Signal(a[1:])) == [1, 2, 3]


def test_cycles_through_containers_keep_their_shape():
    for box in ([], {}, {"k": []}):
        signal = Signal(np.ones(2), box=box)
        inner = box.get("k", box) if isinstance(box, dict) else box
        if isinstance(inner, list):
            inner += [signal, (signal, inner)]
        else:
            inner["me"] = signal

        @cow.no_mutate
        def look(x):
            box = x.box.get("k", x.box) if isinstance(x.box, dict) else x.box
            found = box["me"] if isinstance(box, dict) else box[0]
            x.samples[0] = 9.0
            return found is x, found.samples[0]

        assert look(signal) == (True, 9)
        assert signal.samples[0] == 1


def test_object_that_is_its_own_part_is_told_what_to_do():
    signal = Signal(np.ones(2))
    signal.me = signal
    with pytest.raises(RecursionError, match=r"take_apart.*Signal holds the object"):
        cow.no_mutate(lambda x: x)(signal)


def test_object_may_be_sent_into_a_generator_again_and_again():
    @cow.no_mutate
    def echo():
        x = None
        while True:
            x = yield x and x.samples[0]

    generator, signal = echo(), Signal(np.ones(2))
    next(generator)
    assert [generator.send(signal) for _ in range(99)] == [1.0] * 99


def test_proven_functions_get_copies_too():
    @cow.no_mutate
    def peak(x):
        return x.samples

    signal = SIGNALS["large"]()
    for _ in range(3):
        assert not np.shares_memory(peak(signal), signal.samples)


def test_results_are_cow_arrays_outside_of_registered_objects():
    @cow.no_mutate
    def give(a):
        return a, [a + 1], Signal(a + 2)

    a, (b,), signal = give(cow.array([1.0, 2.0]))
    assert type(a) is type(b) is cow.CowArray
    assert type(signal.samples) is np.ndarray


# --------------------------------------------------------------------- the registry


def test_nearest_base_class_counts_and_the_last_word():
    class Base:
        x = 0

    class Middle(Base):
        pass

    class Last(Middle):
        pass

    def names(name):
        return lambda obj: [], lambda obj, parts: name

    get = cow.no_mutate(lambda x: x)
    last = Last()
    assert get(last) is last
    cow.register_container(Base, *names("base"))
    assert get(last) == get(Base()) == "base"
    cow.register_container(Middle, *names("middle"))
    assert (get(last), get(Base())) == ("middle", "base")
    cow.register_container(Middle, *names("again"))
    assert (get(last), get(Base())) == ("again", "base")


def test_subclass_of_a_container_of_ours_or_of_pandas_may_be_registered():
    class Rows(list):
        pass

    class Frame(pd.DataFrame):
        pass

    for cls in (Rows, Frame):
        cow.register_container(cls, lambda x: [], lambda x, parts: "other")
        assert cow.no_mutate(lambda x: x)(cls()) == "other"
    result = cow.no_mutate(lambda a: Rows([a]))(cow.ones(2))
    assert type(result) is Rows and type(result[0]) is np.ndarray


BAD = {
    r"a class first, not \[1\].*`cow.register_container\(list": ([1], id, max),
    r"dict is a container that cow knows.*`cow.register_container\(MyCl": (
        dict,
        id,
        max,
    ),
    r"int has nothing that can be changed; register a class": (int, id, max),
    r"object is the base of all classes": (object, id, max),
    r"numpy.ndarray is an array": (np.ndarray, id, max),
    r"float64 is an array": (np.float64, id, max),
    r"take_apart must be a function, not None: `cow.reg": (Signal, None, max),
    r"put_together must be a function, not 3: `cow.*lambda obj": (Signal, id, 3),
}


@pytest.mark.parametrize("text", BAD)
def test_bad_input_is_refused_with_what_to_write(text):
    with pytest.raises(TypeError, match=text):
        cow.register_container(*BAD[text])


WRONG = {
    r"take_apart\(\) returns.*must be a list, tuple or dict.*not 3": (
        *(lambda x: 3, lambda x, parts: Signal(1)),
    ),
    r"put_together\(\) returns.*new object, not None": (
        *(lambda x: [], lambda x, parts: None),
    ),
    r"put_together\(\) returns.*not the object of the caller": (
        *(lambda x: [], lambda x, parts: x),
    ),
}


@pytest.mark.parametrize("text", WRONG)
def test_functions_that_do_other_than_agreed_are_told(text):
    class Wrong:
        pass

    cow.register_container(Wrong, *WRONG[text])
    with pytest.raises(TypeError, match=text) as caught:
        cow.no_mutate(lambda thing: thing)(Wrong())
    assert "skip='thing'" in caught.value.__notes__[0]


def test_errors_of_take_apart_are_told_with_a_way_out():
    class Broken:
        pass

    def fail(obj):
        raise ZeroDivisionError

    cow.register_container(Broken, fail, lambda obj, parts: obj)
    value = Broken()
    with pytest.raises(ZeroDivisionError) as caught:
        cow.no_mutate(lambda a, *rest: rest)(1, [value])
    assert (
        "rest[0][0]" in caught.value.__notes__[0]
        or "skip=" in (caught.value.__notes__[0])
    )
    assert cow.no_mutate(lambda thing: thing, skip="thing")(value) is value


def test_classes_are_not_kept_alive():
    class Passing:
        pass

    cow.no_mutate(lambda x: x)(Passing())
    assert kind_of(Passing) is None
    gone = weakref.ref(Passing)
    del Passing
    gc.collect()
    assert gone() is None


def test_registering_while_other_threads_call():
    errors = []
    guarded = cow.no_mutate(lambda x: x.samples)

    def calls():
        for _ in range(300):
            signal = Signal(np.ones(3))
            if np.shares_memory(guarded(signal), signal.samples):
                errors.append(signal)

    threads = [threading.Thread(target=calls) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(300):
        cow.register_container(
            Louder, lambda x: [x.samples], lambda x, parts: Louder(*parts)
        )
    for thread in threads:
        thread.join()
    assert not errors
    cow.register_container(
        Louder, lambda x: dict(vars(x)), lambda x, parts: Louder(**parts)
    )


def test_how_tells_of_registered_classes():
    assert how(Signal(1)) == f"rebuilt: {__name__}.Signal"
