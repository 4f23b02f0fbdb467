/* What the system does for pages.c: sealed memory files, private mappings of them, and
 * which pages of such a mapping are private.
 *
 * Linux alone so far; elsewhere copies are plain.  What another system needs is here, in
 * these functions: macOS has mach_vm_remap with copy, and mach_vm_page_query; Windows
 * has views of a section that are PAGE_WRITECOPY, and QueryWorkingSetEx. */

static size_t page_size;
static size_t most_mappings, most_files;        /* that we take of what a process has */

/* A file. */
typedef struct {
    int descriptor;
    unsigned long long device, inode;   /* a program may close what is not its own */
} File;

#ifdef __linux__
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* as in linux/memfd.h and linux/fcntl.h, which older headers lack in part */
enum { CLOSE_ON_EXEC = 1, ALLOW_SEALING = 2, NO_EXEC = 8 };
enum { ADD_SEALS = 1033, ALL_SEALS = 1 | 2 | 4 | 8 };
enum { HUGE = 4 << 20 };

static long
number_in(const char *path, long otherwise)
{
    FILE *f = fopen(path, "re");
    long value = otherwise;

    if (f != NULL) {
        if (fscanf(f, "%ld", &value) != 1) {
            value = otherwise;
        }
        fclose(f);
    }
    return value;
}

/* A file of so many bytes, of which none is there yet. */
static int
open_file(File *file, size_t length)
{
    struct rlimit limit;
    int fd;

    /* beyond this limit a signal would end the program; with strict accounting a
     * private mapping counts as if all of it were written */
    if ((getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY
            && limit.rlim_cur < length)
            || number_in("/proc/sys/vm/overcommit_memory", 0) == 2) {
        return -1;
    }
    fd = (int)syscall(SYS_memfd_create, "cow",
                      CLOSE_ON_EXEC | ALLOW_SEALING | NO_EXEC);
    if (fd < 0 && errno == EINVAL) {        /* before Linux 6.3 */
        fd = (int)syscall(SYS_memfd_create, "cow", CLOSE_ON_EXEC | ALLOW_SEALING);
    }
    if (fd >= 0 && ftruncate(fd, (off_t)length) < 0) {
        close(fd);
        return -1;
    }
    file->descriptor = fd;
    return fd < 0 ? -1 : 0;
}

/* Write these bytes to their place in the file. */
static int
fill_file(const File *file, const char *from, size_t at, size_t n)
{
    while (n > 0) {
        ssize_t done = pwrite(file->descriptor, from, n, (off_t)at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return -1;
        }
        from += done;
        at += (size_t)done;
        n -= (size_t)done;
    }
    return 0;
}

/* Nobody can write the file from now on. */
static int
shut_file(File *file)
{
    struct stat st;

    if (fcntl(file->descriptor, ADD_SEALS, ALL_SEALS) < 0
            || fstat(file->descriptor, &st) < 0) {
        return -1;
    }
    file->device = st.st_dev;
    file->inode = st.st_ino;
    return 0;
}

/* Is the descriptor still that of the file, which is shut? */
static int
has_file(const File *file)
{
    struct stat st;

    return (fstat(file->descriptor, &st) == 0 && file->device == st.st_dev
            && file->inode == st.st_ino);
}

static void
close_file(const File *file)
{
    close(file->descriptor);
}

/* Private pages of the file, or of zeros where there is none; at `place`, if that is
 * not NULL, instead of what is there.  NULL: none. */
static char *
map_pages(const File *file, size_t length, char *place)
{
    int flags = MAP_PRIVATE | (file == NULL ? MAP_ANONYMOUS : 0)
        /* what can fail after the old pages are gone must not be asked */
        | (place != NULL ? MAP_FIXED | MAP_NORESERVE : 0);
    void *memory = mmap(place, length, PROT_READ | PROT_WRITE, flags,
                        file == NULL ? -1 : file->descriptor, 0);

    if (memory == MAP_FAILED) {
        return NULL;
    }
    if (file == NULL && length >= HUGE) {
        madvise(memory, length, MADV_HUGEPAGE);     /* as NumPy does */
    }
    return memory;
}

