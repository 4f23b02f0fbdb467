"""SciPy, pandas, scikit-learn, scikit-image, statsmodels, xarray."""

import numpy as np
import pandas as pd
import scipy.fft
import scipy.interpolate
import scipy.linalg
import scipy.ndimage
import scipy.optimize
import scipy.signal
import scipy.sparse
import scipy.spatial
import scipy.stats
import skimage.exposure
import skimage.feature
import skimage.filters
import skimage.measure
import skimage.morphology
import skimage.restoration
import skimage.segmentation
import skimage.transform
import sklearn.cluster
import sklearn.decomposition
import sklearn.ensemble
import sklearn.linear_model
import sklearn.neighbors
import sklearn.preprocessing
import statsmodels.api as sm
import xarray as xr

from tests.packages_matrix.probe import Package

SQUARE = np.random.default_rng(0).random((12, 12))


def frame(a):
    return pd.DataFrame({"x": a, "y": a * 2})


def columns(a):
    return a[:, :4], a[:, 5]


def bytes_of(a):
    return (a * 255).astype("u1")


def sparse_doubled(a):
    S = scipy.sparse.csr_array((a, (np.arange(8), np.arange(8)[::-1])))
    S *= 2
    S.sort_indices()
    return S.toarray()


SCIPY = Package(
    "scipy",
    takes={
        "linalg.solve": lambda a: scipy.linalg.solve(SQUARE[:8, :8], a),
        "linalg.svdvals": lambda a: scipy.linalg.svdvals(a.reshape(2, 4)),
        "fft": lambda a: scipy.fft.fft(a),
        "signal.filtfilt": lambda a: scipy.signal.lfilter([0.5], [1, 0.2], a),
        "signal.sosfilt": lambda a: scipy.signal.sosfilt(
            a[:6].reshape(1, 6) * 0 + [1, 0, 0, 1, 0, 0], a
        ),
        "ndimage": lambda a: scipy.ndimage.gaussian_filter(a, 1),
        "interpolate": lambda a: scipy.interpolate.CubicSpline(np.arange(8), a)(2.5),
        "optimize": lambda a: scipy.optimize.minimize(lambda x: x @ x, a).x.round(4),
        "stats": lambda a: scipy.stats.ttest_1samp(a, 4).pvalue,
        "spatial": lambda a: scipy.spatial.cKDTree(a.reshape(4, 2)).query([1, 1]),
        "sparse": sparse_doubled,
    },
    gives={
        "fft": lambda a: scipy.fft.fft(a),
        "ndimage": lambda a: scipy.ndimage.gaussian_filter(a, 1),
        "linalg.inv": lambda a: scipy.linalg.inv(a[:4].reshape(2, 2)),
    },
    keeps={
        "sparse": (
            lambda a: scipy.sparse.csr_array((a, (np.arange(8), np.arange(8)))),
            lambda s: s.toarray(),
        ),
        "CubicSpline": (
            lambda a: scipy.interpolate.CubicSpline(np.arange(8), a),
            lambda s: s(2.5),
        ),
        "KDTree": (
            lambda a: scipy.spatial.cKDTree(a.reshape(4, 2)),
            lambda t: t.query([1, 1]),
        ),
    },
    sends={
        "sparse": (
            lambda a: scipy.sparse.csr_array((a, (np.arange(8), np.arange(8)))),
            lambda s: s.toarray(),
        ),
    },
    guarded={
        "linalg.solve(overwrite_b)": lambda a: scipy.linalg.lu_factor(
            a[:4].reshape(2, 2).T, overwrite_a=True
        )[0],
        "ndimage(output=)": lambda a: scipy.ndimage.gaussian_filter(a, 1, output=a),
    },
)
PANDAS = Package(
    "pandas",
    takes={
        "Series": lambda a: pd.Series(a).rolling(2).mean().to_numpy(),
        "DataFrame": lambda a: frame(a).describe().to_numpy(),
        "groupby": lambda a: frame(a).groupby(a > 3).sum().to_numpy(),
        "cut": lambda a: pd.cut(a, 3, labels=False),
        "factorize": lambda a: pd.factorize(a)[0],
        "where": lambda a: pd.Series(a).where(a > 3, a).to_numpy(),
    },
    gives={
        "values": lambda a: pd.Series(a).values,
        "to_numpy(copy)": lambda a: pd.Series(a).to_numpy(copy=True),
    },
    keeps={
        "Series": (pd.Series, lambda s: s.to_numpy()),
        "DataFrame": (frame, lambda f: f.to_numpy()),
        "Index": (pd.Index, lambda i: i.to_numpy()),
    },
    sends={"DataFrame": (frame, lambda f: f.to_numpy())},
    guarded={
        "Series of the array": lambda a: (
            a.__setitem__(0, pd.Series(a).sum()),
            a.tolist(),
        )[1],
    },
)
X = SQUARE
SKLEARN = Package(
    "scikit-learn",
    sample=SQUARE,
    takes={
        "StandardScaler": lambda a: sklearn.preprocessing.scale(a),
        "LinearRegression": lambda a: (
            sklearn.linear_model.LinearRegression().fit(*columns(a)).coef_
        ),
        "PCA": lambda a: sklearn.decomposition.PCA(2).fit(a).explained_variance_,
        "KMeans": lambda a: (
            sklearn.cluster.KMeans(2, random_state=0, n_init=1)
            .fit(a)
            .cluster_centers_.round(9)
        ),
        "RandomForest": lambda a: (
            sklearn.ensemble.RandomForestRegressor(5, random_state=0)
            .fit(*columns(a))
            .predict(a[:, :4])
        ),
        "Lasso": lambda a: sklearn.linear_model.Lasso(0.01).fit(*columns(a)).coef_,
        "KNeighbors": lambda a: (
            sklearn.neighbors.KNeighborsRegressor(2).fit(*columns(a)).predict(a[:, :4])
        ),
    },
    gives={
        "transform": lambda a: sklearn.preprocessing.StandardScaler().fit_transform(a),
        "scale(copy=False)": lambda a: sklearn.preprocessing.scale(
            a.copy(), copy=False
        ),
    },
    keeps={
        "KNeighbors": (
            lambda a: sklearn.neighbors.KNeighborsRegressor(2).fit(*columns(a)),
            lambda m: m.predict(SQUARE[:, :4]),
        ),
        "LinearRegression": (
            lambda a: sklearn.linear_model.LinearRegression().fit(*columns(a)),
            lambda m: m.coef_,
        ),
    },
    sends={
        "KNeighbors": (
            lambda a: sklearn.neighbors.KNeighborsRegressor(2).fit(*columns(a)),
            lambda m: m.predict(SQUARE[:, :4]),
        ),
    },
    guarded={
        "scale(copy=False)": lambda a: sklearn.preprocessing.scale(a, copy=False),
        "normalize(copy=False)": lambda a: sklearn.preprocessing.normalize(
            a, copy=False
        ),
    },
)
SKIMAGE = Package(
    "scikit-image",
    sample=SQUARE,
    takes={
        "gaussian": lambda a: skimage.filters.gaussian(a),
        "canny": lambda a: skimage.feature.canny(a),
        "label": lambda a: skimage.measure.label(a > 0.5),
        "threshold_otsu": lambda a: skimage.filters.threshold_otsu(a),
        "equalize_hist": lambda a: skimage.exposure.equalize_hist(a),
        "resize": lambda a: skimage.transform.resize(a, (6, 6)),
        "warp": lambda a: skimage.transform.warp(a, np.eye(3)),
        "rank.median": lambda a: skimage.filters.rank.median(
            bytes_of(a), np.ones((3, 3))
        ),
        "erosion": lambda a: skimage.morphology.erosion(a),
        "denoise_bilateral": lambda a: skimage.restoration.denoise_bilateral(a),
        "unwrap_phase": lambda a: skimage.restoration.unwrap_phase(a),
        "watershed": lambda a: skimage.segmentation.watershed(
            a, skimage.measure.label(a > 0.8)
        ),
        "watershed(markers)": lambda a: skimage.segmentation.watershed(
            a, (a * 30).astype("i4") * (a > 0.8)
        ),
        "area_opening": lambda a: skimage.morphology.area_opening(bytes_of(a)),
    },
    gives={
        "gaussian": lambda a: skimage.filters.gaussian(a),
        "img_as_float": lambda a: skimage.util.img_as_float(a),
    },
    keeps={
        "regionprops": (
            lambda a: skimage.measure.regionprops(
                skimage.measure.label(SQUARE > 0.5), intensity_image=a
            ),
            lambda found: [each.intensity_mean for each in found],
        ),
    },
    guarded={
        "gaussian(out=)": lambda a: skimage.filters.gaussian(a, out=a),
        "clear_border(out=)": lambda a: skimage.segmentation.clear_border(
            a.astype(int), out=a
        ),
    },
)
SM = Package(
    "statsmodels",
    sample=SQUARE,
    takes={
        "OLS": lambda a: sm.OLS(a[:, 0], a[:, 1:4]).fit().params,
        "GLM": lambda a: sm.GLM(a[:, 0], a[:, 1:4]).fit().params,
        "lowess": lambda a: sm.nonparametric.lowess(a[:, 0], a[:, 1]),
        "acf": lambda a: sm.tsa.acf(a[:, 0], nlags=3),
        "ARIMA": lambda a: sm.tsa.ARIMA(a.ravel()[:60], order=(1, 0, 0)).fit().params,
    },
    gives={"fittedvalues": lambda a: sm.OLS(a[:, 0], a[:, 1:4]).fit().fittedvalues},
    keeps={
        "OLS": (
            lambda a: sm.OLS(a[:, 0], a[:, 1:4]),
            lambda model: model.fit().params,
        ),
    },
    sends={
        "OLS": (
            lambda a: sm.OLS(a[:, 0], a[:, 1:4]),
            lambda model: model.fit().params,
        ),
    },
    guarded={
        "add_constant": lambda a: (
            sm.OLS(a[:, 0], a[:, 1:4]).exog.__setitem__((0, 0), 5.0),
            a[0, 1],
        )[1],
    },
)


