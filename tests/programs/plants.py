"""The defects that `planted` puts into the core, one at a time.

Name: the fuzzer that finds it, and the edits, each (file of src/cow, text, text in its
place). Each text is there once. A change of the core may move such a text: then write
it anew, so that the defect is the same.
"""

CORE = "core"

PLANTS = {
    # the layout of what gets private memory
    "strides change": (
        "values",
        [(CORE, "before = at.data - low;", "before = at.data - low; seen = 0;")],
    ),
    "memory shrinks": (
        "values",
        [
            (CORE, "*after = *after > own ? *after : own;", "*after = own;"),
            (
                CORE,
                "*after = kept->after > *after ? kept->after : *after;",
                "(void)0;",
            ),
        ],
    ),
    # who else looks at the memory
    "plain views are nobody": (
        "values",
        [(CORE, "|| plain_holders(seal) > 0 || overlaps_itself(a)", "")],
    ),
    "sharers see nothing": ("values", [(CORE, "if (!sees(o, r)) {", "if (1) {")]),
    "kept memory is free": (
        "values",
        [
            (
                CORE,
                "if (is_ours_alone(s)\n                && (descr == NULL",
                "if (1\n                && (descr == NULL",
            )
        ],
    ),
    "weak reference": (
        "pointers",
        [(CORE, "FIELDS(op)->weakreflist == NULL);", "1);")],
    ),
    # copies
    "copies are views": (
        "values",
        [
            (
                CORE,
                ": copy_array(a, (PyTypeObject *)cls, order);",
                ': PyObject_CallMethod(a, "view", NULL);',
            )
        ],
    ),
    ".at writes what it was given": (
        "values",
        [
            (
                "_array/at.py",
                "        return _core.copy(array,",
                "        return (lambda a, *_: a)(array,",
            )
        ],
    ),
    # operands over the memory that is written
    "operand is what is written": (
        "values",
        [
            (
                CORE,
                "if (link_of(value)->seal != link_of(a)->seal) {\n"
                "        return unwrap(value);",
                "if (1) {\n        return unwrap(value);",
            ),
            (
                CORE,
                "|| plain_holders(seal) > 0 || overlaps_itself(a)",
                "|| plain_holders(seal) > 1 || overlaps_itself(a)",
            ),
        ],
    ),
    # code that runs in the middle
    "element is converted in place": (
        "values",
        [
            (
                CORE,
                "return store_element(self, idx, value);",
                "return prepare_write(self, &(Write){.idx = idx}) < 0 ? -1\n"
                "                : PyArray_Pack(PyArray_DESCR(ARR(self)),\n"
                "                               element(self, idx), value);",
            )
        ],
    ),
    "value is converted in place": (
        "values",
        [
            (
                CORE,
                "if (operand != NULL && !is_ready(operand, descr, slice)\n",
                "if (0\n",
            )
        ],
    ),
    "outer write is lost": (
        "values",
        [
            (
                "_dispatch/calls.py",
                "if looks_at(self.target, self.before):\n            return",
                "if True:\n            return",
            ),
            (
                "_dispatch/calls.py",
                "if not (anyhow or looks_at(self.target, self.before)):",
                "if False:",
            ),
        ],
    ),
    "elements die in the middle": (
        "values",
        [
            (
                CORE,
                "held = operand == NULL ? NULL : hold_elements(self, plain_idx);",
                "held = NULL;",
            )
        ],
    ),
    # temporaries
    "temporaries are overwritten": (
        "values",
        [
            (
                CORE,
                "PyObject *res = o->loops == NULL ? NULL"
                " : quick_loop(o->loops, both, 2);",
                "if (Py_REFCNT(left) == 1 && is_cow(left) && o->base_inplace) {\n"
                "        return inplace(left, right, o);\n    }\n"
                "    PyObject *res = o->loops == NULL ? NULL"
                " : quick_loop(o->loops, both, 2);",
            )
        ],
    ),
    "loops write what others see": (
        "values",
        [
            (
                CORE,
                "simple = prepare_write(whole, w);",
                "simple = 0;",
            )
        ],
    ),
    "lost writes are not told": (
        "values",
        [(CORE, "&& ask(hook[ON_CHAINED], self, NULL) < 0)", "&& 0)")],
    ),
    # pointers
    "buffer is shared": (
        "pointers",
        [
            (
                CORE,
                "return writes && expose_to_writer(self) < 0 ? -1",
                "return 0 ? -1",
            )
        ],
    ),
    "pointer is forgotten": (
        "pointers",
        [(CORE, "link_of(a)->seal->exposed = 1;", "(void)0;")],
    ),
    "views of what is exposed": (
        "pointers",
        [
            (
                CORE,
                "int alone = seal->exposed || has_loose_objects(like, at);",
                "int alone = has_loose_objects(like, at);",
            ),
            (
                CORE,
                "if (view != NULL && (seal->writing > 0 || seal->exposed || alone)",
                "if (view != NULL && (seal->writing > 0 || alone)",
            ),
        ],
    ),
    "what is exposed moves": (
        "pointers",
        [
            (
                CORE,
                "if (seal->exposed) {\n        return NOBODY;",
                "if (0) {\n        return NOBODY;",
            )
        ],
    ),
    # pages
    "changed pages are forgotten": (
        "pointers paged",
        [(CORE, "if (marks[i]) {\n            memcpy", "if (0) {\n            memcpy")],
    ),
    # threads
    "nobody waits for a writer": (
        "threads",
        [(CORE, "while (another_writes(a)) {", "while (0) {")],
    ),
    "what is found is not asked again": (
        "threads",
        [
            (
                CORE,
                "more = clean(a) < 0 ? -1 : make_private(a, w, attempt);",
                "more = make_private(a, w, attempt) < 0 ? -1 : 0;",
            )
        ],
    ),
}
