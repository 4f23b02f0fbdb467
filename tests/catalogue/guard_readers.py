"""Sixty functions that read their arrays, as scientists and engineers write them.

None writes to an argument, returns it (or a view of it), or keeps it. `READERS`
names for each the maker of its arguments; `MAKERS` maps the number of float64
elements in all of the arrays of the main argument to a tuple of arguments.
"""

import itertools
import logging
import math
from collections import defaultdict

import numpy as np
import numpy.typing as npt

log = logging.getLogger(__name__)

SPEED_OF_LIGHT = 299_792.458  # km/s
REST_WAVELENGTH = 656.28  # nm
BINOMIAL = np.array([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
BIN_EDGES = np.linspace(-1.5, 3.5, 11)
BANDS = {"low": (0.0, 0.1), "mid": (0.1, 0.3), "high": (0.3, 0.5)}
SOBEL_X = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
EPS = np.finfo(float).eps


# ------------------------------------------------------------------- one series


def summarize(x):
    """Five-number summary plus mean and standard deviation."""
    low, q1, median, q3, high = np.percentile(x, [0, 25, 50, 75, 100])
    return {
        "count": len(x),
        "mean": float(x.mean()),
        "std": float(np.std(x, ddof=1)),
        "range": (low, high),
        "quartiles": (q1, median, q3),
    }


def softmax(x):
    y = np.exp(x - x.max())
    y /= y.sum()
    return y


def rectify(x):
    """Half-wave rectification around the mean."""
    y = x - x.mean()
    y[y < 0] = 0
    return y


def zscore(x, ddof=0):
    x = np.asarray(x)
    if x.ndim != 1:
        raise ValueError(f"expected a 1-d array, got {x.ndim} dimensions")
    if x.size <= ddof:
        raise ValueError(f"need more than {ddof} values, got {x.size}")
    sigma = x.std(ddof=ddof)
    if sigma == 0:
        return np.zeros_like(x)
    z = x - x.mean()
    z /= sigma
    return z


def running_mean(x, width=5):
    total = np.cumsum(x, dtype=float)
    out = np.empty(x.size - width + 1)
    out[0] = total[width - 1]
    out[1:] = total[width:] - total[:-width]
    out /= width
    return out


def count_crossings(x, level=0.0, limit=5000):
    """Count how often the signal passes upwards through a level."""
    crossings = 0
    previous = x[0]
    for value in x[1:limit]:
        if previous < level <= value:
            crossings += 1
        previous = value
    return crossings


def first_above(x, threshold=0.3):
    """The first sample above the threshold; the last one where there is none."""
    for i in range(len(x)):
        if x[i] > threshold:
            return x[i]
    return x[-1]


def fill_counters(x, low=-2.0, high=4.0, nbins=24):
    counts = np.zeros(nbins, dtype=np.int64)
    underflow = overflow = 0
    scale = nbins / (high - low)
    for value in x[:3000]:
        k = int((value - low) * scale)
        if value < low:
            underflow += 1
        elif k >= nbins:
            overflow += 1
        else:
            counts[k] += 1
    return counts, underflow, overflow


def empirical_cdf(x):
    ordered = np.sort(x)
    return np.searchsorted(ordered, BIN_EDGES, side="right") / ordered.size


def entropy(x: npt.NDArray[np.float64], bins: int = 32) -> float:
    """Shannon entropy in bits of the histogram of the values."""
    counts, _ = np.histogram(x, bins=bins)
    p = counts / counts.sum()
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def _center(values, kind="median"):
    if kind == "median":
        return np.median(values)
    if kind == "mean":
        return np.mean(values)
    raise ValueError(f"unknown kind of center: {kind!r}")


def _mad(values, *, scale=1.4826, kind="median"):
    deviation = np.abs(values - _center(values, kind))
    return scale * _center(deviation, kind=kind)


def robust_scale(x):
    """Return center and scale that a few outliers do not move."""
    sample = x[:: max(1, x.size // 100_000)]
    return _center(sample), _mad(sample), _mad(sample, scale=1.2533, kind="mean")


def sigma_clip(x, nsigma=1.5, max_iterations=3):
    mask = np.ones(x.shape, dtype=bool)
    iteration = 0
    while iteration < max_iterations:
        good = x[mask]
        mean, std = good.mean(), good.std()
        keep = np.abs(x - mean) < nsigma * std
        if keep.sum() == mask.sum():
            break
        mask &= keep
        iteration += 1
    return np.where(mask, x, np.nan), int((~mask).sum())


def bootstrap_mean(x, draws=200, seed=42):
    rng = np.random.default_rng(seed)
    sample = x[:500]
    means = np.empty(draws)
    for k in range(draws):
        picked = rng.integers(0, len(sample), size=len(sample))
        means[k] = sample[picked].mean()
    lower, upper = np.percentile(means, [2.5, 97.5])
    return {"mean": means.mean(), "interval": (lower, upper)}


def welch(x, segment=256, overlap=0.5, max_segments=400):
    """Averaged periodogram of overlapping windowed segments."""
    step = int(segment * (1 - overlap))
    window = np.hanning(segment)
    norm = (window**2).sum()
    psd = np.zeros(segment // 2 + 1)
    count = 0
    for start in range(0, x.size - segment + 1, step):
        if count == max_segments:
            break
        piece = x[start : start + segment]
        piece = (piece - piece.mean()) * window
        psd += np.abs(np.fft.rfft(piece)) ** 2
        count += 1
    assert count > 0, "signal is shorter than one segment"
    psd /= norm * count
    psd[1:-1] *= 2
    return np.fft.rfftfreq(segment), psd


def band_powers(x, rate=1.0):
    spectrum = np.fft.rfft(x - np.mean(x))
    freqs = np.fft.rfftfreq(len(x), d=1 / rate)
    power = spectrum.real**2 + spectrum.imag**2
    result = {}
    for name, (low, high) in BANDS.items():
        inside = (freqs >= low) & (freqs < high)
        result[name] = power[inside].sum() / x.size
    return result


def decibels(x, floor=-120.0):
    with np.errstate(divide="ignore"):
        level = 20 * np.log10(np.abs(x))
    np.maximum(level, floor, out=level)
    return level


def geometric_mean(x):
    try:
        if np.any(x <= 0):
            raise ValueError("geometric mean needs positive values")
        return math.exp(np.log(x).mean())
    except ValueError as error:
        log.debug("%s, taking magnitudes", error)
        magnitudes = np.abs(x)
        magnitudes[magnitudes < EPS] = EPS
        return math.exp(np.log(magnitudes).mean())


def rolling_range(x, window=7, limit=2000):
    stop = min(len(x), limit) - window + 1
    return [float(max(x[i : i + window]) - min(x[i : i + window])) for i in range(stop)]


def run_lengths(x):
    """Lengths of the runs of equal sign, and the sign of each."""
    signs = np.sign(x[:20_000]).astype(int)
    runs = [(int(key), len(list(group))) for key, group in itertools.groupby(signs)]
    longest = max(runs, key=lambda run: run[1])
    return runs, longest


def haar_energies(x, depth=4):
    """Energy of the details on each level of a Haar decomposition."""
    if depth == 0 or x.size < 2:
        return [float(np.sum(x**2))]
    even, odd = x[: x.size // 2 * 2 : 2], x[1::2]
    detail = (even - odd) / math.sqrt(2)
    coarse = (even + odd) / math.sqrt(2)
    return [float(np.dot(detail, detail)), *haar_energies(coarse, depth - 1)]


def exponential_smoothing(x, alpha: float = 0.2, n: int = 3000) -> np.ndarray:
    if not 0 < alpha <= 1:
        raise ValueError(f"alpha must be in (0, 1], got {alpha}")
    smooth = np.empty_like(x[:n])
    smooth[0] = x[0]
    for i in range(1, len(smooth)):
        smooth[i] = alpha * x[i] + (1 - alpha) * smooth[i - 1]
    return smooth


def describe_text(x, unit="mV"):
    if not isinstance(x, np.ndarray):
        raise TypeError(f"expected an array, got {type(x).__name__}")
    lines = [f"{x.dtype} {x.shape}, {x.nbytes / 1e6:.1f} MB"]
    for name in ("min", "max", "mean"):
        lines.append(f"{name:>5}: {getattr(np, name)(x):+.4f} {unit}")
    lines.append("head: " + ", ".join(f"{v:.3f}" for v in x[:4]))
    return "\n".join(lines)


# ------------------------------------------------------------ two or more series


def trapezoid(t, y, limit=3000):
    area = 0.0
    pairs = list(zip(t[:limit], y[:limit], strict=True))
    for (t0, y0), (t1, y1) in itertools.pairwise(pairs):
        area += 0.5 * (y0 + y1) * (t1 - t0)
    return area


def linear_fit(x, y):
    """Slope, intercept and coefficient of determination of a straight line."""
    if x.shape != y.shape:
        raise ValueError(f"shapes differ: {x.shape} and {y.shape}")
    dx, dy = x - x.mean(), y - y.mean()
    slope = (dx * dy).sum() / (dx**2).sum()
    intercept = y.mean() - slope * x.mean()
    residual = dy - slope * dx
    return slope, intercept, 1 - (residual @ residual) / (dy @ dy)


def polynomial_trend(t, y, degree=3, nodes=200):
    step = max(1, t.size // nodes)
    basis = np.vander(t[::step], degree + 1)
    coefficients, *_ = np.linalg.lstsq(basis, y[::step], rcond=None)
    trend = np.polyval(coefficients, t)
    return {"coefficients": coefficients, "residuals": y - trend}


def best_lag(x, y, max_lag=15):
    scores = {}
    for lag in range(-max_lag, max_lag + 1):
        if lag < 0:
            a, b = x[-lag:], y[:lag]
        elif lag > 0:
            a, b = x[:-lag], y[lag:]
        else:
            a, b = x, y
        scores[lag] = float(np.dot(a, b)) / len(a)
    winner = max(scores, key=scores.get)
    return winner, scores[winner]


def time_of_value(t, y, target=5.0):
    """Bisect the (increasing) time axis and interpolate there."""
    lo, hi = 0, len(t) - 1
    while hi - lo > 1:
        mid = (lo + hi) // 2
        if t[mid] <= target:
            lo = mid
        else:
            hi = mid
    fraction = (target - t[lo]) / (t[hi] - t[lo])
    return y[lo] + fraction * (y[hi] - y[lo])


def safe_ratio(a, b, fill=0.0):
    out = np.full(a.shape, fill)
    np.divide(b, a, out=out, where=np.abs(a) > 1e-9)
    return out


def _velocity(wavelength, rest=REST_WAVELENGTH):
    ratio = (wavelength / rest) ** 2
    return SPEED_OF_LIGHT * (ratio - 1) / (ratio + 1)


def _moments(axis, weights, order=2, **options):
    total = weights.sum()
    first = (axis * weights).sum() / total
    if options.get("only_mean"):
        return (first,)
    rest = [(weights * (axis - first) ** k).sum() / total for k in range(2, order + 1)]
    return (first, *rest)


def line_kinematics(offset, flux):
    """Mean velocity and dispersion of an emission line."""
    velocity = _velocity(REST_WAVELENGTH + offset)
    weights = np.clip(flux, 0.0, None)
    mean, variance = _moments(velocity, weights)
    (check,) = _moments(velocity, weights, only_mean=True)
    assert abs(mean - check) < 1e-6
    return {"velocity": mean, "sigma": math.sqrt(variance)}


def combine(*series, **options):
    """Average several series, with optional weights."""
    weights = options.pop("weights", None) or [1.0] * len(series)
    if options:
        raise TypeError(f"unknown options: {', '.join(sorted(options))}")
    total = np.zeros(series[0].shape)
    for weight, values in zip(weights, series, strict=True):
        total += weight * values
    return total / sum(weights)


def group_means(values, labels):
    return {int(k): values[labels == k].mean() for k in np.unique(labels)}


def group_extremes(values, labels, limit=2000):
    groups = defaultdict(list)
    for value, label in zip(values[:limit], labels[:limit], strict=True):
        groups[int(label)].append(float(value))
    table = []
    for label in sorted(groups):
        members = sorted(groups[label])
        table.append((label, members[0], members[-1], len(members)))
    return table


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


# ---------------------------------------------------------- methods, of classes


class EventDetector:
    """Find samples above a threshold, with a dead time after each."""

    def __init__(self, threshold=0.5, dead_time=20):
        self.threshold = threshold
        self.dead_time = dead_time

    @staticmethod
    def _rising(above):
        return np.flatnonzero(above[1:] & ~above[:-1]) + 1

    def find(self, x):
        events = []
        last = -self.dead_time
        for k in self._rising(x > self.threshold):
            if k - last >= self.dead_time:
                events.append((int(k), float(x[k])))
                last = k
        return events


class Calibration:
    """Counts to volts: gain, offset and a quadratic correction."""

    def __init__(self, bits=12, span=10.0, quadratic=1e-3):
        self.bits = bits
        self.span = span
        self.quadratic = quadratic
        self.dark = np.array([0.01, 0.02, 0.015])

    @property
    def gain(self):
        return self.span / 2**self.bits

    @property
    def offset(self):
        return self.dark.mean()

    def apply(self, counts):
        volts = counts * self.gain
        volts -= self.offset
        return self._correct(volts)

    def _correct(self, volts):
        return volts + self.quadratic * volts**2


class GaussianModel:
    def __init__(self, mu, sigma):
        if sigma <= 0:
            raise ValueError(f"sigma must be positive, got {sigma}")
        self.mu = mu
        self.sigma = sigma

    def residuals(self, x):
        return (x - self.mu) / self.sigma

    def log_likelihood(self, x, per_sample=False):
        r = self.residuals(x)
        total = -0.5 * np.sum(r**2) - x.size * math.log(self.sigma)
        total -= 0.5 * x.size * math.log(2 * math.pi)
        return total / x.size if per_sample else total


class KMeans:
    def __init__(self, centers):
        self.centers = centers

    def __len__(self):
        return len(self.centers)

    def predict(self, points):
        best = np.full(len(points), np.inf)
        labels = np.zeros(len(points), dtype=np.intp)
        for k in range(len(self)):
            distance = ((points - self.centers[k]) ** 2).sum(axis=1)
            closer = distance < best
            labels[closer] = k
            best[closer] = distance[closer]
        return labels, best.sum()


class Rotation:
    def __init__(self, degrees):
        self.angle = math.radians(degrees)

    @property
    def matrix(self):
        c, s = math.cos(self.angle), math.sin(self.angle)
        return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])

    def apply(self, points: np.ndarray) -> np.ndarray:
        if points.shape[-1] != 3:
            raise ValueError(f"need 3 coordinates, got {points.shape[-1]}")
        return points @ self.matrix.T


class HeatRod:
    """Explicit steps of the heat equation with fixed ends."""

    stability = 0.5

    def __init__(self, diffusivity=0.2, steps=2):
        assert diffusivity <= self.stability
        self.diffusivity = diffusivity
        self.steps = steps

    def _laplacian(self, u):
        out = np.zeros_like(u)
        out[1:-1] = u[:-2] - 2 * u[1:-1] + u[2:]
        return out

    def evolve(self, u0):
        u = u0.copy()
        for _ in range(self.steps):
            u += self.diffusivity * self._laplacian(u)
        return u


# ------------------------------------------------------------ closures, factories


def make_smoother(taps, passes=2):
    taps = np.asarray(taps) / np.sum(taps)

    def smooth(x):
        y = np.convolve(x, taps, mode="same")
        for _ in range(passes - 1):
            y = np.convolve(y, taps, mode="same")
        return y

    return smooth


def make_standardizer(mean, scale):
    """Freeze the statistics of a training set."""

    def standardize(table):
        out = np.empty(table.shape)
        np.subtract(table, mean, out=out)
        np.divide(out, scale, out=out)
        return out

    return standardize


def make_reducer(name):
    reducers = {
        "rms": lambda x: np.sqrt(np.mean(np.square(x), axis=-1)),
        "peak": lambda x: np.abs(x).max(axis=-1),
        "crest": lambda x: (
            np.abs(x).max(axis=-1) / np.sqrt(np.mean(np.square(x), axis=-1))
        ),
    }
    return reducers[name]


def make_monitor(limits, names):
    low, high = limits

    def fraction_outside(channel):
        return np.mean((channel < low) | (channel > high))

    def monitor(recording):
        report = {}
        for name, channel in zip(names, recording, strict=True):
            outside = float(fraction_outside(channel))
            status = "ok" if outside < 0.5 else f"{outside:.0%} outside"
            report[name] = (status, float(channel.std()))
        return report

    return monitor


smooth_binomial = make_smoother(BINOMIAL)
standardize = make_standardizer(np.linspace(0.5, 1.5, 10), np.linspace(1.0, 2.0, 10))
crest_factor = make_reducer("crest")
monitor = make_monitor((-0.5, 2.5), [f"ch{k}" for k in range(8)])


def reference_to_average(recording):
    """Subtract from every channel the mean of all, and whiten with its spread."""
    from numpy.linalg import norm

    out = recording - recording.mean(axis=0)
    for channel in out:
        length = norm(channel)
        if length > 0:
            channel /= length
    return out


# -------------------------------------------------------------------- arguments


def wave(*shape):
    t = np.linspace(0.0, 40.0, math.prod(shape)).reshape(shape)
    return np.sin(t) + 0.05 * t


def record(n):
    time = np.linspace(0.0, 9.0, n)
    return {"time": time, "flux": wave(n), "error": 0.1 + 0.01 * np.cos(time)}


MAKERS = {
    "vector": lambda n: (wave(n),),
    "pair": lambda n: (np.linspace(0.0, 10.0, n), wave(n)),
    "labelled": lambda n: (wave(n), np.arange(n) % 5),
    "three": lambda n: (wave(n // 3), wave(n // 3)[::-1].copy(), np.ones(n // 3)),
    "table": lambda n: (wave(n // 10, 10),),
    "regression": lambda n: (np.cos(7 * wave(n // 5, 5)), wave(n // 5)),
    "points": lambda n: (wave(n // 3, 3),),
    "image": lambda n: (wave(math.isqrt(n), math.isqrt(n)),),
    "frames": lambda n: (wave(10, math.isqrt(n // 10), math.isqrt(n // 10)),),
    "recording": lambda n: (wave(8, n // 8),),
    "traces": lambda n: ([wave(n // 4 + k) for k in range(4)],),
    "record": lambda n: (record(n // 3),),
    "parts": lambda n: ((wave(n // 2), wave(n // 2)[::-1].copy()),),
    # of methods: the function comes from the class, the instance is an argument
    "detector": lambda n: (EventDetector(), wave(n)),
    "calibration": lambda n: (Calibration(bits=14), wave(n)),
    "gaussian": lambda n: (GaussianModel(0.8, 1.1), wave(n)),
    "kmeans": lambda n: (KMeans(np.array([[0.0] * 3, [1.0] * 3])), wave(n // 3, 3)),
    "rotation": lambda n: (Rotation(30), wave(n // 3, 3)),
    "rod": lambda n: (HeatRod(), wave(n)),
}

READERS = [
    (summarize, "vector"),
    (softmax, "vector"),
    (rectify, "vector"),
    (zscore, "vector"),
    (running_mean, "vector"),
    (count_crossings, "vector"),
    (first_above, "vector"),
    (fill_counters, "vector"),
    (empirical_cdf, "vector"),
    (entropy, "vector"),
    (robust_scale, "vector"),
    (sigma_clip, "vector"),
    (bootstrap_mean, "vector"),
    (welch, "vector"),
    (band_powers, "vector"),
    (decibels, "vector"),
    (geometric_mean, "vector"),
    (rolling_range, "vector"),
    (run_lengths, "vector"),
    (haar_energies, "vector"),
    (exponential_smoothing, "vector"),
    (describe_text, "vector"),
    (trapezoid, "pair"),
    (linear_fit, "pair"),
    (polynomial_trend, "pair"),
    (best_lag, "pair"),
    (time_of_value, "pair"),
    (safe_ratio, "pair"),
    (line_kinematics, "pair"),
    (combine, "three"),
    (group_means, "labelled"),
    (group_extremes, "labelled"),
    (normalize_rows, "table"),
    (covariance, "table"),
    (principal_axes, "table"),
    (column_report, "table"),
    (least_squares, "regression"),
    (cross_validate, "regression"),
    (pairwise_distances, "points"),
    (closest_pair, "points"),
    (box_blur, "image"),
    (edge_strength, "image"),
    (local_maxima, "image"),
    (downsample, "image"),
    (frame_differences, "frames"),
    (movie_statistics, "frames"),
    (stack_traces, "traces"),
    (phase_fold, "record"),
    (polar, "parts"),
    # the plain functions of the classes, called with (instance, array)
    (EventDetector.find, "detector"),
    (Calibration.apply, "calibration"),
    (GaussianModel.log_likelihood, "gaussian"),
    (KMeans.predict, "kmeans"),
    (Rotation.apply, "rotation"),
    (HeatRod.evolve, "rod"),
    # inner functions of factories
    (smooth_binomial, "vector"),
    (standardize, "table"),
    (crest_factor, "recording"),
    (monitor, "recording"),
    (reference_to_average, "recording"),
]
assert len(READERS) == 60
