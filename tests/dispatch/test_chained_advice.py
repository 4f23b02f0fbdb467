"""The line that an error tells to write instead runs, and does what NumPy does."""

import operator

import numpy as np
import pytest

import cow

LINES = [
    "c[1:3][0] = 9",
    "c[2][3] = 9",
    "c[2][1:3] = 9",
    "c[i][j] = 9",
    "c[i][j + 1] = 9",
    "c[i][-j] = 9",
    "c[i][s] = 9",
    "c[s][i] = 9",
    "c[n][j] = 9",
    "c[-1][-2] = 9",
    "c[i][L] = 9",
    "c[i][m] = 9",
    "c[i][c[i] > 12] = 9",
    "c[:, 1][2] = 9",
    "c[:, 1][2:4] = 9",
    "c[:, i][j] = 9",
    "c[:, 1:3][2] = 9",
    "c[1:4][:, 0] = 9",
    "c[1:4][1:, 0] = 9",
    "c[1:4][1:2, 3:5] = 9",
    "c[1:4][0, 0] = 9",
    "c[1:4][2][3] = 9",
    "c[1:4][1:][0][2] = 9",
    "c[1:][2:][0] = 1",
    "c[1:][2:][0:1] = 1",
    "c[::2][1] = 9",
    "c[::2][1:][0] = 9",
    "c[::2][::2][0] += 9",
    "c[:4][1] = 9",
    "c[1:4][-1] = 9",
    "c[1:3][c[1:3] > 15] = 0",
    "c[1:3][::2] = 0",
    "c[1:3][0] += 1",
    "c[1:3][0] = c[1:3][1] = 5",
    "c[1:3][0], q = 5, 6",
    "c[...][0] = 9",
    "c[..., 1:3][0] = 9",
    "c[None][0, 1] = 9",
    "c.T[0] = 9",
    "c.T[1:3][0] = 9",
    "c[1:].T[0] = 9",
    "c.reshape(-1)[0] = 9",
    "c.reshape(8, 6)[1:][0] = 9",
    "c.ravel()[3] = 9",
    "c.view()[0] = 9",
    "c.view('i8')[0] = 9",
    "c.swapaxes(0, 1)[0] = 9",
    "c.transpose(1, 0)[0] = 9",
    "z.real[0] = 9",
    "z.imag[1:3] = 9",
    "z[1:].real[0] = 9",
    "z.real[1:][0] = 9",
    "z[1:3].imag = 5",
    "z[1:][1:].imag = 5",
    "r['u'][0] = 9",
    "r['u'][i:] = 9",
    "r[1:]['u'][0] = 9",
    "r[1:]['u'] = 9",
    "c[1:].sort()",
    "c[1:][1:].sort()",
    "c.T.sort()",
    "c[0].fill(0)",
    "c[f(1)].fill(0)",
    "c[f(1)][2] = 0",
    "c[f(1)][m] = 0",
    "c[0].put([0], 1)",
    "c[0].partition(2)",
    "c[0].byteswap(True)",
    "c[1:].real = 0",
    "c[1:].flat = 0",
    "c[1:].flat[3] = 0",
    "c[1:].flat[3:5] += 3",
    "c.T.flat[3] = 0",
    "c[1:][1:].flat[3] = 0",
    "np.add(1, 2, out=c[1:3])",
    "np.add(c[1:3], 2, c[1:3])",
    "np.add(1, 2, out=(c[1:3],))",
    "np.add(1, 2, out=c[1:][1:])",
    "np.add(1, 2, out=c.T)",
    "y = np.add(1, 2, out=c[1:3])",
    "np.divmod(c[1:3], 4, out=(c[1:3], c[3:5]))",
    "np.divmod(c[1:3], 4, c[1:3], c[3:5])",
    "np.divmod(c[1:3], 4, out=(c[1:3], None))",
    "np.divmod(c[1:3], 4, None, c[1:3])",
    "np.divmod(c[1:3], 4, out=(c[1:3], box.w))",
    "np.divmod(c[1:3], 4, c[1:3], box.w)",
    "np.divmod(c[1:3], 4, out=(c[1:3], w))",
    "np.divmod(c[1:3], 4, out=(c[1:][:2], c[3:5]))",
    "np.sum(c, axis=0, out=c[0])",
    "np.take(c, [0] * 8, out=c[0])",
    "np.copyto(c[1:5], 0)",
    "np.copyto(dst=c[1:5], src=0)",
    "np.copyto(c[1:][1:], 0)",
    "np.copyto(c.T, 0)",
    "np.put(c[1:5], 0, 1)",
    "np.fill_diagonal(c[1:5], 0)",
    "np.putmask(c[1:5], c[1:5] > 20, 0)",
    "np.add.at(c[1:5], 0, 1)",
    "np.add.at(c[1:][1:], 0, 1)",
    "c.clip(2, 3, out=c[:])",
    "c.sum(axis=0, out=c[i])",
    "operator.setitem(c[1:3], 0, 9)",
    "operator.setitem(c[1:][1:], 0, 9)",
    "setattr(c[1:], 'real', 3)",
    "box.c[1:3][0] = 9",
    "box.c[1:].sort()",
    "d['c'][i][j] = 9",
    "d['c'][1:].sort()",
    "K[0][1:][1:][0] = 9",
    "K[f(0)][1:][1:][0] = 9",
    "K[f(0)][1:].sort()",
    "K[f(0)][1:][0] = 9",
    "get()[1:3][0] = 9",
    "get()[1:][1:].sort()",
    "np.copyto(get()[1:][1:], 0)",
    "np.copyto(get().T, 0)",
    "for c[1:3][0] in [7]: pass",
    "(lambda x: x[1:].fill(3))(c)",
    "np.multiply(c, 2, out=c[:], where=c > 3)",
    "c[1:3][0] = (7 if i\n   else 8)",
    "if np.add(1, 2, out=c[1:3]).any(): pass",
    "assert c[1:].sort() is None",
    "view = 3; c[1:].sort()",
    "c[k:][0] = 3",
    "c[1:k][0] = 3",
    "c[x1:x2, 1][0] = 3",
    "c[i,][j] = 3",
    "c[i, 1:][j] = 3",
    "c[(i, j)[0]][0] = 3",
    "c[t][0] = 3",
    "c[1:3][0], c[i][j], c[4] = 1, 2, 3",
    "c[1:3][0] = c.T[0][1] = 5",
    "x = c[1:3][0] = c.T[0][1] = 5",
    "if 1: c[i][j] = 3",
    "c[i][t2] = 3",
    "c[i][...] = 3",
    "c[i][None] = 3",
    "c[i][()] = 3",
    "c[2:4][5:] = 3",
    "c[2:4][1:9] = 3",
    "c[1:3, 2:4][0, 1] = 3",
    "c[1:3, 2:4][:, 1] = 3",
    "c[1:3, 2:4][0][1] = 3",
    "c[:][i] = 3",
    "c[:][L] = 3",
    "c[:, 1][L] = 3",
    "c[:, :][m6] = 3",
    "cc[1][:, L] = 3",
    "cc[1][1][L] = 3",
    "cc[:, 1][0, L] = 3",
    "cc[:, 1, :][L] = 3",
    "cc[:, :, 1][L] = 3",
    "cc[1:3][0][..., 1] = 3",
]
EXACTLY = {
    "c[1:3][0] = 9": "c[1] = 9",
    "c[i][j] = 9": "c[i, j] = 9",
    "c[:, 1][2:4] = 9": "c[2:4, 1] = 9",
    "c[1:4][:, 0] = 9": "c[1:4, 0] = 9",
    "c[1:][2:][0] = 1": "c[3] = 1",
    "c[1:3][0] += 1": "c[1] += 1",
    "c[::2][1] = 9": "view = c[::2]; view[1] = 9; c[::2] = view",
    "c[1:].sort()": "view = c[1:]; view.sort(); c[1:] = view",
    "np.add(1, 2, out=c[1:3])": "view = c[1:3]; np.add(1, 2, out=view); c[1:3] = view",
    "c[1:].flat[3] = 0": "view = c[1:]; view.flat[3] = 0; c[1:] = view",
    "z.real[0] = 9": "view = z.real; view[0] = 9; z.real = view",
    "c.T[0] = 9": "plain = c.to_numpy(); plain.T[0] = 9; c[...] = plain",
    "K[f(0)][1:][0] = 9": "array = K[f(0)]; array[1] = 9",
    "np.copyto(c.T, 0)": "plain = c.to_numpy(); np.copyto(plain.T, 0); c[...] = plain",
}
KEPT = "c", "cc", "z", "r", "w"


