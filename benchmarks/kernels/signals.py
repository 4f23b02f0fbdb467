"""Signals: filters, spectra, wavelets, codes."""

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def fir(x: Array, taps: Array, steps: int) -> Array:
    """Return the signal after a filter with a finite response, tap by tap."""
    for _ in range(steps):
        y = np.zeros_like(x)
        for k, tap in enumerate(taps):
            y[k:] += tap * x[: len(x) - k]
        x = y
    return x


def biquad(x: Array, b: Array, a: Array, steps: int) -> Array:
    """Return channels (a column each) after a recursive filter of second order.

    Of a long signal the first `steps` times are filtered.
    """
    y = np.zeros_like(x)
    state = np.zeros((2, x.shape[1]))
    for t in range(steps):
        y[t] = b[0] * x[t] + state[0]
        state[0] = b[1] * x[t] - a[0] * y[t] + state[1]
        state[1] = b[2] * x[t] - a[1] * y[t]
    return y


def chain(x: Array, taps: Array, steps: int) -> Array:
    """Return a signal after a gate, a filter, a limiter and an envelope."""
    for _ in range(steps):
        x = x - x.mean()
        x[np.abs(x) < 0.05] = 0
        x = np.convolve(x, taps, mode="same")
        x /= np.abs(x).max()
        np.clip(x, -0.8, 0.8, out=x)
        envelope = np.maximum.accumulate(np.abs(x)[::-1])[::-1]
        x *= 1 / (0.1 + envelope)
    return x


