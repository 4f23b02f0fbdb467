"""Random programs of views and writes under strict views."""

import os

from tests.programs.aliasing import fuzz


def test_exactly_what_another_array_would_see_is_stopped():
    seed = os.environ.get("COW_SEED", "7")
    counts, failure = fuzz(seed, int(os.environ.get("COW_ROUNDS", "100")) * 2)
    assert failure is None, failure
    # plain arrays are not listed: a write beside one is stopped, too
    assert counts["plain holders, not seen"] < counts["written"] / 100
    assert counts["written"] > 500 and counts["stopped"] > 500


def test_a_program_that_differs_is_found():
    _, failure = fuzz("blind", 20, "copy")
    assert failure is not None and "was not stopped" in failure
