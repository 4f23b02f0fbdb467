/* What CPython's headers ask of a 64-bit Windows, for a cross-compiler: enough to
 * compile the core and to link it, not CPython's own configuration. */
#ifndef PYCONFIG_FOR_A_CROSS_COMPILER
#define PYCONFIG_FOR_A_CROSS_COMPILER
#define MS_WIN32
#define MS_WIN64
#define MS_WINDOWS
#define NT_THREADS
#define WITH_THREAD 1
#define COMPILER "[gcc]"
#define PLATFORM "win32"
#define HAVE_STDINT_H 1
#define HAVE_STDDEF_H 1
#define HAVE_ERRNO_H 1
#define HAVE_DECLSPEC_DLL 1
#define Py_ENABLE_SHARED 1
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_DOUBLE 8
#define SIZEOF_FLOAT 4
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_TIME_T 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_OFF_T 4
#define SIZEOF_FPOS_T 8
#define SIZEOF_PID_T SIZEOF_INT
#define HAVE_LONG_LONG 1
#define ALIGNOF_SIZE_T 8
#define ALIGNOF_MAX_ALIGN_T 16
#define PY_LONG_LONG long long
typedef long long Py_ssize_t;
#define HAVE_PY_SSIZE_T 1
#endif
