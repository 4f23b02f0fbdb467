/* Blocks of arrays: stretches of their memory that have the size of a page, counted
 * from its first byte; the last one may be shorter.  cow.history keeps versions as
 * the blocks in which they differ. */

/* Pairs of blocks. */
typedef struct {
    PyObject *a, *b;                    /* plain, without gaps; strong */
    PyObject *at, *of;                  /* their numbers; borrowed */
    npy_intp n, size;
} Blocks;

static int
are_numbers(PyObject *op, PyObject *of, npy_intp size)
{
    npy_intp most = (PyArray_NBYTES(ARR(of)) + size - 1) / size;
    int fine = is_plain(op) && PyArray_TYPE(ARR(op)) == NPY_INTP
        && PyArray_NDIM(ARR(op)) == 1 && PyArray_IS_C_CONTIGUOUS(ARR(op))
        && PyArray_ISNOTSWAPPED(ARR(op)) && PyArray_ISALIGNED(ARR(op));

    for (npy_intp i = 0; fine && i < PyArray_SIZE(ARR(op)); i++) {
        npy_intp k = ((npy_intp *)PyArray_DATA(ARR(op)))[i];
        fine = k >= 0 && k < most;
    }
    return fine;
}

/* Read (a, at, b, of, size); where `writes`, `a` is to be written. */
static int
take_blocks(PyObject *args, int writes, Blocks *blocks, PyObject **target)
{
    PyObject *a, *b;
    Py_ssize_t size;
    int fine;

    if (!PyArg_ParseTuple(args, "O!OO!On", &PyArray_Type, &a, &blocks->at,
                          &PyArray_Type, &b, &blocks->of, &size)) {
        return -1;
    }
    fine = size > 0 && PyArray_ISONESEGMENT(ARR(a)) && PyArray_ISONESEGMENT(ARR(b))
        && !PyDataType_REFCHK(PyArray_DESCR(ARR(a)))
        && !PyDataType_REFCHK(PyArray_DESCR(ARR(b)))
        && are_numbers(blocks->at, a, size) && are_numbers(blocks->of, b, size)
        && PyArray_SIZE(ARR(blocks->at)) == PyArray_SIZE(ARR(blocks->of))
        && (is_cow(a) || !writes || HAS(a, WRITEABLE));
    if (!fine) {
        PyErr_SetString(PyExc_ValueError, "blocks are of arrays without gaps, and "
                        "have numbers");
        return -1;
    }
    *target = is_cow(a) && writes ? a : NULL;
    blocks->size = size;
    blocks->n = PyArray_SIZE(ARR(blocks->at));
    blocks->b = is_cow(b) ? unwrap(b) : new_ref(b);
    blocks->a = blocks->b == NULL ? NULL : *target != NULL
        ? begin_write(a, &(Write){0}) : is_cow(a) ? unwrap(a) : new_ref(a);
    if (blocks->a == NULL) {
        Py_XDECREF(blocks->b);
        return -1;
    }
    return 0;
}

static int
leave_blocks(Blocks *blocks, PyObject *target)
{
    Py_DECREF(blocks->b);
    if (target != NULL) {
        return end_write(target, blocks->a, 0);
    }
    Py_DECREF(blocks->a);
    return 0;
}

/* Where pair i lies, and how many bytes of it both have. */
static inline size_t
find_pair(const Blocks *blocks, npy_intp i, char **a, char **b)
{
    npy_intp at = ((npy_intp *)PyArray_DATA(ARR(blocks->at)))[i] * blocks->size;
    npy_intp of = ((npy_intp *)PyArray_DATA(ARR(blocks->of)))[i] * blocks->size;
    npy_intp left = PyArray_NBYTES(ARR(blocks->a)) - at;
    npy_intp right = PyArray_NBYTES(ARR(blocks->b)) - of;
    npy_intp n = left < right ? left : right;

    *a = PyArray_BYTES(ARR(blocks->a)) + at;
    *b = PyArray_BYTES(ARR(blocks->b)) + of;
    return (size_t)(n < blocks->size ? n : blocks->size);
}

/* copy_blocks(a, at, b, of, size): blocks `of` of `b` to where blocks `at` of `a` are. */
static PyObject *
core_copy_blocks(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *target;
    Blocks blocks;

    if (take_blocks(args, 1, &blocks, &target) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    for (npy_intp i = 0; i < blocks.n; i++) {
        char *a, *b;
        size_t n = find_pair(&blocks, i, &a, &b);
        memmove(a, b, n);
    }
    Py_END_ALLOW_THREADS
    return leave_blocks(&blocks, target) < 0 ? NULL : new_ref(Py_None);
}

/* same_blocks(a, at, b, of, size): which of them are the same, byte by byte. */
static PyObject *
core_same_blocks(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *target, *same;
    Blocks blocks;
    npy_bool *marks;

    if (take_blocks(args, 0, &blocks, &target) < 0) {
        return NULL;
    }
    same = PyArray_EMPTY(1, &blocks.n, NPY_BOOL, 0);
    if (same != NULL) {
        marks = PyArray_DATA(ARR(same));
        Py_BEGIN_ALLOW_THREADS
        for (npy_intp i = 0; i < blocks.n; i++) {
            char *a, *b;
            size_t n = find_pair(&blocks, i, &a, &b);
            marks[i] = memcmp(a, b, n) == 0;
        }
        Py_END_ALLOW_THREADS
    }
    leave_blocks(&blocks, NULL);
    return same;
}
