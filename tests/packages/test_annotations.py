"""`cow.ReadOnly` in annotations, and the packages that inspect them."""

import functools
import typing
from typing import Annotated, Any, Optional, TypeAlias, Union

import beartype
import jaxtyping
import numpy as np
import pydantic
import pytest
from typing_extensions import TypeAliasType, TypeVar

import cow
from cow._array.annotation import is_readonly_annotation, readonly_parameters

Float1D: TypeAlias = cow.ReadOnly[tuple[int], np.dtype[np.float64]]
R = TypeVar("R", bound=cow.ReadOnly)
Scalar = TypeVar("Scalar", bound=np.generic)
Vector: TypeAlias = cow.ReadOnly[tuple[int], np.dtype[Scalar]]


@pytest.mark.parametrize(
    "annotation",
    [
        cow.ReadOnly,
        cow.ReadOnly[tuple[int, int]],
        Float1D,
        Vector[np.float64],
        cow.ReadOnly | None,
        Float1D | float,
        Optional[cow.ReadOnly],  # noqa: UP045
        Union[None, Float1D],  # noqa: UP007
        Optional["cow.ReadOnly"],
        Annotated[Float1D, "metres"],
        TypeAliasType("Named", Float1D),
        R,
        "cow.ReadOnly",
        "ReadOnly",
        " cow.ReadOnly[tuple[int], np.dtype[np.float64]]",
        "ReadOnly[Any] | None",
        "Optional[cow.ReadOnly]",
        "typing.Union[int, cow.ReadOnly[Any]]",
        "Annotated[cow.ReadOnly, 'metres']",
        "'cow.ReadOnly'",
        typing.ForwardRef("cow.ReadOnly"),
    ],
)
def test_is_a_promise(annotation):
    assert is_readonly_annotation(annotation)


@pytest.mark.parametrize(
    "annotation",
    [
        None,
        np.ndarray,
        np.ndarray[Any, Any],
        cow.CowArray,
        cow.ReadOnlyArray,
        list[cow.ReadOnly],
        Annotated[np.ndarray, cow.ReadOnly],
        TypeVar("U"),
        "np.ndarray",
        "list[cow.ReadOnly]",
        "ReadOnlyArray",
        "Annotated[np.ndarray, 'ReadOnly']",
        "not a type ReadOnly",
    ],
)
def test_is_no_promise(annotation):
    assert not is_readonly_annotation(annotation)


def test_parameters_are_found_one_by_one():
    def f(a: Float1D, b: "Float1D", c: "Unknown[cow.ReadOnly]", d: "cow.ReadOnly", e):  # noqa: F821
        pass

    def returns() -> cow.ReadOnly: ...

    assert readonly_parameters(f) == {"a", "b", "d"}
    assert readonly_parameters(functools.wraps(f)(lambda *args: None)) == {
        "a",
        "b",
        "d",
    }
    assert readonly_parameters(returns) == frozenset()
    assert readonly_parameters(len) == frozenset()


def test_checks_at_run_time_agree_with_the_checkers():
    assert isinstance(np.zeros(2), cow.ReadOnly)
    assert isinstance(cow.zeros(2), cow.ReadOnly)
    assert isinstance(cow.readonly([1]), cow.ReadOnly)
    assert not isinstance([1], cow.ReadOnly)
    assert issubclass(np.ndarray, cow.ReadOnly) and issubclass(
        cow.ReadOnly, cow.ReadOnly
    )
    assert not issubclass(list, cow.ReadOnly)


def test_cannot_be_instantiated_and_says_what_can():
    with pytest.raises(TypeError, match=r"cow\.readonly"):
        cow.ReadOnly()


def test_hints_resolve():
    def f(x: "cow.ReadOnly[tuple[int], np.dtype[np.float64]]") -> "cow.ReadOnly": ...

    assert typing.get_type_hints(f) == {"x": Float1D, "return": cow.ReadOnly}
    assert typing.get_args(Vector[np.float64]) == typing.get_args(Float1D)


@pytest.fixture(params=[cow.ReadOnly, Float1D, Vector[np.float64], cow.ReadOnly | None])
def annotation(request):
    return request.param


def test_beartype_takes_every_array_and_refuses_lists(annotation):
    @beartype.beartype
    def total(x: annotation) -> float:
        return float(x.sum())

    assert (
        total(np.ones(3)) == total(cow.ones(3)) == total(cow.readonly([1, 1, 1])) == 3
    )
    with pytest.raises(beartype.roar.BeartypeCallHintParamViolation):
        total([1])


def test_pydantic_keeps_the_array(annotation):
    class Model(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
        x: annotation

    a = np.ones(3)
    assert Model(x=a).x is a
    with pytest.raises(pydantic.ValidationError):
        Model(x=[1])


def test_pydantic_validates_calls(annotation):
    @pydantic.validate_call(config={"arbitrary_types_allowed": True})
    def total(x: annotation) -> float:
        return float(x.sum())

    assert total(np.ones(3)) == 3
    with pytest.raises(pydantic.ValidationError):
        total("abc")


def test_jaxtyping_checks_shape_and_dtype():
    matrix = jaxtyping.Float[cow.ReadOnly, "n n"]
    assert isinstance(np.ones((3, 3)), matrix)
    assert isinstance(cow.ones((3, 3)), matrix)
    assert not isinstance(np.ones((3, 2)), matrix)
    assert not isinstance(np.ones((3, 3), int), matrix)
