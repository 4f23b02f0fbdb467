"""The layers of the package: imports go down, and in no circle."""

import ast

from tests import ROOT

SOURCE = ROOT / "src"
CORE = "cow._core"  # in C, below all of them
LAYERS = ["_ground", "_dispatch", "_array", "_guard", "_insight", "_audit"]


def modules():
    paths = (SOURCE / "cow").rglob("*.py")
    return {".".join(p.relative_to(SOURCE).with_suffix("").parts): p for p in paths}


def imports(path, known):
    """Return {module: whether it is imported at run time} of those in the package."""
    found = {}

    def walk(node, at_run_time):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            at_run_time = False
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [n if n in known or n == CORE else node.module for n in names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            name = f"{name}.__init__" if f"{name}.__init__" in known else name
            if name in known:
                found[name] = found.get(name, False) or at_run_time
        for child in ast.iter_child_nodes(node):
            walk(child, at_run_time)

    walk(ast.parse(path.read_text()), True)
    return found


def layer(module):
    folder = module.split(".")[1]
    return LAYERS.index(folder) if folder in LAYERS else len(LAYERS)


def graph():
    known = modules()
    return {module: imports(path, known) for module, path in known.items()}


def test_imports_go_down():
    upward = [
        f"{module} imports {other}"
        for module, others in graph().items()
        for other in others
        if layer(other) > layer(module)
    ]
    assert not upward


def test_no_imports_in_a_circle():
    left = {m: {o for o, run in others.items() if run} for m, others in graph().items()}
    while free := {module for module, others in left.items() if not others & {*left}}:
        left = {m: others for m, others in left.items() if m not in free}
    assert not left


def test_each_folder_is_a_layer():
    folders = {p.name for p in (SOURCE / "cow").iterdir() if p.is_dir()}
    assert folders - {"__pycache__"} == {*LAYERS}
