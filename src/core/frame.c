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

enum { PLANS = 64, MOST_OPERANDS = 5 };
static Plan plans[PLANS];

static PyObject *str_lasti;

/* What the instruction takes that the frame executes: *count values, or 0 where that is
 * not known. */
static int
find_plan(PyObject *frame, Py_ssize_t *first, Py_ssize_t *count)
{
    PyObject *code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame), *told, *old;
    PyObject *lasti = PyObject_GetAttr(frame, str_lasti);
    long at = lasti == NULL ? -1 : PyLong_AsLong(lasti);
    Plan *p = &plans[((size_t)code / 16 + (size_t)at / 2) % PLANS], plan;
    int known = p->code == code && p->at == at;

    Py_XDECREF(lasti);
    plan = known ? *p : (Plan){code, at, 0, 0};
    if (!PyErr_Occurred() && !known) {
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
    *count = plan.count <= MOST_OPERANDS ? plan.count : 0;
    old = p->code;              /* what has run may have changed it */
    *p = plan;
    Py_XDECREF(old);
    return 0;
}

/* x and i of `x[i] op= y`; strong. */
typedef struct {
    PyObject *array, *index;
} Target;

/* Are these the operands of the operator that the caller's instruction is?  Then its
 * stack has them, and C code that would go on with one of them has not called us.
 * `target`, which may be NULL: what the next instructions store the result into, if
 * they do, and it is no temporary.  -1: error. */
static int
are_operands(PyObject *left, PyObject *right, Target *target)
{
    enum { TAGS = 3 };          /* of CPython 3.14, in the lowest bits */
    PyObject *frame = in_frame.locals > 0 ? (PyObject *)PyEval_GetFrame() : NULL;
    PyObject *at[MOST_OPERANDS];
    Py_ssize_t first, count;
    npy_uintp *words;

    if (frame == NULL || find_plan(frame, &first, &count) < 0 || count == 0) {
        return PyErr_Occurred() ? -1 : 0;
    }
    words = *(npy_uintp **)((char *)frame + in_frame.block) + in_frame.locals + first;
    for (Py_ssize_t i = 0; i < count; i++) {
        at[i] = (PyObject *)(words[i] & ~(npy_uintp)TAGS);
    }
    if (at[count - 2] != left || at[count - 1] != right) {
        return 0;
    }
    if (count > 2 && target != NULL && !is_temporary(at[0])) {
        target->array = new_ref(at[0]);
        target->index = count == 4 ? new_ref(at[1]) : PySlice_New(at[1], at[2], NULL);
        return target->index == NULL ? -1 : 1;
    }
    return 1;
}

static void
clear_target(Target *target)
{
    Py_CLEAR(target->array);
    Py_CLEAR(target->index);
}

/* of_operator(left, right): None; or what `left op right` is stored into, or 0, where
 * that is what the caller does. */
static PyObject *
core_of_operator(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *left, *right, *array;
    Target target = {NULL, NULL};
    int told;

    if (!PyArg_ParseTuple(args, "OO:of_operator", &left, &right)) {
        return NULL;
    }
    told = are_operands(left, right, &target);
    array = new_ref(target.array);
    clear_target(&target);
    return told < 0 ? NULL : array != NULL ? array
        : told ? PyLong_FromLong(0) : new_ref(Py_None);
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
