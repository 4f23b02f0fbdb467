#!/usr/bin/env bash
# The stress programs on every CPython found here; the newest NumPy with a wheel.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
wheel=$(ls .venv/wheel/*.whl)
failed=0
for version in 3.11 3.12 3.13
do
    interpreter=$(command -v "python$version" || true)
    if ! "$interpreter" -c '' 2>/dev/null; then
        interpreter=$(ls ~/.pyenv/versions/"$version".*/bin/python 2>/dev/null | tail -n 1)
    fi
    [ -n "$interpreter" ] || { echo "CPython $version: not found"; continue; }
    env="build/stress/$version"
    [ -x "$env/bin/python" ] || "$interpreter" -m venv "$env"
    pip="$env/bin/python -m pip install -q --disable-pip-version-check"
    $pip numpy typing_extensions 2>/dev/null
    $pip --force-reinstall --no-deps "$wheel" 2>/dev/null
    cd tests/memory
    python="../../$env/bin/python -X faulthandler"
    $python threads.py "$seconds" || failed=1
    for seed in 1 2 3; do
        $python fuzz.py "$seed" 1000 > /dev/null || failed=1
        $python hostile.py "$seed" 3000 | tail -n 1 | grep -q unharmed \
            || { echo "hostile.py $seed 3000 died"; failed=1; }
    done
    cd ../..
done
[ $failed = 0 ] && echo "stress: nothing torn, no crash"
exit $failed
