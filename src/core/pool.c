/* Memory to be reused.
 *
 * The C library gives freed memory back, of large blocks at once and of many
 * smaller ones soon, and each new block costs page faults, which take longer
 * than a sum.  While a large operand is at work NumPy allocates here; blocks
 * that are freed wait for the next one of their size.  NumPy calls with the
 * GIL held. */

enum { POOL_BLOCKS = 8 };
static const size_t POOL_LEAST = 512 << 10;
static struct {
    void *block[POOL_BLOCKS];           /* oldest first */
    size_t size[POOL_BLOCKS];
    int count;
    size_t bytes, limit;
} pool;
static PyObject *pool_handler;          /* capsule */
static int at_work;                     /* a large operand is */

/* Take block i out of the pool. */
static void *
take_block(int i)
{
    void *block = pool.block[i];
    size_t rest = (size_t)(--pool.count - i);

    pool.bytes -= pool.size[i];
    memmove(pool.block + i, pool.block + i + 1, rest * sizeof(*pool.block));
    memmove(pool.size + i, pool.size + i + 1, rest * sizeof(*pool.size));
    return block;
}

/* Free the oldest blocks until at most `bytes` are kept. */
static void
trim_pool(size_t bytes)
{
    while (pool.count > 0 && pool.bytes > bytes) {
        PyDataMem_FREE(take_block(0));
    }
}

static PyDataMemAllocator numpys;        /* NumPy's own */

static void *
pool_malloc(void *ctx, size_t size)
{
    void *block;

    for (int i = pool.count; i-- > 0;) {
        if (pool.size[i] == size) {
            return take_block(i);
        }
    }
    if (size >= POOL_LEAST) {       /* the pool never adds to the peak */
        trim_pool(pool.bytes > size ? pool.bytes - size : 0);
    }
    block = numpys.malloc(ctx, size);
    if (block == NULL && pool.count > 0) {
        trim_pool(0);
        block = numpys.malloc(ctx, size);
    }
    return block;
}

static void
pool_free(void *ctx, void *block, size_t size)
{
    size_t most = size;
    void *kept = NULL;

    /* an expression has two temporaries at a time: what is more waits in vain */
    for (int i = 0; i < pool.count; i++) {
        most = pool.size[i] > most ? pool.size[i] : most;
    }
    most = 2 * most < pool.limit ? 2 * most : pool.limit;
    if (size >= POOL_LEAST && size <= most) {
        trim_pool(most - size);
        if (pool.count == POOL_BLOCKS) {
            trim_pool(pool.bytes - 1);
        }
        /* the size stays: this tells tracemalloc that the block is in use */
        kept = PyDataMem_RENEW(block, size);
    }
    if (kept == NULL) {
        numpys.free(ctx, block, size);
        return;
    }
    pool.block[pool.count] = kept;
    pool.size[pool.count++] = size;
    pool.bytes += size;
}

/* NumPy's handler with these two functions for its own. */
static PyObject *
make_handler(void)
{
    static PyDataMem_Handler handler;
    PyDataMem_Handler *default_handler = PyCapsule_GetPointer(
        PyDataMem_DefaultHandler, "mem_handler");

    if (default_handler == NULL) {
        return NULL;
    }
    handler = *default_handler;
    numpys = handler.allocator;
    handler.allocator.malloc = pool_malloc;
    handler.allocator.free = pool_free;
    return PyCapsule_New(&handler, "mem_handler", NULL);
}

/* Note an operand that is large enough for the pool. */
static inline void
note_size(PyObject *a)
{
    npy_intp bytes = PyArray_ITEMSIZE(ARR(a));

    for (int i = PyArray_NDIM(ARR(a)); i-- > 0;) {
        bytes *= PyArray_DIM(ARR(a), i);    /* at the speed of a sum */
    }
    at_work |= (size_t)bytes >= POOL_LEAST;
}

/* Let the large memory of `s` come here when it is freed. */
static void
adopt_block(PyObject *s)
{
    PyObject **handler = &FIELDS(s)->mem_handler;

    if ((size_t)PyArray_NBYTES(ARR(s)) >= POOL_LEAST
            && *handler == PyDataMem_DefaultHandler) {
        replace(handler, new_ref(pool_handler));
    }
}

/* Let NumPy allocate in the pool where a large operand was noted: the
 * handler for leave_pool(), or NULL.  A program's own handler stays. */
static PyObject *
enter_pool(void)
{
    PyObject *old;

    if (!at_work || pool.limit == 0) {
        return NULL;
    }
    at_work = 0;
    old = PyDataMem_SetHandler(pool_handler);
    if (old != NULL && old != PyDataMem_DefaultHandler) {
        Py_XDECREF(PyDataMem_SetHandler(old));
        Py_CLEAR(old);
    }
    PyErr_Clear();
    return old;
}

/* Steals `old`; keeps an exception that is set. */
static void
leave_pool(PyObject *old)
{
    PyObject *type, *value, *trace;

    if (old != NULL) {
        PyErr_Fetch(&type, &value, &trace);
        Py_XDECREF(PyDataMem_SetHandler(old));
        Py_DECREF(old);
        PyErr_Restore(type, value, trace);
    }
}
