"""A Markov chain, eigenvectors, ranks of pages, sorting by several keys."""

import numpy as np

P = np.array([[0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.3, 0.7]])
P /= P.sum(axis=1, keepdims=True)
p = np.ones(3) / 3
history = np.empty((50, 3))
for step in range(50):
    p = p @ P
    history[step] = p
values, vectors = np.linalg.eig(P.T)
stationary = np.real(vectors[:, np.argmax(values.real)])
stationary /= stationary.sum()
links = np.zeros((6, 6))
for a, b in [(0, 1), (1, 2), (2, 0), (3, 2), (4, 3), (5, 4), (0, 5)]:
    links[b, a] = 1
links /= np.maximum(links.sum(axis=0), 1)
rank = np.full(6, 1 / 6)
for _ in range(60):
    rank = 0.15 / 6 + 0.85 * links @ rank
keys = np.lexsort((np.round(rank, 2), np.arange(6) % 2))
result = history, stationary, rank, keys
