#!/usr/bin/env bash
# One wheel, built once on CPython 3.11, on every CPython found here with several
# NumPys. What they skip, and why, stands at the end.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/programs/pythons.sh
. tests/programs/pythons.sh
work=$PWD/build/versions
oldest=$(interpreter 3.11) || { echo "the wheel is built on CPython 3.11"; exit 1; }
rm -rf "$work/dist" "$work/logs" && mkdir -p "$work/dist" "$work/logs"

# the audit of the stable ABI, and the builders of wheel and source distribution
tools="$work/tools"
environment "$tools" "$oldest" pip abi3audit build
"$tools/bin/python" -m pip wheel -q --no-deps -w "$work/dist" .
wheel=$(ls "$work"/dist/*.whl)
case "$wheel" in *cp311-abi3*) ;; *) echo "$wheel: not for 3.11 and newer"; exit 1 ;; esac
"$tools/bin/abi3audit" --strict "$wheel"
export COW_WHEELS="$work/dist" OPENBLAS_NUM_THREADS=1

# what needs nothing but NumPy, pytest and hypothesis
core=$(printf 'tests/%s ' core array dispatch insight programs guard/test_containers.py)

# CPython:NumPy, the newest where that is empty; :core for the tests above alone
pairs=${PAIRS-3.11:2.0.2 3.11:2.2.6:core 3.11:2.4.6 3.12:2.0.2:core 3.12:2.2.6:core
    3.12:2.4.6:core 3.12: 3.13:2.2.6:core 3.13:2.4.6:core 3.13: 3.14:2.3.2:core
    3.14:2.4.6:core 3.14: 3.15:}
failed=0

# Run pytest of environment $2 on the rest; $1: what it is called.
run() {
    local name=$1 python=$2/bin/python log="$work/logs/$1"
    shift 2
    "$python" -m pytest -q -rs -p no:cacheprovider "$@" > "$log" 2>&1 || {
        failed=1
        grep -E '^(FAILED|ERROR|E  )' "$log" | head -20 || true
    }
    echo "$name: $(tail -n 1 "$log")"
}

for pair in $pairs
do
    IFS=: read -r version numpy which <<< "$pair"
    python=$(interpreter "$version") || { echo "CPython $version: not found"; continue; }
    env="$work/$version-${numpy:-newest}"
    packages="$wheel[test]" files=""
    if [ -n "$which" ]; then
        packages="$wheel pytest hypothesis" files=$core env="$env-core"
    fi
    # shellcheck disable=SC2086
    environment "$env" "$python" pip "numpy${numpy:+==$numpy}" $packages &&
        environment "$env" "$python" --force-reinstall --no-deps "$wheel" ||
        { echo "$pair cannot be installed"; failed=1; continue; }
    # for an extension that a test compiles: headers that lie beside the interpreter
    include="${python%/bin/*}/include"
    if [ -d "$include" ]; then export CPATH="$include"; else unset CPATH; fi
    found=$("$env/bin/python" -c 'import numpy; print(numpy.__version__)')
    name="CPython $version, NumPy $found"
    # shellcheck disable=SC2086
    run "$name${which:+, core}" "$env" $files
    [ -n "$which" ] || run "$name, docstrings" "$env" --doctest-modules --ignore-glob='*/numpy/random.py' --pyargs cow
done

# the source distribution, of the last commit: built and tested from its archive
"$tools/bin/python" -m build -q --sdist -o "$work/dist" . > /dev/null
rm -rf "$work/source" && mkdir "$work/source"
tar -xzf "$work"/dist/*.tar.gz -C "$work/source" --strip-components 1
env="$work/from-source"
environment "$env" "$oldest" numpy pytest hypothesis typing_extensions
environment "$env" "$oldest" --force-reinstall --no-deps "$work/source"
cd "$work/source"
# shellcheck disable=SC2086
run "source distribution" "$env" $core

echo "Skipped:"
grep -H '^SKIPPED' "$work"/logs/* | sed "s|^$work/logs/||; s|SKIPPED |  |" || true
exit $failed
