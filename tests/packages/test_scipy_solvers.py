"""SciPy with user functions, sparse solvers and classes, on cow arrays.

The arguments must come out unchanged. test_scipy.py calls the rest.
"""

import warnings

import numpy as np
import pytest
from scipy import (
    fft,
    integrate,
    interpolate,
    linalg,
    ndimage,
    optimize,
    signal,
    sparse,
    spatial,
    special,
    stats,
)
from scipy.cluster import vq
from scipy.sparse import linalg as sparse_linalg

import cow
from tests.catalogue.samples import IMAGE, POINTS, B, M, S, X, Y
from tests.oracle.values import close

SCIPY = {
    "linalg.inv": lambda x, y, m, s, b, p, i: linalg.inv(m),
    "linalg.solve": lambda x, y, m, s, b, p, i: linalg.solve(m, b),
    "linalg.lu": lambda x, y, m, s, b, p, i: linalg.lu(m),
    "linalg.qr": lambda x, y, m, s, b, p, i: linalg.qr(m),
    "linalg.svd": lambda x, y, m, s, b, p, i: linalg.svd(m),
    "linalg.eig": lambda x, y, m, s, b, p, i: linalg.eig(m),
    "linalg.eigh": lambda x, y, m, s, b, p, i: linalg.eigh(s),
    "linalg.cholesky": lambda x, y, m, s, b, p, i: linalg.cholesky(s),
    "linalg.cho_solve": lambda x, y, m, s, b, p, i: linalg.cho_solve(
        linalg.cho_factor(s), b
    ),
    "linalg.lstsq": lambda x, y, m, s, b, p, i: linalg.lstsq(m, b)[0],
    "linalg.expm": lambda x, y, m, s, b, p, i: linalg.expm(m / 10),
    "linalg.schur": lambda x, y, m, s, b, p, i: linalg.schur(m),
    "linalg.det": lambda x, y, m, s, b, p, i: linalg.det(m),
    "linalg.norm": lambda x, y, m, s, b, p, i: linalg.norm(m),
    "linalg.pinv": lambda x, y, m, s, b, p, i: linalg.pinv(m),
    "linalg.toeplitz": lambda x, y, m, s, b, p, i: linalg.toeplitz(b),
    "linalg.block_diag": lambda x, y, m, s, b, p, i: linalg.block_diag(m, s),
    "sparse.csr": lambda x, y, m, s, b, p, i: sparse.csr_array(m) @ b,
    "sparse.coo": lambda x, y, m, s, b, p, i: sparse.coo_array(m).toarray(),
    "sparse.csc": lambda x, y, m, s, b, p, i: sparse.csc_array(m).toarray(),
    "sparse.dia": lambda x, y, m, s, b, p, i: sparse.diags_array(b).toarray(),
    "sparse.spsolve": lambda x, y, m, s, b, p, i: sparse_linalg.spsolve(
        sparse.csc_array(m), b
    ),
    "sparse.cg": lambda x, y, m, s, b, p, i: sparse_linalg.cg(s, b)[0],
    "sparse.svds": lambda x, y, m, s, b, p, i: abs(
        sparse_linalg.svds(m, 2, random_state=0)[1]
    ),
    "signal.convolve": lambda x, y, m, s, b, p, i: signal.convolve(x, b),
    "signal.fftconvolve": lambda x, y, m, s, b, p, i: signal.fftconvolve(x, b),
    "signal.correlate": lambda x, y, m, s, b, p, i: signal.correlate(x, y),
    "signal.lfilter": lambda x, y, m, s, b, p, i: signal.lfilter([1, 2], [1.0], x),
    "signal.filtfilt": lambda x, y, m, s, b, p, i: signal.filtfilt([1.0, 2], [3.0], x),
    "signal.savgol": lambda x, y, m, s, b, p, i: signal.savgol_filter(y, 5, 2),
    "signal.find_peaks": lambda x, y, m, s, b, p, i: signal.find_peaks(y)[0],
    "signal.detrend": lambda x, y, m, s, b, p, i: signal.detrend(y),
    "signal.welch": lambda x, y, m, s, b, p, i: signal.welch(y, nperseg=16),
    "signal.medfilt": lambda x, y, m, s, b, p, i: signal.medfilt(y, 3),
    "signal.resample": lambda x, y, m, s, b, p, i: signal.resample(y, 20),
    "signal.hilbert": lambda x, y, m, s, b, p, i: signal.hilbert(y),
    "ndimage.gaussian": lambda x, y, m, s, b, p, i: ndimage.gaussian_filter(i, 1),
    "ndimage.median": lambda x, y, m, s, b, p, i: ndimage.median_filter(i, 3),
    "ndimage.sobel": lambda x, y, m, s, b, p, i: ndimage.sobel(i),
    "ndimage.label": lambda x, y, m, s, b, p, i: ndimage.label(i > 0),
    "ndimage.zoom": lambda x, y, m, s, b, p, i: ndimage.zoom(i, 2),
    "ndimage.rotate": lambda x, y, m, s, b, p, i: ndimage.rotate(i, 30),
    "ndimage.erosion": lambda x, y, m, s, b, p, i: ndimage.binary_erosion(i > 0),
    "ndimage.map": lambda x, y, m, s, b, p, i: ndimage.map_coordinates(i, p.T + 5),
    "ndimage.distance": lambda x, y, m, s, b, p, i: ndimage.distance_transform_edt(
        i > 0
    ),
    "ndimage.sum": lambda x, y, m, s, b, p, i: ndimage.sum_labels(i, i > 0, [0, 1]),
    "optimize.minimize": lambda x, y, m, s, b, p, i: optimize.minimize(
        lambda v: ((v - 1) ** 2).sum(), b
    ).x.round(4),
    "optimize.nelder": lambda x, y, m, s, b, p, i: (
        optimize.minimize(lambda v: (v**2).sum(), b[:2], method="Nelder-Mead").x
    ),
    "optimize.lsq": lambda x, y, m, s, b, p, i: optimize.least_squares(
        lambda v: m @ v - b, b
    ).x.round(4),
    "optimize.curve_fit": lambda x, y, m, s, b, p, i: optimize.curve_fit(
        lambda t, k, c: k * t + c, x, y
    )[0],
    "optimize.nnls": lambda x, y, m, s, b, p, i: optimize.nnls(m, b)[0],
    "optimize.linprog": lambda x, y, m, s, b, p, i: (
        optimize.linprog(abs(b), m, abs(b)).x
    ),
    "optimize.assignment": lambda x, y, m, s, b, p, i: optimize.linear_sum_assignment(
        m
    ),
    "optimize.root": lambda x, y, m, s, b, p, i: optimize.root(
        lambda v: m @ v - b, b
    ).x.round(4),
    "stats.describe": lambda x, y, m, s, b, p, i: tuple(stats.describe(x)),
    "stats.ttest": lambda x, y, m, s, b, p, i: stats.ttest_ind(x, y).pvalue,
    "stats.pearsonr": lambda x, y, m, s, b, p, i: stats.pearsonr(x, y).statistic,
    "stats.spearmanr": lambda x, y, m, s, b, p, i: stats.spearmanr(x, y).statistic,
    "stats.linregress": lambda x, y, m, s, b, p, i: stats.linregress(x, y).slope,
    "stats.rankdata": lambda x, y, m, s, b, p, i: stats.rankdata(y),
    "stats.zscore": lambda x, y, m, s, b, p, i: stats.zscore(y),
    "stats.kde": lambda x, y, m, s, b, p, i: stats.gaussian_kde(x)(y),
    "stats.norm": lambda x, y, m, s, b, p, i: stats.norm.pdf(x),
    "stats.fit": lambda x, y, m, s, b, p, i: stats.norm.fit(x),
    "stats.ks": lambda x, y, m, s, b, p, i: stats.ks_2samp(x, y).statistic,
    "stats.trim": lambda x, y, m, s, b, p, i: stats.trim_mean(y, 0.1),
    "interpolate.cubic": lambda x, y, m, s, b, p, i: interpolate.CubicSpline(x, y)(0.1),
    "interpolate.pchip": lambda x, y, m, s, b, p, i: interpolate.pchip_interpolate(
        x, y, x[:-1] + 0.001
    ),
    "interpolate.spline": lambda x, y, m, s, b, p, i: interpolate.splev(
        0.1, interpolate.splrep(x, y)
    ),
    "interpolate.make": lambda x, y, m, s, b, p, i: interpolate.make_interp_spline(
        x, y
    )(x),
    "interpolate.griddata": lambda x, y, m, s, b, p, i: interpolate.griddata(
        p, p[:, 0], p[:5] * 0.5
    ),
    "interpolate.grid": lambda x, y, m, s, b, p, i: interpolate.RegularGridInterpolator(
        (np.arange(12.0), np.arange(12.0)), i
    )(abs(p)),
    "spatial.tree": lambda x, y, m, s, b, p, i: spatial.cKDTree(p).query(p, 2),
    "spatial.kdtree": lambda x, y, m, s, b, p, i: spatial.KDTree(p).query(p[:3], 1),
    "spatial.hull": lambda x, y, m, s, b, p, i: spatial.ConvexHull(p).vertices,
    "spatial.delaunay": lambda x, y, m, s, b, p, i: spatial.Delaunay(p).simplices,
    "spatial.pdist": lambda x, y, m, s, b, p, i: spatial.distance.pdist(p),
    "spatial.cdist": lambda x, y, m, s, b, p, i: spatial.distance.cdist(p, p),
    "spatial.squareform": lambda x, y, m, s, b, p, i: spatial.distance.squareform(
        spatial.distance.pdist(p)
    ),
    "fft.fft": lambda x, y, m, s, b, p, i: fft.fft(x),
    "fft.rfft2": lambda x, y, m, s, b, p, i: fft.rfft2(i),
    "fft.dct": lambda x, y, m, s, b, p, i: fft.dct(x),
    "integrate.trapezoid": lambda x, y, m, s, b, p, i: integrate.trapezoid(y, x),
    "integrate.simpson": lambda x, y, m, s, b, p, i: integrate.simpson(y, x=x),
    "integrate.ivp": lambda x, y, m, s, b, p, i: integrate.solve_ivp(
        lambda t, v: -v, (0, 1), b
    ).y[:, -1],
    "special.gamma": lambda x, y, m, s, b, p, i: special.gamma(abs(x)),
    "special.logsumexp": lambda x, y, m, s, b, p, i: special.logsumexp(x),
    "special.softmax": lambda x, y, m, s, b, p, i: special.softmax(m, axis=1),
    "cluster.whiten": lambda x, y, m, s, b, p, i: vq.whiten(p),
    "cluster.vq": lambda x, y, m, s, b, p, i: vq.vq(p, p[:3])[0],
}


@pytest.mark.parametrize("name", SCIPY)
def test_scipy_takes_cow_arrays(name):
    plain = [a.copy() for a in (X, Y, M, S, B, POINTS, IMAGE)]
    cows = [cow.array(a) for a in plain]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, result = SCIPY[name](*plain), SCIPY[name](*cows)
    close(expected, result)
    for before, after in zip((X, Y, M, S, B, POINTS, IMAGE), cows, strict=True):
        assert np.array_equal(before, after)
        cow._core.check(after)
