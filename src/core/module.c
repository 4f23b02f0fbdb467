/* Functions for Python (see _core.pyi), slots and the module; the whole core is
 * compiled here, in this order. */
#include "core.h"
#include "header.c"
#include "pool.c"
#include "system.c"
#include "pages.c"
#include "storage.c"
#include "move.c"
#include "adopt.c"
#include "operands.c"
#include "index.c"
#include "parting.c"
#include "write.c"
#include "quiet.c"
#include "store.c"
#include "export.c"
#include "frame.c"
#include "loop.c"
#include "number.c"
#include "call.c"
#include "override.c"
#include "methods.c"
#include "object.c"
#include "guard.c"
#include "wrapper.c"
#include "own.c"
#include "blocks.c"
#include "paged.c"

static PyObject *
none_or_error(int result)
{
    return result < 0 ? NULL : new_ref(Py_None);
}

static PyObject *
core_plain(PyObject *Py_UNUSED(mod), PyObject *op)
{
    return plain_value(op);
}

static PyObject *
core_wrap(PyObject *Py_UNUSED(mod), PyObject *const *args, Py_ssize_t n)
{
    PyObject *from;

    if (n < 2 || n > 3) {
        PyErr_SetString(PyExc_TypeError, "wrap() takes 2 or 3 arguments");
        return NULL;
    }
    if (need_class(args[1]) < 0) {
        return NULL;
    }
    from = n == 3 && args[2] != Py_None ? args[2] : NULL;
    /* without a reference of ours, which would show that memory is not fresh */
    return is_plain(args[0])
        ? wrap_result(args[0], (PyTypeObject *)args[1], from)
        : wrap(new_ref(args[0]), (PyTypeObject *)args[1], from);
}

static PyObject *
core_share(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls, *from = NULL, *view;
    Seal *seal;

    if (!PyArg_ParseTuple(args, "O!O!|O:share", &PyArray_Type, &a,
                          &PyType_Type, &cls, &from)
            || need_class(cls) < 0 || (is_cow(a) && clean(a) < 0)) {
        return NULL;
    }
    seal = find_seal(a);
    if (seal != NULL && lies_inside(a, seal->storage, 0)) {
        Py_INCREF((PyObject *)seal);
    }
    else {
        seal = seal_borrowed(a, a);
        if (seal == NULL) {
            return NULL;
        }
    }
    view = make_view((PyTypeObject *)cls, a, layout_of(a), seal,
                     from == Py_None ? NULL : from);
    leave_seal(seal);
    return view;
}

static PyObject *
core_copy(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *cls;
    NPY_ORDER order = NPY_CORDER;

    return !PyArg_ParseTuple(args, "OO|O&:copy", &a, &cls,
                             PyArray_OrderConverter, &order)
        || need_cow(a) < 0 || need_class(cls) < 0 ? NULL
        : copy_array(a, (PyTypeObject *)cls, order);
}

/* open(a): a writeable plain array over the memory of `a`, which is its own and
 * never shared from then on. */
static PyObject *
core_open(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 || expose_to_writer(a) < 0 ? NULL
        : new_header(a, layout_of(a), link_of(a)->seal->storage, 1);
}

/* is_shared_view(a): would NumPy have carried a write through it to another array? */
static PyObject *
core_is_shared_view(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return !is_cow(a) ? PyBool_FromLong(0)
        : clean(a) < 0 ? NULL : PyBool_FromLong(is_shared_view(a));
}

/* moved_here(a): has this thread given the array the memory that it has? */
static PyObject *
core_moved_here(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return need_cow(a) < 0 ? NULL
        : PyBool_FromLong(link_of(a)->mover
                          == PyThread_get_thread_ident());
}

static PyObject *
core_detach(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0 || get_alone(a, "asked for") < 0) {
        return NULL;
    }
    if (link_of(a)->seal->left == NULL) {
        leave_kin(link_of(a)->seal);    /* a copy that is meant to be one */
    }
    return new_ref(Py_None);
}

/* expose(a): see there. */
static PyObject *
core_expose(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return none_or_error(need_cow(a) < 0 ? -1 : expose(a));
}

