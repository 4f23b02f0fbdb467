"""`cow`, by the name of its distribution; an error where `cow` is somebody else's.

The distribution ``cow`` of the package index has nothing to do with this one. Where it
was installed later, ``import cow`` gives its module without a word; ``import cowarray``
says so.
"""

import cow

if not hasattr(cow, "CowArray"):
    raise ImportError(
        f"the module cow ({cow.__spec__.origin}) is not that of cowarray, but of "
        "another distribution, cow, whose files go to the same folder. Write:  "
        "pip uninstall -y cow cowarray && pip install cowarray"
    )

from cow import *  # noqa: F403
from cow import __all__ as __all__
from cow import __version__ as __version__
