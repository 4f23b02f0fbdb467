"""Readers of tables, points, images, movies and containers."""

import itertools
import math

import numpy as np

SOBEL_X = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])


# ------------------------------------------------------------- tables and points


def normalize_rows(table, count=300):
    """Scale the first rows to unit length."""
    out = np.empty_like(table[:count])
    for i, row in enumerate(table[:count]):
        norm = np.sqrt((row**2).sum())
        out[i] = row / norm if norm > 0 else 0.0
    return out


def covariance(table, rowvar=False):
    samples = table.T if rowvar else table
    centered = samples - samples.mean(axis=0)
    return centered.T @ centered / (samples.shape[0] - 1)


def principal_axes(table, k=2):
    values, vectors = np.linalg.eigh(covariance(table))
    order = np.argsort(values)[::-1][:k]
    axes = vectors[:, order].T
    for axis in axes:
        if axis[np.argmax(np.abs(axis))] < 0:
            axis *= -1
    scores = (table - table.mean(axis=0)) @ axes.T
    return values[order], axes, scores


def column_report(table, names=None):
    rows, columns = table.shape
    if names is None:
        names = [f"x{j}" for j in range(columns)]
    elif len(names) != columns:
        raise ValueError(f"{len(names)} names for {columns} columns")
    lines = [f"{rows} rows"]
    for name, column in zip(names, table.T, strict=True):
        missing = np.count_nonzero(np.isnan(column))
        lines.append(f"{name:<4} {column.min():8.3f} {column.max():8.3f} {missing:d}")
    return lines


def least_squares(design, y):
    n, p = design.shape
    normal = design.T @ design + 1e-6 * np.eye(p)
    beta = np.linalg.solve(normal, design.T @ y)
    residuals = y - design @ beta
    sigma2 = residuals @ residuals / (n - p)
    errors = np.sqrt(sigma2 * np.diag(np.linalg.inv(normal)))
    return beta, errors


def cross_validate(design, y, folds=3):
    """Mean squared error of ridge regression for several penalties."""

    def fit(X, target, penalty):
        gram = X.T @ X
        gram.flat[:: gram.shape[0] + 1] += penalty
        return np.linalg.solve(gram, X.T @ target)

    def score(penalty):
        errors = []
        for k in range(folds):
            test = np.zeros(len(y), dtype=bool)
            test[k::folds] = True
            beta = fit(design[~test], y[~test], penalty)
            errors.append(np.mean((y[test] - design[test] @ beta) ** 2))
        return float(np.mean(errors))

    return {penalty: score(penalty) for penalty in (0.1, 10)}


def pairwise_distances(points, count=80):
    some = points[:count]
    delta = some[:, np.newaxis, :] - some[np.newaxis, :, :]
    distances = np.sqrt(np.einsum("ijk,ijk->ij", delta, delta))
    np.fill_diagonal(distances, np.inf)
    return distances, distances.argmin(axis=1)


def closest_pair(points, count=60):
    best, pair = math.inf, None
    for i in range(count):
        for j in range(i + 1, count):
            dx = points[i, 0] - points[j, 0]
            dy = points[i, 1] - points[j, 1]
            dz = points[i, 2] - points[j, 2]
            d = math.sqrt(dx * dx + dy * dy + dz * dz)
            if d < best:
                best, pair = d, (i, j)
    return best, pair


# ------------------------------------------------------------ images and movies


def box_blur(image):
    """Mean of the 3x3 neighbourhood; the border stays zero."""
    out = np.zeros_like(image)
    inner = out[1:-1, 1:-1]
    h, w = image.shape
    for di in range(3):
        for dj in range(3):
            inner += image[di : h - 2 + di, dj : w - 2 + dj]
    out /= 9
    return out


def edge_strength(image, size=48):
    patch = np.asarray(image, dtype=np.float64)[:size, :size]
    h, w = patch.shape
    gx, gy = np.zeros((h - 2, w - 2)), np.zeros((h - 2, w - 2))
    for i in range(h - 2):
        for j in range(w - 2):
            window = patch[i : i + 3, j : j + 3]
            gx[i, j] = (window * SOBEL_X).sum()
            gy[i, j] = (window * SOBEL_X.T).sum()
    return np.hypot(gx, gy)


def local_maxima(image, threshold=0.0, size=60):
    peaks = []
    h, w = min(image.shape[0], size), min(image.shape[1], size)
    for i in range(1, h - 1):
        for j in range(1, w - 1):
            value = image[i, j]
            if value <= threshold:
                continue
            if value >= image[i - 1 : i + 2, j - 1 : j + 2].max():
                peaks.append((i, j, float(value)))
    return sorted(peaks, key=lambda peak: -peak[2])[:10]


def downsample(image, factor=4):
    if image.dtype.kind != "f":
        raise TypeError(f"expected a floating point image, got {image.dtype}")
    h, w = (side // factor * factor for side in image.shape)
    blocks = image[:h, :w].reshape(h // factor, factor, w // factor, factor)
    return blocks.mean(axis=(1, 3))


def frame_differences(frames):
    pairs = itertools.pairwise(frames)
    return [float(np.abs(after - before).mean()) for before, after in pairs]


def movie_statistics(frames):
    """Mean and variance image, one frame at a time (Welford)."""
    mean = np.zeros(frames.shape[1:])
    m2 = np.zeros(frames.shape[1:])
    for count, frame in enumerate(frames, start=1):
        delta = frame - mean
        mean += delta / count
        m2 += delta * (frame - mean)
    m2 /= len(frames) - 1
    return mean, m2


# ------------------------------------------------------------------- containers


def stack_traces(traces):
    """Cut the traces to a common length and give each zero mean."""
    if not isinstance(traces, (list, tuple)) or not traces:
        raise ValueError("need a list of traces")
    length = min(len(trace) for trace in traces)
    stacked = np.empty((len(traces), length))
    for row, trace in zip(stacked, traces, strict=True):
        row[:] = trace[:length]
        row -= row.mean()
    return stacked


def phase_fold(record, period=0.7, nbins=20):
    phase = (record["time"] / period) % 1.0
    index = np.floor(phase * nbins).astype(int)
    weight = 1.0 / record["error"] ** 2
    total = np.bincount(index, weights=weight * record["flux"], minlength=nbins)
    norm = np.bincount(index, weights=weight, minlength=nbins)
    curve = np.full(nbins, np.nan)
    curve[norm > 0] = total[norm > 0] / norm[norm > 0]
    return curve


def polar(parts):
    real, imaginary = parts
    amplitude = np.hypot(real, imaginary)
    phase = np.arctan2(imaginary, real)
    return {"amplitude": amplitude, "phase": np.rad2deg(phase)}
