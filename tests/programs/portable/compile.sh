#!/usr/bin/env bash
# Compile the core with other compilers and for other systems, every warning an error:
# `make portable`. What was compiled for Linux on ARM is not run here.
set -eu
cd "$(dirname "$0")/../../.."
python=$1
work=$PWD/build/portable
rm -rf "$work" && mkdir -p "$work"
include=$("$python" -c "import sysconfig; print(sysconfig.get_paths()['include'])")
numpy=$("$python" -c "import numpy; print(numpy.get_include())")
flags="-std=c11 -DPy_LIMITED_API=0x030B0000 -DNPY_TARGET_VERSION=NPY_2_0_API_VERSION
    -DNPY_NO_DEPRECATED_API=NPY_2_0_API_VERSION -Werror"
strict="$flags -O2 -Wall -Wextra -Wshadow -isystem $include -isystem $numpy"
source=src/core/module.c

need() { command -v "$1" > /dev/null || { echo "$1 is missing: see the Makefile"; exit 1; }; }
for each in clang musl-gcc x86_64-w64-mingw32-gcc aarch64-linux-gnu-gcc; do need "$each"; done

# Everything clang knows, but for: pointers to functions in slots, which CPython wants
# (pedantic, bad-function-cast); macros of CPython (disabled-macro-expansion); padding;
# comparisons with 0 and exact conversions, which are meant (float-equal,
# double-promotion); the link in an object, which is aligned (cast-align); two
# expressions in one (comma); the two bools that are both asked for (bitwise).
clang $flags -fsyntax-only -Weverything -Wno-pedantic -Wno-bad-function-cast \
    -Wno-disabled-macro-expansion -Wno-padded -Wno-float-equal -Wno-double-promotion \
    -Wno-cast-align -Wno-comma -Wno-bitwise-instead-of-logical -Wno-missing-prototypes \
    -Wno-unknown-warning-option -Wno-unsafe-buffer-usage -Wno-pre-c11-compat \
    -Wno-declaration-after-statement \
    -isystem "$include" -isystem "$numpy" "$source"
echo "clang -Weverything: no warning"

# undefined but for CPython's: what the C library must have
undefined() { "$1" -u "$2" | awk '{print $2}' | sed 's/^__imp_//' | sort -u; }

# its own headers first, those of glibc never
musl-gcc ${strict//-isystem/-idirafter} -fPIC -shared "$source" -o "$work/musl.so"
undefined nm "$work/musl.so" | grep -v '^_\?Py\|^_ITM\|^__cxa\|^__gmon' |
    tee "$work/musl.needs" | tr '\n' ' '
echo "of the C library: linked with musl"

aarch64-linux-gnu-gcc $strict -fPIC -shared "$source" -o "$work/aarch64.so"
echo "aarch64: linked"

# CPython's headers are the same for all systems but for pyconfig.h; NumPy's come with
# its wheel
mkdir "$work/windows"
cp -r "$include/." "$work/windows"
cp tests/programs/portable/windows/pyconfig.h "$work/windows"
version=$("$python" -c "import numpy; print(numpy.__version__)")
"$python" -m pip --disable-pip-version-check -q download --no-deps -d "$work" \
    --only-binary :all: --platform win_amd64 --python-version 3.11 "numpy==$version"
"$python" -m zipfile -e "$work"/numpy-*win_amd64.whl "$work/numpy"
windows="$flags -O2 -Wall -Wextra -Wshadow -isystem $work/windows
    -isystem $work/numpy/numpy/_core/include"
x86_64-w64-mingw32-gcc $windows -c "$source" -o "$work/core.obj"
# an import library for python3.dll, with what is asked of it
{
    printf 'LIBRARY python3.dll\nEXPORTS\n'
    undefined x86_64-w64-mingw32-nm "$work/core.obj" | grep '^_\?Py'
} > "$work/python3.def"
x86_64-w64-mingw32-dlltool -d "$work/python3.def" -l "$work/libpython3.a"
x86_64-w64-mingw32-gcc -shared "$work/core.obj" -L"$work" -lpython3 -o "$work/_core.pyd"
echo "Windows: linked, $(($(wc -l < "$work/python3.def") - 2)) names of python3.dll"
