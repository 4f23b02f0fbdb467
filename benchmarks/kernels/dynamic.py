"""Dynamic programming: paths, sequences, sums; cells, rows or diagonals at a time.

Where a large table would take too long, its first `rows` are filled.
"""

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def floyd_warshall(D: Array, steps: int) -> Array:
    """Return the shortest ways between all pairs by way of the first nodes."""
    for k in range(steps):
        np.minimum(D, D[:, k, None] + D[k, :], out=D)
    return D


def widest_path(W: Array, steps: int) -> Array:
    """Return the widest ways between all pairs by way of the first nodes, by rows."""
    for k in range(steps):
        for i in range(len(W)):
            W[i, :] = np.maximum(W[i, :], np.minimum(W[i, k], W[k, :]))
    return W


def nussinov(bases: Array, table: Array, rows: int) -> Array:
    """Return how many pairs a fold of each part of a sequence has at most.

    The rows are filled from the end; each looks at the rows below it.
    """
    n = len(bases)
    for i in range(n - 2, n - 2 - rows, -1):
        for j in range(i + 1, n):
            best = max(table[i, j - 1], table[i + 1, j])
            pairs = bases[i] + bases[j] == 3
            best = max(best, table[i + 1, j - 1] + pairs)
            if j > i + 1:
                best = max(best, (table[i, i + 1 : j] + table[i + 2 : j + 1, j]).max())
            table[i, j] = best
    return table


def edit_distance(a: Array, b: Array, rows: int) -> Array:
    """Return the table of the edit distance of two words, row by row."""
    table = np.zeros((rows + 1, len(b) + 1), dtype=np.int64)
    column = np.arange(len(b) + 1)
    table[0] = column
    for i in range(1, rows + 1):
        table[i, 0] = i
        table[i, 1:] = np.minimum(
            table[i - 1, 1:] + 1, table[i - 1, :-1] + (a[i - 1] != b)
        )
        # to go right costs 1 each: the least of what is to the left, shifted
        table[i] = np.minimum.accumulate(table[i] - column) + column
    return table


def common_subsequence(a: Array, b: Array, table: Array, rows: int) -> int:
    """Return the length of the longest common subsequence, cell by cell."""
    for i in range(rows):
        for j in range(len(b)):
            if a[i] == b[j]:
                table[i + 1, j + 1] = table[i, j] + 1
            else:
                table[i + 1, j + 1] = max(table[i, j + 1], table[i + 1, j])
    return int(table[rows, -1])


def alignment(score: Array, table: Array, rows: int) -> Array:
    """Return the table of a local alignment (Smith-Waterman), along its diagonals."""
    m = table.shape[1]
    for d in range(2, 2 + rows):
        i = np.arange(1, d)
        j = d - i
        best = table[i - 1, j - 1] + score[i - 1, j - 1]
        best = np.maximum(best, table[i - 1, j] - 1)
        best = np.maximum(best, table[i, j - 1] - 1)
        table.flat[m + d - 1 : (d - 1) * m + 2 : m - 1] = np.maximum(best, 0)
    return table


def time_warping(x: Array, y: Array, rows: int) -> Array:
    """Return the costs of warping the beginning of x to all beginnings of y."""
    cost = np.full(len(y) + 1, np.inf)
    cost[0] = 0
    for i in range(rows):
        left = np.inf
        step = np.abs(x[i] - y)
        reached = np.minimum(cost[1:], cost[:-1])
        for j in range(len(y)):
            left = step[j] + min(reached[j], left)
            cost[j + 1] = left
        cost[0] = np.inf
    return cost


def knapsack(values: Array, weights: Array, capacity: int) -> Array:
    """Return the best value for each capacity; each thing is taken once at most."""
    best = np.zeros(capacity + 1)
    for value, weight in zip(values, weights, strict=True):
        best[weight:] = np.maximum(best[weight:], best[:-weight] + value)
    return best


