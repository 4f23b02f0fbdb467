"""Windows over a series, outliers replaced in place, a spectrum."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

rng = np.random.default_rng(11)
t = np.arange(500) / 50
series = np.sin(2 * np.pi * 3 * t) + rng.normal(0, 0.1, t.size)
series[::97] += 5
median = np.median(sliding_window_view(np.pad(series, 3, mode="edge"), 7), axis=1)
outlier = np.abs(series - median) > 1
np.copyto(series, median, where=outlier)
series -= series.mean()
power = np.abs(np.fft.rfft(series * np.hanning(t.size))) ** 2
frequency = np.fft.rfftfreq(t.size, 1 / 50)
result = np.flatnonzero(outlier), frequency[power.argmax()], series
