#!/usr/bin/env bash
# What a release must pass, tried here: `make release-check`.
# Builds twice and compares, checks the files, installs wheel and source distribution in
# empty environments, and the distribution "cow" of somebody else beside ours.
set -eu
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
work=$PWD/build/release
rm -rf "$work" && mkdir -p "$work"

environment() { # folder, packages: a new environment with these
    "$python" -m venv "$1"
    "$1/bin/python" -m pip --disable-pip-version-check -q install "${@:2}"
}

tools=$work/tools
environment "$tools" build twine check-wheel-contents abi3audit cffconvert

# the time of the last commit, not of the build: the same sources give the same bytes
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
for dist in first second
do
    "$tools/bin/python" -m build -o "$work/$dist" . > "$work/$dist.log" 2>&1 ||
        { tail -n 20 "$work/$dist.log"; exit 1; }
    sleep 2
done
(cd "$work/first" && sha256sum ./*) | tee "$work/sums"
(cd "$work/second" && sha256sum --quiet -c "$work/sums")
echo "built twice: the same bytes"

wheel=$(ls "$work"/first/*.whl) sdist=$(ls "$work"/first/*.tar.gz)
"$tools/bin/twine" check --strict "$wheel" "$sdist"
"$tools/bin/check-wheel-contents" "$wheel"
"$tools/bin/abi3audit" --strict "$wheel"
"$tools/bin/cffconvert" --validate

version=$(cat VERSION)
try="import cow, cowarray, numpy as np
a = cow.arange(5.0); v = a[1:]; v[0] = 9
assert a[1] == 1 and cow.__version__ == cowarray.__version__ == '$version'
assert cow.no_mutate(lambda x: x.sort())(np.ones(2)) is None"
for archive in "$wheel" "$sdist"
do
    rm -rf "$work/empty"
    environment "$work/empty" "$archive"
    (cd / && "$work/empty/bin/python" -W error -c "$try")
    echo "${archive##*/}: installed in an empty environment, and works"
done

# somebody else's cow, installed before ours and after: its files and ours in one folder
other=$work/other
mkdir -p "$other/cow/templatetags"
echo "" | tee "$other/cow/__init__.py" "$other/cow/templatetags/__init__.py" > /dev/null
cat > "$other/pyproject.toml" <<'E2'
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "cow"
version = "1.0.7"
[tool.setuptools]
packages = ["cow", "cow.templatetags"]
E2
for order in "$other $wheel" "$wheel $other"
do
    rm -rf "$work/both"
    # shellcheck disable=SC2086
    set -- $order
    environment "$work/both" "$1"
    "$work/both/bin/python" -m pip --disable-pip-version-check -q install "$2"
    said=$(cd / && "$work/both/bin/python" -c "import cowarray" 2>&1) && exit 1
    echo "$said" | grep -q "pip uninstall -y cow cowarray && pip install cowarray" ||
        { echo "$said"; exit 1; }
    echo "beside the other cow (${1##*/} first): ${said##*$'\n'}"
done
"$work/both/bin/python" -m pip --disable-pip-version-check -q uninstall -y cow cowarray
"$work/both/bin/python" -m pip --disable-pip-version-check -q install "$wheel"
(cd / && "$work/both/bin/python" -W error -c "$try")
echo "the advice works"
