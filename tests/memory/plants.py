"""The defects that `planted` puts into the core, one at a time.

Name: the fuzzer that finds it, and a list of (file of src/cow, text, text in its
place). Each text is there once. A change of the core may move such a text: then write
it anew, so that the defect is the same.
"""

PLANTS = {
    # a weak reference to what was borrowed is no reference
    "weak reference": (
        "pointers",
        [("_core.c", "FIELDS(op)->weakreflist == NULL);", "1);")],
    ),
}
