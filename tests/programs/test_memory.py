"""What the memory run does under valgrind, done plainly, and leaks."""

import gc

import pytest

import cow
from tests.programs import holders, leaks, machine


@pytest.mark.parametrize("holder", holders.HOLDERS, ids=lambda h: h.__name__)
def test_holder_of_a_pointer_reads_right_values(holder):
    holder()


@pytest.mark.parametrize("dtype", ["f8", "i2", "c16", "?", "M8[s]", "S3", "O", "T"])
def test_random_steps_agree_with_eager_copies(dtype):
    if dtype in ("?", "M8[s]", "S3"):
        steps = [
            s
            for s in machine.Machine.STEPS
            if s.__name__ not in ("in_place", "add_out", "memory")
        ]
    else:
        steps = machine.Machine.STEPS
    for seed in range(3):
        m = machine.Machine(seed, dtype)
        m.STEPS = steps
        for _ in range(250):
            m.step()
            m.check()


def test_many_rounds_leave_no_memory_behind(python):
    # a process of its own: tracemalloc slows down what comes after it
    done = python(leaks.__file__, 3000)
    assert done.stdout == "no leak\n", done.stderr


def test_views_of_numbers_leave_the_garbage_collector_nothing_to_visit():
    a = cow.ones(1000)
    views = [a[2:9] for _ in range(500)]
    gc.collect()
    before = len(gc.get_objects())
    for view in views:
        view[0] = 1
    assert len(gc.get_objects()) < before + 100
