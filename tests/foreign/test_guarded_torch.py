"""Tensors stay as their caller has them, and gradients flow through a guard."""

import copy

import numpy as np
import pytest
import torch

import cow
from cow._guard.registry import how
from tests.oracle.guarded import alike, never_written, pointed, tells


def sparse(layout):
    dense = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    return lambda: getattr(dense, layout)()


class Marked(torch.Tensor):
    pass


TENSORS = {
    "floats": lambda: torch.tensor([1.0, 2.0, 3.0]),
    "integers": lambda: torch.arange(6).reshape(2, 3),
    "truths": lambda: torch.tensor([True, False]),
    "complex": lambda: torch.tensor([1 + 2j, 3.0]),
    "conjugate": lambda: torch.tensor([1 + 2j, 3.0]).conj(),
    "half": lambda: torch.tensor([1.0, 2.0], dtype=torch.bfloat16),
    "no dimension": lambda: torch.tensor(1.0),
    "empty": lambda: torch.zeros(0),
    "view": lambda: torch.arange(6.0)[1:4],
    "transposed": lambda: torch.arange(6.0).reshape(2, 3).T,
    "expanded": lambda: torch.tensor([[1.0], [2.0]]).expand(2, 3),
    "of NumPy": lambda: torch.from_numpy(np.array([1.0, 2.0])),
    "parameter": lambda: torch.nn.Parameter(torch.tensor([1.0, 2.0])),
    "frozen parameter": lambda: torch.nn.Parameter(torch.ones(2), requires_grad=False),
    "buffer": lambda: torch.nn.Buffer(torch.ones(2)),
    "subclass": lambda: torch.tensor([1.0, 2.0]).as_subclass(Marked),
    "coordinates": sparse("to_sparse"),
    "rows": sparse("to_sparse_csr"),
    "inference": torch.inference_mode()(lambda: torch.tensor([1.0, 2.0])),
}
GRADIENTS = {
    "leaf": lambda: torch.tensor([1.0, 2.0], requires_grad=True),
    "computed": lambda: torch.tensor([1.0, 2.0], requires_grad=True) * 2,
}


def without_gradients(x):
    with torch.no_grad():
        x.mul_(3)


WRITES = {
    "item": lambda x: x.__setitem__(0, 0),
    "all": lambda x: x.__setitem__(..., 0),
    "add_": lambda x: x.add_(1),
    "zero_": lambda x: x.zero_(),
    "fill_": lambda x: x.detach().fill_(0),
    "no_grad": without_gradients,
    "data": lambda x: x.data.mul_(3),
    "out": lambda x: torch.add(x.detach(), 1, out=x.detach()),
    "resize_": lambda x: x.resize_(1).zero_(),
    "copy_": lambda x: x.copy_(x * 2),
    "t_": lambda x: x.t_() if x.ndim == 2 and x.shape[0] != x.shape[1] else 1 / 0,
    "sort": lambda x: torch.sort(x, descending=True, out=(x, torch.tensor([1]))),
    "numpy": lambda x: x.detach().numpy().__setitem__(..., 0),
    "asarray": lambda x: np.asarray(x).__setitem__(..., 0),
    "DLPack": lambda x: np.from_dlpack(x).__setitem__(..., 0),
    "pointer": lambda x: pointed(x.detach().numpy()),
    "storage": lambda x: x.untyped_storage().fill_(0),
    "values": lambda x: x.values().zero_(),
    "inner values": lambda x: x._values().zero_(),
    "columns": lambda x: x.col_indices().__setitem__(0, 0),
    "requires_grad_": lambda x: x.requires_grad_(not x.requires_grad),
    "backward": lambda x: ((x * x).sum().backward(), x.add_(1)),
    "view": lambda x: x.view(-1).__setitem__(0, 0),
    "nothing": lambda x: x + 1,
}


def seen(x):
    dense = x.detach().to_dense() if x.layout != torch.strided else x.detach()
    values = dense.resolve_conj().resolve_neg()
    return repr((values.tolist(), x.shape, x.dtype, x.requires_grad, type(x), x.layout))


def deep(x):
    """Copy as torch does, and where it does not."""
    try:
        return copy.deepcopy(x)
    except (NotImplementedError, RuntimeError):
        return x.clone()


