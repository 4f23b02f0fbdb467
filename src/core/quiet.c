/* What NumPy converts without running code of the program: a hook for an overflow,
 * an operator of an object, a finalizer. */

/* Has the plain array or number `value` no elements that are objects? */
static int
is_simple_value(PyObject *value)
{
    return is_plain(value) ? PyArray_TYPE(ARR(value)) <= NPY_HALF
        && !PyDataType_REFCHK(PyArray_DESCR(ARR(value))) : is_number(value);
}

/* A number of Python's that each type of floats can take without a word: NumPy
 * converts it before the first element is written, and a hook may run then. */
static int
is_mild(PyObject *op)
{
    const double most = 65504, least = 0x1p-14;    /* of float16 */
    double parts[2] = {0, 0};

    if (PyFloat_CheckExact(op)) {
        parts[0] = PyFloat_AsDouble(op);
    }
    else if (PyComplex_CheckExact(op)) {
        parts[0] = PyComplex_RealAsDouble(op);
        parts[1] = PyComplex_ImagAsDouble(op);
    }
    for (int i = 0; i < 2; i++) {
        double size = parts[i] < 0 ? -parts[i] : parts[i];
        if (size != 0 && (size < least || (size > most && size * 0 == 0))) {
            return 0;
        }
    }
    return 1;
}

/* Does NumPy warn, before it stores anything, that the imaginary part is lost? */
static int
loses_imaginary_part(PyObject *op, int type)
{
    return (!PyTypeNum_ISCOMPLEX(type)
            && (is_plain(op) ? PyArray_ISCOMPLEX(ARR(op))
                : PyComplex_Check(op) || PyArray_IsScalar(op, ComplexFloating)));
}

/* Are `a`'s elements floats of few bits? */
static int
has_small_floats(PyObject *a)
{
    int type = PyArray_TYPE(ARR(a));

    return type == NPY_FLOAT || type == NPY_HALF || type == NPY_CFLOAT;
}

/* May a ufunc with these operands run Python code before all of `out` is
 * written? */
static int
has_loud_operands(PyObject *const *ops, Py_ssize_t n, PyObject *out)
{
    int wild = 0, small = has_small_floats(out);

    for (Py_ssize_t i = 0; i < n; i++) {
        if (ops[i] == NULL || ops[i] == Py_None) {
            continue;
        }
        if (!is_simple_value(ops[i])
                || loses_imaginary_part(ops[i], PyArray_TYPE(ARR(out)))) {
            return 1;
        }
        small |= is_plain(ops[i]) && has_small_floats(ops[i]);
        wild |= !is_plain(ops[i]) && !is_mild(ops[i]);
    }
    return wild && small;
}

/* Does NumPy store `value` as elements of the dtype, in a slice or not, without
 * running Python code before the last one is stored?  It converts a scalar before
 * it stores it, and values for anything but a slice; a hook for an overflow may
 * run then. */
static int
is_ready(PyObject *value, PyArray_Descr *descr, int slice)
{
    if (PyDataType_REFCHK(descr)) {
        return PyArray_Check(value)
            ? descr->type_num == NPY_OBJECT
              || PyArray_EquivTypes(PyArray_DESCR(ARR(value)), descr)
            : (is_number(value) && !PyArray_IsScalar(value, Void))
              || PyUnicode_CheckExact(value) || PyBytes_CheckExact(value)
              || value == Py_None;
    }
    if (is_plain(value) && is_simple_value(value)) {
        return (PyArray_EquivTypes(PyArray_DESCR(ARR(value)), descr)
                || (PyArray_NDIM(ARR(value)) > 0 && slice
                    && !loses_imaginary_part(value, descr->type_num)));
    }
    return (stores_quietly(descr->type_num, value) || PyUnicode_CheckExact(value)
            || PyBytes_CheckExact(value) || value == Py_None);
}

/* Do finalizers and operators of elements run while such an array is written? */
static int
runs_elements(PyArray_Descr *descr)
{
    return (PyDataType_REFCHK(descr)
            && descr->type_num != NPY_VSTRING);
}

/* Is `function` a ufunc, or a method of one, that is made of a Python function? */
static int
runs_python(PyObject *function)
{
    PyObject *owner = PyCFunction_Check(function)
        ? PyCFunction_GetSelf(function) : function;
    PyUFuncObject *ufunc = (PyUFuncObject *)owner;

    return (owner != NULL && PyObject_TypeCheck(owner, &PyUFunc_Type)
            && (Py_TYPE(owner) != &PyUFunc_Type || ufunc->ntypes == 0
                || ufunc->types == NULL || ufunc->types[0] == NPY_OBJECT));
}

/* Does a value of the dtype `from` overflow, or lose a part, in one of `descr`? */
static int
may_overflow(PyArray_Descr *from, PyArray_Descr *descr)
{
    int inexact = PyTypeNum_ISFLOAT(from->type_num)
        || PyTypeNum_ISCOMPLEX(from->type_num);

    return inexact && !PyArray_CanCastTypeTo(from, descr, NPY_SAFE_CASTING);
}

static int
is_loud_number(PyObject *op, PyArray_Descr *descr)
{
    int whole = PyComplex_CheckExact(op)
        && !PyTypeNum_ISCOMPLEX(descr->type_num);
    PyArray_Descr *from = PyArray_DescrFromType(
        PyFloat_CheckExact(op) ? NPY_DOUBLE : NPY_CDOUBLE);
    int loud = may_overflow(from, descr) && (whole || !is_mild(op));

    Py_DECREF((PyObject *)from);
    return loud;
}

/* May code of the program run while NumPy converts `op`, or what is in it, for
 * elements of the dtype?  -1: error. */
static int
is_loud(PyObject *op, PyArray_Descr *descr)
{
    PyArray_Descr *from;
    PyObject *items;
    int loud;

    if (op == NULL || PyLong_CheckExact(op) || PyBool_Check(op) || op == Py_None
            || PyUnicode_CheckExact(op) || PyBytes_CheckExact(op)
            || op == Py_Ellipsis || Py_TYPE(op) == &PyType_Type
            || Py_TYPE(op) == &PyRange_Type || PyArray_DescrCheck(op)) {
        return 0;
    }
    if (PyFloat_CheckExact(op) || PyComplex_CheckExact(op)) {
        return is_loud_number(op, descr);
    }
    if (PyArray_Check(op) || PyArray_IsScalar(op, Generic)) {
        from = PyArray_Check(op) ? PyArray_DESCR(ARR(op)) : NULL;
        from = from == NULL ? PyArray_DescrFromScalar(op)
            : (PyArray_Descr *)new_ref((PyObject *)from);
        loud = from == NULL ? -1
            : runs_elements(from) || may_overflow(from, descr);
        Py_XDECREF((PyObject *)from);
        return loud;
    }
    if (!PyTuple_CheckExact(op) && !PyList_CheckExact(op)
            && !PyDict_CheckExact(op) && !PySlice_Check(op)) {
        return 1;
    }
    if (Py_EnterRecursiveCall(" in nested arguments")) {
        return -1;
    }
    items = items_of(op);
    loud = items == NULL ? -1 : 0;
    for (Py_ssize_t i = 0; loud == 0 && i < PyList_Size(items); i++) {
        loud = is_loud(PyList_GetItem(items, i), descr);
    }
    Py_LeaveRecursiveCall();
    Py_XDECREF(items);
    return loud;
}
