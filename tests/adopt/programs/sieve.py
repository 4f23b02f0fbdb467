"""Primes, permutations and other integers."""

import numpy as np

limit = 1000
sieve = np.ones(limit, dtype=bool)
sieve[:2] = False
for i in range(2, int(limit**0.5) + 1):
    if sieve[i]:
        sieve[i * i :: i] = False
primes = np.flatnonzero(sieve)
gaps = np.diff(primes)
collatz = np.zeros(100, dtype=int)
for start in range(1, 100):
    n = start
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        collatz[start] += 1
grid = np.indices((5, 5)).sum(axis=0) % 2
result = primes, np.unique(gaps, return_counts=True), collatz, grid
