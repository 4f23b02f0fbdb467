/* Operators.  NumPy's own are called on plain operands. */

/* The operators: the ufunc that they call, and the slots of ndarray for
 * operands that NumPy must dispatch. */
typedef struct {
    const char *name;
    PyObject *ufunc;
    binaryfunc base, base_inplace;
    const Loops *loops;         /* or NULL */
    int slot;
} Operator;

/* These two have no slot of their own for `x **= y`: ndarray's calls the ufunc
 * with `out`.  Power is more than its ufunc: x ** 2 is np.square(x). */
static Operator op_power = {"power", NULL, NULL, NULL, NULL, Py_nb_power};
static Operator op_matmul = {"matmul", NULL, NULL, NULL, NULL,
                             Py_nb_matrix_multiply};
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

    for (int i = 0; i < 2 && o->loops != NULL; i++) {
        PyObject *a = both[i], *alias, *plain = NULL, *res = NULL;
        if (!may_take(o->loops, a, both[1 - i]) || !is_temporary(a)) {
            continue;
        }
        if (are_operands(left, right, NULL) <= 0 || clean(a) < 0
                || simple_operand(both[1 - i], &plain) < 0) {
            return NULL;
        }
        /* nobody looks at it, so the other operand does not; nor does C code that
         * holds an array which has left this memory, or a weak reference */
        alias = plain != NULL && is_temporary(a) && may_take(o->loops, a, both[1 - i])
            && link_of(a)->guard == NULL && is_alone(a)
            && link_of(a)->seal->retired == 0 && FIELDS(a)->weakreflist == NULL
            && on_parting == NULL
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

/* The plain array that NumPy makes of an operand which is none, with all code run that
 * may run; or the operand itself, where it may have ways of its own. */
static PyObject *
convert_operand(PyObject *op)
{
    static const char *const ways[] = {"__array_ufunc__", "__array_priority__"};
    int is_list = PyList_CheckExact(op) || PyTuple_CheckExact(op);
    PyObject *res;

    if (PyArray_Check(op) || (!is_list && is_simple(op) != 0)) {
        return new_ref(op);
    }
    for (int i = 0; i < 2 && !is_list; i++) {
        PyObject *way = PyObject_GetAttrString((PyObject *)Py_TYPE(op), ways[i]);
        PyErr_Clear();
        if (way != NULL) {
            Py_DECREF(way);
            return new_ref(op);
        }
    }
    res = PyArray_FromAny(op, NULL, 0, 0, 0, NULL);
    if (res != NULL && !is_plain(res)) {
        replace(&res, new_ref(op));
    }
    return res;
}

/* converted(op) */
static PyObject *
core_converted(PyObject *Py_UNUSED(mod), PyObject *op)
{
    return convert_operand(op);
}

/* Is `op` a CowArray of a class that leaves ufuncs to us? */
static int
has_our_ufunc(PyObject *op)
{
    PyObject *own = PyObject_GetAttrString((PyObject *)Py_TYPE(op), "__array_ufunc__");
    PyObject *ours = PyObject_GetAttrString((PyObject *)cow_class, "__array_ufunc__");
    int same = own != NULL && own == ours;

    PyErr_Clear();
    Py_XDECREF(own);
    Py_XDECREF(ours);
    return same;
}

/* The operand of a op= other for NumPy, `a` being the array that is written, NULL for
 * `a` itself; as simple_operand. */
static int
inplace_operand(PyObject *a, PyObject *other, const Write *w, PyObject **operand)
{
    int simple = 1;

    *operand = NULL;
    if (PyDataType_REFCHK(PyArray_DESCR(ARR(a)))) {
        return 0;
    }
    if (is_cow(other) && (other != a || w->part != NULL)
            && !PyDataType_REFCHK(PyArray_DESCR(ARR(other)))) {
        simple = Py_TYPE(other) == cow_class ? 1 : has_our_ufunc(other);
        *operand = simple > 0 ? unwrap_value(other, a, w) : NULL;
        simple = simple > 0 && *operand == NULL ? -1 : simple;
    }
    else if (other != a) {
        simple = simple_operand(other, operand);
    }
    if (simple > 0 && *operand != NULL && has_loud_operands(operand, 1, a)) {
        Py_CLEAR(*operand);
        simple = 0;
    }
    return simple;
}

/* The result, in the memory of `a`, or of the part of it that is written.  NULL with
 * an exception. */
static PyObject *
compute_into(PyObject *a, const Write *w, PyObject *operand, const Operator *o)
{
    PyObject *alias = begin_write(a, w), *res = NULL;

    if (alias != NULL) {
        PyObject *const ops[] = {alias, operand == NULL ? alias : operand, alias};
        res = o == &op_power ? PyNumber_InPlacePower(alias, ops[1], Py_None)
            : vectorcall(o->ufunc, ops, 3, NULL);
        if (res == alias) {
            replace(&res, new_ref(a));
        }
        if (end_write(a, alias, 0) < 0) {
            Py_CLEAR(res);
        }
    }
    return res;
}

/* The part of the whole that x[i] is in `x[i] op= other`, which has found `a` there:
 * by now it may look at other memory.  0: it is not known. */
static int
find_part(PyObject *a, const Target *target, Part *part)
{
    PyObject *whole = target->array;
    int nd = PyArray_NDIM(ARR(a));

    if (nd < 1 || nd >= MAX_DIMS) {
        return 0;
    }
    if (link_of(a)->seal == link_of(whole)->seal && link_of(a)->flags & IS_VIEW) {
        *part = (Part){.n = -1, .nd = nd, .ellipsis = -1,
                       .offset = PyArray_BYTES(ARR(a)) - PyArray_BYTES(ARR(whole))};
        memcpy(part->dims, PyArray_DIMS(ARR(a)), (size_t)nd * sizeof(npy_intp));
        memcpy(part->strides, PyArray_STRIDES(ARR(a)), (size_t)nd * sizeof(npy_intp));
        return lay_out(whole, part);
    }
    return runs_no_code(target->index) && parse_part(target->index, part) > 0
        && lay_out(whole, part) && part->nd == nd
        && PyArray_CompareLists(part->dims, PyArray_DIMS(ARR(a)), nd);
}

/* x[i] op= other, where `a` is x[i]: written into x as it is now, which others may have
 * written since.  *res is stored into x[i] next, and lies there already.  1; 0: `a` has
 * to be written by itself; -1: error. */
static int
inplace_part(PyObject *a, PyObject *other, const Operator *o, const Target *target,
             PyObject **res)
{
    PyObject *whole = target->array, *operand = NULL, *now;
    Write w = {.ignored = a};
    int done = 0;
    Form form;
    Part part;

    if (Py_TYPE(whole) != cow_class || clean(whole) < 0
            || clean(a) < 0 || link_of(whole)->guard != NULL
            || PyArray_DESCR(ARR(a)) != PyArray_DESCR(ARR(whole))
            || PyDataType_REFCHK(PyArray_DESCR(ARR(a))) || !find_part(a, target, &part)) {
        return PyErr_Occurred() ? -1 : 0;
    }
    w.part = &part;
    now = PyArray_BYTES(ARR(a)) == part.data ? new_ref(a) : quick_view(whole, &part);
    if (now == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    w.ignored = now;
    if (o->loops != NULL) {
        done = quick_into(o->loops, now, (PyObject *[]){now, other}, 2, whole, &w);
    }
    if (done == 0) {
        note_form(whole, &form);
        done = inplace_operand(whole, other, &w, &operand);
        if (!has_form(whole, &form) || (done > 0 && clean(whole) < 0)
                || !lay_out(whole, &part)) {
            done = done < 0 || PyErr_Occurred() ? -1 : 0;
        }
        if (done > 0) {
            *res = compute_into(whole, &w, operand, o);
            done = *res == NULL ? -1 : 1;
        }
        Py_XDECREF(operand);
    }
    if (done > 0 && (*res == NULL || *res == whole) && lay_out(whole, &part)) {
        Py_CLEAR(*res);
        *res = PyArray_BYTES(ARR(now)) == part.data ? new_ref(now)
            : quick_view(whole, &part);
    }
    Py_DECREF(now);
    return done > 0 && *res == NULL ? -1 : done;
}

/* May another array take the place of the result of a op= other, where `a` is a view and
 * the stack alone refers to it?  m[:, 0] -= 1 would move with all that lies between its
 * elements. */
static int
may_be_replaced(PyObject *a)
{
    return link_of(a)->flags & IS_VIEW && link_of(a)->guard == NULL
        && on_parting == NULL
        && !link_of(a)->seal->exposed && !PyArray_ISONESEGMENT(ARR(a)) && !is_alone(a);
}

/* a op= other, where `a` is written through an alias, or (`replaced`) another array
 * takes its place.  A subclass may have an __array_ufunc__ of its own, which ndarray's
 * slot finds. */
static PyObject *
inplace_whole(PyObject *a, PyObject *other, const Operator *o, int replaced)
{
    static const Write all = {0};
    PyObject *res, *operand = NULL;
    int simple = 0, exact = Py_TYPE(a) == cow_class;

    if (o->loops != NULL && exact) {
        simple = quick_into(o->loops, a, (PyObject *[]){a, other}, 2, a, &(Write){0});
    }
    if (simple != 0) {
        return simple < 0 ? NULL : new_ref(a);
    }
    simple = exact ? inplace_operand(a, other, &all, &operand) : 0;
    if (simple <= 0) {
        return simple < 0 ? NULL : o->base_inplace(a, other);
    }
    res = replaced ? inplace_apart(a, operand, o) : compute_into(a, &all, operand, o);
    Py_XDECREF(operand);
    return res;
}

/* a op= other: the array object stays, but where it is a temporary. */
static PyObject *
inplace(PyObject *self, PyObject *other, const Operator *o)
{
    int exact = Py_TYPE(self) == cow_class, temporary = 0, done = 0;
    Target target = {NULL, NULL};
    PyObject *res = NULL, *operand;

    if (exact && is_temporary(self)) {
        temporary = are_operands(self, other, &target);
    }
    operand = temporary < 0 ? NULL : exact ? convert_operand(other) : new_ref(other);
    if (operand == NULL || clean(self) < 0) {
        done = -1;
    }
    if (done == 0 && target.array != NULL) {
        done = inplace_part(self, operand, o, &target, &res);
    }
    if (done == 0) {
        res = inplace_whole(self, operand, o, temporary && is_temporary(self)
                            && may_be_replaced(self));
    }
    clear_target(&target);
    Py_XDECREF(operand);
    return res;
}

/* The slot of `right` that Python asks first, since its class is one of ndarray's that
 * has a way of its own; NULL: there is none.  Ours is no base class of that. */
static void *
slot_of_subclass(PyObject *right, int slot, const void *base)
{
    void *own = !PyArray_Check(right) || is_plain(right) || is_cow(right) ? NULL
        : PyType_GetSlot(Py_TYPE(right), slot);

    return own == base ? NULL : own;
}

static PyObject *
binary(PyObject *left, PyObject *right, const Operator *o)
{
    PyObject *const both[] = {left, right};
    PyObject *res = o->loops == NULL ? NULL : quick_loop(o->loops, both, 2);
    binaryfunc own;
    int simple;

    if (res != NULL || PyErr_Occurred()) {
        return wrap(res, cow_class, NULL);
    }
    res = elide(left, right, o);
    if (res != NULL || PyErr_Occurred()) {
        return res;
    }
    own = (binaryfunc)slot_of_subclass(right, o->slot, (void *)o->base);
    res = own == NULL ? NULL : own(left, right);
    if (own != NULL && res != Py_NotImplemented) {
        return res;
    }
    Py_XDECREF(res);
    res = compute(o->ufunc, both, 2, &simple);
    return simple == 0 ? o->base(left, right) : res;
}

#define BINARY_OPS(X)                                                       \
    X(add, "add") X(subtract, "subtract") X(multiply, "multiply")           \
    X(true_divide, "true_divide") X(floor_divide, "floor_divide")           \
    X(remainder, "remainder") X(and, "bitwise_and") X(or, "bitwise_or")     \
    X(xor, "bitwise_xor") X(lshift, "left_shift") X(rshift, "right_shift")

#define DEFINE_BINARY(slot, name)                                           \
    static Operator op_##slot = {name, NULL, NULL, NULL, NULL, Py_nb_##slot};\
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
    ternaryfunc own = (ternaryfunc)slot_of_subclass(right, Py_nb_power,
                                                    (void *)base_power);
    PyObject *const both[] = {left, right};
    PyObject *res = own == NULL ? NULL : own(left, right, mod);
    int simple = 0;

    if (own != NULL && res != Py_NotImplemented) {
        return res;
    }
    Py_XDECREF(res);
    res = NULL;
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
    static const int swapped[] = {Py_GT, Py_GE, Py_EQ, Py_NE, Py_LT, Py_LE};
    PyObject *const both[] = {left, right};
    PyObject *res = comparing[op] == NULL ? NULL
        : quick_loop(comparing[op], both, 2);
    richcmpfunc own;
    int simple;

    if (res != NULL || PyErr_Occurred()) {
        return wrap(res, cow_class, NULL);
    }
    own = (richcmpfunc)slot_of_subclass(right, Py_tp_richcompare,
                                        (void *)base_richcompare);
    res = own == NULL ? NULL : own(right, left, swapped[op]);
    if (own != NULL && res != Py_NotImplemented) {
        return res;
    }
    Py_XDECREF(res);
    res = compute(comparison[op], both, 2, &simple);
    return simple == 0 ? base_richcompare(left, right, op) : res;
}
