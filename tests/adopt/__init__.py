"""The way in, ``import cow.numpy as np``, and the way out, ``COW_OFF=1``."""
