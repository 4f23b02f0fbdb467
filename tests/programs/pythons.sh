# Functions for scripts: the CPythons of this machine, and environments for them.
# A folder with python3.14 and others may be named by COW_PYTHONS.

# Print the path of CPython $1: in COW_PYTHONS, on the PATH, of pyenv.
interpreter() {
    local each
    for each in ${COW_PYTHONS:+"$COW_PYTHONS/python$1"} \
        "$(command -v "python$1" || true)" \
        "$(ls -d ~/.pyenv/versions/"$1".*/bin/python 2>/dev/null | sort -V | tail -n 1)"
    do
        if [ -n "$each" ] && "$each" -c '' 2>/dev/null; then echo "$each"; return; fi
    done
    return 1
}

# Make environment $1 of interpreter $2, and install the packages that follow. Some
# Pythons come without pip, and need a pip that knows them: one newest for all.
environment() {
    local env=$1 python=$2 own=build/pip
    shift 2
    if [ ! -x $own/bin/pip ]; then
        .venv/bin/python -m venv $own
        $own/bin/python -m pip install -q --disable-pip-version-check -U pip
    fi
    [ -x "$env/bin/python" ] || "$python" -m venv --without-pip "$env"
    $own/bin/pip --python "$env/bin/python" install -qq --disable-pip-version-check "$@"
}
