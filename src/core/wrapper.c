/* Guarded functions: an object that looks like its function and adds no frame. */

/* A guarded function, for those who call it. */
typedef struct {
    PyObject_HEAD
    PyObject *func;             /* the function */
    PyObject *plan;             /* see above; None: cow_prepare() makes it */
    PyObject *border;           /* see is_inside() */
    long long calls, lent, copied;      /* guarded calls, their arrays */
} Wrapper;

/* A call whose arguments, and result, Python looks at.  In between there is no
 * frame of ours: the function sees that of its caller. */
static PyObject *
run_slowly(PyObject *plan, PyObject *args, PyObject *kwargs)
{
    PyObject *function = new_ref(PyList_GetItem(plan, PLAN_FUNC));
    PyObject *raised = new_ref(PyList_GetItem(plan, PLAN_RAISED));
    PyObject *end = new_ref(PyList_GetItem(plan, PLAN_END));
    PyObject *call = NULL, *begun = NULL, *box = NULL, *res = NULL;

    kwargs = kwargs == NULL ? PyDict_New() : new_ref(kwargs);
    if (kwargs != NULL) {
        begun = PyObject_CallFunctionObjArgs(PyList_GetItem(plan, PLAN_BEGIN),
                                             args, kwargs, NULL);
    }
    Py_XDECREF(kwargs);
    if (begun != NULL && (!PyTuple_Check(begun) || PyTuple_Size(begun) != 3)) {
        PyErr_SetString(PyExc_TypeError, "a call begins with three things");
        Py_CLEAR(begun);
    }
    if (begun != NULL) {
        PyObject *inner = new_ref(PyTuple_GetItem(begun, 1));
        PyObject *named = new_ref(PyTuple_GetItem(begun, 2));
        call = new_ref(PyTuple_GetItem(begun, 0));
        Py_DECREF(begun);
        res = PyObject_Call(function, inner, named);
        /* counts are final from here on */
        Py_DECREF(inner);
        Py_DECREF(named);
        if (res == NULL) {
            tell_error(raised, call, 1);
        }
    }
    if (res != NULL) {
        box = PyList_New(1);
        if (box == NULL) {
            Py_CLEAR(res);
        }
        else {
            PyList_SetItem(box, 0, res);
            res = PyObject_CallFunctionObjArgs(end, call, box, NULL);
        }
    }
    Py_XDECREF(box);
    Py_XDECREF(call);
    Py_DECREF(function);
    Py_DECREF(raised);
    Py_DECREF(end);
    return res;
}

/* Does the plan hold for a call with this first argument (or NULL)?  1, 0, -1. */
static int
plan_holds(PyObject *plan, PyObject *first)
{
    PyObject *receiver = PyList_GetItem(plan, PLAN_RECEIVER), *checks;
    int holds = PyList_GetItem(plan, PLAN_MODES) != Py_None;

    if (receiver != Py_None) {
        holds &= (first != NULL && ((PyObject *)Py_TYPE(first) == receiver
                                    || first == receiver));
    }
    if (holds) {
        checks = new_ref(PyList_GetItem(plan, PLAN_CHECKS));
        holds = checks_hold(checks, first);
        Py_DECREF(checks);
    }
    return holds;
}

/* What a function is called with. */
typedef struct {
    Py_ssize_t n;
    PyObject *keys;                 /* strong, or NULL */
    PyObject *at[2 * FEW];          /* strong */
} Passed;

/* Pass each argument in its mode.  1; 0: the plan does not do; -1. */
static int
pass_all(PyObject *plan, const char *mode, PyObject *names, PyObject *args,
         PyObject *kwargs, Arrays *a, Passed *p)
{
    Py_ssize_t given = PyTuple_Size(args), at = 0, positions;
    Py_ssize_t more = kwargs == NULL ? 0 : PyDict_Size(kwargs);
    PyObject *key, *value;
    int ok = given + more <= 2 * FEW;

    positions = PyLong_AsSsize_t(PyList_GetItem(plan, PLAN_POSITIONS));
    for (Py_ssize_t i = 0; i < given && ok > 0; i++) {
        ok = pass_argument(PyTuple_GetItem(args, i),
                           mode[i < positions ? i : positions], a, &p->at[p->n]);
        p->n += ok > 0;
    }
    if (ok > 0 && more > 0) {
        p->keys = PyTuple_New(more);
        ok = p->keys == NULL ? -1 : 1;
    }
    while (ok > 0 && more > 0 && PyDict_Next(kwargs, &at, &key, &value)) {
        PyObject *which = PyDict_GetItemWithError(names, key);
        ok = pass_argument(value, mode[which == NULL ? positions + 1
                                       : PyLong_AsSsize_t(which)],
                           a, &p->at[p->n]);
        if (ok > 0) {
            PyTuple_SetItem(p->keys, p->n - given, new_ref(key));
            p->n++;
        }
    }
    return ok;
}