static PyObject *
core_become(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *source;
    int result;

    if (!PyArg_ParseTuple(args, "OO!:become", &a, &PyArray_Type, &source)
            || need_cow(a) < 0
            || (link_of(a)->guard != NULL
                && ask(link_of(a)->guard, a, NULL) < 0)
            || clean(a) < 0 || (on_parting != NULL && check_parting(a, NULL, NULL) < 0)
            || clean(a) < 0) {
        return NULL;
    }
    result = become(a, source);
    return result < 0 ? NULL : PyBool_FromLong(result == 0);
}

/* forget(a): give back the memory that `a` has left.  Its caller has made sure, as
 * NumPy's resize does, that nothing but one name refers to the array. */
static PyObject *
core_forget(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0) {
        return NULL;
    }
    drop_kept(a);
    return new_ref(Py_None);
}

/* next_write(a): who gets memory of his own at the next write to all of `a`, 0
 * nobody, 1 the others, 2 `a`; and the bytes that are copied. */
static PyObject *
core_next_write(PyObject *Py_UNUSED(mod), PyObject *a)
{
    npy_intp bytes, weight;
    Region r;
    int who;

    if (need_cow(a) < 0) {
        return NULL;
    }
    r = find_region(a, &(Write){0});
    who = next_move(a, &r, NULL, &bytes, &weight);
    return Py_BuildValue("in", who, (Py_ssize_t)bytes);
}

/* What sharing() tells of an array. */
static PyStructSequence_Field sharing_fields[] = {
    {"others", "other cow arrays over its memory"},
    {"holders", "plain views and the like"},
    {"owner", "whose memory it is, or None"},
    {"storage", "its base in C"},
    {"kept", "bytes that it has left, for C code that may look there"},
    {"is_view", "NumPy would write through it into another array"},
    {"is_apart", "it would be a view of memory that is never shared"},
    {"is_exposed", "a pointer to its memory was given away"},
    {NULL, NULL},
};
static PyStructSequence_Desc sharing_desc = {
    "cow._core.Sharing", "Who else looks at the memory of an array.", sharing_fields, 8,
};
static PyTypeObject *sharing_type;

static PyObject *
core_sharing(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *told, *fields;
    npy_intp bytes = 0;
    Kept *kept;
    Seal *seal;
    int flags;

    if (need_cow(a) < 0) {
        return NULL;
    }
    seal = link_of(a)->seal;
    kept = link_of(a)->kept;
    flags = link_of(a)->flags;
    for (Py_ssize_t i = 0; kept != NULL && i < kept->n; i++) {
        bytes += PyArray_NBYTES(ARR(kept->storage[i]));
    }
    fields = Py_BuildValue("nnOOnOOO", seal->linked - 1, plain_holders(seal),
                           is_borrowed(seal) ? seal->owner : Py_None, seal->storage,
                           (Py_ssize_t)bytes, flags & IS_VIEW ? Py_True : Py_False,
                           flags & IS_APART ? Py_True : Py_False,
                           seal->exposed ? Py_True : Py_False);
    told = fields == NULL ? NULL : PyStructSequence_New(sharing_type);
    for (Py_ssize_t i = 0; told != NULL && i < PyTuple_Size(fields); i++) {
        PyStructSequence_SetItem(told, i, new_ref(PyTuple_GetItem(fields, i)));
    }
    Py_XDECREF(fields);
    return told;
}

