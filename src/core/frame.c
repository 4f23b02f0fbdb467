/* The operator that the caller's instruction is, and its operands.
 *
 * They are in the block of the frame, which lives as long as the frame runs.  Where,
 * is learned in cow._dispatch.operands, which checks it at import, too; where the
 * interpreter is not known nothing is told. */

static struct {
    Py_ssize_t block;           /* of the field in the frame, in bytes */
    Py_ssize_t locals;          /* from its begin, in words; 0: it is not known */
    PyObject *plan;             /* (frame): where the operands of its operator are */
} in_frame;

/* What Python has found out about an instruction. */
typedef struct {
    PyObject *code;             /* strong: another one has another address */
    long at;
    Py_ssize_t first, count;    /* of the values that it takes, behind the locals */
} Plan;

enum { PLANS = 64, UNASKED = -1 };
static Plan plans[PLANS];

static PyObject *str_lasti;

/* What the instruction takes that the frame executes: *count values, or 0 where nothing
 * is known.  To ask takes as long as to copy a megabyte, and is not done for what runs
 * once and saves less than that. */
static int
find_plan(PyObject *frame, npy_intp bytes, Py_ssize_t *first, Py_ssize_t *count)
{
    enum { MANY_BYTES = 1 << 20 };
    PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame), *told, *old;
    PyObject *lasti = PyObject_GetAttr(frame, str_lasti);
    long at = lasti == NULL ? -1 : PyLong_AsLong(lasti);
    Plan *p = &plans[((size_t)code / 16 + (size_t)at / 2) % PLANS], plan;
    int known = p->code == code && p->at == at;

    Py_XDECREF(lasti);
    plan = known ? *p : (Plan){code, at, 0, UNASKED};
    if (!PyErr_Occurred() && plan.count == UNASKED
            && (known || bytes >= MANY_BYTES)) {
        told = PyObject_CallFunctionObjArgs(in_frame.plan, frame, NULL);
        if (told != NULL) {
            PyArg_ParseTuple(told, "nn", &plan.first, &plan.count);
            Py_DECREF(told);
        }
    }
    if (PyErr_Occurred()) {
        Py_DECREF(code);
        return -1;
    }
    *first = plan.first;
    *count = plan.count == UNASKED ? 0 : plan.count;
    old = p->code;              /* what has run may have changed it */
    *p = plan;
    Py_XDECREF(old);
    return 0;
}

/* Are these the operands of the operator that the caller's instruction is?  Then its
 * stack has them, and C code that would go on with one of them has not called us.
 * `bytes`: what is saved if they are.  *stored: what the result is stored into, x in
 * `x[i] op= right` (an address), or NULL.  -1: error. */
static int
are_operands(PyObject *left, PyObject *right, npy_intp bytes, PyObject **stored)
{
    enum { TAGS = 3 };          /* of CPython 3.14, in the lowest bits */
    PyObject *frame = in_frame.locals > 0 ? (PyObject *)PyEval_GetFrame() : NULL;
    Py_ssize_t first, count;
    npy_uintp *words;

    *stored = NULL;
    if (frame == NULL || find_plan(frame, bytes, &first, &count) < 0 || count == 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    words = *(npy_uintp **)((char *)frame + in_frame.block) + in_frame.locals + first;
    if ((words[count - 2] & ~(npy_uintp)TAGS) != (npy_uintp)left
            || (words[count - 1] & ~(npy_uintp)TAGS) != (npy_uintp)right) {
        return 0;
    }
    if (count > 2) {
        *stored = (PyObject *)(words[0] & ~(npy_uintp)TAGS);
    }
    return 1;
}

/* of_operator(left, right): None; or the address of what `left op right` is stored
 * into, or 0, where that is what the caller does. */
static PyObject *
core_of_operator(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *left, *right, *stored;
    int told;

    if (!PyArg_ParseTuple(args, "OO:of_operator", &left, &right)) {
        return NULL;
    }
    told = are_operands(left, right, NPY_MAX_INTP, &stored);
    return told < 0 ? NULL : told ? PyLong_FromVoidPtr(stored) : new_ref(Py_None);
}

/* find_operands(block, locals, plan): see in_frame */
static PyObject *
core_find_operands(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *plan;

    if (!PyArg_ParseTuple(args, "nnO:find_operands", &in_frame.block,
                          &in_frame.locals, &plan)) {
        return NULL;
    }
    replace(&in_frame.plan, new_ref(plan));
    return new_ref(Py_None);
}
