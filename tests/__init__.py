"""What is held to what, and where.

Nothing here compares cow with what cow did yesterday. Values, dtypes, shapes, errors
and the order of elements are those of NumPy: the same steps on plain arrays, copied
wherever a cow array would share (`oracle/calls.py`, `programs/world.py`). Guarded
functions are held to themselves on deep copies (`oracle/guarded.py`,
`oracle/bodies.py`). Programs are drawn by random, or taken from released packages and
NumPy's own suite; defects are planted to see that they are found
(`programs/planted.py`). Lists of calls, routes, functions and bugs are complete by
test: a new function of NumPy fails until it is in one (`catalogue`). No test measures
time. A test is named after the promise that it holds us to.

- `core`, `array`, `dispatch`, `guard`, `insight`, `audit`: as the packages under test;
  `paged`: arrays whose copies are mappings
- `core`, `array`, `dispatch`, `guard`, `insight`, `audit`: as the packages under test
- `adopt`: programs under `cow.numpy`, and under `COW_OFF=1`
- `packages`: cow arrays in SciPy, scikit-learn, pandas, numba, Cython; `foreign`: in
  PyTorch and others, which have an environment of their own
- `packages_matrix`: calls of released packages, the source of docs/packages.md;
  `distributed`: tasks with Dask, Ray and joblib. Environments of their own, too
- `typing`: what type checkers report; `project`: layers, pages, examples, benchmarks
- `catalogue`: the lists that tests go through; `oracle`: what results are compared with
- `programs`: for valgrind, fuzzers and stress, and scripts that take other CPythons
- `numpy_suite`, `suites`: the tests of NumPy, and of SciPy, scikit-learn, statsmodels

No test imports another: what several need is in `catalogue`, `oracle`, `conftest.py`.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]  # of the sources, the documentation, the benchmarks
