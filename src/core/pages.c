/* Pages: memory whose copies cost the pages that change (cow.paged).
 *
 *     b  ──▶ storage ──▶ Pages: private mapping ──┐
 *                                                 ▼
 *                                          Base: a sealed memory file
 *                                                 ▲
 *     c = b.copy() ──▶ storage ──▶ Pages ─────────┘
 *
 * Nobody ever writes the file: what one mapping writes the kernel puts into pages of
 * its own, which no other mapping sees, raw pointers included.  A copy maps the file
 * once more and copies those pages; when most are such, a new file is made of them,
 * and the source looks at that, too.  Pages without a file, of zeros at first, get one
 * at the first copy.
 *
 * To NumPy these are memory handlers, one for each mapping: whoever frees the
 * array ends the mapping, and the last mapping of a file closes it.  Where the
 * system does not help (limits, no memory files) every function here says so, and the
 * caller makes a plain copy.  The lock is given up where much is read or copied: the
 * caller holds the array, so that writers move, or counts in Seal.copying. */

typedef struct Pages Pages;

typedef struct {
    File file;
    unsigned long long number;          /* never used again */
    Py_ssize_t users;
    Pages *first;                       /* its mappings */
} Base;

struct Pages {
    PyDataMem_Handler handler;          /* first: NumPy gets its address */
    Base *base;                         /* or NULL: not yet */
    char *memory;                       /* NULL: given back */
    size_t bytes, length;               /* asked for, and as whole pages */
    Pages *prev, *next;                 /* of the same base */
    Seal *seal;                         /* borrowed; of the storage, or NULL */
    int taken;                          /* NumPy has the memory */
    int same, fresh;                    /* as the base when made, and nobody's yet */
    int busy;                           /* threads that read it without the lock */
};

enum {
    LEAST_PAGES = 16,                   /* less is copied sooner than mapped */
    ALWAYS_READ = 1024,                 /* entries of the page map, some 5 us */
    MOST_HELD = 256                     /* pages that are copied under the lock */
};
static size_t mappings, files;          /* of ours */

/* ---- Bases */

static inline size_t
whole_pages(size_t bytes)
{
    return (bytes + page_size - 1) / page_size;
}

static void
leave_base(Base *base)
{
    if (base != NULL && --base->users == 0) {
        if (has_file(&base->file)) {
            close_file(&base->file);
        }
        files--;
        PyMem_Free(base);
    }
}

/* A file with these bytes: of all pages, or of those that are marked.  Gives up the
 * lock.  NULL without an exception: there is none to be had. */
static Base *
make_base(const char *memory, size_t bytes, const unsigned char *marks)
{
    static unsigned long long last;
    size_t pages = whole_pages(bytes);
    Base *base = files >= most_files ? NULL : PyMem_Malloc(sizeof(*base));
    int result = 0, opened;

    if (base == NULL) {
        return NULL;
    }
    *base = (Base){.number = ++last, .users = 1};
    files++;
    Py_BEGIN_ALLOW_THREADS
    opened = open_file(&base->file, pages * page_size) == 0;
    result = opened ? 0 : -1;
    for (size_t i = 0, end; i < pages && result == 0; i = end) {
        end = marks == NULL ? pages : i + 1;
        while (marks != NULL && end < pages && marks[end] == marks[i]) {
            end++;
        }
        if (marks == NULL || marks[i]) {
            size_t stop = end * page_size < bytes ? end * page_size : bytes;
            result = fill_file(&base->file, memory + i * page_size, i * page_size,
                               stop - i * page_size);
        }
    }
    result = result == 0 ? shut_file(&base->file) : -1;
    Py_END_ALLOW_THREADS
    if (result < 0) {
        if (opened) {
            close_file(&base->file);
        }
        files--;
        PyMem_Free(base);
        return NULL;
    }
    return base;
}

/* ---- Mappings, and their handlers */

