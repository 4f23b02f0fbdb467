/* The arguments of guarded calls, by the plan of a function (_guard/guarded_function.py).
 *
 * A guarded function is lent an array that it is proven to read: a plain,
 * read-only array over the memory of the caller, with the strides of a copy.
 * Its views have it for their base, as those of a copy would.  What is still
 * held when the call is over gets the memory of a copy; see settle_loan(). */

static PyObject *kind_data, *kind_atom, *kind_absent;   /* of a check */
static PyObject *str_name, *method_class;
static PyTypeObject *wrapper_type;

/* Nothing that `op` holds can be changed, nor does it look at an array. */
static int
is_atom(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    int atoms = 1;

    if (type == &PyFloat_Type || type == &PyLong_Type || type == &PyBool_Type
            || type == &PyUnicode_Type || type == &PyComplex_Type
            || type == &PyBytes_Type || type == &PyRange_Type
            || op == Py_None || op == Py_Ellipsis || PyArray_DescrCheck(op)) {
        return 1;
    }
    if (PyArray_IsScalar(op, Generic)) {
        return (!PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)
                && !PyArray_IsScalar(op, Void));
    }
    if (type != &PyTuple_Type || Py_EnterRecursiveCall("")) {
        PyErr_Clear();
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyTuple_Size(op) && atoms; i++) {
        atoms = is_atom(PyTuple_GetItem(op, i));
    }
    Py_LeaveRecursiveCall();
    return atoms;
}

/* An array of NumPy's class or ours, of numbers, texts or records of such. */
static int
is_numeric_array(PyObject *op)
{
    return ((is_plain(op) || Py_TYPE(op) == cow_class)
            && PyArray_TYPE(ARR(op)) <= NPY_HALF
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(op))));
}

/* Nothing but such arrays, atoms, and a few lists and dicts of them. */
static int
is_data(PyObject *op, int *left)
{
    PyObject *items = NULL, *key, *value;
    Py_ssize_t at = 0;
    int data = --*left > 0;

    if (is_atom(op) || is_numeric_array(op)) {
        return 1;
    }
    if (PyDict_CheckExact(op)) {
        while (data && PyDict_Next(op, &at, &key, &value)) {
            data = is_atom(key) && is_data(value, left);
        }
        return data;
    }
    if (!PyList_CheckExact(op) && !PyTuple_CheckExact(op)
            && Py_TYPE(op) != &PySet_Type) {
        return 0;
    }
    items = data && PySequence_Size(op) < 0 ? NULL : PySequence_Tuple(op);
    PyErr_Clear();
    for (; data && items != NULL && at < PyTuple_Size(items); at++) {
        data = is_data(PyTuple_GetItem(items, at), left);
    }
    data = data && items != NULL;
    Py_XDECREF(items);
    return data;
}

enum { MOST_DATA = 200 };               /* things in a container */

