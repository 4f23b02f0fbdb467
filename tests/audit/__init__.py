"""The audit, and what it found."""
