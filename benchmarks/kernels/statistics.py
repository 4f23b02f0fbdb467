"""Statistics and learning: moments, regressions, neighbours, resampling, mixtures."""

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def correlation(data: Array, columns: int) -> Array:
    """Return the correlations of the first columns with all; `data` is standardized."""
    n = len(data)
    data -= data.mean(axis=0)
    deviation = data.std(axis=0)
    deviation[deviation <= 0.1] = 1.0
    data /= np.sqrt(n) * deviation
    result = np.eye(data.shape[1])
    for i in range(min(columns, data.shape[1] - 1)):
        result[i + 1 :, i] = result[i, i + 1 :] = data[:, i] @ data[:, i + 1 :]
    return result


def covariance(data: Array, columns: int) -> Array:
    """Return the covariances of the first columns with all."""
    data -= np.mean(data, axis=0)
    result = np.zeros((data.shape[1], data.shape[1]))
    for i in range(columns):
        result[i:, i] = result[i, i:] = data[:, i] @ data[:, i:] / (len(data) - 1)
    return result


def principal_components(data: Array, number: int, steps: int) -> tuple[Array, Array]:
    """Return directions of the largest variance, and the data along them."""
    centred = data - data.mean(axis=0)
    basis = np.eye(data.shape[1], number)
    for _ in range(steps):
        basis, _ = np.linalg.qr(centred.T @ (centred @ basis))
    return basis, centred @ basis


def logistic_regression(x: Array, y: Array, steps: int) -> tuple[Array, float]:
    """Return weights and offset after gradient descent."""
    w, offset = np.zeros(x.shape[1]), 0.0
    for _ in range(steps):
        error = 1 / (1 + np.exp(-(x @ w + offset))) - y
        w -= 0.1 * (error @ x) / len(x)
        offset -= 0.1 * float(error.mean())
    return w, offset


def nearest_neighbours(points: Array, labels: Array, asked: Array, k: int) -> Array:
    """Return the label of most of the k nearest points."""
    result = np.empty(len(asked), dtype=labels.dtype)
    for i, place in enumerate(asked):
        squared = ((points - place) ** 2).sum(axis=1)
        near = np.argpartition(squared, k)[:k]
        result[i] = np.bincount(labels[near]).argmax()
    return result


