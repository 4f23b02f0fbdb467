/* The inner loops of ufuncs, called without the machinery around them: for small
 * arrays of one simple dtype NumPy takes most of the time to get there.
 *
 * Nothing differs from what NumPy does: the loops are its own, and where one of them
 * sets a floating-point flag its result is thrown away, and NumPy computes it again,
 * to warn or raise by its settings.  They run no code of the program, so that the
 * memory may be read without a holder. */

enum { DOUBLES, FLOATS, INTEGERS, BOOLS, KINDS };
static const int type_of_kind[KINDS] = {NPY_DOUBLE, NPY_FLOAT, NPY_INTP, NPY_BOOL};
static PyArray_Descr *descr_of_kind[KINDS];

/* Elements at once: with more, its own way takes NumPy little, and it gives up the
 * lock meanwhile.  From LEAST_BYTES on the memory of a temporary is used again, see
 * elide().  Programs that look for faults have small arrays. */
#ifdef COW_CHECK
enum { MOST_ELEMENTS = 12, MOST_BYTES = 96, LEAST_BYTES = 1 };
#else
enum { MOST_ELEMENTS = 4096, MOST_BYTES = 4096, LEAST_BYTES = 1 << 18 };
#endif
/* Flags that NumPy looks at. */
enum { FLAGS = FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INVALID };

/* The loops of a ufunc by the kind of its operands. */
typedef struct {
    PyUFuncObject *ufunc;
    struct {
        int at;                                 /* -1: there is none */
        int out;                                /* kind of the result */
        PyUFuncGenericFunction function;
    } loop[KINDS];
} Loops;

/* Of NumPy: these never run code of the program.  A hash table by address. */
static const char *const names_of_loops[] = {
    "add", "subtract", "multiply", "true_divide", "floor_divide", "remainder",
    "negative", "absolute", "invert", "bitwise_and", "bitwise_or", "bitwise_xor",
    "left_shift", "right_shift", "less", "less_equal", "equal", "not_equal", "greater",
    "greater_equal", "maximum", "minimum", "fmax", "fmin", "sqrt", "square", "exp",
    "log", "sin", "cos", "tan", "tanh", "sign", "floor", "ceil", "arctan2", "hypot",
    "logical_and", "logical_or", "logical_not", "isnan", "isfinite", "reciprocal",
};
enum { ROOM = 128 };
static Loops all_loops[ROOM];

static Loops *
place_of_loops(PyObject *ufunc)
{
    size_t at = (size_t)ufunc / 16 % ROOM;

    while (all_loops[at].ufunc != NULL
            && (PyObject *)all_loops[at].ufunc != ufunc) {
        at = (at + 1) % ROOM;
    }
    return &all_loops[at];
}

/* NULL: it is not one of these. */
static inline const Loops *
loops_of(PyObject *ufunc)
{
    const Loops *l = place_of_loops(ufunc);

    return l->ufunc == NULL ? NULL : l;
}

static void
find_loops(PyUFuncObject *ufunc, Loops *l)
{
    l->ufunc = ufunc;
    for (int k = 0; k < KINDS; k++) {
        l->loop[k].at = -1;
        for (int i = 0; i < ufunc->ntypes && l->loop[k].at < 0; i++) {
            const char *types = ufunc->types + i * ufunc->nargs;
            int fits = types[ufunc->nin] == type_of_kind[k]
                || types[ufunc->nin] == NPY_BOOL;
            for (int j = 0; j < ufunc->nin; j++) {
                fits &= types[j] == type_of_kind[k];
            }
            if (fits && ufunc->functions[i] != NULL) {
                l->loop[k].at = i;
                l->loop[k].function = ufunc->functions[i];
                l->loop[k].out = types[ufunc->nin] == NPY_BOOL ? BOOLS : k;
            }
        }
    }
}

