"""Cow arrays in released packages: ``make test-packages`` writes docs/packages.md.

A module for each group of packages, which are installed together: its `PACKAGES` have
probes of a few lines, with plain NumPy as the oracle (`probe.py`). What is not right
has a reason in `reasons.toml`, or the target fails.
"""