static void
join_base(Pages *p, Base *base)
{
    p->base = base;
    if (base != NULL) {
        base->users++;
        p->prev = NULL;
        p->next = base->first;
        if (p->next != NULL) {
            p->next->prev = p;
        }
        base->first = p;
    }
}

static void
part_from_base(Pages *p)
{
    Base *base = p->base;

    if (base != NULL) {
        *(p->prev != NULL ? &p->prev->next : &base->first) = p->next;
        if (p->next != NULL) {
            p->next->prev = p->prev;
        }
        p->base = NULL;
        leave_base(base);
    }
}

static void
release_pages(Pages *p)
{
    if (p->memory != NULL) {
        unmap_pages(p->memory, p->length);
        p->memory = NULL;
        p->seal = NULL;
        mappings--;
        part_from_base(p);
    }
}

/* NumPy asks for the memory of the one array that it makes with the handler. */
static void *
pages_malloc(void *ctx, size_t size)
{
    Pages *p = ctx;

    if (p->taken || size > p->length) {
        return numpys.malloc(numpys.ctx, size);
    }
    p->taken = 1;
    return p->memory;
}

/* For texts: what they get are texts, too, or zeros. */
static void *
pages_calloc(void *ctx, size_t n, size_t size)
{
    Pages *p = ctx;

    return p->taken || n > p->length / size ? numpys.calloc(numpys.ctx, n, size)
        : pages_malloc(ctx, n * size);
}

static void
pages_free(void *ctx, void *block, size_t size)
{
    if (block == ((Pages *)ctx)->memory) {
        release_pages(ctx);
    }
    else {
        numpys.free(numpys.ctx, block, size);
    }
}

/* ndarray.resize: what no longer fits becomes plain. */
static void *
pages_realloc(void *ctx, void *block, size_t size)
{
    Pages *p = ctx;
    void *grown;

    if (block != p->memory) {
        return numpys.realloc(numpys.ctx, block, size);
    }
    if (size <= p->bytes) {
        return block;
    }
    grown = numpys.malloc(numpys.ctx, size);
    if (grown != NULL) {
        memcpy(grown, block, p->bytes);
        release_pages(p);
    }
    return grown;
}

static void
end_handler(PyObject *handler)
{
    Pages *p = PyCapsule_GetPointer(handler, "mem_handler");

    release_pages(p);
    PyMem_Free(p);
}

/* The handler of a new mapping, of the base or of zeros (NULL).  NULL without an
 * exception: there is none to be had. */
static PyObject *
new_pages(Base *base, size_t bytes)
{
    static const PyDataMemAllocator functions = {
        NULL, pages_malloc, pages_calloc, pages_realloc, pages_free};
    Pages *p = mappings >= most_mappings || (base != NULL && !has_file(&base->file)) ? NULL
        : PyMem_Calloc(1, sizeof(*p));
    PyObject *handler;

    if (p == NULL) {
        return NULL;
    }
    p->bytes = bytes;
    p->length = whole_pages(bytes) * page_size;
    p->memory = map_pages(base == NULL ? NULL : &base->file, p->length, NULL);
    if (p->memory == NULL) {
        PyMem_Free(p);
        return NULL;
    }
    mappings++;
    join_base(p, base);
    strcpy(p->handler.name, "cow_pages");
    p->handler.version = 1;
    p->handler.allocator = functions;
    p->handler.allocator.ctx = p;
    handler = PyCapsule_New(&p->handler, "mem_handler", end_handler);
    if (handler == NULL) {
        PyErr_Clear();
        release_pages(p);
        PyMem_Free(p);
    }
    return handler;
}

static inline Pages *
pages_of_handler(PyObject *handler)
{
    PyDataMem_Handler *h = handler == NULL || handler == PyDataMem_DefaultHandler
        || handler == pool_handler ? NULL
        : PyCapsule_GetPointer(handler, "mem_handler");

    return h == NULL || h->allocator.free != pages_free ? NULL
        : h->allocator.ctx;
}

/* The pages of the memory that the array `op` covers, all of it; NULL: it is not
 * paged. */
