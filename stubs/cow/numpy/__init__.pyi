# NumPy's namespace, in which what makes arrays makes cow arrays. Of two names that are
# the same mypy takes the first, pyright the last.
from cow.numpy import random as random

MYPY = False
if MYPY:  # mypy takes this name for True
    from cow.numpy._made import *  # pyright: ignore[reportGeneralTypeIssues]
    from numpy import *  # type: ignore
else:
    # what is final there is given again on purpose
    from numpy import *  # pyright: ignore[reportGeneralTypeIssues]
    from cow.numpy._made import *  # pyright: ignore[reportGeneralTypeIssues]
from numpy import __version__ as __version__  # pyright: ignore[reportGeneralTypeIssues]