static int
read_loops(PyObject *numpy)
{
    for (int k = 0; k < KINDS; k++) {
        descr_of_kind[k] = PyArray_DescrFromType(type_of_kind[k]);
    }
    for (size_t i = 0; i < sizeof(names_of_loops) / sizeof(char *); i++) {
        /* never given back */
        PyObject *ufunc = PyObject_GetAttrString(numpy, names_of_loops[i]);
        PyUFuncObject *u = (PyUFuncObject *)ufunc;
        if (ufunc == NULL) {
            return -1;
        }
        if (Py_TYPE(ufunc) == &PyUFunc_Type && !u->core_enabled && u->nout == 1
                && u->nin <= 2 && u->types != NULL) {
            find_loops(u, place_of_loops(ufunc));
        }
    }
    return 0;
}

static const Loops *
loops_named(PyObject *numpy, const char *name)
{
    PyObject *ufunc = PyObject_GetAttrString(numpy, name);
    const Loops *l = ufunc == NULL ? NULL : loops_of(ufunc);

    Py_XDECREF(ufunc);
    return l;
}

/* An operand of a loop. */
typedef struct {
    npy_intp size, strides[MAX_DIMS];           /* in bytes; 0: a number */
    union {
        double d;
        float f;
        npy_intp i;
    } value;
} LoopOperand;

/* What a loop runs over. */
typedef struct {
    int kind, nd, contiguous;
    npy_intp size, dims[MAX_DIMS];
} LoopShape;

/* A number of Python's, which takes the dtype of the array, where it has a value
 * there; or a float64 beside float64. */
static int
read_number(PyObject *op, int kind, LoopOperand *o)
{
    long long whole;
    double d;
    int overflow = 0;

    if (PyFloat_CheckExact(op) || (kind == DOUBLES && PyArray_IsScalar(op, Double))) {
        d = PyFloat_AsDouble(op);
        o->value.d = d;
        if (kind == FLOATS) {
            o->value.f = (float)d;
            d = d < 0 ? -d : d;
            return d == 0 || (d >= FLT_MIN && d <= FLT_MAX);
        }
        return kind == DOUBLES;
    }
    if (!PyLong_CheckExact(op)) {
        return 0;
    }
    whole = PyLong_AsLongLongAndOverflow(op, &overflow);
    if (kind == DOUBLES) {
        o->value.d = (double)whole;
        return !overflow && whole <= 1LL << DBL_MANT_DIG
            && whole >= -(1LL << DBL_MANT_DIG);
    }
    if (kind == FLOATS) {
        o->value.f = (float)whole;
        return !overflow && whole <= 1LL << FLT_MANT_DIG
            && whole >= -(1LL << FLT_MANT_DIG);
    }
    o->value.i = (npy_intp)whole;
    return kind == INTEGERS && !overflow && o->value.i == whole;
}

/* Is `op` an array whose elements lie in the order of C, so that the result does? */
static int
read_array(PyObject *op, LoopShape *s, LoopOperand *o)
{
    npy_intp last = NPY_MAX_INTP;

    if (PyArray_DESCR(ARR(op)) != descr_of_kind[s->kind]
            || PyArray_NDIM(ARR(op)) != s->nd || !HAS(op, ALIGNED)) {
        return 0;
    }
    for (int i = 0; i < s->nd; i++) {
        o->strides[i] = PyArray_STRIDE(ARR(op), i);
        if (PyArray_DIM(ARR(op), i) != s->dims[i]) {
            return 0;
        }
        if (s->dims[i] > 1) {
            if (o->strides[i] <= 0 || o->strides[i] > last) {
                return 0;
            }
            last = o->strides[i];
        }
    }
    o->size = PyArray_ITEMSIZE(ARR(op));
    s->contiguous &= PyArray_IS_C_CONTIGUOUS(ARR(op));
    return 1;
}

static int
kind_of(PyObject *a)
{
    int kind = 0;

    while (kind < KINDS && PyArray_DESCR(ARR(a)) != descr_of_kind[kind]) {
        kind++;
    }
    return kind;
}

