"""Refuse to work in a folder that another distribution writes into, too.

The distribution ``cow`` of the package index is not this one (which is ``cowarray``),
but its files go to the same folder: each of the two replaces files of the other.
"""

from os import listdir
from os.path import dirname

__all__ = ["check", "strangers"]

# what is ours and has no underscore in front
_OURS = frozenset({"numpy", "numpy.py", "numpy.pyi", "py.typed"})

_ADVICE = (
    "the package 'cow' of the index is another one, and its files go to the same "
    "folder as those of 'cowarray'. Write:  pip uninstall -y cow cowarray && "
    "pip install cowarray"
)


def strangers(folder: str) -> list[str]:
    """Return the names in the folder of the package that are not ours."""
    return sorted(n for n in listdir(folder) if n[0] not in "_." and n not in _OURS)


def check() -> None:
    """Raise where the folder of the package holds files that are not ours."""
    folder = dirname(dirname(__file__))
    found = strangers(folder)
    if found:
        names = ", ".join(found[:3])
        raise ImportError(
            f"{folder} holds files that are not cowarray's ({names}): {_ADVICE}"
        )
