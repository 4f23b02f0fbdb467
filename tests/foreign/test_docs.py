"""The examples of the documentation that take packages of this environment."""

import re

import pytest

from tests import ROOT

PAGE = (ROOT / "docs" / "howto" / "compiled.md").read_text()
BLOCKS = re.findall(r"^```python\n(import .*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("package", ["cv2", "torch"])
def test_example_runs(package):
    (block,) = (each for each in BLOCKS if f"import {package}\n" in each)
    exec(compile(block, "docs/howto/compiled.md", "exec"), {})