class Box:
    pass


def names(make):
    c = make(np.arange(48.0).reshape(6, 8) + 1)
    box = Box()
    box.c, box.w = c, make(np.zeros((2, 8)))
    return {
        "np": np,
        "operator": operator,
        "c": c,
        "cc": make(np.arange(60.0).reshape(3, 4, 5)),
        "z": make(np.arange(6) + 1j),
        "r": make(np.zeros(4, dtype=[("u", "f8"), ("w", "i4")])),
        "w": make(np.zeros((2, 8))),
        "i": 1,
        "j": 2,
        "k": 3,
        "n": np.int64(2),
        "s": slice(1, 3),
        "t": (slice(1, 3),),
        "t2": (2,),
        "x1": 1,
        "x2": 4,
        "L": [0, 2],
        "m": np.arange(8) % 2 == 0,
        "m6": np.arange(6) % 2 == 0,
        "box": box,
        "d": {"c": c},
        "K": [c],
        "f": lambda x: x,
        "get": lambda: c,
    }


def run_file(line, space, path, in_function):
    """Run a line as a file, so that the message can quote it."""
    code = line
    if in_function:
        body = line.replace("\n", "\n    ")
        code = f"def run({', '.join(space)}):\n    {body}\n"
    path.write_text(code)
    inside = {}
    exec(compile(code, str(path), "exec"), inside if in_function else space)
    if in_function:
        inside["run"](**space)


