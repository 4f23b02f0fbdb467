"""Readers of one series, of two and more."""

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