/* The shape of the arrays among the operands.  1; 0: NumPy has to do it; -1. */
static int
read_shape(const Loops *l, PyObject *const *ops, int n, LoopShape *s)
{
    PyObject *like = NULL;

    for (int i = 0; i < n; i++) {
        if (Py_TYPE(ops[i]) == cow_class) {
            if (clean(ops[i]) < 0) {
                return -1;
            }
            if (link_of(ops[i])->flags & BEING_MADE) {
                return 0;
            }
            like = ops[i];
        }
        else if (is_plain(ops[i]) && like == NULL) {
            like = ops[i];
        }
    }
    if (like == NULL || n != l->ufunc->nin) {
        return 0;
    }
    s->kind = kind_of(like);
    s->nd = PyArray_NDIM(ARR(like));
    if (s->kind == KINDS || s->nd < 1 || s->nd >= MAX_DIMS
            || l->loop[s->kind].at < 0
            || l->ufunc->functions[l->loop[s->kind].at]
               != l->loop[s->kind].function) {
        return 0;
    }
    for (int i = 0; i < n; i++) {
        /* a look at the next one may have given up the lock */
        if (Py_TYPE(ops[i]) == cow_class && another_writes(ops[i])) {
            return 0;
        }
    }
    s->contiguous = s->size = 1;
    for (int i = 0; i < s->nd; i++) {
        s->dims[i] = PyArray_DIM(ARR(like), i);
        s->size *= s->dims[i];
    }
    return s->size > 0 && s->size <= MOST_ELEMENTS;
}

static void
run_rows(const Loops *l, const LoopShape *s, int axis, char **data,
         const LoopOperand *o, int n)
{
    PyUFuncObject *u = l->ufunc;
    npy_intp steps[3], count = s->contiguous ? s->size : s->dims[axis];
    char *row[3];

    if (s->contiguous || axis == s->nd - 1) {
        for (int i = 0; i < n; i++) {
            /* strides of one axis that has one element may be anything */
            steps[i] = s->contiguous ? o[i].size : o[i].strides[s->nd - 1];
            row[i] = data[i];
        }
        l->loop[s->kind].function(row, &count, steps,
                                  u->data == NULL ? NULL
                                  : u->data[l->loop[s->kind].at]);
        return;
    }
    for (npy_intp k = 0; k < s->dims[axis]; k++) {
        for (int i = 0; i < n; i++) {
            row[i] = data[i] + k * o[i].strides[axis];
        }
        run_rows(l, s, axis + 1, row, o, n);
    }
}

/* Let the loop write to `out`, which lies in the order of C without a gap; its layout,
 * if that is wanted.  1; 0: NumPy has to do it. */
static int
run_loop(const Loops *l, LoopShape *s, PyObject *const *ops, int n, char *out,
         LoopOperand *made)
{
    LoopOperand o[3] = {{.size = 0}};
    npy_intp step = PyDataType_ELSIZE(descr_of_kind[l->loop[s->kind].out]);
    char *data[3];

    for (int i = 0; i < n; i++) {
        if (is_plain(ops[i]) || Py_TYPE(ops[i]) == cow_class) {
            if (!read_array(ops[i], s, &o[i])) {
                return 0;
            }
            data[i] = PyArray_BYTES(ARR(ops[i]));
        }
        else if (read_number(ops[i], s->kind, &o[i])) {
            data[i] = (char *)&o[i].value;
        }
        else {
            return 0;
        }
    }
    data[n] = out;
    o[n].size = step;
    for (int i = s->nd; i-- > 0; step *= s->dims[i]) {
        o[n].strides[i] = step;
    }
    if (fetestexcept(FLAGS)) {
        feclearexcept(FLAGS);
    }
    run_rows(l, s, 0, data, o, n + 1);
    if (made != NULL) {
        *made = o[n];
    }
    return fetestexcept(FLAGS) == 0;
}

/* What the ufunc gives, a new plain array.  NULL: NumPy has to do it, or an
 * exception. */
