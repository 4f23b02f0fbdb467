"""CPython's frames, under names that checkers do not take for private."""

import sys

__all__ = ["frame_at", "frames_of_threads"]

frame_at = sys._getframe  # pyright: ignore[reportPrivateUsage]
frames_of_threads = sys._current_frames  # pyright: ignore[reportPrivateUsage]
