#!/usr/bin/env bash
# The stress programs on every CPython found here, or on those that VERSIONS names;
# the newest NumPy with a wheel.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/programs/pythons.sh
. tests/programs/pythons.sh
seconds=${1:-60}
wheel=$(ls .venv/wheel/*.whl)
failed=0
for version in ${VERSIONS-3.11 3.12 3.13 3.14 3.15}
do
    python=$(interpreter "$version") || { echo "CPython $version: not found"; continue; }
    env="build/stress/$version"
    environment "$env" "$python" numpy typing_extensions
    environment "$env" "$python" --force-reinstall --no-deps "$wheel"
    cd tests/programs
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
