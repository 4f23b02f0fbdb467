"""What notebooks show: the same as is printed, in the colours of the page."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import cow


def explanation():
    a = cow.zeros((10, 10))
    kept = a[2:4]
    return cow.explain(a), kept


def relation():
    a = np.zeros(10)
    return cow.relation(a, a[3:5]), None


def written():
    a = cow.zeros(1000)
    with cow.ledger() as log:
        b = a[...]
        b[0] = 1  # <here> & now
    return log, None


def ledger_without_copies():
    with cow.ledger() as log:
        cow.zeros(3)[0]
    return log, None


def shift(x, y=None):
    x += 1
    return x if y is None else y


def found():
    with cow.audit(shift.__module__) as audit:
        shift(np.zeros(3))
        shift(np.zeros(3), np.ones(2))
    return audit, None


def nothing_found():
    with cow.audit("no.such.package") as audit:
        shift(np.zeros(3))
    return audit, None


KINDS = [explanation, relation, written, ledger_without_copies, found, nothing_found]


def text_of(html):
    return " ".join("".join(ElementTree.fromstring(html).itertext()).split())


@pytest.mark.parametrize("kind", KINDS)
def test_view_is_well_formed_and_takes_the_colours_of_the_page(kind):
    html = kind()[0]._repr_html_()
    ElementTree.fromstring(html)
    # no background of its own, and text in no colour but that of the page
    assert set(re.findall(r"background:(\w+)", html)) <= {"none"}
    assert set(re.findall(r"[^-]color:(\w+)", html)) <= {"inherit"}
    texts = re.findall(r"<text [^>]*>", html)
    assert all('fill="currentColor"' in each for each in texts)


def test_relation_draws_both_arrays_where_they_lie():
    a = np.zeros(100)
    rects = ElementTree.fromstring(cow.relation(a, a[50:75])._repr_html_())
    whole, first, second = (
        (float(r.get("x")), float(r.get("width"))) for r in rects.iter("rect")
    )
    assert whole == first == (0, 360)
    assert second == (180, 90)


def test_relation_draws_what_shares_nothing_side_by_side():
    html = cow.relation(np.zeros(10), np.zeros(30))._repr_html_()
    _, first, second = ElementTree.fromstring(html).iter("rect")
    assert (float(first.get("x")), float(first.get("width"))) == (0, 90)
    assert (float(second.get("x")), float(second.get("width"))) == (90, 270)


def test_relations_are_equal_whatever_their_arrays_are():
    assert cow.relation(np.zeros(3), np.zeros(3)) == cow.relation(
        np.ones(3), np.ones(3)
    )


def test_ledger_shows_its_rows_and_the_line_of_code():
    log, _ = written()
    text = text_of(log._repr_html_())
    assert "8,000 bytes in 1 private copy" in text
    assert "8,0001test_views.py:" in text.replace(" ", "")
    assert "b[0] = 1 # <here> & now" in text


def test_line_of_a_notebook_is_that_of_its_cell():
    a = cow.zeros(3)
    cell = compile("\nb = a[...]; b[0] = 1", "/tmp/ipykernel_12/3456789.py", "exec")
    with cow.ledger() as log:
        exec(cell, {"a": a})
    assert " cell:2 " in str(log) and "3456789" not in text_of(log._repr_html_())


def test_audit_shows_who_wrote_and_what_it_prints():
    audit, _ = found()
    text = text_of(audit._repr_html_())
    assert "Write into an array of their caller (1)" in text
    line = shift.__code__.co_firstlineno + 1
    assert "shift" in text and f"test_views.py:{line}" in text
    assert "Results that share memory with an argument (2)" in text
    assert "Write into an array of their caller (1)" in str(audit)
    audit, _ = nothing_found()
    assert "No function wrote into an array of its caller unasked." in text_of(
        audit._repr_html_()
    )


def test_page_of_the_audit_has_tables_and_the_report(python, tmp_path):
    (tmp_path / "lib.py").write_text("def scale(x):\n    x *= 2\n    return x\n")
    program = "import numpy as np, lib\nlib.scale(np.ones(3))\n"
    (tmp_path / "program.py").write_text(program)
    options = ["--package", "lib", "--html", "found.html", "program.py"]
    done = python("-m", "cow", "audit", *options, cwd=tmp_path, timeout=60)
    assert done.returncode == 1
    page = (tmp_path / "found.html").read_text()
    assert page.count("<table") == 2 and "lib.scale" in page
    assert 'content="light dark"' in page
    assert "written at   lib.py:2" in page.partition("<pre>")[2]