/* Mark the pages that are private to a mapping.  Their number, -1: not known.
 * Needs no lock. */
static Py_ssize_t
find_private(const char *memory, size_t pages, unsigned char *marks)
{
    enum { AT_ONCE = 1024 };
    uint64_t entries[AT_ONCE];
    off_t at = (off_t)((uintptr_t)memory / page_size * sizeof(*entries));
    /* opened anew: after a fork it would tell of the parent */
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    Py_ssize_t found = map < 0 ? -1 : 0;

    for (size_t i = 0; i < pages && found >= 0; i += AT_ONCE) {
        size_t n = pages - i < AT_ONCE ? pages - i : AT_ONCE;
        if (pread(map, entries, n * sizeof(*entries), at + (off_t)(i * sizeof(*entries)))
                != (ssize_t)(n * sizeof(*entries))) {
            found = -1;
        }
        for (size_t k = 0; k < n && found >= 0; k++) {
            /* present or swapped, and not of the file */
            marks[i + k] = (entries[k] >> 62) != 0 && (entries[k] >> 61 & 1) == 0;
            found += marks[i + k];
        }
    }
    if (map >= 0) {
        close(map);
    }
    return found;
}

/* Of four pages one is read and two are written: are just these private? */
static int
try_pages(const File *file, int reads)
{
    enum { TRIED = 4 };
    unsigned char marks[TRIED];
    volatile char *memory = map_pages(file, TRIED * page_size, NULL);
    int works = 0;

    if (memory != NULL) {
        works = !reads || memory[page_size] == 0;
        memory[2 * page_size] = memory[3 * page_size] = 1;
        works &= find_private((char *)memory, TRIED, marks) == 2
            && !marks[0] && !marks[1];
        munmap((char *)memory, TRIED * page_size);
    }
    return works;
}

/* Does all of this work as expected?  Pages of zeros that have been read count as
 * private, so that none of these is read. */
static int
try_system(void)
{
    struct rlimit limit;
    File file;
    int works;

    page_size = (size_t)sysconf(_SC_PAGESIZE);
    most_mappings = (size_t)number_in("/proc/sys/vm/max_map_count", 65530) / 2;
    most_files = getrlimit(RLIMIT_NOFILE, &limit) < 0 ? 256
        : limit.rlim_cur == RLIM_INFINITY ? 65536 : (size_t)limit.rlim_cur / 4;
    if (open_file(&file, 4 * page_size) < 0) {
        return 0;
    }
    works = shut_file(&file) == 0 && has_file(&file) && try_pages(&file, 1)
        && try_pages(NULL, 0);
    close_file(&file);
    return works;
}

static int
system_works(void)
{
    static int known = -1;

    if (known < 0) {
        known = try_system();
    }
    return known;
}

static void
unmap_pages(char *memory, size_t length)
{
    munmap(memory, length);
}

#else       /* another system */

static int
system_works(void)
{
    return 0;
}

static int
open_file(File *Py_UNUSED(file), size_t Py_UNUSED(length))
{
    return -1;
}

static int
fill_file(const File *Py_UNUSED(file), const char *Py_UNUSED(from),
          size_t Py_UNUSED(at), size_t Py_UNUSED(n))
{
    return -1;
}

static int
shut_file(File *Py_UNUSED(file))
{
    return -1;
}

static int
has_file(const File *Py_UNUSED(file))
{
    return 0;
}

static void
close_file(const File *Py_UNUSED(file))
{
}

static char *
map_pages(const File *Py_UNUSED(file), size_t Py_UNUSED(length),
          char *Py_UNUSED(place))
{
    return NULL;
}

static void
unmap_pages(char *Py_UNUSED(memory), size_t Py_UNUSED(length))
{
}

static Py_ssize_t
find_private(const char *Py_UNUSED(memory), size_t Py_UNUSED(pages),
             unsigned char *Py_UNUSED(marks))
{
    return -1;
}

#endif
