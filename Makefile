# make demo    sets everything up and runs the main job
# make test    sets everything up and passes the tests
PYTHON := $(shell for p in python3.13 python3.12 python3.11 python3 python3.14 \
	python3.15; do \
	command -v $$p >/dev/null 2>&1 \
	&& $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
SOURCES := pyproject.toml meson.build VERSION $(shell find src stubs -type f -not -name '*.pyc')

.PHONY: demo test lint strict-c bench bench-programs speed-page growth-page test-memory \
	test-versions test-newest test-numpy test-foreign test-distributed test-packages test-suites test-functions docs \
	test-docs release-check portable escapes coverage-c sanitize \
	stress fuzz fuzz-sanitized fuzz-planted clean

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "cow needs Python 3.11 or newer"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The wheel is installed, not an editable tree: what is tested is what ships.
$(VENV)/.demo: $(BIN)/python $(SOURCES)
	$(PIP) install '.[demo]'
	$(PIP) install --force-reinstall --no-deps .
	touch $@

$(VENV)/.test: $(BIN)/python $(SOURCES)
	$(PIP) install '.[test]'
	rm -rf $(VENV)/wheel
	$(PIP) wheel --no-deps -w $(VENV)/wheel .
	$(PIP) install --force-reinstall --no-deps $(VENV)/wheel/*.whl
	touch $@ $(VENV)/.demo

demo: $(VENV)/.demo
	@$(BIN)/python examples/tutorial.py
	@$(BIN)/python examples/real_data.py

test: $(VENV)/.test lint strict-c
	# the docstrings of NumPy's random functions are NumPy's
	$(BIN)/python -m pytest -q --doctest-modules --ignore-glob='*/numpy/random.py' --pyargs cow
	$(BIN)/python -m pytest

lint: $(VENV)/.test
	$(BIN)/ruff check src tests examples benchmarks docs
	$(BIN)/ruff format --check src tests examples benchmarks docs/*.py
	$(BIN)/mypy stubs/cow examples benchmarks tests/typing/accept.py
	# the bodies see each other, everybody else the stubs
	MYPYPATH=src $(BIN)/mypy --explicit-package-bases src/cow src/pytest_cowarray.py
	timeout -k 5 120 $(BIN)/pyright
	MYPYPATH=stubs $(STUBTEST) cow --allowlist tests/typing/stubtest-allow.txt
	MYPYPATH=src $(STUBTEST) cow._core --allowlist tests/typing/stubtest-core-allow.txt

STUBTEST = $(BIN)/python -m mypy.stubtest

# Every warning is an error; NumPy and Python are system headers.
strict-c: $(VENV)/.test
	$(CC) -std=c11 -fsyntax-only -Wall -Wextra -Wshadow -Werror $(CORE_FLAGS) \
	    src/core/module.c

CORE_FLAGS = -DPy_LIMITED_API=0x030B0000 \
	-DNPY_TARGET_VERSION=NPY_2_0_API_VERSION \
	-DNPY_NO_DEPRECATED_API=NPY_2_0_API_VERSION \
	$(shell test -x $(BIN)/python && $(BIN)/python -c "import sysconfig, numpy; \
	print('-isystem', sysconfig.get_paths()['include'], \
	      '-isystem', numpy.get_include())")

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks --json build/bench.json

# Textbook programs of three sizes, ten minutes; PROGRAMS="lu sobel" takes some.
bench-programs: $(VENV)/.test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m benchmarks.kernels $(PROGRAMS) \
	    --json build/programs.json

speed-page: bench
	$(BIN)/python -m benchmarks.page build/bench.json docs/speed.md
	$(BIN)/python -m benchmarks.costs

# Views, arrays, threads, bytes: a page and its picture, a minute.
growth-page: $(VENV)/.test
	$(BIN)/python -m benchmarks.growth --page docs/growth.md

# Debian's valgrind, which must find no invalid read or write. CPython's own
# allocator is switched off; the suite looks for leaks.
VALGRIND = cd tests/programs && PYTHONMALLOC=malloc valgrind --quiet \
	--error-exitcode=1 --undef-value-errors=no --suppressions=valgrind.supp

test-memory: $(VENV)/.test
	$(VALGRIND) ../../$(BIN)/python holders.py
	$(VALGRIND) ../../$(BIN)/python lives.py
	$(VALGRIND) ../../$(BIN)/python machine.py 100
	$(VALGRIND) ../../$(BIN)/python fuzz.py 1 100
	$(BIN)/python tests/programs/lost.py
	$(BIN)/python tests/programs/leaks.py 100000

# A build of the core with other flags, in an environment of its own; whatever
# else the tests need is taken from $(VENV).
define variant
	rm -rf build/$(1) && $(BIN)/python -m venv build/$(1)/venv
	ls -d $(CURDIR)/$(VENV)/lib/python3.*/site-packages > \
	    $$(ls -d build/$(1)/venv/lib/python3.*/site-packages)/rest.pth
	build/$(1)/venv/bin/python -m pip --disable-pip-version-check -q install \
	    --no-deps --force-reinstall -Cbuild-dir=build/$(1)/meson $(2) .
endef
CORE_TESTS = $(addprefix tests/,core array dispatch insight programs \
	guard/test_lending.py guard/test_findings.py guard/test_own_results.py)

# Threads, fuzzers, hostile input; a quarter of an hour. VERSIONS="3.14" takes some.
stress: $(VENV)/.test
	tests/programs/stress.sh $(SECONDS_OF_THREADS)
SECONDS_OF_THREADS = 60

# Value semantics for half an hour, raw pointers for five minutes; also under the
# sanitizers, on what `make sanitize` has built.
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.programs.values $(SEED) $(SECONDS_OF_FUZZING)
	$(BIN)/python -m tests.programs.pointers $(SEED) 300

fuzz-sanitized:
	$(SANITIZED) -m tests.programs.values $(SEED) $(SECONDS_OF_FUZZING)
	$(SANITIZED) -m tests.programs.pointers $(SEED) 300
SEED = 1
SECONDS_OF_FUZZING = 1800

# One defect at a time in a copy of the core: how soon is it found? Half an hour.
fuzz-planted: $(VENV)/.test
	$(BIN)/python -m tests.programs.planted $(PLANTS)

coverage-c: $(VENV)/.test
	$(call variant,coverage,-Csetup-args=-Db_coverage=true -Csetup-args=-Dbuildtype=debug)
	build/coverage/venv/bin/python -m pytest -q -p no:cacheprovider tests \
	    --ignore=tests/typing
	$(BIN)/python tests/programs/coverage_c.py build/coverage/meson

# What needs a limit of the address space cannot be run with ASan, nor NumPy's own
# arrays in the place of ours: a view of what is resized reads freed memory.
SANITIZED = PYTHONMALLOC=malloc LD_PRELOAD="$$($(CC) -print-file-name=libasan.so) \
	$$($(CC) -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0 \
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 build/sanitize/venv/bin/python

sanitize: $(VENV)/.test
	$(call variant,sanitize,-Csetup-args=-Db_sanitize=address$(comma)undefined \
	    -Csetup-args=-Db_lundef=false -Csetup-args=-Dc_args=-DCOW_CHECK)
	cd tests/programs && $(subst build/,../../build/,$(SANITIZED)) holders.py
	cd tests/programs && $(subst build/,../../build/,$(SANITIZED)) lives.py
	cd tests/programs && $(subst build/,../../build/,$(SANITIZED)) fuzz.py 2 200
	$(SANITIZED) -m pytest -q -p no:cacheprovider $(CORE_TESTS) \
	    -k "not without_memory and not given_back_when and not many_rounds \
	    and not takes_a_block and not freed_block and not views_that_share"
comma := ,

# NumPy's own tests on cow arrays against an empty subclass, some ten minutes.
# NUMPY=2.0.2 takes another NumPy, on the Python that PYTHON= names, and
# MODULES="ma/tests/test_core.py ..." some of the test modules.
ifdef NUMPY
SUITE := build/numpy_suite/env-$(NUMPY)
test-numpy: $(VENV)/.test
	test -x $(SUITE)/bin/python || $(PYTHON) -m venv $(SUITE)
	$(SUITE)/bin/python -m pip --disable-pip-version-check -q install \
	    numpy==$(NUMPY) pytest hypothesis typing_extensions
	$(SUITE)/bin/python -m pip --disable-pip-version-check -q install \
	    --force-reinstall --no-deps $(VENV)/wheel/*.whl
	$(SUITE)/bin/python -m tests.numpy_suite.run $(MODULES)
else
test-numpy: $(VENV)/.test
	$(BIN)/python -m tests.numpy_suite.run $(MODULES)
endif

# An environment of its own for tests/$(1), with what its requirements.txt names.
define environment
	$(BIN)/python -m venv $(VENV)/$(1)
	$(VENV)/$(1)/bin/python -m pip --disable-pip-version-check -q install \
	    -r tests/$(1)/requirements.txt $(VENV)/wheel/*.whl
	$(VENV)/$(1)/bin/python -m pip --disable-pip-version-check -q install \
	    --force-reinstall --no-deps $(VENV)/wheel/*.whl
	touch $(VENV)/.$(1)
endef

# PyTorch, xarray and other packages in an environment of their own: a gigabyte.
$(VENV)/.foreign: $(VENV)/.test tests/foreign/requirements.txt
	$(call environment,foreign)

test-foreign: $(VENV)/.foreign
	$(VENV)/foreign/bin/python -m pytest tests/foreign

# Dask, Ray and joblib with real workers; the figures of docs/distributed.md.
$(VENV)/.distributed: $(VENV)/.test tests/distributed/requirements.txt
	$(call environment,distributed)

test-distributed: $(VENV)/.distributed
	$(VENV)/distributed/bin/python -m pytest tests/distributed
	$(VENV)/distributed/bin/python -m tests.distributed.page

# Cow arrays in some thirty released packages, and docs/packages.md: each group in
# an environment of its own, some 5 GB and ten minutes. GROUPS="files" takes some.
GROUPS = science parallel compiled files domain
.PRECIOUS: $(VENV)/.packages-%
$(VENV)/.packages-%: $(VENV)/.test tests/packages_matrix/%.txt
	$(BIN)/python -m venv $(VENV)/packages-$*
	$(VENV)/packages-$*/bin/python -m pip --disable-pip-version-check -q install \
	    -r tests/packages_matrix/$*.txt $(VENV)/wheel/*.whl
	$(VENV)/packages-$*/bin/python -m pip --disable-pip-version-check -q install \
	    --force-reinstall --no-deps $(VENV)/wheel/*.whl
	touch $@

run-packages-%: $(VENV)/.packages-%
	$(VENV)/packages-$*/bin/python -W ignore -m tests.packages_matrix.run $*

test-packages: $(addprefix run-packages-,$(GROUPS))
	$(BIN)/python -m tests.packages_matrix.page

# The tests of SciPy, scikit-learn and statsmodels under cow.protect, in an
# environment of their own, some hour. SUITES="fft linalg" takes some.
$(VENV)/.suites: $(VENV)/.test tests/suites/requirements.txt
	$(call environment,suites)

MODES = early,late
test-suites: $(VENV)/.suites
	$(VENV)/suites/bin/python -m tests.suites.run $(SUITES) --modes $(MODES) \
	    $(if $(SUITES),,--page docs/suites.md)

# 300 public functions against deep copies, and what cow.protect costs.
test-functions: $(VENV)/.suites
	$(VENV)/suites/bin/python -m tests.suites.functions --how no_mutate
	$(VENV)/suites/bin/python -m tests.suites.functions --how protect
	$(VENV)/suites/bin/python -m tests.suites.speed

# The site, in build/docs. Warnings are errors, and each link within it must lead
# somewhere.
$(VENV)/.docs: $(VENV)/.test
	$(PIP) install '.[docs]'
	touch $@

docs: $(VENV)/.docs
	rm -rf build/docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs build/docs
	$(BIN)/python docs/check_site.py build/docs

# In headless Chromium (Debian: chromium, chromium-driver); screenshots in
# build/screenshots.
test-docs: docs
	$(BIN)/python -m pytest tests/site

# What a release must pass, from the last commit.
release-check: $(VENV)/.test
	tests/programs/release.sh $(BIN)/python

# The C with other compilers and for other systems (Debian: clang, musl-tools,
# gcc-mingw-w64-x86-64, gcc-aarch64-linux-gnu, libc6-dev-arm64-cross).
portable: $(VENV)/.test
	tests/programs/portable/compile.sh $(BIN)/python

escapes: $(VENV)/.test
	$(BIN)/python -m tests.catalogue.escapes

# An hour and more. PAIRS="3.14: 3.12:2.0.2:core" takes some, COW_PYTHONS= names a
# folder with python3.14 and others.
test-versions: $(BIN)/python
	tests/programs/versions.sh

# Below a minute.
test-newest: $(VENV)/.test
	tests/programs/newest.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
