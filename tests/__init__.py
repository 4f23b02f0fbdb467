"""What is held to what.

Nothing here compares cow with what cow did yesterday. Values, dtypes, shapes, errors
and the order of elements are those of NumPy: the same steps on plain arrays, copied
wherever a cow array would share (`oracle.py`, `memory/world.py`). Guarded functions
are held to themselves on deep copies (`guarded_alike.py`). Programs are drawn by
random, or taken from released packages and NumPy's own suite; defects are planted to
see that they are found (`memory/planted.py`). Lists of calls, routes, functions and
bugs are complete by test: a new function of NumPy fails until it is in one. No test
measures time. A test is named after the promise that it holds us to.
"""

from pathlib import Path

ROOT = Path(__file__).parents[1]  # of the sources, the documentation, the benchmarks
