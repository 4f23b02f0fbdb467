"""Sixty functions that read their arrays, as scientists and engineers write them.

None writes to an argument, returns it (or a view of it), or keeps it. `READERS`
names for each the maker of its arguments; `MAKERS` maps the number of float64
elements in all of the arrays of the main argument to a tuple of arguments.
"""

import math

import numpy as np

from tests.catalogue.readers.objects import (
    Calibration,
    EventDetector,
    GaussianModel,
    HeatRod,
    KMeans,
    Rotation,
    crest_factor,
    monitor,
    reference_to_average,
    smooth_binomial,
    standardize,
)
from tests.catalogue.readers.series import (
    band_powers,
    best_lag,
    bootstrap_mean,
    combine,
    count_crossings,
    decibels,
    describe_text,
    empirical_cdf,
    entropy,
    exponential_smoothing,
    fill_counters,
    first_above,
    geometric_mean,
    group_extremes,
    group_means,
    haar_energies,
    line_kinematics,
    linear_fit,
    polynomial_trend,
    rectify,
    robust_scale,
    rolling_range,
    run_lengths,
    running_mean,
    safe_ratio,
    sigma_clip,
    softmax,
    summarize,
    time_of_value,
    trapezoid,
    welch,
    zscore,
)
from tests.catalogue.readers.tables import (
    box_blur,
    closest_pair,
    column_report,
    covariance,
    cross_validate,
    downsample,
    edge_strength,
    frame_differences,
    least_squares,
    local_maxima,
    movie_statistics,
    normalize_rows,
    pairwise_distances,
    phase_fold,
    polar,
    principal_axes,
    stack_traces,
)


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