def bootstrap(sample: Array, rounds: int) -> tuple[float, float]:
    """Return an interval for the mean, by samples from the sample."""
    random = np.random.default_rng(5)
    means = np.zeros(rounds)
    for i in range(rounds):
        means[i] = sample[random.integers(0, len(sample), len(sample))].mean()
    means.sort()
    return float(means[rounds // 20]), float(means[-rounds // 20])


def mixture(x: Array, centres: Array, steps: int) -> tuple[Array, Array]:
    """Return the means and variances of normal distributions, by expectation and
    maximization.
    """
    variance = np.ones_like(centres)
    weight = np.full_like(centres, 1 / len(centres))
    for _ in range(steps):
        share = np.exp(-((x[:, None] - centres) ** 2) / (2 * variance))
        share *= weight / np.sqrt(variance)
        share /= share.sum(axis=1)[:, None]
        count = share.sum(axis=0)
        weight[:] = count / len(x)
        centres[:] = x @ share / count
        variance = (share * (x[:, None] - centres) ** 2).sum(axis=0) / count + 1e-6
    return centres, variance


def coordinate_descent(x: Array, y: Array, columns: int) -> Array:
    """Return the coefficients of a lasso after a sweep over the first columns."""
    w = np.zeros(x.shape[1])
    residual = y.copy()
    norms = (x**2).sum(axis=0)
    for j in range(columns):
        rho = x[:, j] @ residual + norms[j] * w[j]
        new = np.sign(rho) * max(abs(rho) - 0.1, 0) / norms[j]
        residual -= (new - w[j]) * x[:, j]
        w[j] = new
    return w


def option_price(price: Array, strike: Array, steps: int) -> tuple[Array, Array]:
    """Return call and put prices (Black and Scholes), the normal distribution
    approximated by a polynomial.
    """
    call = put = price
    for year in range(1, steps + 1):
        d1 = (np.log(price / strike) + 0.06 * year) / (0.2 * np.sqrt(year))
        both: list[Array] = []
        for d in (d1, d1 - 0.2 * np.sqrt(year)):
            t: Array = 1 / (1 + 0.2316419 * np.abs(d))
            tail = t * (0.31938 + t * (-0.35656 + t * (1.78148 - t * 1.82126)))
            tail *= np.exp(-d * d / 2) * 0.39894
            above = d > 0
            tail[above] = 1 - tail[above]
            both.append(tail)
        later = strike * np.exp(-0.04 * year)
        call = price * both[0] - later * both[1]
        put = call - price + later
    return call, put


def smoothing(series: Array, steps: int) -> tuple[Array, Array]:
    """Return levels and trends (Holt) of series, a column each; the first times."""
    level, trend = np.empty_like(series), np.zeros_like(series)
    level[0] = series[0]
    for t in range(1, steps):
        level[t] = 0.5 * series[t] + 0.5 * (level[t - 1] + trend[t - 1])
        trend[t] = 0.2 * (level[t] - level[t - 1]) + 0.8 * trend[t - 1]
    return level[:steps], trend[:steps]


def group_means(values: Array, groups: Array, number: int) -> tuple[Array, Array]:
    """Return the mean of each group, and the values less the mean of their group."""
    sums, counts = np.zeros(number), np.zeros(number)
    np.add.at(sums, groups, values)
    np.add.at(counts, groups, 1)
    means = sums / np.where(counts == 0, 1, counts)
    values -= means[groups]
    return means, values


def ranks(values: Array, steps: int) -> Array:
    """Return the rank of each value in its row, as for Spearman's correlation."""
    result, places = values, np.arange(len(values.T))
    for _ in range(steps):
        order: Array = np.argsort(result, axis=1)
        result = np.empty_like(values)
        np.put_along_axis(result, order, places[None, :], axis=1)
        result -= result.mean(axis=1, keepdims=True)
        result *= values
    return result


def impute(data: Array, steps: int) -> Array:
    """Return the data with gaps (NaN) filled by the means of columns, and clipped."""
    for _ in range(steps):
        gaps = np.isnan(data)
        means = np.nanmean(data, axis=0)
        data[gaps] = np.take(means, np.nonzero(gaps)[1])
        low, high = np.percentile(data[:, 0], [5, 95])
        data[(data < low) | (data > high)] = np.nan
    return data


def decision_stump(x: Array, y: Array, columns: int) -> tuple[int, float]:
    """Return the column and the threshold that part the classes 0 and 1 best."""
    best = np.inf, 0, 0.0
    for j in range(columns):
        order = x[:, j].argsort(kind="stable")
        ones = np.cumsum(y[order])[:-1]
        left = np.arange(1, len(y))
        right = len(y) - left
        p, q = ones / left, (ones[-1] - ones) / right
        impurity = left * p * (1 - p) + right * q * (1 - q)
        i = int(np.argmin(impurity))
        if impurity[i] < best[0]:
            best = float(impurity[i]), j, float(x[order[i], j])
    return best[1:]


def table(size: Size, random: Random) -> Array:
    n = size.side()
    return random.normal(size=(n, n))


def classes(size: Size, random: Random) -> Inputs:
    """Return rows with as many columns as rows, and 0 or 1 for each."""
    return [table(size, random), random.integers(0, 2, size.side()).astype(float)]


def neighbours(size: Size, random: Random) -> Inputs:
    n = size.side(1) // 4
    labels = random.integers(0, 3, n)
    asked = random.normal(size=(size.steps(10, 10, 2), 4))
    return [random.normal(size=(n, 4)), labels, asked, 5]


def mixed(size: Size, random: Random) -> Inputs:
    """Return numbers around three centres; the main array has a share for each."""
    x = random.normal(size=size.side(1) // 3)
    x[::3] += 4
    x[1::3] -= 4
    return [x, np.array([-1.0, 0.0, 1.0]), size.steps(8, 4, 1)]


def market(size: Size, random: Random) -> Inputs:
    n = size.side(1)
    return [*random.uniform(10, 50, (2, n)), size.steps(4, 2, 1)]


def times(size: Size, random: Random) -> Inputs:
    width = size.steps(4, 16, 200)
    x = random.normal(size=(size.side(1) // width, width))
    return [x, min(len(x), size.steps(60, 1000, 5000))]


def grouped(size: Size, random: Random) -> Inputs:
    n = size.side(1)
    return [random.normal(size=n), random.integers(0, 20, n), 20]


def gaps(size: Size, random: Random) -> Inputs:
    data = table(size, random)
    data[random.uniform(size=data.shape) < 0.1] = np.nan
    return [data, size.steps(2, 2, 1)]


PROGRAMS = [
    Program(correlation, lambda s, r: [table(s, r), s.steps(15, 158, 10)]),
    Program(covariance, lambda s, r: [table(s, r), s.steps(15, 158, 20)]),
    Program(principal_components, lambda s, r: [table(s, r), 4, s.steps(5, 5, 2)]),
    Program(logistic_regression, lambda s, r: [*classes(s, r), s.steps(25, 20, 15)]),
    Program(nearest_neighbours, neighbours),
    Program(bootstrap, lambda s, r: [r.normal(size=s.side(1)), s.steps(20, 20, 2)]),
    Program(mixture, mixed),
    Program(coordinate_descent, lambda s, r: [*classes(s, r), s.steps(16, 158, 1000)]),
    Program(option_price, market),
    Program(smoothing, times),
    Program(group_means, grouped),
    Program(ranks, lambda s, r: [table(s, r), s.steps(5, 3, 1)]),
    Program(impute, gaps),
    Program(decision_stump, lambda s, r: [*classes(s, r), s.steps(16, 60, 200)]),
]
