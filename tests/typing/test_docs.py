"""What docs/typing.md says of an example is what a checker reports."""

import re
import sys

import numpy as np
import pytest

from tests import ROOT
from tests.typing import checkers

HEADER = "from typing import TypeAlias\nimport numpy as np\nimport cow\n"


@pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.4.0", reason="what the types are made for"
)
def test_example_is_reported_where_the_page_says_so(tmp_path, tmp_path_factory):
    page = (ROOT / "docs" / "typing.md").read_text()
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "example.py"
    path.write_text(HEADER + block)
    lines = path.read_text().splitlines()
    wanted = {n for n, line in enumerate(lines, 1) if "# error" in line}
    cache = tmp_path_factory.getbasetemp() / "mypy-cache"
    found, output = checkers.mypy(path, sys.executable, tmp_path, cache)
    assert found == wanted and len(wanted) == 3, output
