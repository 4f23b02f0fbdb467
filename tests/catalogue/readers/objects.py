"""Readers that are methods of classes, or closures of factories."""

import math

import numpy as np

from tests.catalogue.readers.series import BINOMIAL

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
