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
    PyObject *plain = unwrap(self), *old = enter_pool(), *made, *res = NULL;

    made = plain == NULL ? NULL
        : PyArray_NewLikeArray(ARR(plain), NPY_KEEPORDER, NULL, 0);
    leave_pool(old);
    if (made != NULL && o == &op_power
            && PyArray_CopyInto(ARR(made), ARR(plain)) == 0) {
        res = PyNumber_InPlacePower(made, operand == NULL ? made : operand, Py_None);
    }
    else if (made != NULL && o != &op_power) {
        PyObject *const all[] = {plain, operand == NULL ? plain : operand, made};
        res = vectorcall(o->ufunc, all, 3, NULL);
    }
    Py_XDECREF(plain);
    Py_XDECREF(made);
    return wrap(res, cow_class, NULL);
}

/* a op b for large arrays, of which one is a temporary that nobody else can see: its
 * memory takes the result, as NumPy has it.  NULL: there is none, or an exception. */
static PyObject *
elide(PyObject *left, PyObject *right, const Operator *o)
{
    PyObject *const both[] = {left, right};
    PyObject *ignored;

    for (int i = 0; i < 2 && o->loops != NULL; i++) {
        PyObject *a = both[i], *alias, *plain = NULL, *res = NULL;
        if (!may_take(o->loops, a, both[1 - i]) || !is_temporary(a)) {
            continue;
        }
        if (are_operands(left, right, PyArray_NBYTES(ARR(a)), &ignored) <= 0 || clean(a) < 0
                || simple_operand(both[1 - i], &plain) < 0) {
            return NULL;
        }
        /* nobody looks at it, so the other operand does not; nor does C code that
         * holds an array which has left this memory, or a weak reference */
        alias = plain != NULL && is_temporary(a) && may_take(o->loops, a, both[1 - i])
            && link_of(a)->guard == NULL && is_alone(a)
            && link_of(a)->seal->retired == 0 && FIELDS(a)->weakreflist == NULL
            ? begin_write(a, &(Write){0}) : NULL;
        if (alias != NULL) {
            PyObject *const all[] = {i ? plain : alias, i ? alias : plain, alias};
            res = vectorcall(o->ufunc, all, 3, NULL);
            replace(&res, res == NULL ? NULL : new_ref(a));
            if (end_write(a, alias, 0) < 0) {
                Py_CLEAR(res);
            }
        }
        Py_XDECREF(plain);
        return res;
    }
    return NULL;
}

/* The sharer of the clean array `a` that has this address, if it may be written with
 * `a`, which is a part of it.  New reference. */
static PyObject *
find_whole(PyObject *a, PyObject *address)
{
    for (PyObject *o = link_of(a)->next; o != a; o = link_of(o)->next) {
        if (o == address) {
            return Py_TYPE(o) == cow_class && link_of(o)->guard == NULL ? new_ref(o)
                : NULL;
        }
    }
    return NULL;
}

/* What becomes of a op= other where `a` is a view, and a temporary: *through, new
 * reference, the array x of `x[i] op= other`, which may be written with it; or NULL and
 * 1 where another array may take its place.  0: neither; -1: error. */
static int
place_of_temporary(PyObject *a, PyObject *other, PyObject **through)
{
    PyObject *stored;
    int told;

    if (Py_TYPE(a) != cow_class || !(link_of(a)->flags & IS_VIEW)
            || link_of(a)->seal->linked < 2 || link_of(a)->guard != NULL
            || !is_temporary(a)) {
        return 0;
    }
    told = are_operands(a, other, PyArray_NBYTES(ARR(a)), &stored);
    if (told <= 0 || clean(a) < 0) {
        return told < 0 || PyErr_Occurred() ? -1 : 0;
    }
    *through = stored == NULL ? NULL : find_whole(a, stored);
    return *through == NULL && is_temporary(a) && !link_of(a)->seal->exposed
        && !PyArray_ISONESEGMENT(ARR(a)) && !is_alone(a);
}

/* The operand of a op= other for NumPy, NULL for `a` itself; as simple_operand. */
static int
inplace_operand(PyObject *self, PyObject *other, PyObject **operand)
{
    int simple = 1;

    *operand = NULL;
    if (PyDataType_REFCHK(PyArray_DESCR(ARR(self)))) {
        return 0;
    }
    if (other != self && Py_TYPE(other) == cow_class
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(other)))) {
        *operand = unwrap_value(other, self, &(Write){0});
        simple = *operand == NULL ? -1 : 1;
    }
    else if (other != self) {
        simple = simple_operand(other, operand);
    }
    if (simple > 0 && *operand != NULL && has_loud_operands(operand, 1, self)) {
        Py_CLEAR(*operand);
        simple = 0;
    }
    return simple;
}

/* a op= other, written through an alias; for the others see place_of_temporary. */
static PyObject *
inplace_there(PyObject *self, PyObject *other, const Operator *o, PyObject *through,
              int replaced)
{
    PyObject *alias, *res = NULL, *operand = NULL;
    int simple = 0;

    if (o->loops != NULL && Py_TYPE(self) == cow_class) {
        simple = quick_into(o->loops, self, (PyObject *[]){self, other}, 2, through);
    }
    if (simple != 0) {
        return simple < 0 ? NULL : new_ref(self);
    }
    simple = Py_TYPE(self) == cow_class ? inplace_operand(self, other, &operand) : 0;
    if (simple <= 0) {
        return simple < 0 ? NULL : o->base_inplace(self, other);
    }
    if (replaced) {
        res = inplace_apart(self, operand, o);
        Py_XDECREF(operand);
        return res;
    }
    alias = begin_write(self, &(Write){.through = through});
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

/* a op= other: the array object stays, but where it is a temporary (m[:, 0] -= 1, and
 * somebody else looks at m) that would move with all that lies between its elements. A
 * subclass may have an __array_ufunc__ of its own, which ndarray's slot finds. */
static PyObject *
inplace(PyObject *self, PyObject *other, const Operator *o)
{
    PyObject *through = NULL, *res = NULL;
    int replaced = clean(self) < 0 ? -1 : place_of_temporary(self, other, &through);

    if (replaced >= 0) {
        res = inplace_there(self, other, o, through, replaced);
    }
    if (through != NULL) {
        link_of(through)->flags &= ~IS_APART;
        link_of(through)->writes++;
        Py_DECREF(through);
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
    res = elide(left, right, o);
    if (res != NULL || PyErr_Occurred()) {
        return res;
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