/* Call a guarded function from outside; `kwargs` may be NULL. */
static PyObject *
run_plan(Wrapper *w, PyObject *args, PyObject *kwargs)
{
    PyObject *plan = w->plan, *modes, *names, *first, *function, *res = NULL;
    Passed p = {.n = 0};
    Arrays a = {.n = 0};
    int ok;

    first = PyTuple_Size(args) > 0 ? PyTuple_GetItem(args, 0) : NULL;
    modes = new_ref(PyList_GetItem(plan, PLAN_MODES));
    names = new_ref(PyList_GetItem(plan, PLAN_NAMES));
    function = new_ref(PyList_GetItem(plan, PLAN_FUNC));
    ok = plan_holds(plan, first);
    if (ok > 0) {
        ok = pass_all(plan, PyBytes_AsString(modes), names, args, kwargs, &a, &p);
    }
    if (ok > 0) {
        w->calls++;
        w->lent += a.loans;
        w->copied += a.n - a.loans - a.lists;
        res = vectorcall(function, p.at, (size_t)PyTuple_Size(args), p.keys);
    }
    while (p.n > 0) {
        Py_DECREF(p.at[--p.n]);
    }
    Py_XDECREF(p.keys);
    Py_DECREF(modes);
    Py_DECREF(names);
    Py_DECREF(function);
    if (ok <= 0) {
        drop_arrays(&a);
        return ok < 0 ? NULL : run_slowly(plan, args, kwargs);
    }
    return end_guarded(plan, first, &a, res);
}

/* What a border says of `key`, borrowed; it is asked once for each. */
static PyObject *
verdict_on(PyObject *border, PyObject *key, const char *ask_for, PyObject *what)
{
    PyObject *verdict = PyDict_GetItemWithError(border, key);

    if (verdict == NULL && !PyErr_Occurred()) {
        verdict = PyObject_CallMethod(border, ask_for, "O", what);
        if (verdict != NULL && PyDict_SetItem(border, key, verdict) < 0) {
            Py_CLEAR(verdict);
        }
        Py_XDECREF(verdict);    /* the border holds it */
    }
    return verdict;
}

/* What a border says of code with these globals, borrowed; NULL without an
 * exception: nothing. */
static PyObject *
verdict_on_module(PyObject *border, PyObject *globals)
{
    PyObject *module = globals == NULL || !PyDict_Check(globals) ? NULL
        : PyDict_GetItemWithError(globals, str_name);

    return module == NULL || !PyUnicode_CheckExact(module) ? NULL
        : verdict_on(border, module, "ask_module", module);
}

/* Is a function called from inside of a border, by code with these globals
 * (borrowed, may be NULL), that of the frame `back` steps from the current one?
 * A border is None, with nothing inside, True, with everything, or a dict of
 * what is known so far: {name of a module: bool, None where it depends on the
 * code, Ellipsis where it depends on who called that; address of a code: bool}. */
static int
is_inside(PyObject *border, PyObject *globals, int back)
{
    PyObject *verdict, *frame = NULL, *code, *id;

    if (!PyDict_Check(border)) {
        return border == Py_True;
    }
    verdict = verdict_on_module(border, globals);
    if (verdict == Py_None || verdict == Py_Ellipsis) {
        frame = new_ref((PyObject *)PyEval_GetFrame());
    }
    while (frame != NULL && frame != Py_None
            && (back-- > 0 || verdict == Py_Ellipsis)) {
        replace(&frame, PyObject_GetAttrString(frame, "f_back"));
        if (frame != NULL && frame != Py_None && back <= 0) {
            globals = PyObject_GetAttrString(frame, "f_globals");
            verdict = globals == NULL ? NULL
                : verdict_on_module(border, globals);
            Py_XDECREF(globals);    /* the frame holds it */
        }
    }
    if (verdict == Py_None && frame != NULL && frame != Py_None) {
        code = (PyObject *)PyFrame_GetCode((PyFrameObject *)frame);
        id = PyLong_FromVoidPtr(code);
        verdict = id == NULL ? NULL
            : verdict_on(border, id, "ask_code", code);
        Py_XDECREF(id);
        Py_DECREF(code);
    }
    Py_XDECREF(frame);
    return PyErr_Occurred() ? -1 : verdict == Py_True;
}

