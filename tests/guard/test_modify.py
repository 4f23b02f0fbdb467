"""safe_modify and editing change what comes out, never what goes in."""

import ctypes

import numpy as np
import pytest

import cow


def set_first(a, value=9):
    a[0] = value


def set_and_return(a, value=9):
    a[0] = value
    return a


@pytest.fixture(params=[6, 20_000], ids=["small", "large"])
def plain(request):
    return np.arange(float(request.param))


@pytest.mark.parametrize("func", [set_first, set_and_return])
def test_plain_input_never_changes_and_the_result_is_plain(plain, func):
    before = plain.copy()
    result = cow.safe_modify(plain, func)
    np.testing.assert_array_equal(plain, before)
    assert type(result) is np.ndarray and result.flags.writeable
    assert result[0] == 9 and (result[1:] == before[1:]).all()
    assert not np.shares_memory(result, plain)
    result[1] = 7  # writing the result does not reach the input either
    assert plain[1] == 1


@pytest.mark.parametrize("func", [set_first, set_and_return])
def test_cow_input_never_changes_and_the_result_is_a_cow_array(plain, func):
    c = cow.array(plain)
    result = cow.safe_modify(c, func)
    assert type(result) is cow.CowArray
    assert c[0] == 0 and result[0] == 9
    cow._core.check(c)
    cow._core.check(result)


def test_arguments_are_passed_on(plain):
    assert cow.safe_modify(plain, set_first, 5)[0] == 5
    assert cow.safe_modify(plain, set_and_return, value=6)[0] == 6


def test_function_that_does_not_write(plain):
    result = cow.safe_modify(plain, lambda a: None)
    np.testing.assert_array_equal(result, plain)
    assert type(result) is np.ndarray and result.flags.writeable
    assert not np.shares_memory(result, plain)


def test_result_for_a_cow_array_has_memory_of_its_own():
    c = cow.zeros(10_000)
    result = cow.safe_modify(c, lambda a: None)
    assert type(result) is cow.CowArray and not np.shares_memory(result, c)


@pytest.mark.parametrize("part", [lambda a: a[1:3], lambda a: a[::-1], lambda a: a.T])
def test_view_returned_by_the_function_is_independent(plain, part):
    result = cow.safe_modify(plain, part)
    assert type(result) is np.ndarray and result.flags.writeable
    assert not np.shares_memory(result, plain)
    np.testing.assert_array_equal(result, part(plain))


def test_containers_of_arrays_come_back_plain(plain):
    first, rest = cow.safe_modify(plain, lambda a: (a[:1], [a[1:], {"x": a[::2]}]))
    arrays = [first, rest[0], rest[1]["x"]]
    for a in arrays:
        assert type(a) is np.ndarray and a.flags.writeable
        assert not np.shares_memory(a, plain)
    arrays[0][...] = 9
    assert plain[0] == 0


def test_other_results_pass_unchanged(plain):
    assert cow.safe_modify(plain, lambda a: "text") == "text"
    assert cow.safe_modify(plain, lambda a: float(a.sum())) == plain.sum()


def test_exception_passes_and_the_input_is_unchanged(plain):
    def fail(a):
        a[:] = 0
        raise KeyError("own")

    before = plain.copy()
    with pytest.raises(KeyError, match="own"):
        cow.safe_modify(plain, fail)
    np.testing.assert_array_equal(plain, before)


def test_read_only_and_memory_mapped_input(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(20_000.0))
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r")
    result = cow.safe_modify(mapped, set_first)
    assert result[0] == 9 and mapped[0] == 0
    a = np.arange(3)
    a.flags.writeable = False
    assert cow.safe_modify(a, set_first).tolist() == [9, 1, 2]


def test_readonly_array_gives_a_writable_result():
    r = cow.readonly(np.arange(3))
    result = cow.safe_modify(r, set_first)
    assert result.tolist() == [9, 1, 2] and not cow.is_readonly(result)
    assert r.tolist() == [0, 1, 2]


def test_list_input_stays_a_list():
    values = [3, 1, 2]
    result = cow.safe_modify(values, lambda a: a.sort())
    assert values == [3, 1, 2] and result.tolist() == [1, 2, 3]


def test_function_that_keeps_the_array_cannot_reach_the_input(plain):
    kept = []

    def keep(a):
        kept.append(a)
        kept.append(a[1:])

    cow.safe_modify(plain, keep)
    for a in kept:
        a[...] = 9
    assert plain[0] == 0 and plain[1] == 1


def test_editing_gives_a_private_cow_array(plain):
    before = plain.copy()
    with cow.editing(plain) as e:
        assert type(e) is cow.CowArray
        e[0] = 9
        e += 1
        e.sort()
    np.testing.assert_array_equal(plain, before)
    wanted = before.copy()
    wanted[0] = 9
    wanted += 1
    wanted.sort()
    np.testing.assert_array_equal(e, wanted)
    cow._core.check(e)


def test_editing_a_cow_array_gives_memory_of_its_own():
    c = cow.zeros(10_000)
    with cow.editing(c) as e:
        assert not np.shares_memory(c, e)
        e[0] = 9
    assert c[0] == 0 and e[0] == 9


def test_writing_opens_the_memory_of_an_array_alone():
    c = cow.arange(10.0)
    address = np.asarray(c).__array_interface__["data"][0]
    with cow.writing(c) as p:
        assert type(p) is np.ndarray and p.flags.writeable
        assert p.__array_interface__["data"][0] == address
        p[0] = 9
        during = c[...]
        p[1] = 9
    assert c[:3].tolist() == [9, 9, 2] and during[:3].tolist() == [9, 1, 2]
    with pytest.raises(ValueError):
        p[0] = 1
    later = c[...]
    p.ctypes  # whoever has kept the pointer
    ctypes.memset(p.ctypes.data, 0, 8)
    assert c[0] == 0 and later[0] == 9


def test_writing_a_plain_array_writes_it_and_a_readonly_one_is_refused(plain):
    with cow.writing(plain) as p:
        p[0] = 9
    assert plain[0] == 9
    plain.flags.writeable = False
    with pytest.raises(ValueError, match="can be written"), cow.writing(plain):
        pass
    with pytest.raises(cow.ReadOnlyError), cow.writing(cow.readonly([1])):
        pass


def test_editing_without_a_write_leaves_nothing_borrowed(plain):
    with cow.editing(plain) as e:
        pass
    assert not np.shares_memory(e, plain)
    plain[0] = 9
    assert e[0] == 0


def test_editing_a_readonly_array():
    r = cow.readonly(np.arange(3))
    with cow.editing(r) as e:
        e[0] = 9
    assert r.tolist() == [0, 1, 2] and e.tolist() == [9, 1, 2]


def test_editing_passes_exceptions(plain):
    before = plain.copy()
    with pytest.raises(KeyError), cow.editing(plain) as e:
        e[0] = 9
        raise KeyError
    np.testing.assert_array_equal(plain, before)