static PyObject *
core_sharers(PyObject *Py_UNUSED(mod), PyObject *storage)
{
    PyObject *list = PyList_New(0);
    Seal *seal = seal_of(storage);
    PyObject *o = seal == NULL ? NULL : seal->ring;

    for (Py_ssize_t i = o == NULL ? 0 : seal->linked; list != NULL && i > 0;
            i--, o = link_of(o)->next) {
        /* an array that is dying may still be linked: leave it alone */
        if (Py_REFCNT(o) > 0 && PyList_Append(list, o) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

static PyObject *
core_lend(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *lent;

    if (!PyArray_Check(a)) {
        PyErr_SetString(PyExc_TypeError, "expected an array");
        return NULL;
    }
    if (is_cow(a) && clean(a) < 0) {
        return NULL;
    }
    lent = PyArray_TYPE(ARR(a)) > NPY_HALF
        || PyDataType_REFCHK(PyArray_DESCR(ARR(a))) ? NULL : lend(a);
    return lent == NULL && !PyErr_Occurred() ? new_ref(Py_None) : lent;
}

/* settle(box, loans, failed): the result is in the list `box` alone, and each
 * loan, besides, in the list `loans` alone: no local variable counts. */
static PyObject *
core_settle(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *result, *loans, *lent[FEW];
    int failed, out = 0;

    if (!PyArg_ParseTuple(args, "O!O!p:settle", &PyList_Type, &result,
                          &PyList_Type, &loans,
                          &failed)) {
        return NULL;
    }
    for (Py_ssize_t at = 0; at < PyList_Size(loans) && out >= 0; at += FEW) {
        Py_ssize_t n = PyList_Size(loans) - at;
        int here;
        n = n < FEW ? n : FEW;
        for (Py_ssize_t i = 0; i < n; i++) {
            lent[i] = PyList_GetItem(loans, at + i);
        }
        here = settle(result, lent, n, failed);
        out = here < 0 ? -1 : out | here;
    }
    return out < 0 ? NULL : PyBool_FromLong(out);
}

static PyObject *
core_is_data(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *op;
    int constant, left = MOST_DATA;

    return !PyArg_ParseTuple(args, "Op:is_data", &op, &constant) ? NULL
        : PyBool_FromLong(constant ? is_atom(op) : is_data(op, &left));
}

static PyObject *
core_holds(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *checks, *first;

    return !PyArg_ParseTuple(args, "O!O:holds", &PyTuple_Type, &checks, &first)
        ? NULL : PyBool_FromLong(checks_hold(checks, first));
}

static PyObject *
core_set_guard(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *a, *guard;

    if (!PyArg_ParseTuple(args, "OO:set_guard", &a, &guard)
            || need_cow(a) < 0) {
        return NULL;
    }
    replace(&link_of(a)->guard, guard == Py_None ? NULL : new_ref(guard));
    return new_ref(Py_None);
}

static PyObject *
core_guard(PyObject *Py_UNUSED(mod), PyObject *a)
{
    PyObject *guard = need_cow(a) < 0 ? NULL : link_of(a)->guard;

    return guard == NULL && !PyErr_Occurred() ? new_ref(Py_None)
        : new_ref(guard);
}

/* mark_lent(a): C code may look at the memory through the array. */
static PyObject *
core_mark_lent(PyObject *Py_UNUSED(mod), PyObject *a)
{
    if (need_cow(a) < 0) {
        return NULL;
    }
    link_of(a)->flags |= IS_LENT;
    return new_ref(Py_None);
}

static PyObject *
core_check(PyObject *Py_UNUSED(mod), PyObject *a)
{
    const char *wrong = need_cow(a) < 0 ? NULL : find_fault(a);

    if (wrong != NULL) {
        PyErr_SetString(PyExc_AssertionError, wrong);
    }
    return PyErr_Occurred() ? NULL : new_ref(Py_None);
}

static PyObject *
core_set_ledger(PyObject *Py_UNUSED(mod), PyObject *ledger)
{
    PyObject *old = on_copy == NULL ? new_ref(Py_None) : on_copy;

    on_copy = ledger == Py_None ? NULL : new_ref(ledger);
    return old;
}

/* set_views(parting, made): see check_parting() and tell_made(); None, None: off. */
static PyObject *
core_set_views(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *parting, *made;

    if (!PyArg_ParseTuple(args, "OO:set_views", &parting, &made)) {
        return NULL;
    }
    set_headers_aside(made != Py_None);
    replace(&on_parting, parting == Py_None ? NULL : new_ref(parting));
    replace(&on_made, made == Py_None ? NULL : new_ref(made));
    return new_ref(Py_None);
}

/* is_strict(): do views have to be as NumPy's? */
static PyObject *
core_is_strict(PyObject *Py_UNUSED(mod), PyObject *Py_UNUSED(args))
{
    return PyBool_FromLong(on_parting != NULL);
}

/* may_write(a): raise where a write to all of it would part from NumPy's. */
static PyObject *
core_may_write(PyObject *Py_UNUSED(mod), PyObject *a)
{
    return none_or_error(need_cow(a) < 0 ? -1
                         : on_parting == NULL || link_of(a)->guard != NULL ? 0
                         : check_parting(a, NULL, NULL));
}

static PyObject *
core_forked(PyObject *Py_UNUSED(mod), PyObject *Py_UNUSED(args))
{
    forks++;
    return new_ref(Py_None);
}

static PyObject *
core_trim(PyObject *Py_UNUSED(mod), PyObject *most)
{
    Py_ssize_t bytes = PyLong_AsSsize_t(most);

    if (bytes == -1 && PyErr_Occurred()) {
        return NULL;
    }
    if (bytes >= 0) {
        pool.limit = (size_t)bytes;
    }
    bytes = (Py_ssize_t)pool.bytes;
    trim_pool(0);
    return PyLong_FromSsize_t(bytes);
}

/* Call `function` as PyObject_Vectorcall does, which the limited API of CPython
 * 3.11 lacks, where its address is not to be had.  Returns a new reference;
 * NULL with an error set.  Runs Python code. */
static PyObject *
call_by_tuple(PyObject *function, PyObject *const *args, size_t n, PyObject *names)
{
    Py_ssize_t nkw = names == NULL ? 0 : PyTuple_Size(names);
    PyObject *given = PyTuple_New((Py_ssize_t)n), *res = NULL;
    PyObject *kwargs = nkw > 0 ? PyDict_New() : NULL;
    int failed = given == NULL || (nkw > 0 && kwargs == NULL);

    for (size_t i = 0; i < n && !failed; i++) {
        failed = PyTuple_SetItem(given, (Py_ssize_t)i, Py_NewRef(args[i])) < 0;
    }
    for (Py_ssize_t i = 0; i < nkw && !failed; i++) {
        failed = PyDict_SetItem(kwargs, PyTuple_GetItem(names, i),
                                args[(Py_ssize_t)n + i]) < 0;
    }
    if (!failed) {
        res = PyObject_Call(function, given, kwargs);
    }
    Py_XDECREF(given);
    Py_XDECREF(kwargs);
    return res;
}

static PyObject *
core_configure(PyObject *Py_UNUSED(mod), PyObject *args)
{
    PyObject *hooks, *functions, *readers, *doc;
    Py_ssize_t unique, call_vector;

    if (!PyArg_ParseTuple(args, "O!O!O!pnn:configure", &PyTuple_Type, &hooks,
                          &PyDict_Type, &readers, &PyDict_Type, &functions,
                          &counts_locals, &unique, &call_vector)) {
        return NULL;
    }
    unique_temporary = (is_temporary_func)(npy_intp)unique;
    vectorcall = call_vector != 0 ? (vectorcall_func)(npy_intp)call_vector
        : call_by_tuple;
    for (Py_ssize_t i = 0; i < HOOKS; i++) {
        PyObject *function = PyTuple_GetItem(hooks, i);
        if (function == NULL) {
            return NULL;
        }
        replace(&hook[i], new_ref(function));
    }
    for (int i = 0; i < METHODS; i++) {
        replace(&reading[i].fallback, new_ref(
                    PyDict_GetItemString(readers, reading[i].name)));
        /* never given back: the type refers to the text */
        doc = reading[i].fallback == NULL ? NULL
            : PyObject_GetAttrString(reading[i].fallback, "__doc__");
        if (doc == NULL) {
            return NULL;
        }
        if (doc != Py_None) {           /* python -OO */
            array_methods[i].ml_doc = PyUnicode_AsUTF8AndSize(doc, NULL);
        }
    }
    replace(&quick, new_ref(functions));
    return new_ref(Py_None);
}

static PyGetSetDef array_getset[] = {
    {"T", array_transposed, NULL, "The transposed array, a view.", NULL},
    {"dtype", get_dtype, set_dtype, "The data type.", NULL},
    {"strides", get_strides, set_strides, "Bytes from element to element.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef finalizer_methods[] = {
    {"ignore", finalizer_ignore, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

#define FUNCTION(name, flags) {#name, FAST(core_##name), flags, NULL}

static PyMethodDef core_functions[] = {
    FUNCTION(plain, METH_O),
    FUNCTION(wrap, METH_FASTCALL),
    FUNCTION(call, METH_FASTCALL),
    FUNCTION(write, METH_FASTCALL),
    FUNCTION(is_shared_view, METH_O),
    FUNCTION(share, METH_VARARGS),
    FUNCTION(copy, METH_VARARGS),
    FUNCTION(expose, METH_O),
    FUNCTION(open, METH_O),
    FUNCTION(moved_here, METH_O),
    FUNCTION(exchange, METH_FASTCALL),
    FUNCTION(next_write, METH_O),
    FUNCTION(detach, METH_O),
    FUNCTION(become, METH_VARARGS),
    FUNCTION(forget, METH_O),
    FUNCTION(sharing, METH_O),
    FUNCTION(sharers, METH_O),
    FUNCTION(call_behind, METH_FASTCALL),
    FUNCTION(lend, METH_O),
    FUNCTION(settle, METH_VARARGS),
    FUNCTION(own, METH_O),
    FUNCTION(extent, METH_O),
    FUNCTION(references, METH_O),
    FUNCTION(place, METH_VARARGS),
    FUNCTION(window, METH_VARARGS),
    FUNCTION(is_data, METH_VARARGS),
    FUNCTION(holds, METH_VARARGS),
    FUNCTION(set_guard, METH_VARARGS),
    FUNCTION(guard, METH_O),
    FUNCTION(mark_lent, METH_O),
    FUNCTION(check, METH_O),
    FUNCTION(set_ledger, METH_O),
    FUNCTION(set_views, METH_VARARGS),
    FUNCTION(is_strict, METH_NOARGS),
    FUNCTION(may_write, METH_O),
    FUNCTION(forked, METH_NOARGS),
    FUNCTION(trim, METH_O),
    FUNCTION(copied, METH_O),
    FUNCTION(paged, METH_VARARGS),
    FUNCTION(zero_pages, METH_VARARGS),
    FUNCTION(pages, METH_O),
    FUNCTION(copy_blocks, METH_VARARGS),
    FUNCTION(same_blocks, METH_VARARGS),
    FUNCTION(configure, METH_VARARGS),
    FUNCTION(converted, METH_O),
    FUNCTION(find_operands, METH_VARARGS),
    FUNCTION(of_operator, METH_VARARGS),
    {NULL, NULL, 0, NULL},
};

/* joblib follows `base` to the map of a file. */
static PyMemberDef seal_members[] = {
    {"base", T_OBJECT, offsetof(Seal, owner), READONLY,
     "Who owns borrowed memory, or None."},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot seal_slots[] = {
    {Py_tp_dealloc, seal_dealloc},
    {Py_tp_members, seal_members},
    {Py_tp_doc, "Holds the memory of a storage shut."},
    {0, NULL},
};

static PyType_Spec seal_spec = {
    .name = "cow._core.Seal",
    .basicsize = sizeof(Seal),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = seal_slots,
};

static PyType_Slot finalizer_slots[] = {
    {Py_tp_descr_get, finalizer_get},
    {Py_tp_methods, finalizer_methods},
    {0, NULL},
};

static PyType_Spec finalizer_spec = {
    .name = "cow._core.Finalizer",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = finalizer_slots,
};

#define SLOT_BINARY(slot, ...)                                              \
    {Py_nb_##slot, nb_##slot}, {Py_nb_inplace_##slot, nb_inplace_##slot},

#define SLOT_UNARY(slot, name) {Py_nb_##slot, nb_##slot},

static PyGetSetDef wrapper_getset[] = {
    {"cow_plan", wrapper_get, wrapper_set, NULL, FIELD_OF(plan)},
    {"cow_border", wrapper_get, wrapper_set, NULL, FIELD_OF(border)},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef wrapper_members[] = {
    {"cow_func", T_OBJECT, offsetof(Wrapper, func), READONLY, NULL},
    {"cow_calls", T_LONGLONG, offsetof(Wrapper, calls), 0, NULL},
    {"cow_lent", T_LONGLONG, offsetof(Wrapper, lent), 0, NULL},
    {"cow_copied", T_LONGLONG, offsetof(Wrapper, copied), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot wrapper_slots[] = {
    {Py_tp_new, wrapper_new},
    {Py_tp_call, wrapper_call},
    {Py_tp_descr_get, wrapper_descr_get},
    {Py_tp_traverse, wrapper_traverse},
    {Py_tp_clear, wrapper_clear},
    {Py_tp_dealloc, wrapper_dealloc},
    {Py_tp_members, wrapper_members},
    {Py_tp_getset, wrapper_getset},
    {Py_tp_doc, "Wrapper(func, border): a guarded function."},
    {0, NULL},
};

static PyType_Spec wrapper_spec = {
    .name = "cow._core.Wrapper",
    .basicsize = sizeof(Wrapper),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = wrapper_slots,
};

static PyType_Slot array_slots[] = {
    {Py_tp_dealloc, array_dealloc},
    {Py_tp_getattro, array_getattro},
    {Py_tp_traverse, array_traverse},
    {Py_tp_clear, array_clear},
    {Py_tp_free, PyObject_GC_Del},
    {Py_tp_richcompare, array_richcompare},
    {Py_tp_hash, PyObject_HashNotImplemented},
    {Py_tp_methods, array_methods},
    {Py_mp_subscript, array_subscript},
    {Py_mp_ass_subscript, array_ass_subscript},
    {Py_sq_item, array_item},
    {Py_sq_ass_item, array_ass_item},
    {Py_tp_getset, array_getset},
    {Py_bf_getbuffer, array_getbuffer},
    BINARY_OPS(SLOT_BINARY)
    {Py_nb_matrix_multiply, nb_matmul},
    {Py_nb_power, nb_power},
    UNARY_OPS(SLOT_UNARY)
    {0, NULL},
};

static PyType_Spec array_spec = {
    .name = "cow.CowArray",
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = array_slots,
};

/* The slot of ndarray; void * is what PyType_GetSlot returns. */
#define BASE_SLOT(name) PyType_GetSlot(&PyArray_Type, Py_##name)

#define READ_BINARY(slot, ...)                                              \
    op_##slot.ufunc = PyObject_GetAttrString(numpy, op_##slot.name);        \
    op_##slot.loops = loops_of(op_##slot.ufunc);                            \
    op_##slot.base = (binaryfunc)BASE_SLOT(nb_##slot);                      \
    op_##slot.base_inplace = (binaryfunc)BASE_SLOT(nb_inplace_##slot);

#define READ_UNARY(slot, name)                                              \
    op_##slot.ufunc = PyObject_GetAttrString(numpy, name);                  \
    op_##slot.loops = loops_of(op_##slot.ufunc);                            \
    op_##slot.base = (unaryfunc)BASE_SLOT(nb_##slot);

/* Read the slots and the methods that we call; the object size of
 * ndarray decides where our fields lie. */
static int
read_base(void)
{
    PyObject *ndarray = (PyObject *)&PyArray_Type;
    PyObject *size = PyObject_GetAttrString(ndarray, "__basicsize__");
    PyObject *numpy = PyImport_ImportModule("numpy");
    PyObject *operator = PyImport_ImportModule("operator");
    const char *const comparisons[] = {"less", "less_equal", "eq", "ne",
                                       "greater", "greater_equal"};
    const char *const ufuncs[] = {"less", "less_equal", "equal", "not_equal",
                                  "greater", "greater_equal"};

    link_offset = size == NULL ? -1 : PyLong_AsSsize_t(size);
    Py_XDECREF(size);
    if (link_offset < (Py_ssize_t)sizeof(PyArrayObject_fields)
            || link_offset % (Py_ssize_t)sizeof(void *) != 0) {
        PyErr_SetString(PyExc_ImportError,
                        "this NumPy has an unknown ndarray layout");
        return -1;
    }
    if (numpy == NULL || operator == NULL || read_loops(numpy) < 0) {
        return -1;
    }
    BINARY_OPS(READ_BINARY)
    UNARY_OPS(READ_UNARY)
    op_matmul.ufunc = PyObject_GetAttrString(numpy, op_matmul.name);
    op_matmul.base = (binaryfunc)BASE_SLOT(nb_matrix_multiply);
    for (int op = Py_LT; op <= Py_GE; op++) {
        /* ndarray has more than the ufunc for == and != */
        comparison[op] = PyObject_GetAttrString(
            op == Py_EQ || op == Py_NE ? operator : numpy, comparisons[op]);
        comparing[op] = loops_named(numpy, ufuncs[op]);
    }
    op_power.ufunc = PyObject_GetAttrString(operator, "pow");
    Py_DECREF(operator);
    Py_DECREF(numpy);
    base_dtype = PyObject_GetAttrString(ndarray, "dtype");
    base_strides = PyObject_GetAttrString(ndarray, "strides");
    base_power = (ternaryfunc)BASE_SLOT(nb_power);
    base_subscript = (binaryfunc)BASE_SLOT(mp_subscript);
    base_ass_subscript = (objobjargproc)BASE_SLOT(mp_ass_subscript);
    base_dealloc = (destructor)BASE_SLOT(tp_dealloc);
    base_richcompare = (richcmpfunc)BASE_SLOT(tp_richcompare);
    for (int i = 0; i < METHODS; i++) {
        reading[i].function = PyObject_GetAttrString(ndarray,
                                                     reading[i].name);
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* An object that stands for itself. */
static int
add_kind(PyObject *mod, const char *name, PyObject **kind)
{
    *kind = PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type);
    return *kind == NULL ? -1 : PyModule_AddObjectRef(mod, name, *kind);
}

/* The types, and what else is made once. */
static int
make_types(void)
{
    PyObject *types_module = PyImport_ImportModule("types"), *bases;

    str_call = PyUnicode_InternFromString("__call__");
    str_out = PyUnicode_InternFromString("out");
    str_finalize = PyUnicode_InternFromString("__array_finalize__");
    str_lasti = PyUnicode_InternFromString("f_lasti");
    str_name = PyUnicode_InternFromString("__name__");
    wrapper_type = (PyTypeObject *)PyType_FromSpec(&wrapper_spec);
    sharing_type = PyStructSequence_NewType(&sharing_desc);
    method_class = types_module == NULL ? NULL
        : PyObject_GetAttrString(types_module, "MethodType");
    pool_handler = make_handler();
    taken = PyThread_allocate_lock();
    capsule = PyCapsule_New((void *)(npy_uintp)finalize_array, NULL, NULL);
    seal_type = (PyTypeObject *)PyType_FromSpec(&seal_spec);
    finalizer_type = (PyTypeObject *)PyType_FromSpec(&finalizer_spec);
    bases = PyTuple_Pack(1, (PyObject *)&PyArray_Type);
    if (bases != NULL) {
        array_spec.basicsize = (int)(link_offset + (Py_ssize_t)sizeof(Link));
        cow_class = (PyTypeObject *)PyType_FromSpecWithBases(&array_spec, bases);
    }
    Py_XDECREF(bases);
    Py_XDECREF(types_module);
    if (str_call == NULL || str_out == NULL || str_finalize == NULL
            || str_name == NULL || pool_handler == NULL || taken == NULL
            || capsule == NULL || seal_type == NULL || finalizer_type == NULL
            || sharing_type == NULL || wrapper_type == NULL || method_class == NULL || cow_class == NULL) {
        return -1;
    }
    PyThread_acquire_lock(taken, 1);
    return 0;
}

static int
core_exec(PyObject *mod)
{
    PyObject *finalizer, *positions = NULL, *at;
    int result = -1;

    if (cow_class != NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "cow can be loaded once in a process, in the main "
                        "interpreter only (as NumPy)");
        return -1;
    }
    if (PyArray_ImportNumPyAPI() < 0 || PyUFunc_ImportUFuncAPI() < 0
            || read_base() < 0 || make_types() < 0) {
        return -1;
    }
    finalizer = (PyObject *)PyObject_New(PyObject, finalizer_type);
    if (finalizer == NULL
            || PyObject_SetAttr((PyObject *)cow_class, str_finalize,
                                finalizer) < 0
            || PyModule_AddObjectRef(mod, "Array", (PyObject *)cow_class) < 0
            || PyModule_AddObjectRef(mod, "capsule", capsule) < 0
            || PyModule_AddObjectRef(mod, "Wrapper",
                                     (PyObject *)wrapper_type) < 0
            || add_kind(mod, "DATA", &kind_data) < 0
            || add_kind(mod, "ATOM", &kind_atom) < 0
            || add_kind(mod, "ABSENT", &kind_absent) < 0) {
        goto done;
    }
    positions = PyDict_New();
    result = PyModule_AddObjectRef(mod, "reading", positions);
    for (int i = 0; i < METHODS && result == 0; i++) {
        at = PyLong_FromLong(reading[i].out_at);
        result = at == NULL ? -1
            : PyDict_SetItemString(positions, reading[i].name, at);
        Py_XDECREF(at);
    }
done:
    Py_XDECREF(positions);
    Py_XDECREF(finalizer);
    return result;
}

static PyModuleDef_Slot core_slots[] = {
    {Py_mod_exec, core_exec},
    {0, NULL},
};

static struct PyModuleDef core_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cow._core",
    .m_doc = "The mechanism of cow: storage, sharing, moving an array.",
    .m_size = 0,
    .m_methods = core_functions,
    .m_slots = core_slots,
};

PyMODINIT_FUNC
PyInit__core(void)
{
    return PyModuleDef_Init(&core_module);
}
