"""The layers of the package: imports go down, and in no circle, those for types too."""

import ast

from tests import ROOT

SOURCE = ROOT / "src"
CORE = "cow._core"  # in C, below all of them
LAYERS = ["_ground", "_dispatch", "_array", "_edges", "_guard", "_insight", "_audit"]
LAYERS += ["_off", "numpy"]


def modules():
    paths = (SOURCE / "cow").rglob("*.py")
    return {".".join(p.relative_to(SOURCE).with_suffix("").parts): p for p in paths}


def imports(path, known):
    """Return what a module imports of the package, for checkers alone as well."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [n if n in known or n == CORE else node.module for n in names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        names = [f"{n}.__init__" if f"{n}.__init__" in known else n for n in names]
        found |= {name for name in names if name in known}
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
    left = graph()
    while free := {module for module, others in left.items() if not others & {*left}}:
        left = {m: others for m, others in left.items() if m not in free}
    assert not left


def test_each_folder_is_a_layer():
    folders = {p.name for p in (SOURCE / "cow").iterdir() if p.is_dir()}
    assert folders - {"__pycache__"} == {*LAYERS}