/* The strides that a copy of `a` has; 0: not those of `a` itself. */
static int
has_strides_of_copy(PyObject *a, npy_intp *strides)
{
    int nd = PyArray_NDIM(ARR(a)), order[NPY_MAXDIMS_LEGACY_ITERS];
    npy_intp step = PyArray_ITEMSIZE(ARR(a));

    if (nd > NPY_MAXDIMS_LEGACY_ITERS || !PyArray_ISALIGNED(ARR(a))
            /* of one element a function may return the array itself */
            || nd == 0 || PyArray_SIZE(ARR(a)) == 0) {
        return 0;
    }
    for (int i = 0; i < nd; i++) {
        int k = i;
        npy_intp own = PyArray_STRIDE(ARR(a), i);
        if (PyArray_IS_C_CONTIGUOUS(ARR(a))) {
            order[i] = i;
            continue;
        }
        if (PyArray_IS_F_CONTIGUOUS(ARR(a))) {
            order[nd - 1 - i] = i;
            continue;
        }
        for (; k > 0 && PyArray_STRIDE(ARR(a), order[k - 1]) < own; k--) {
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    for (int k = nd; k-- > 0;) {
        npy_intp n = PyArray_DIM(ARR(a), order[k]);
        strides[order[k]] = step;
        if (n > 1 && PyArray_STRIDE(ARR(a), order[k]) != step) {
            return 0;
        }
        step *= n;
    }
    return 1;
}

/* `a`, an array of numbers, as a function gets it that only reads; NULL
 * without an exception where a copy has other strides. */
static PyObject *
lend(PyObject *a)
{
    npy_intp strides[NPY_MAXDIMS_LEGACY_ITERS];
    Layout at = layout_of(a);
    PyObject *owner, *lent = NULL;
    Seal *seal;

    if (!has_strides_of_copy(a, strides)) {
        return NULL;
    }
    owner = is_cow(a) ? unwrap(a) : new_ref(a);
    seal = owner == NULL ? NULL : new_seal(owner);
    if (seal != NULL) {
        at.data = PyArray_BYTES(ARR(owner));
        at.strides = strides;
        lent = reuse_header(0, owner, at, (PyObject *)seal);
        if (lent == NULL) {
            lent = new_header(owner, at, (PyObject *)seal, 0);
        }
        Py_DECREF((PyObject *)seal);
    }
    Py_XDECREF(owner);
    return lent;
}

/* A copy of `a`, as copy.deepcopy makes it; the elements are no objects. */
static PyObject *
copy_argument(PyObject *a)
{
    PyObject *plain = is_cow(a) ? unwrap(a) : new_ref(a), *copy = NULL;

    if (plain != NULL) {
        copy = copy_plain(plain, NPY_KEEPORDER);
        Py_DECREF(plain);
    }
    return copy;
}

/* What a result refers to: for each loan how many references, and its views. */
typedef struct {
    PyObject *const *lent;      /* borrowed */
    Py_ssize_t n;
    Py_ssize_t refs[FEW];
    PyObject *views;            /* list */
    PyObject *seen;             /* set of addresses */
} Holders;

static int
find_holders(PyObject *op, Holders *h)
{
    PyObject *items, *id;
    Py_ssize_t n;
    int result = 0, known;

    if (is_plain(op)) {
        for (Py_ssize_t i = 0; i < h->n; i++) {
            h->refs[i] += op == h->lent[i];
        }
    }
    if (!PyArray_Check(op) && !PyList_Check(op) && !PyTuple_Check(op)
            && !PyDict_Check(op) && !PyAnySet_Check(op)) {
        return 0;
    }
    id = PyLong_FromVoidPtr(op);
    known = id == NULL ? -1 : PySet_Contains(h->seen, id);
    if (known == 0) {
        known = PySet_Add(h->seen, id);
        result = known;
    }
    else {
        result = known < 0 ? -1 : 1;
    }
    Py_XDECREF(id);
    if (result != 0) {
        return result < 0 ? -1 : 0;
    }
    if (PyArray_Check(op)) {
        for (Py_ssize_t i = 0; is_plain(op) && i < h->n; i++) {
            if (PyArray_BASE(ARR(op)) == h->lent[i]) {
                h->refs[i]++;
                return PyList_Append(h->views, op);
            }
        }
        if (PyArray_TYPE(ARR(op)) != NPY_OBJECT) {
            return 0;
        }
        items = PyArray_ToList(ARR(op));
        if (items != NULL && PyArray_NDIM(ARR(op)) == 0) {
            replace(&items, PyTuple_Pack(1, items));
        }
    }
    else {
        items = PyDict_Check(op) ? PyDict_Values(op) : PySequence_List(op);
    }
    n = items == NULL || Py_EnterRecursiveCall(" in nested results") ? -1
        : PySequence_Size(items);
    result = n < 0 ? -1 : 0;
    for (Py_ssize_t i = 0; i < n && result == 0; i++) {
        PyObject *item = PySequence_GetItem(items, i);
        result = item == NULL ? -1 : find_holders(item, h);
        Py_XDECREF(item);
    }
    if (n >= 0) {
        Py_LeaveRecursiveCall();
    }
    Py_XDECREF(items);
    return result;
}

/* Give the lent array and its views the memory of a copy.  `keep`: somebody
 * else looks at it, too; the memory of the caller is kept for him. */
static int
settle_loan(PyObject *lent, PyObject *views, int keep)
{
    PyObject *copy = copy_plain(lent, NPY_KEEPORDER), *left = NULL;
    npy_intp moved;

    if (copy == NULL) {
        return -1;
    }
    moved = PyArray_BYTES(ARR(copy)) - PyArray_BYTES(ARR(lent));
    for (Py_ssize_t i = 0; i < PyList_Size(views); i++) {
        PyObject *view = PyList_GetItem(views, i);
        if (PyArray_BASE(ARR(view)) == lent) {
            FIELDS(view)->data += moved;
            PyArray_ENABLEFLAGS(ARR(view), NPY_ARRAY_WRITEABLE);
        }
    }
    FIELDS(lent)->data += moved;
    if (!keep) {
        left = swap_base(lent, NULL);
    }
    hand_over(copy, lent);
    PyArray_ENABLEFLAGS(ARR(lent), NPY_ARRAY_WRITEABLE);
    Py_XDECREF(left);
    Py_DECREF(copy);
    return 0;
}

/* Settle the loans of a call that `result` (may be NULL), or anything else,
 * still refers to; the caller holds one reference to each.  Counts are final:
 * the frames of the call are gone, or `failed`.  1: something is out of reach;
 * it keeps looking at the memory of the caller. */
static int
settle(PyObject *result, PyObject *const *lent, Py_ssize_t n, int failed)
{
    Holders h = {.lent = lent, .n = n};
    int out = 0, held = 0;

    for (Py_ssize_t i = 0; i < n; i++) {
        held |= Py_REFCNT(lent[i]) > 1;
    }
    if (!held) {
        return 0;
    }
    h.views = PyList_New(0);
    h.seen = PySet_New(NULL);
    if (h.views == NULL || h.seen == NULL
            || (result != NULL && find_holders(result, &h) < 0)) {
        out = -1;
    }
    for (Py_ssize_t i = 0; i < n && out >= 0; i++) {
        int keep = failed || Py_REFCNT(lent[i]) - 1 != h.refs[i];
        if (Py_REFCNT(lent[i]) == 1 || (keep && h.refs[i] == 0)) {
            out |= keep && Py_REFCNT(lent[i]) > 1;
            continue;
        }
        if (settle_loan(lent[i], h.views, keep) < 0) {
            out = -1;
        }
        else {
            out |= keep;
        }
    }
    Py_XDECREF(h.views);
    Py_XDECREF(h.seen);
    return out;
}

/* The plan of a guarded function: how the arguments of a call are passed. */
enum {
    PLAN_FUNC,
    PLAN_MODES,         /* bytes, a letter for each parameter; None: ask */
    PLAN_NAMES,         /* {name: index into the modes} */
    PLAN_CHECKS,        /* what must hold for the modes to be good */
    PLAN_RECEIVER,      /* class of the first argument, or None */
    PLAN_BEGIN,         /* (args, kwargs): (call, args, kwargs), by Python */
    PLAN_END,           /* (call, [result]): result */
    PLAN_RAISED,        /* (call, exception) */
    PLAN_FAILED,        /* (exception, loans), as the core began the call */
    PLAN_LEAKED,        /* (plan) */
    PLAN_POSITIONS,     /* so many letters are for positional arguments; the
                         * next ones for *args, **kwargs, and those with names */
    PLAN_GIVE,          /* (result): with cow arrays for plain ones */
    PLAN_OWN,           /* ([result], receiver): let nobody else hold it */
    PLAN_LENGTH,
};
/* An output is passed as it is, by Python where it is an array. */
enum { PASS = 'p', COPY = 'c', LEND = 'l', LEND_PLAIN = 'L', OUTPUT = 'o' };

/* obj[key] of a dict, obj.key of anything else, type(obj) for None; NULL
 * without an exception where there is none. */
static PyObject *
step_to(PyObject *obj, PyObject *key)
{
    PyObject *found;

    if (key == Py_None) {
        return new_ref((PyObject *)Py_TYPE(obj));
    }
    found = PyDict_CheckExact(obj)
        ? new_ref(PyDict_GetItemWithError(obj, key))
        : PyObject_GetAttr(obj, key);
    PyErr_Clear();
    return found;
}

/* Do all checks hold, with `first` for the first argument (or NULL)? */
static int
checks_hold(PyObject *checks, PyObject *first)
{
    int hold = 1, left;

    for (Py_ssize_t i = 0; hold && i < PyTuple_Size(checks); i++) {
        PyObject *check = PyTuple_GetItem(checks, i);
        PyObject *start = PyTuple_GetItem(check, 0);
        PyObject *key = PyTuple_GetItem(check, 1);
        PyObject *wanted = PyTuple_GetItem(check, 2), *found;
        start = start == Py_None ? first : start;
        if (start == NULL) {
            return 0;
        }
        found = PyTuple_Check(key) ? new_ref(start) : step_to(start, key);
        for (Py_ssize_t k = 0; PyTuple_Check(key) && found != NULL
                && k < PyTuple_Size(key); k++) {
            replace(&found, step_to(found, PyTuple_GetItem(key, k)));
        }
        left = MOST_DATA;
        hold = wanted == kind_absent ? found == NULL
            : found == NULL ? 0
            : wanted == kind_atom ? is_atom(found)
            : wanted == kind_data ? is_data(found, &left)
            : found == wanted;
        Py_XDECREF(found);
    }
    return hold;
}

/* The arrays and lists that a call was given, and what the function gets. */
typedef struct {
    PyObject *outer[FEW];       /* borrowed */
    PyObject *inner[FEW];       /* strong */
    PyObject *lent[FEW];        /* borrowed */
    Py_ssize_t n, loans, lists;
    int cow;
} Arrays;

static int
is_lent(const Arrays *a, PyObject *inner)
{
    for (Py_ssize_t i = 0; i < a->loans; i++) {
        if (a->lent[i] == inner) {
            return 1;
        }
    }
    return 0;
}

static int
is_list_of_atoms(PyObject *op)
{
    if (!PyList_CheckExact(op)) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < PyList_Size(op); i++) {
        if (!is_atom(PyList_GetItem(op, i))) {
            return 0;
        }
    }
    return 1;
}

/* What the function gets for `op`: 1, *out is a new reference; 0: leave the
 * call to Python. */
static int
pass_argument(PyObject *op, int mode, Arrays *a, PyObject **out)
{
    int lends = mode == LEND || mode == LEND_PLAIN;
    PyObject *inner = NULL;

    if (mode == PASS || is_atom(op)) {
        *out = new_ref(op);
        return 1;
    }
    if (mode == OUTPUT) {
        return 0;
    }
    for (Py_ssize_t i = 0; i < a->n; i++) {
        if (a->outer[i] == op) {
            /* read as one parameter and written as another: a copy */
            if (!lends && is_lent(a, a->inner[i])) {
                return 0;
            }
            *out = new_ref(a->inner[i]);
            return 1;
        }
    }
    if (a->n == FEW) {
        return 0;
    }
    if (mode == COPY && a->loans == 0 && is_list_of_atoms(op)) {
        inner = PyList_GetSlice(op, 0, PyList_Size(op));
        a->lists += inner != NULL;
    }
    else if (!is_numeric_array(op) || (lends && a->lists > 0)) {
        return 0;               /* nothing is proven of calls with lists */
    }
    else {
        if (is_cow(op) && clean(op) < 0) {
            return -1;
        }
        if (lends && (mode == LEND || PyArray_TYPE(ARR(op)) != NPY_VOID)) {
            inner = lend(op);
            if (inner != NULL) {
                a->lent[a->loans++] = inner;
            }
        }
        if (inner == NULL && !PyErr_Occurred()) {
            inner = copy_argument(op);
        }
        a->cow |= !is_plain(op);
    }
    if (inner == NULL) {
        return -1;
    }
    a->outer[a->n] = op;
    a->inner[a->n++] = inner;
    *out = new_ref(inner);
    return 1;
}

/* Drop the arrays of a call. */
static void
drop_arrays(Arrays *a)
{
    while (a->n > 0) {
        PyObject *inner = a->inner[--a->n];
        /* the header of a loan that has not become an owner */
        if (!is_lent(a, inner) || Py_REFCNT(inner) > 1 || HAS(inner, OWNDATA)
                || !keep_header(inner, 0)) {
            Py_DECREF(inner);
        }
    }
}

static PyObject *
list_of(PyObject *const *items, Py_ssize_t n)
{
    PyObject *list = PyList_New(n);

    for (Py_ssize_t i = 0; i < n && list != NULL; i++) {
        PyList_SetItem(list, i, new_ref(items[i]));
    }
    return list;
}

/* Let Python look at the exception of a call: tell(what, exception).  It
 * stands afterwards, or the one that Python raises instead. */
static void
tell_error(PyObject *tell, PyObject *what, int first)
{
    PyObject *type, *value, *trace, *res = NULL;

    PyErr_Fetch(&type, &value, &trace);
    PyErr_NormalizeException(&type, &value, &trace);
    if (trace != NULL) {
        PyException_SetTraceback(value, trace);
    }
    if (what != NULL) {
        res = PyObject_CallFunctionObjArgs(tell, first ? what : value,
                                           first ? value : what, NULL);
    }
    if (res != NULL) {
        Py_DECREF(res);
        PyErr_Restore(type, value, trace);
        return;
    }
    Py_XDECREF(type);           /* the exception of Python stands */
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

/* The same for a call with loans. */
static void
tell_failed(PyObject *plan, const Arrays *a)
{
    PyObject *type, *value, *trace, *loans;

    PyErr_Fetch(&type, &value, &trace);
    loans = list_of(a->lent, a->loans);
    if (loans != NULL) {
        PyErr_Restore(type, value, trace);
        tell_error(PyList_GetItem(plan, PLAN_FAILED), loans, 0);
        Py_DECREF(loans);
        return;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(trace);
}

static PyObject *own_result(PyObject *, PyObject *, PyObject *);

/* The result of a call, settled and of the class that the caller has; steals
 * `res`, which may be NULL with an exception set. */
static PyObject *
end_guarded(PyObject *plan, PyObject *first, Arrays *a, PyObject *res)
{
    int out;

    if (res == NULL) {
        if (a->loans > 0) {
            tell_failed(plan, a);
        }
        drop_arrays(a);
        return NULL;
    }
    out = settle(res, a->lent, a->loans, 0);
    drop_arrays(a);
    if (out > 0) {
        out = ask(PyList_GetItem(plan, PLAN_LEAKED), plan, NULL);
    }
    if (out < 0) {
        Py_DECREF(res);
        return NULL;
    }
    res = own_result(plan, first, res);
    if (res == NULL || !a->cow || res == first) {
        return res;             /* `return self` */
    }
    if (is_plain(res)) {
        return wrap(res, cow_class, NULL);
    }
    if (!is_atom(res)) {
        replace(&res, PyObject_CallFunctionObjArgs(
                    PyList_GetItem(plan, PLAN_GIVE), res, NULL));
    }
    return res;
}