def spectrogram(x: Array, window: Array, hop: int) -> Array:
    """Return the power of each frequency in each of the overlapping frames."""
    frames = np.lib.stride_tricks.sliding_window_view(x, len(window))[::hop]
    spectrum = np.fft.rfft(frames * window, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return 10 * np.log10(power + 1e-12)


def radix_2(x: Array, steps: int) -> Array:
    """Return the Fourier transform of a power of two of samples (Stockham)."""
    n = len(x)
    for _ in range(steps):
        blocks: Array = x.reshape(1, n) / np.sqrt(n)
        while blocks.shape[1] > 1:
            half = blocks.shape[1] // 2
            even, odd = blocks[:, :half], blocks[:, half:]
            done = len(blocks)
            turn = np.exp(-1j * np.pi * np.arange(done) / done)[:, None]
            blocks = np.concatenate([even + turn * odd, even - turn * odd])
        x = blocks.ravel()
    return x


def haar(x: Array, levels: int) -> Array:
    """Return the wavelet transform of the rows, then of the columns, in place."""
    n = x.shape[0]
    for _ in range(levels):
        for _ in range(2):
            part = x[:n, :n].T.copy()
            half = n // 2
            x[:half, :n] = (part[: 2 * half : 2] + part[1 : 2 * half : 2]) / 2
            x[half : 2 * half, :n] = (part[: 2 * half : 2] - part[1 : 2 * half : 2]) / 2
        n //= 2
    return x


def autocorrelation(x: Array, lags: int) -> Array:
    """Return how similar the signal is to itself some time later."""
    x = x - x.mean()
    result = np.empty(lags)
    result[0] = x @ x
    for lag in range(1, lags):
        result[lag] = np.dot(x[lag:], x[:-lag])
    result /= result[0]
    return result


def adaptive_filter(x: Array, wanted: Array, steps: int) -> tuple[Array, Array]:
    """Return the error and the weights of a filter that learns (least mean squares)."""
    taps = 16
    w = np.zeros_like(x[:taps])
    error = np.zeros_like(wanted)
    for t in range(taps, taps + steps):
        seen = x[t - taps : t][::-1]
        error[t] = wanted[t] - w @ seen
        w += 0.05 * error[t] * seen
    return error, w


def goertzel(x: Array, frequencies: Array, steps: int) -> Array:
    """Return the power at some frequencies, by a recursion over the first samples."""
    c = 2 * np.cos(frequencies)
    s1, s2 = np.zeros_like(c), np.zeros_like(c)
    for sample in x[:steps]:
        s1, s2 = sample + c * s1 - s2, s1
    power: Array = s1**2 + s2**2 - c * s1 * s2
    return power


def overlap_add(x: Array, response: Array, block: int) -> Array:
    """Return a convolution, block by block in the frequencies."""
    n = block + len(response) - 1
    spectrum = np.fft.rfft(response, n)
    y = np.zeros(len(x) + n)
    for start in range(0, len(x), block):
        piece = np.fft.rfft(x[start : start + block], n)
        piece *= spectrum
        y[start : start + n] += np.fft.irfft(piece, n)
    return y[: len(x)]


def moving_statistics(x: Array, width: int, steps: int) -> tuple[Array, Array]:
    """Return mean and deviation of a window that moves, from running sums."""
    mean = deviation = x
    for _ in range(steps):
        total = np.cumsum(np.insert(x, 0, 0.0))
        squares = np.cumsum(np.concatenate(([0.0], x * x)))
        mean = (total[width:] - total[:-width]) / width
        deviation = (squares[width:] - squares[:-width]) / width - mean**2
        np.maximum(deviation, 0, out=deviation)
        np.sqrt(deviation, out=deviation)
        x = x * 0.5
        x[width - 1 :] += (x[width - 1 :] - mean) / (deviation + 1)
    return mean, deviation


def delta_code(x: Array, steps: int) -> tuple[Array, int]:
    """Return a signal of bytes, packed as differences and unpacked; and the zeros.

    The main array is that of the bits.
    """
    zeros = 0
    for _ in range(steps):
        differences = np.empty_like(x)
        differences[0] = x[0]
        differences[1:] = x[1:] - x[:-1]
        packed = np.packbits(differences[:, None] >> np.arange(8, dtype=np.uint8) & 1)
        zeros += int(np.count_nonzero(packed == 0))
        x = np.cumsum(differences, dtype=np.uint8)
        x ^= 0x55
    return x, zeros


def phase_unwrap(phase: Array, steps: int) -> Array:
    """Return phases without the jumps of a whole turn, along each row."""
    for _ in range(steps):
        jump = np.diff(phase, axis=1)
        jump -= 2 * np.pi * np.round(jump / (2 * np.pi))
        phase[:, 1:] = phase[:, :1] + jump.cumsum(axis=1)
        phase *= 1.5
    return phase


def noise(size: Size, random: Random, number: int = 1) -> Inputs:
    return [random.normal(size=size.side(1)) for _ in range(number)]


def channels(size: Size, random: Random) -> Inputs:
    width = size.steps(4, 16, 200)
    x = random.normal(size=(size.side(1) // width, width))
    b, a = np.array([0.2, 0.4, 0.2]), np.array([-0.3, 0.1])
    return [x, b, a, min(len(x), size.steps(60, 1000, 5000))]


def framed(size: Size, random: Random) -> Inputs:
    n = size.steps(32, 256, 1024)
    hop = size.steps(2, 64, 1024)
    return [*noise(size, random), np.hanning(n), hop]


def power_of_two(size: Size, random: Random) -> Inputs:
    n = 1 << (size.side(1, 16).bit_length() - 1)
    parts = random.normal(size=(2, n))
    return [parts[0] + 1j * parts[1], size.steps(4, 1, 1)]


def blocks(size: Size, random: Random) -> Inputs:
    taps, block = size.steps(9, 65, 1025), size.steps(16, 960, 15_360)
    return [*noise(size, random), np.hanning(taps), block]


def code(size: Size, random: Random) -> Inputs:
    x = random.integers(0, 256, size.nbytes // 8, dtype=np.uint8)
    return [x, size.steps(15, 8, 1)]


def angles(size: Size, random: Random) -> Inputs:
    n = size.side()
    return [random.uniform(-np.pi, np.pi, (n, n)), size.steps(10, 5, 1)]


def grid(size: Size, random: Random) -> Inputs:
    n = size.side()
    return [random.normal(size=(n, n)), size.steps(3, 5, 4)]


PROGRAMS = [
    Program(fir, lambda s, r: [*noise(s, r), np.hanning(9), s.steps(8, 5, 1)]),
    Program(biquad, channels),
    Program(chain, lambda s, r: [*noise(s, r), np.hanning(9), s.steps(8, 4, 1)]),
    Program(spectrogram, framed),
    Program(radix_2, power_of_two),
    Program(haar, grid),
    Program(autocorrelation, lambda s, r: [*noise(s, r), s.steps(200, 100, 40)]),
    Program(
        adaptive_filter, lambda s, r: [*noise(s, r, 2), s.steps(200, 20_000, 50_000)]
    ),
    Program(
        goertzel,
        lambda s, r: [
            *noise(s, r),
            np.linspace(0.1, 3, 64),
            s.steps(250, 9000, 50_000),
        ],
    ),
    Program(overlap_add, blocks),
    Program(moving_statistics, lambda s, r: [*noise(s, r), 20, s.steps(8, 4, 1)]),
    Program(delta_code, code),
    Program(phase_unwrap, angles),
]
