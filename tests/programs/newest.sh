#!/usr/bin/env bash
# A part of the suite on the newest CPython found here, if it is newer than ours.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/programs/pythons.sh
. tests/programs/pythons.sh
ours=$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
for version in 3.15 3.14 3.13 3.12
do
    [ "$version" != "$ours" ] || break
    python=$(interpreter "$version") || continue
    env="build/newest/$version"
    environment "$env" "$python" numpy pytest hypothesis typing_extensions
    environment "$env" "$python" --force-reinstall --no-deps .venv/wheel/*.whl
    echo "CPython $version:"
    exec "$env/bin/python" -m pytest -q -p no:cacheprovider \
        tests/core/test_sharing.py tests/dispatch/test_{scratch,chained,ufuncs}.py
done
echo "no CPython newer than $ours"
