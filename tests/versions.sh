#!/usr/bin/env bash
# One wheel, built once, on every CPython found here with several NumPys.
set -eu
cd "$(dirname "$0")/.."
work=build/versions
python=.venv/bin/python
rm -rf "$work/dist" && mkdir -p "$work/dist"
"$python" -m pip wheel -q --no-deps -w "$work/dist" .
wheel=$(ls "$work"/dist/*.whl)
case "$wheel" in *abi3*) ;; *) echo "$wheel is no abi3 wheel"; exit 1 ;; esac

# the audit of the stable ABI, and the builder of the source distribution
tools="$work/tools"
[ -x "$tools/bin/python" ] || "$python" -m venv "$tools"
"$tools/bin/python" -m pip install -q --disable-pip-version-check abi3audit build 2>/dev/null
"$tools/bin/abi3audit" --strict "$wheel"

# what needs nothing but NumPy, pytest and hypothesis
tests="scratch creation sharing escapes functions ufuncs chained memory dtypes readonly pickle threads
    bad_input namespaces oracle escape_matrix state_machine subclass masked protocols pool at relation ledger explain"
files=$(for t in $tests; do ls tests/test_"$t".py 2>/dev/null || true; done)

# CPython:NumPy, the newest where that is empty
pairs=${PAIRS-3.11:2.0.2 3.11:2.2.6 3.11:2.4.6 3.12:2.0.2 3.12:2.4.6 3.12: 3.13:2.2.6 3.13:2.4.6 3.13:}
failed=0
for pair in $pairs
do
    version=${pair%%:*} numpy=${pair#*:}
    interpreter=$(command -v "python$version" || true)
    if ! "$interpreter" -c '' 2>/dev/null; then
        interpreter=$(ls ~/.pyenv/versions/"$version".*/bin/python 2>/dev/null | tail -n 1)
    fi
    [ -n "$interpreter" ] || { echo "CPython $version: not found"; continue; }
    env="$work/$version-${numpy:-newest}"
    [ -x "$env/bin/python" ] || "$interpreter" -m venv "$env"
    "$env/bin/python" -m pip install -q --disable-pip-version-check \
        "numpy${numpy:+==$numpy}" pytest hypothesis typing_extensions 2>/dev/null
    "$env/bin/python" -m pip install -q --disable-pip-version-check \
        --force-reinstall --no-deps "$wheel" 2>/dev/null
    found=$("$env/bin/python" -c 'import numpy; print(numpy.__version__)')
    # shellcheck disable=SC2086
    if line=$("$env/bin/python" -m pytest -q -p no:cacheprovider $files 2>&1)
    then :; else failed=1; printf '%s\n' "$line" | grep -E '^(FAILED|ERROR|E  )' | head -20; fi
    echo "CPython $version, NumPy $found: $(printf '%s\n' "$line" | tail -n 1)"
done

# the source distribution, of the last commit: built and tested from its archive
"$tools/bin/python" -m build -q --sdist -o "$work/dist" . > /dev/null
rm -rf "$work/source" && mkdir "$work/source"
tar -xzf "$work"/dist/*.tar.gz -C "$work/source" --strip-components 1
env="$PWD/$work/from-source"
[ -x "$env/bin/python" ] || "$python" -m venv "$env"
cd "$work/source"
"$env/bin/python" -m pip install -q --disable-pip-version-check --force-reinstall \
    numpy pytest hypothesis typing_extensions . 2>/dev/null
# shellcheck disable=SC2086
if line=$("$env/bin/python" -m pytest -q -p no:cacheprovider $files 2>&1)
then :; else failed=1; printf '%s\n' "$line" | grep -E '^(FAILED|ERROR|E  )' | head -20; fi
echo "source distribution: $(printf '%s\n' "$line" | tail -n 1)"
exit $failed