static PyObject *
call_wrapper(Wrapper *w, PyObject *globals, int back, PyObject *args,
             PyObject *kwargs)
{
    PyObject *res, *keep;
    int inside = is_inside(w->border, globals, back);

    if (inside != 0) {
        return inside < 0 ? NULL : PyObject_Call(w->func, args, kwargs);
    }
    if (w->plan == Py_None) {
        PyObject *plan = PyObject_CallMethod((PyObject *)w, "cow_prepare", NULL);
        if (plan == NULL) {
            return NULL;
        }
        replace(&w->plan, plan);
    }
    if (!PyList_Check(w->plan) || PyList_Size(w->plan) != PLAN_LENGTH) {
        PyErr_SetString(PyExc_TypeError, "a wrapper needs a plan");
        return NULL;
    }
    /* the call may replace the plan, or drop the last reference to us */
    keep = new_ref(w->plan);
    Py_INCREF((PyObject *)w);
    res = run_plan(w, args, kwargs);
    Py_DECREF((PyObject *)w);
    Py_DECREF(keep);
    return res;
}

static PyObject *
wrapper_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    /* there is no frame of ours: this one called */
    return call_wrapper((Wrapper *)self, PyEval_GetGlobals(), 0, args, kwargs);
}

/* As a function; what does not bind itself is not bound. */
static PyObject *
wrapper_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyTypeObject *kind = Py_TYPE(((Wrapper *)self)->func);

    if (obj == NULL || PyType_GetSlot(kind, Py_tp_descr_get) == NULL) {
        return new_ref(self);
    }
    return PyObject_CallFunctionObjArgs(method_class, self, obj, NULL);
}

static PyObject *
wrapper_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *func, *border;
    Wrapper *w;

    if (!PyArg_ParseTuple(args, "OO:Wrapper", &func, &border)) {
        return NULL;
    }
    w = (Wrapper *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (w != NULL) {
        w->func = new_ref(func);
        w->plan = new_ref(Py_None);
        w->border = new_ref(border);
    }
    return (PyObject *)w;
}

static int
wrapper_traverse(PyObject *self, visitproc visit, void *arg)
{
    Wrapper *w = (Wrapper *)self;

    Py_VISIT((PyObject *)Py_TYPE(self));
    Py_VISIT(w->func);
    Py_VISIT(w->plan);
    Py_VISIT(w->border);
    return 0;
}

static int
wrapper_clear(PyObject *self)
{
    Wrapper *w = (Wrapper *)self;

    /* it may be called while its cycle dies */
    replace(&w->plan, new_ref(Py_None));
    replace(&w->border, new_ref(Py_True));
    replace(&w->func, new_ref(Py_None));
    return 0;
}

static void
wrapper_dealloc(PyObject *self)
{
    Wrapper *w = (Wrapper *)self;
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    Py_CLEAR(w->plan);
    Py_CLEAR(w->border);
    Py_CLEAR(w->func);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF((PyObject *)type);
}

/* The place of a field, for the two functions below. */
#define FIELD_OF(name) (void *)(npy_uintp)offsetof(Wrapper, name)

static PyObject **
wrapper_field(PyObject *self, void *offset)
{
    return (PyObject **)(void *)((char *)self + (npy_uintp)offset);
}

static PyObject *
wrapper_get(PyObject *self, void *offset)
{
    return new_ref(*wrapper_field(self, offset));
}

static int
wrapper_set(PyObject *self, PyObject *value, void *offset)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_TypeError, "a wrapper needs it");
        return -1;
    }
    replace(wrapper_field(self, offset), new_ref(value));
    return 0;
}

/* call_behind(wrapper, args, kwargs): call it for the caller of the function
 * that calls this. */
static PyObject *
core_call_behind(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    PyObject *frame = (PyObject *)PyEval_GetFrame(), *globals = NULL, *res;

    if (n != 3 || !PyObject_TypeCheck(args[0], wrapper_type)
            || !PyTuple_CheckExact(args[1]) || !PyDict_CheckExact(args[2])) {
        PyErr_SetString(PyExc_TypeError,
                        "call_behind() takes a wrapper, a tuple, a dict");
        return NULL;
    }
    frame = frame == NULL ? NULL : PyObject_GetAttrString(frame, "f_back");
    if (frame != NULL && frame != Py_None) {
        globals = PyObject_GetAttrString(frame, "f_globals");
    }
    Py_XDECREF(frame);
    res = PyErr_Occurred() ? NULL
        : call_wrapper((Wrapper *)args[0], globals, 1, args[1], args[2]);
    Py_XDECREF(globals);
    return res;
}