static PyObject *
quick_loop(const Loops *l, PyObject *const *ops, int n)
{
    PyArray_Descr *descr;
    PyObject *res;
    LoopShape s;

    if (read_shape(l, ops, n, &s) <= 0) {
        return NULL;
    }
    descr = descr_of_kind[l->loop[s.kind].out];
    Py_INCREF((PyObject *)descr);
    res = PyArray_NewFromDescr(&PyArray_Type, descr, s.nd, s.dims, NULL, NULL, 0,
                               NULL);
    if (res != NULL && !run_loop(l, &s, ops, n, PyArray_BYTES(ARR(res)), NULL)) {
        Py_CLEAR(res);
    }
    return res;
}

/* Let the ufunc write into the clean array `out`: what it gives is there when it is
 * known to be right, nobody else looks, and nobody has written `whole` meanwhile, whose
 * part it is.  1; 0: NumPy has to do it; -1. */
static int
quick_into(const Loops *l, PyObject *out, PyObject *const *ops, int n,
           PyObject *whole, Write *w)
{
    union {
        double aligned;
        char bytes[MOST_BYTES];
    } few;
    LoopOperand made;
    Py_ssize_t writes;
    LoopShape s;
    Form form;
    int simple;

    if (PyArray_NBYTES(ARR(out)) > MOST_BYTES || n > 2) {
        return 0;
    }
    simple = read_shape(l, ops, n, &s);
    if (simple <= 0 || PyArray_NDIM(ARR(out)) != s.nd
            || PyArray_DESCR(ARR(out)) != descr_of_kind[l->loop[s.kind].out]
            || !PyArray_CompareLists(PyArray_DIMS(ARR(out)), s.dims, s.nd)
            || !run_loop(l, &s, ops, n, few.bytes, &made)) {
        return simple < 0 ? -1 : 0;
    }
    note_form(whole, &form);
    writes = link_of(whole)->writes + 1;
    simple = prepare_write(whole, w);
    if (!has_form(whole, &form) && simple == 0) {
        simple = form_error();
    }
    if (simple == 0 && (link_of(whole)->writes != writes
                        || (w->part != NULL && !lay_out(whole, w->part)))) {
        return 0;
    }
    if (simple == 0) {
        copy_elements(w->part != NULL ? layout_of_part(w->part) : layout_of(whole),
                      (Layout){s.nd, few.bytes, s.dims, made.strides},
                      (size_t)PyArray_ITEMSIZE(ARR(whole)));
    }
    return simple < 0 ? -1 : 1;
}

/* Has the ufunc for `a` and a number of Python's the dtype of `a`? */
static int
is_weak(PyObject *number, int type)
{
    return PyLong_CheckExact(number)
        || (PyFloat_CheckExact(number) && !PyTypeNum_ISINTEGER(type))
        || (PyComplex_CheckExact(number) && PyTypeNum_ISCOMPLEX(type));
}

/* May the large array `a` take the result of the ufunc with `other`, for its dtype,
 * shape and layout? */
static int
may_take(const Loops *l, PyObject *a, PyObject *other)
{
    int type, like;             /* a kind that the ufunc treats alike */

    if (Py_TYPE(a) != cow_class || PyArray_NBYTES(ARR(a)) < LEAST_BYTES
            || !PyArray_IS_C_CONTIGUOUS(ARR(a)) || a == other) {
        return 0;
    }
    type = PyArray_TYPE(ARR(a));
    like = PyTypeNum_ISBOOL(type) ? BOOLS
        : PyTypeNum_ISINTEGER(type) ? INTEGERS : DOUBLES;
    if (!PyTypeNum_ISNUMBER(type) || l->loop[like].at < 0 || l->loop[like].out != like) {
        return 0;
    }
    return is_plain(other) || Py_TYPE(other) == cow_class
        ? PyArray_DESCR(ARR(other)) == PyArray_DESCR(ARR(a))
          && PyArray_SAMESHAPE(ARR(a), ARR(other))
        : type != NPY_BOOL && (is_weak(other, type)
                               || (type == NPY_DOUBLE
                                   && PyArray_IsScalar(other, Double)));
}