pytestmark = [
    pytest.mark.filterwarnings("ignore:Sparse CSR tensor support"),
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't"),
    pytest.mark.filterwarnings("ignore:An output with one or more elements was resi"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor"),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", TENSORS)
def test_tensor_is_written_inside_alone(kind, write):
    alike(TENSORS[kind], WRITES[write], seen, deep)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", GRADIENTS)
def test_tensor_with_a_gradient_is_written_inside_alone(kind, write):
    # a leaf is no leaf inside: what that changes is torch's refusal to write
    alike(GRADIENTS[kind], WRITES[write], seen, lambda x: x.clone())


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", TENSORS)
def test_write_into_a_tensor_is_told(kind, write):
    if write != "requires_grad_":  # is not looked at
        tells(TENSORS[kind], WRITES[write], seen, deep)


def test_the_writes_write():
    assert never_written(TENSORS | GRADIENTS, WRITES, seen) == {"nothing"}


def test_line_of_the_write_is_told():
    @cow.no_mutate(on_write="report")
    def write(x):
        y = x + 1
        x.mul_(2)
        return y

    with pytest.warns(cow.MutationWarning, match=r"argument x at .*torch.py") as caught:
        write(torch.ones(3))
    assert caught[0].lineno == write.__code__.co_firstlineno or caught[0].lineno > 1
    assert caught[0].filename == __file__


def test_gradient_flows_to_the_tensor_of_the_caller():
    @cow.no_mutate
    def loss(w, x):
        w *= 2
        return (w * x).sum()

    w = torch.tensor([1.0, 2.0], requires_grad=True)
    x = torch.tensor([3.0, 4.0])
    loss(w, x).backward()
    assert w.tolist() == [1, 2] and w.grad.tolist() == [6, 8]
    hidden = torch.tensor([1.0, 2.0], requires_grad=True)
    loss(hidden * 5, x).backward()
    assert hidden.grad.tolist() == [30, 40]


def test_tensor_keeps_that_it_needs_a_gradient_where_none_is_taken():
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    with torch.no_grad():
        inner = cow.no_mutate(lambda x: x)(w)
    assert inner.requires_grad and inner is not w


def test_parameter_is_a_parameter_inside_and_has_a_gradient_of_its_own():
    @cow.no_mutate
    def fit(p):
        assert type(p) is torch.nn.Parameter and p.is_leaf
        optimizer = torch.optim.SGD([p], lr=0.5)
        (p * p).sum().backward()
        optimizer.step()
        return p.tolist(), p.grad.tolist()

    p = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    assert fit(p) == ([0, 0], [2, 4])
    assert p.tolist() == [1, 2] and p.grad is None


def test_views_of_one_storage_are_views_of_one_inside():
    def write(base, view, items):
        base.zero_()
        return view.tolist(), items["v"].tolist(), view is items["v"]

    def arguments():
        base = torch.arange(4.0)
        view = base[1:3]
        return base, view, {"v": view}

    outer = arguments()
    inside = write(*copy.deepcopy(arguments()))
    assert cow.no_mutate(write)(*outer) == inside == ([0, 0], [0, 0], True)
    assert outer[0].tolist() == [0, 1, 2, 3]


def test_tensor_and_array_over_the_same_memory_are_apart():
    a = np.arange(4.0)

    @cow.no_mutate
    def write(array, tensor):
        tensor.zero_()
        array[0] = 9.0
        return array.tolist(), tensor.tolist()

    assert write(a, torch.from_numpy(a)) == ([9, 1, 2, 3], [0, 0, 0, 0])
    assert a.tolist() == [0, 1, 2, 3]


def test_module_passes_as_it_is():
    model = torch.nn.Linear(2, 1)

    @cow.no_mutate
    def train(model, x):
        with torch.no_grad():
            model.weight.zero_()
        x.zero_()

    x = torch.ones(2)
    train(model, x)
    assert model.weight.sum() == 0 and x.sum() == 2
    assert "passes as it is" in how(model)
    assert how(x) == "copied: torch.Tensor"
    assert how(torch.float32) == how(torch.device("cpu")) == "cannot be changed"


def test_result_that_is_a_tensor_is_not_rebuilt():
    made = torch.ones(2)
    assert cow.no_mutate(lambda a: [made, a])(cow.ones(2))[0] is made
