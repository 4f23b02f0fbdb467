/* __array_ufunc__ and __array_function__: what is simple here, the rest in Python
 * (_dispatch/ufuncs.py, functions.py). */

/* Raise where the caller's code passed a temporary view for an output: the
 * reference counts, of which cow._dispatch.ufuncs knows what they mean, tell. */
static int
refuse_outputs(PyObject *self, PyObject *outs, PyObject *ufunc, int simple)
{
    Py_ssize_t n = PyTuple_CheckExact(outs) ? PyTuple_Size(outs) : 0;

    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *out = PyTuple_GetItem(outs, i), *res;
        if (!is_cow(out) || !is_shared_view(out)) {
            continue;
        }
        res = PyObject_CallFunction(hook[ON_TARGET], "OOOnnii", out, outs,
                                    ufunc, Py_REFCNT(out),
                                    Py_REFCNT(outs), out == self, simple);
        if (res == NULL) {
            return -1;
        }
        Py_DECREF(res);
    }
    return 0;
}

/* The output (borrowed) in the tuple that NumPy passes, a plain array or one which
 * the core can open itself; NULL (no exception): there are more, or others. */
static PyObject *
simple_output(PyObject *outs, PyObject *ufunc)
{
    PyObject *out = PyTuple_CheckExact(outs) && PyTuple_Size(outs) == 1
        ? PyTuple_GetItem(outs, 0) : NULL;

    return (out != NULL && (is_plain(out)
                            || (Py_TYPE(out) == cow_class
                                && !PyDataType_REFCHK(PyArray_DESCR(ARR(out)))
                                && !runs_python(ufunc)))) ? out : NULL;
}

/* A call on `n` operands by its inner loop, see loop.c; `out` may be NULL.  NULL: the
 * ufunc has to do it, or an exception. */
static PyObject *
call_quickly(PyObject *ufunc, PyObject *const *ops, Py_ssize_t n, PyObject *out)
{
    const Loops *l = n <= 2 ? loops_of(ufunc) : NULL;

    if (l == NULL || (out != NULL && is_plain(out))) {
        return NULL;
    }
    if (out == NULL) {
        return wrap(quick_loop(l, ops, (int)n), cow_class, NULL);
    }
    return clean(out) == 0 && quick_into(l, out, ops, (int)n, out, &(Write){0}) > 0 ? new_ref(out) : NULL;
}

/* The place of ``out`` in args[n:], which have the names, or 0; *simple is 0 where
 * there is a keyword that asks for no subclass. */
static Py_ssize_t
find_output(Py_ssize_t n, PyObject *names, int *simple)
{
    Py_ssize_t nkw = names == NULL ? 0 : PyTuple_Size(names), out_at = 0;

    for (Py_ssize_t i = 0; i < nkw; i++) {
        PyObject *name = PyTuple_GetItem(names, i);
        if (name == str_out) {
            out_at = n + i;
        }
        else if (PyUnicode_CompareWithASCIIString(name, "subok") == 0) {
            *simple = 0;
        }
    }
    return out_at;
}

/* __array_ufunc__(ufunc, method, *inputs, **kwargs): a call on simple
 * operands, with one output at most, and a method without one stay here;
 * everything else goes to cow._dispatch.ufuncs. */
static PyObject *
array_ufunc(PyObject *self, PyObject *const *args, Py_ssize_t n,
            PyObject *names)
{
    PyObject *out, *res = NULL, *function;
    Py_ssize_t nkw = names == NULL ? 0 : PyTuple_Size(names), out_at;
    int elementwise = n > 2 && Py_TYPE(args[0]) == &PyUFunc_Type
        && !((PyUFuncObject *)args[0])->core_enabled;
    int simple = n > 2 && PyUnicode_Check(args[1])
        && PyUnicode_CompareWithASCIIString(args[1], "at") != 0;
    int calls = simple && PyUnicode_Compare(args[1], str_call) == 0;
    Call c;

    out_at = find_output(n, names, &simple);
    if (out_at > 0 && refuse_outputs(self, args[out_at], args[0], calls) < 0) {
        return NULL;
    }
    out = out_at > 0 && calls ? simple_output(args[out_at], args[0]) : NULL;
    if (calls && simple && nkw == (out != NULL)) {
        res = call_quickly(args[0], args + 2, n - 2, out);
        if (res != NULL || PyErr_Occurred()) {
            return res;
        }
    }
    if (!simple || (out_at > 0 && out == NULL)) {
        return call_python(hook[ON_UFUNC], self, args, n, names);
    }
    if (start_call(&c, n - 2 + nkw) < 0) {
        return NULL;
    }
    for (Py_ssize_t i = 2; i < n + nkw && simple > 0; i++) {
        if (out != NULL && !is_plain(out)
                && (i == out_at || (elementwise && args[i] == out))) {
            c.at[c.n++] = NULL;         /* the alias, see take_all() */
        }
        else {
            simple = take(&c, &args[i], 1);
        }
    }
    if (simple > 0 && out != NULL && !is_plain(out)
            && has_loud_operands(c.at, c.n, out)) {
        simple = 0;
    }
    if (simple > 0 && out != NULL && !is_plain(out)) {
        return call_into(out, args[0], &c, names, 0);
    }
    if (simple > 0) {
        function = calls ? new_ref(args[0])
            : PyObject_GetAttr(args[0], args[1]);
        res = function == NULL ? NULL : call(function, &c, names);
        Py_XDECREF(function);
    }
    end_call(&c);
    return simple > 0 ? (res == out ? res : wrap(res, cow_class, NULL))
        : simple < 0 ? NULL
        : call_python(hook[ON_UFUNC], self, args, n, names);
}