static Pages *
pages_of(PyObject *op)
{
    PyObject *s = op;
    Pages *p = NULL;

    while (s != NULL && p == NULL) {
        if (PyArray_Check(s)) {
            p = pages_of_handler(FIELDS(s)->mem_handler);
            s = PyArray_BASE(ARR(s));
        }
        else {
            /* a loan has a seal for its base */
            s = Py_TYPE(s) == seal_type ? ((Seal *)s)->owner : NULL;
        }
    }
    return p != NULL && p->memory == PyArray_BYTES(ARR(op))
        && (npy_intp)p->bytes == PyArray_NBYTES(ARR(op))
        && PyArray_ISONESEGMENT(ARR(op)) ? p : NULL;
}

/* A plain array over the mapping (steals its handler), with the dtype and the shape
 * of `like`. */
static PyObject *
array_over(PyObject *handler, PyObject *like, int fortran)
{
    PyArray_Descr *descr = PyArray_DESCR(ARR(like));
    PyObject *old = PyDataMem_SetHandler(handler), *array = NULL;

    if (old != NULL) {
        Py_INCREF((PyObject *)descr);
        array = PyArray_NewFromDescr(
            &PyArray_Type, descr, PyArray_NDIM(ARR(like)), PyArray_DIMS(ARR(like)),
            NULL, NULL, fortran ? NPY_ARRAY_F_CONTIGUOUS : 0, NULL);
        leave_pool(old);
    }
    Py_DECREF(handler);
    return array;
}

/* The memory of the storage `s` has this seal now, or none. */
static inline void
note_seal(PyObject *s, Seal *seal)
{
    Pages *p = pages_of_handler(FIELDS(s)->mem_handler);

    if (p != NULL) {
        p->seal = seal;
        if (seal != NULL) {
            seal->unwritten = p->fresh;
        }
        p->fresh = 0;
    }
}

/* Nobody has seen the plain array `op`, which is about to be sealed. */
static inline void
note_fresh(PyObject *op)
{
    Pages *p = pages_of_handler(FIELDS(op)->mem_handler);

    if (p != NULL) {
        p->fresh = p->same;
    }
}

/* ---- Copies */

/* Let the pages be those of the base, which has the same bytes.  Readers see no
 * difference; nobody may write them meanwhile. */
static void
change_base(Pages *p, Base *base)
{
    for (int tries = 0; map_pages(&base->file, p->length, p->memory) == NULL; tries++) {
        if (tries == 100) {
            Py_FatalError("the kernel has no memory to map pages that were there");
        }
    }
    part_from_base(p);
    join_base(p, base);
    p->seal->unwritten = 1;
}

static size_t
copy_marked(char *to, const char *from, const unsigned char *marks, size_t pages)
{
    size_t copied = 0;

    for (size_t i = 0, end; i < pages; i = end) {
        end = i + 1;
        while (end < pages && marks[end] == marks[i]) {
            end++;
        }
        if (marks[i]) {
            memcpy(to + i * page_size, from + i * page_size, (end - i) * page_size);
            copied += (end - i) * page_size;
        }
    }
    return copied;
}

/* How many pages differ from the base, with marks on them; -1: not known. */
static Py_ssize_t
find_changed(Pages *p, unsigned char *marks)
{
    size_t pages = whole_pages(p->bytes);
    Py_ssize_t found;

    if (pages <= ALWAYS_READ) {
        return find_private(p->memory, pages, marks);
    }
    Py_BEGIN_ALLOW_THREADS
    found = find_private(p->memory, pages, marks);
    Py_END_ALLOW_THREADS
    return found;
}

/* The handler of pages with the same bytes; *copied: how many of them were
 * copied.  NULL without an exception: there is none to be had.  The caller holds the
 * memory; may give up the lock. */
