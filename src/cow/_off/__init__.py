"""The way out: with ``COW_OFF=1`` in the environment nothing is guarded."""
