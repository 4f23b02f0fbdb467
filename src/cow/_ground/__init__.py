"""Errors, types and frames: what every layer uses."""