static PyObject *
map_copy(Pages *p, unsigned char *marks, npy_intp *copied)
{
    size_t pages = whole_pages(p->bytes);
    Base *base = p->base, *made = NULL;
    int known = p->seal != NULL && p->seal->unwritten && !p->seal->exposed
        && base != NULL && pages > ALWAYS_READ;
    Py_ssize_t changed = known ? 0 : find_changed(p, marks);
    PyObject *handler;
    Pages *q;

#ifdef COW_CHECK
    if (known && find_private(p->memory, pages, marks) > 0) {
        Py_FatalError("pages count as unwritten that are written");
    }
#endif
    *copied = 0;
    if (base == NULL || changed < 0 || (size_t)changed > pages / 2
            || !has_file(&base->file)) {
        made = make_base(p->memory, p->bytes,
                         base == NULL && changed >= 0 ? marks : NULL);
        if (made == NULL && (base == NULL || changed < 0)) {
            return NULL;
        }
    }
    if (made != NULL) {
        *copied = p->base != NULL ? (npy_intp)p->bytes
            : changed * (npy_intp)page_size;
        changed = 0;
        if (p->seal != NULL && !p->seal->exposed && p->seal->writing == 0
                && p->busy == 1) {
            change_base(p, made);
        }
        base = made;
    }
    handler = new_pages(base, p->bytes);
    q = pages_of_handler(handler);
    if (q != NULL && changed == 0) {
        q->same = 1;
    }
    else if (q != NULL) {
        size_t n;
        if (changed <= MOST_HELD) {
            n = copy_marked(q->memory, p->memory, marks, pages);
        }
        else {
            Py_BEGIN_ALLOW_THREADS
            n = copy_marked(q->memory, p->memory, marks, pages);
            Py_END_ALLOW_THREADS
        }
        *copied = (npy_intp)n;
    }
    leave_base(made);
    return handler;
}

/* A plain copy of the array `op`, of pages as it is, if NumPy would lay it out in the
 * same way.  NULL without an exception: the caller makes another copy. */
static PyObject *
copy_pages(PyObject *op, NPY_ORDER order, npy_intp *copied)
{
    Pages *p = pages_of(op);
    unsigned char *marks;
    PyObject *handler;

    if (p == NULL || (order == NPY_CORDER && !PyArray_IS_C_CONTIGUOUS(ARR(op)))
            || (order == NPY_FORTRANORDER && !PyArray_IS_F_CONTIGUOUS(ARR(op)))) {
        return NULL;
    }
    marks = PyMem_Calloc(whole_pages(p->bytes), 1);
    if (marks == NULL) {
        return NULL;
    }
    p->busy++;
    handler = map_copy(p, marks, copied);
    p->busy--;
    PyMem_Free(marks);
    return handler == NULL ? NULL
        : array_over(handler, op, !PyArray_IS_C_CONTIGUOUS(ARR(op)));
}

/* A plain copy of the plain array `op`. */
static PyObject *
copy_plain(PyObject *op, NPY_ORDER order)
{
    npy_intp copied;
    PyObject *copy = copy_pages(op, order, &copied);

    return copy != NULL || PyErr_Occurred() ? copy
        : PyArray_NewCopy(ARR(op), order);
}

/* Let the memory of `s`, which nobody looks at, be as that of `op`: 0, if the two have
 * the same base; *copied bytes.  -1: nothing has changed. */
static int
refresh_pages(PyObject *s, PyObject *op, npy_intp *copied)
{
    Pages *p = pages_of(op), *q = pages_of(s);
    size_t pages = p == NULL ? 0 : whole_pages(p->bytes);
    unsigned char *marks = p == NULL || q == NULL || p->base == NULL
        || p->base != q->base || p->bytes != q->bytes ? NULL
        : PyMem_Calloc(pages, 2);
    int result = -1;

    if (marks != NULL && find_private(p->memory, pages, marks) >= 0
            && find_private(q->memory, pages, marks + pages) >= 0) {
        for (size_t i = 0; i < pages; i++) {
            marks[i] |= marks[pages + i];
        }
        *copied = (npy_intp)copy_marked(q->memory, p->memory, marks, pages);
        result = 0;
    }
    PyMem_Free(marks);
    return result;
}
