"""The mechanism in C: sharing, moving, holders, threads, the life of an array."""
