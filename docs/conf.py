"""Sphinx builds the site from this folder: `make docs`."""

import shutil
from importlib.metadata import version as installed
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "cow"
author = "The cow developers"
copyright = "2026, The cow developers"
version = release = installed("cowarray")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinx_design",
]
exclude_patterns = ["_build"]
default_role = "py:obj"

# anchors of headings, for links such as known-issues.md#by-interpreter
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence", "attrs_block"]

# the notebook runs anew in each build, and an error stops it
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 120

autosummary_generate = False
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_attributes_as_param_list = True

html_theme = "pydata_sphinx_theme"
html_title = "cow"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "show_toc_level": 2,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}
html_context = {"default_mode": "auto"}
html_sidebars = {"index": []}


def bring_the_notebook(app: Sphinx) -> None:
    """Copy the notebook of the examples to where Sphinx looks for pages."""
    shutil.copyfile(HERE.parent / "examples" / "tour.ipynb", HERE / "tour.ipynb")


def setup(app: Sphinx) -> None:
    """Connect what this file defines."""
    app.connect("builder-inited", bring_the_notebook)
