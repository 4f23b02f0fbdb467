"""Programs for valgrind, fuzzers, stress, and scripts that take other CPythons."""