def data(a):
    return xr.DataArray(a, dims="x")


XARRAY = Package(
    "xarray",
    takes={
        "mean": lambda a: data(a).mean().item(),
        "rolling": lambda a: data(a).rolling(x=2).mean().values,
        "interp": lambda a: data(a).assign_coords(x=range(8)).interp(x=2.5).item(),
        "groupby": lambda a: data(a).groupby(data(a) > 3).sum().values,
        "in place": lambda a: (data(a).__iadd__(1)).values,
    },
    gives={
        "data": lambda a: (data(a) * 2).data,
        "copy": lambda a: data(a).copy().data,
        "isel": lambda a: data(a).isel(x=slice(2, 4)).data,
    },
    keeps={
        "DataArray": (data, lambda d: d.values),
        "Dataset": (lambda a: xr.Dataset({"v": ("x", a)}), lambda d: d.v.values),
    },
    sends={"DataArray": (data, lambda d: d.data)},
    guarded={
        "DataArray": lambda a: (data(a).__setitem__(0, 50.0), a.tolist())[1],
        "isel": lambda a: (data(a).isel(x=[0, 1]), data(a).data.fill(7), a.tolist())[2],
    },
)
PACKAGES = [SCIPY, PANDAS, SKLEARN, SKIMAGE, SM, XARRAY]
