/* An allocator for NumPy's arrays whose allocation number `left` fails; loaded
 * by no_memory.py.  In C, since NumPy frees memory with an exception set. */
#include <stdlib.h>

long left = -1;

static void *
fail_malloc(void *ctx, size_t size)
{
    (void)ctx;
    return left-- == 0 ? NULL : malloc(size);
}

static void *
fail_calloc(void *ctx, size_t n, size_t size)
{
    (void)ctx;
    return left-- == 0 ? NULL : calloc(n, size);
}

static void *
fail_realloc(void *ctx, void *block, size_t size)
{
    (void)ctx;
    return left-- == 0 ? NULL : realloc(block, size);
}

static void
just_free(void *ctx, void *block, size_t size)
{
    (void)ctx;
    (void)size;
    free(block);
}

/* NumPy's PyDataMem_Handler, version 1 */
struct {
    char name[127];
    unsigned char version;
    void *ctx;
    void *(*malloc)(void *, size_t);
    void *(*calloc)(void *, size_t, size_t);
    void *(*realloc)(void *, void *, size_t);
    void (*free)(void *, void *, size_t);
} handler = {
    "fails", 1, NULL, fail_malloc, fail_calloc, fail_realloc, just_free,
};
