/* Pointers and buffers: who is given one gets memory that is the array's alone. */

/* Get memory of its own for `a`, that nobody else looks at. */
static int
get_alone(PyObject *a, const char *why)
{
    int result = clean(a);

    while (result == 0 && !link_of(a)->seal->exposed && !is_alone(a)) {
        result = detach(a, why, 1) < 0 ? -1 : clean(a);
    }
    return result;
}

/* Get ready for a pointer into the memory of `a` that somebody keeps who may
 * write there, at any time: the memory is its own, and never shared from then
 * on.  It does not move: what is written to `a` lands there. */
static int
expose(PyObject *a)
{
    if ((on_parting != NULL && link_of(a)->guard == NULL
         && (clean(a) < 0 || check_parting(a, NULL, NULL) < 0))
            || get_alone(a, "a pointer is asked for") < 0) {
        return -1;
    }
    link_of(a)->seal->exposed = 1;
    return 0;
}

/* The same for one who says that he writes. */
static int
expose_to_writer(PyObject *a)
{
    const Write all = {0};

    return clean(a) < 0 || prepare_write(a, &all) < 0 ? -1 : expose(a);
}

/* Fill `view` from `plain`, whose reference it takes. */
static int
give_buffer(PyObject *plain, Py_buffer *view, int flags)
{
    int result = plain == NULL ? -1 : PyObject_GetBuffer(plain, view, flags);

    Py_XDECREF(plain);
    return result;
}

/* Consumers hold a plain view, so the storage and not the movable array. */
static int
array_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    int writes = (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE;

    view->obj = NULL;
    if (clean(self) < 0
            || give_buffer(new_header(self, layout_of(self),
                                      link_of(self)->seal->storage, 0),
                           view, flags & ~PyBUF_WRITABLE) < 0) {
        return -1;              /* a layout that the consumer does not take */
    }
    if (!writes && link_of(self)->seal->writing == 0
            && !link_of(self)->seal->exposed) {
        return 0;
    }
    PyBuffer_Release(view);
    return writes && expose_to_writer(self) < 0 ? -1
        : give_buffer(writes ? new_header(self, layout_of(self),
                                          link_of(self)->seal->storage, 1)
                      : make_copy(self, NPY_KEEPORDER), view, flags);
}