/* How array_function calls a function: on plain operands (0), on open ones (it
 * is one of C, so no frame in a traceback keeps them), or on the array itself
 * (it calls a method of the array). */
enum { OPEN = 1, BY_METHOD };

/* (implementation, n, keywords, how): array_function may call it with n
 * positional arguments at most and these keywords.  New reference, NULL
 * without an exception for a function that Python handles. */
static PyObject *
quick_entry(PyObject *function)
{
    PyObject *entry = PyDict_GetItemWithError(quick, function);

    if (entry == NULL && !PyErr_Occurred()
            && ask(hook[ON_NEW], function, NULL) == 0) {
        entry = PyDict_GetItemWithError(quick, function);
    }
    return new_ref(entry == Py_None ? NULL : entry);
}

/* __array_function__(func, types, args, kwargs): a function that only reads
 * stays here, everything else goes to cow._dispatch.functions. */
static PyObject *
array_function(PyObject *self, PyObject *const *args, Py_ssize_t n,
               PyObject *names)
{
    PyObject *entry = NULL, *keys = NULL, *key, *value, *res = NULL;
    Py_ssize_t at = 0, count = 0, nkw = 0;
    long how = 0;
    int simple = n == 4 && names == NULL && Py_TYPE(self) == cow_class
        && PyTuple_CheckExact(args[2]) && PyDict_CheckExact(args[3]);
    Call c;

    if (simple) {
        entry = quick_entry(args[0]);
        simple = entry != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
    }
    if (simple > 0) {
        count = PyTuple_Size(args[2]);
        nkw = PyDict_Size(args[3]);
        simple = count <= PyLong_AsSsize_t(PyTuple_GetItem(entry, 1));
        how = PyLong_AsLong(PyTuple_GetItem(entry, 3));
    }
    while (simple > 0 && PyDict_Next(args[3], &at, &key, &value)) {
        simple = PySet_Contains(PyTuple_GetItem(entry, 2), key);
    }
    if (simple > 0 && how == BY_METHOD && count > 0
            && Py_TYPE(PyTuple_GetItem(args[2], 0)) == cow_class) {
        res = PyObject_Call(PyTuple_GetItem(entry, 0), args[2], args[3]);
        Py_DECREF(entry);
        return wrap(res, cow_class, NULL);
    }
    if (simple > 0) {
        keys = nkw > 0 ? PySequence_Tuple(args[3]) : NULL;
        simple = (nkw > 0 && keys == NULL) || start_call(&c, count + nkw) < 0
            ? -1 : 1;
    }
    if (simple > 0) {
        for (Py_ssize_t i = 0; i < count && simple > 0; i++) {
            value = PyTuple_GetItem(args[2], i);
            simple = take(&c, &value, 1);
        }
        for (Py_ssize_t i = 0; i < nkw && simple > 0; i++) {
            value = PyObject_GetItem(args[3], PyTuple_GetItem(keys, i));
            simple = value == NULL ? -1 : take(&c, &value, 1);
            Py_XDECREF(value);
        }
        if (simple > 0 && how == OPEN) {
            simple = open_operands(&c);
        }
        at_work |= pool.count > 0;      /* np.outer of small arrays may be large */
        res = simple > 0 ? call(PyTuple_GetItem(entry, 0), &c, keys) : NULL;
        end_call(&c);
    }
    Py_XDECREF(keys);
    Py_XDECREF(entry);
    return simple > 0 ? wrap(res, cow_class, NULL) : simple < 0 ? NULL
        : call_python(hook[ON_FUNCTION], self, args, n, names);
}
