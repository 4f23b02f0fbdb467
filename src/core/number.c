/* Operators.  NumPy's own are called on plain operands. */

/* The operators: the ufunc that they call, and the slots of ndarray for
 * operands that NumPy must dispatch. */
typedef struct {
    const char *name;
    PyObject *ufunc;
    binaryfunc base, base_inplace;
    const Loops *loops;         /* or NULL */
} Operator;

/* These two have no slot of their own for `x **= y`: ndarray's calls the ufunc
 * with `out`.  Power is more than its ufunc: x ** 2 is np.square(x). */
static Operator op_power = {"power", NULL, NULL, NULL, NULL};
static Operator op_matmul = {"matmul", NULL, NULL, NULL, NULL};
static ternaryfunc base_power;

/* What a op= other gives, in memory of its own; a new array for `a`, which only
 * the caller refers to, and who takes the result for it. */
static PyObject *
inplace_apart(PyObject *self, PyObject *operand, const Operator *o)
{
    PyObject *copy = make_copy(self, NPY_KEEPORDER), *res;
    PyObject *const all[] = {copy, operand == NULL ? copy : operand, copy};

    if (copy == NULL) {
        return NULL;
    }
    res = o == &op_power
        ? PyNumber_InPlacePower(copy, all[1], Py_None)
        : vectorcall(o->ufunc, all, 3, NULL);
    Py_DECREF(copy);
    return wrap(res, cow_class, NULL);
}

/* a op= other: written through an alias; the array object stays, but where it
 * is a temporary (m[:, 0] -= 1) that would move with all that lies between its
 * elements.  A subclass may have an __array_ufunc__ of its own, which ndarray's
 * slot finds. */
static PyObject *
inplace(PyObject *self, PyObject *other, const Operator *o)
{
    PyObject *alias, *res = NULL, *operand = NULL;
    const Write all = {0};
    int simple = clean(self);

    if (simple == 0 && o->loops != NULL && Py_TYPE(self) == cow_class) {
        PyObject *const both[] = {self, other};
        simple = quick_into(o->loops, self, both, 2);
        if (simple > 0) {
            return new_ref(self);
        }
    }
    if (simple == 0 && Py_TYPE(self) == cow_class
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(self)))) {
        if (Py_TYPE(other) == cow_class && other != self
                && !PyDataType_REFCHK(PyArray_DESCR(ARR(other)))) {
            operand = unwrap_value(other, self, &all);
            simple = operand == NULL ? -1 : 1;
        }
        else if (other != self) {
            simple = simple_operand(other, &operand);
        }
        else {
            simple = 1;
        }
        if (simple > 0 && operand != NULL
                && has_loud_operands(&operand, 1, self)) {
            Py_CLEAR(operand);
            simple = 0;
        }
    }
    if (simple <= 0) {
        return simple < 0 ? NULL : o->base_inplace(self, other);
    }
    /* the stack of the interpreter alone has it, and takes the result for it; up to
     * CPython 3.13 a count of one may be that of a bound method */
    if (unique_temporary != NULL && is_temporary(self) && link_of(self)->guard == NULL && !is_alone(self)
            && !PyArray_ISONESEGMENT(ARR(self))
            && !link_of(self)->seal->exposed) {
        res = inplace_apart(self, operand, o);
        Py_XDECREF(operand);
        return res;
    }
    alias = begin_write(self, &all);
    if (alias != NULL) {
        PyObject *const ops[] = {alias, operand == NULL ? alias : operand,
                                 alias};
        res = o == &op_power ? PyNumber_InPlacePower(alias, ops[1], Py_None)
            : vectorcall(o->ufunc, ops, 3, NULL);
    }
    Py_XDECREF(operand);
    if (alias == NULL) {
        return NULL;
    }
    if (res == alias) {
        replace(&res, new_ref(self));
    }
    if (end_write(self, alias, 0) < 0) {
        Py_CLEAR(res);
    }
    return res;
}

static PyObject *
binary(PyObject *left, PyObject *right, const Operator *o)
{
    PyObject *const both[] = {left, right};
    PyObject *res = o->loops == NULL ? NULL : quick_loop(o->loops, both, 2);
    int simple;

    if (res != NULL || PyErr_Occurred()) {
        return wrap(res, cow_class, NULL);
    }
    res = compute(o->ufunc, both, 2, &simple);
    return simple == 0 ? o->base(left, right) : res;
}

#define BINARY_OPS(X)                                                       \
    X(add, "add") X(subtract, "subtract") X(multiply, "multiply")           \
    X(true_divide, "true_divide") X(floor_divide, "floor_divide")           \
    X(remainder, "remainder") X(and, "bitwise_and") X(or, "bitwise_or")     \
    X(xor, "bitwise_xor") X(lshift, "left_shift") X(rshift, "right_shift")

#define DEFINE_BINARY(slot, name)                                           \
    static Operator op_##slot = {name, NULL, NULL, NULL, NULL};             \
    static PyObject *nb_##slot(PyObject *l, PyObject *r)                    \
    {                                                                       \
        return binary(l, r, &op_##slot);                                    \
    }                                                                       \
    static PyObject *nb_inplace_##slot(PyObject *l, PyObject *r)            \
    {                                                                       \
        return inplace(l, r, &op_##slot);                                   \
    }

BINARY_OPS(DEFINE_BINARY)

static PyObject *
nb_matmul(PyObject *l, PyObject *r)
{
    return binary(l, r, &op_matmul);
}

static PyObject *
nb_power(PyObject *left, PyObject *right, PyObject *mod)
{
    PyObject *const both[] = {left, right};
    PyObject *res = NULL;
    int simple = 0;

    if (mod == Py_None) {
        res = compute(op_power.ufunc, both, 2, &simple);
    }
    return simple == 0 ? base_power(left, right, mod) : res;
}

typedef struct {
    PyObject *ufunc;
    unaryfunc base;
    const Loops *loops;         /* or NULL */
} Unary;

static PyObject *
unary(PyObject *self, const Unary *o)
{
    PyObject *res = o->loops == NULL ? NULL : quick_loop(o->loops, &self, 1);
    int simple;

    if (res != NULL || PyErr_Occurred()) {
        return wrap(res, cow_class, NULL);
    }
    res = compute(o->ufunc, &self, 1, &simple);
    return simple == 0 ? o->base(self) : res;
}

#define UNARY_OPS(X)                                                        \
    X(negative, "negative") X(absolute, "absolute") X(invert, "invert")

#define DEFINE_UNARY(slot, name)                                            \
    static Unary op_##slot;                                                 \
    static PyObject *nb_##slot(PyObject *self)                              \
    {                                                                       \
        return unary(self, &op_##slot);                                     \
    }

UNARY_OPS(DEFINE_UNARY)

static const Loops *comparing[Py_GE + 1];      /* or NULL */

static PyObject *
array_richcompare(PyObject *left, PyObject *right, int op)
{
    PyObject *const both[] = {left, right};
    PyObject *res = comparing[op] == NULL ? NULL
        : quick_loop(comparing[op], both, 2);
    int simple;

    if (res != NULL || PyErr_Occurred()) {
        return wrap(res, cow_class, NULL);
    }
    res = compute(comparison[op], both, 2, &simple);
    return simple == 0 ? base_richcompare(left, right, op) : res;
}