@pytest.mark.parametrize("in_function", [False, True], ids=["module", "function"])
@pytest.mark.parametrize("line", LINES)
def test_advice_runs_and_does_what_numpy_does(line, in_function, tmp_path):
    wanted, found = names(np.array), names(cow.array)
    with pytest.raises(cow.ChainedAssignmentError) as caught:
        run_file(line, names(cow.array), tmp_path / "user.py", in_function)
    instead = str(caught.value).partition("Write instead:  ")[2]
    assert "\n" not in instead
    assert instead == EXACTLY.get(line, instead)
    exec(line, wanted)
    # the parameter of the lambda, and what the loop stores
    exec(instead, {**found, "x": found["c"], "value": 7})
    for name in KEPT:
        np.testing.assert_array_equal(found[name], wanted[name])


def test_nothing_is_written_before_the_error(tmp_path):
    for line in LINES:
        space, before = names(cow.array), names(cow.array)
        with pytest.raises(cow.ChainedAssignmentError):
            run_file(line, space, tmp_path / "user.py", False)
        for name in KEPT:
            assert space[name].tolist() == before[name].tolist()
            cow._core.check(space[name])


def told(code, path="<nowhere>", **space):
    with pytest.raises(cow.ChainedAssignmentError) as caught:
        exec(compile(code, path, "exec"), space)
    return str(caught.value).partition("Write instead:  ")[2]


def test_advice_without_source_is_an_example_that_runs():
    instead = told("c[1:3][0] = 9", c=cow.zeros(5))
    assert instead == "view = a[1:3]; view[0] = value; a[1:3] = view"
    a = cow.zeros(5)
    exec(instead, {"a": a, "value": 9})
    assert a.tolist() == [0, 9, 0, 0, 0]


def test_source_that_has_changed_is_not_quoted(tmp_path):
    path = tmp_path / "user.py"
    for text in ("", "x = (", "c = 3\n", "c[1:3][0] = 9999"):
        path.write_text(text)
        assert told("\n\nc[1:3][0] = 9", str(path), c=cow.zeros(5)).startswith("view")


def test_view_of_an_array_that_is_not_known_is_to_be_given_back(tmp_path):
    class Model:
        data = cow.zeros(5)

        def window(self):
            return self.data[1:3]

        @property
        def part(self):
            return self.data[1:3]

    path = tmp_path / "user.py"
    for line, instead in {
        "m.window()[0] = 9": "array = m.window(); array[0] = 9",
        "m.part[0] = 9": "array = m.part; array[0] = 9",
        "m.part.sort()": "array = m.part; array.sort()",
        "np.copyto(m.part, 9)": "array = m.part; np.copyto(array, 9)",
    }.items():
        path.write_text(line)
        found = told(line, str(path), m=Model(), np=np)
        assert found == f"{instead}  # and give `array` back to its owner"
        exec(found, {"m": Model(), "np": np})


def test_advice_looks_names_up_and_runs_no_code(tmp_path):
    class Sly:
        def __getattr__(self, name):
            pytest.fail("run")

        def __index__(self):
            return 1

    path = tmp_path / "user.py"
    path.write_text("c[i][0] = 9; f.x.y[0] = 9")
    c = cow.zeros((3, 3))
    assert told(path.read_text(), str(path), c=c, i=Sly(), f=Sly()) == (
        "view = c[i]; view[0] = 9; c[i] = view"
    )