def viterbi(start: Array, moves: Array, seen: Array) -> tuple[Array, float]:
    """Return the likeliest hidden states, and the logarithm of their likelihood.

    `seen` has a row for each time, the likelihood of what was seen in each state.
    """
    score = start + seen[0]
    back = np.zeros(seen.shape, dtype=np.intp)
    for t in range(1, len(seen)):
        ways = score[:, np.newaxis] + moves
        back[t] = ways.argmax(axis=0)
        score = ways[back[t], np.arange(len(score))] + seen[t]
    path = np.empty(len(seen), dtype=np.intp)
    path[-1] = score.argmax()
    for t in range(len(seen) - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path, float(score.max())


def seam(image: Array, energy: Array, rows: int) -> Array:
    """Return the column in each row of the seam that is noticed least."""
    for i in range(1, rows):
        energy[i] += np.minimum(energy[i - 1], image[i])
        energy[i, 1:] = np.minimum(energy[i, 1:], energy[i - 1, :-1] + image[i, 1:])
        energy[i, :-1] = np.minimum(energy[i, :-1], energy[i - 1, 1:] + image[i, :-1])
    columns = np.zeros(rows, dtype=np.intp)
    columns[-1] = j = int(energy[rows - 1].argmin())
    for i in range(rows - 2, -1, -1):
        first = max(j - 1, 0)
        j = first + int(energy[i, first : j + 2].argmin())
        columns[i] = j
    return columns


def checksum(data: Array, table: Array, length: int) -> int:
    """Return the cyclic redundancy check of the first bytes, by a table."""
    crc = 0xFFFF
    for byte in data[:length]:
        crc = (crc << 8 & 0xFFFF) ^ int(table[crc >> 8 ^ int(byte)])
    return crc


def sieve(numbers: Array) -> Array:
    """Return the primes: multiples are struck out of an array of truths."""
    numbers[:2] = False
    for i in range(2, int(len(numbers) ** 0.5) + 1):
        if numbers[i]:
            numbers[i * i :: i] = False
    return np.flatnonzero(numbers)


def distances(size: Size, random: Random, steps: int) -> Inputs:
    n = size.side()
    D = random.uniform(1, 100, (n, n))
    D[random.uniform(size=(n, n)) < 0.5] = np.inf
    return [D, steps]


def words(size: Size, random: Random, number: int = 2) -> Inputs:
    return [random.integers(0, 4, size.side()) for _ in range(number)]


def empty_table(size: Size) -> Array:
    n = size.side()
    return np.zeros((n + 1, n + 1), dtype=np.int64)


def scores(size: Size, random: Random) -> Inputs:
    n, rows = size.side(), size.steps(14, 150, 1000)
    return [random.choice([-1.0, 2.0], (n, n)), np.zeros((n + 1, n + 1)), rows]


def things(size: Size, random: Random) -> Inputs:
    number = size.steps(30, 30, 10)
    capacity = size.side(1)
    weights = random.integers(1, capacity // 2, number)
    return [random.uniform(size=number), weights, capacity]


def hidden(size: Size, random: Random) -> Inputs:
    states = size.steps(4, 20, 100)
    times = min(size.side(1) // states, 2000)
    moves = np.log(random.dirichlet(np.ones(states), states))
    seen = np.log(random.uniform(0.1, 1, (times, states)))
    return [np.log(np.full(states, 1 / states)), moves, seen]


def polynomial() -> Array:
    """Return the remainder for each byte, of the polynomial of CCITT."""
    table = np.arange(256) << 8
    for _ in range(8):
        table = np.where(table & 0x8000, table << 1 ^ 0x1021, table << 1) & 0xFFFF
    return table


def octets(size: Size, random: Random) -> Inputs:
    data = random.integers(0, 256, size.nbytes, dtype=np.uint8)
    return [data, polynomial(), size.steps(1000, 50_000, 200_000)]


def picture(size: Size, random: Random) -> Inputs:
    n = size.side()
    image = random.uniform(size=(n, n))
    return [image, image.copy(), size.steps(15, 158, 1500)]


PROGRAMS = [
    Program(floyd_warshall, lambda s, r: distances(s, r, s.steps(16, 20, 3))),
    Program(widest_path, lambda s, r: distances(s, r, s.steps(8, 5, 5))),
    Program(
        nussinov, lambda s, r: [*words(s, r, 1), empty_table(s), s.steps(15, 40, 150)]
    ),
    Program(edit_distance, lambda s, r: [*words(s, r), s.steps(16, 158, 1581)]),
    Program(
        common_subsequence,
        lambda s, r: [*words(s, r), empty_table(s), s.steps(16, 80, 60)],
    ),
    Program(alignment, scores),
    Program(
        time_warping,
        lambda s, r: [*r.normal(size=(2, s.side())), s.steps(16, 100, 60)],
    ),
    Program(knapsack, things),
    Program(viterbi, hidden),
    Program(seam, picture),
    Program(checksum, octets),
    Program(sieve, lambda s, r: [np.ones(s.nbytes, dtype=bool)]),
]
