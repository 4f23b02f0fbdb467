"""astropy, networkx, shapely, lightgbm, MNE, librosa."""

import warnings

import astropy.convolution
import astropy.coordinates
import astropy.stats
import astropy.table
import astropy.units as u
import lightgbm
import mne
import networkx as nx
import numpy as np
import shapely

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import librosa

from tests.packages_matrix.probe import Package

mne.set_log_level("ERROR")
rng = np.random.default_rng(0)
RECORDING = rng.standard_normal((2, 3000))
SOUND = rng.standard_normal(8000)
TABLE = rng.random((200, 5))


def doubled(q):
    q *= 2
    q[0] = 9 * q.unit
    return q.value


ASTROPY = Package(
    "astropy",
    takes={
        "a * unit": lambda a: doubled(a * u.m),
        "a << unit": lambda a: doubled((a * 1) << u.m),
        "Quantity.to": lambda a: (a * u.m).to("cm").value,
        "sigma_clip": lambda a: astropy.stats.sigma_clip(a, sigma=1).filled(0),
        "convolve": lambda a: astropy.convolution.convolve(a, [1, 2, 1]),
        "Table": lambda a: np.asarray(astropy.table.Table({"x": a})["x"]),
        "SkyCoord": lambda a: (
            astropy.coordinates.SkyCoord(a, a, unit="deg").galactic.l.deg
        ),
    },
    gives={"convolve": lambda a: astropy.convolution.convolve(a, [1, 2, 1])},
    keeps={
        "Quantity": (lambda a: a * u.m, lambda q: q.value),
        "Quantity(copy=False)": (lambda a: a << u.m, lambda q: q.value),
        "Table": (
            lambda a: astropy.table.Table({"x": a}),
            lambda t: np.asarray(t["x"]),
        ),
    },
    sends={"Quantity": (lambda a: a * u.m, lambda q: q.value)},
    guarded={"Table": lambda a: (astropy.table.Table({"x": a}), a.fill(9), a)[2]},
)


def graph(a):
    return nx.from_numpy_array(a.reshape(4, 4))


NETWORKX = Package(
    "networkx",
    sample=rng.integers(0, 4, 16).astype(float),
    takes={
        "from_numpy_array": lambda a: sorted(graph(a).edges(data="weight")),
        "pagerank": lambda a: nx.pagerank(graph(a)),
        "spring_layout": lambda a: nx.spring_layout(graph(a), seed=0),
    },
    gives={"to_numpy_array": lambda a: nx.to_numpy_array(graph(a))},
    keeps={"graph": (graph, nx.to_numpy_array)},
    sends={"graph": (graph, nx.to_numpy_array)},
    guarded={"graph": lambda a: (graph(a), a.fill(1), a)[2]},
)
SHAPELY = Package(
    "shapely",
    takes={
        "points": lambda a: shapely.get_x(shapely.points(a[::2], a[1::2])),
        "linestring": lambda a: shapely.length(shapely.linestrings(a.reshape(4, 2))),
        "polygon": lambda a: shapely.area(shapely.polygons(a.reshape(4, 2))),
        "contains_xy": lambda a: shapely.contains_xy(
            shapely.box(0, 0, 4, 4), a[::2], a[1::2]
        ),
    },
    gives={
        "get_coordinates": lambda a: shapely.get_coordinates(
            shapely.points(a[::2], a[1::2])
        )
    },
    keeps={
        "linestring": (
            lambda a: shapely.LineString(a.reshape(4, 2)),
            shapely.get_coordinates,
        )
    },
    sends={
        "linestring": (
            lambda a: shapely.LineString(a.reshape(4, 2)),
            shapely.get_coordinates,
        )
    },
    guarded={"points": lambda a: (shapely.points(a, a), a.fill(9), a)[2]},
)
OPTIONS = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "seed": 0}


def booster(a):
    return lightgbm.train(OPTIONS, lightgbm.Dataset(a[:, :4], a[:, 4]), 5)


LIGHTGBM = Package(
    "lightgbm",
    sample=TABLE,
    takes={
        "train": lambda a: booster(a).predict(TABLE[:, :4]),
        "predict": lambda a: booster(TABLE).predict(a[:, :4]),
        "regressor": lambda a: (
            lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1)
            .fit(a[:, :4], a[:, 4])
            .predict(TABLE[:, :4])
        ),
    },
    gives={"predict": lambda a: booster(TABLE).predict(a[:, :4])},
    keeps={
        "Dataset": (
            lambda a: lightgbm.Dataset(a[:, :4], a[:, 4]),
            lambda d: lightgbm.train(OPTIONS, d, 5).predict(TABLE[:, :4]),
        )
    },
    sends={"booster": (booster, lambda b: b.predict(TABLE[:, :4]))},
    guarded={"train": lambda a: (booster(a), a.fill(9), a)[2]},
)
INFO = mne.create_info(2, 100.0, "eeg")


def raw(a):
    return mne.io.RawArray(a, INFO)


MNE = Package(
    "mne",
    sample=RECORDING,
    takes={
        "RawArray.get_data": lambda a: raw(a).get_data(),
        "filter": lambda a: raw(a).filter(1, 20).get_data(),
        "filter_data": lambda a: mne.filter.filter_data(a, 100.0, 1, 20),
        "resample": lambda a: mne.filter.resample(a, down=2.0),
        "EpochsArray": lambda a: (
            mne.EpochsArray(a.reshape(3, 2, 1000), INFO).average().data
        ),
        "psd": lambda a: mne.time_frequency.psd_array_welch(a, 100.0, n_fft=256)[0],
    },
    gives={"get_data": lambda a: raw(a).get_data()},
    keeps={"RawArray": (raw, lambda r: r.get_data())},
    sends={"RawArray": (raw, lambda r: r.get_data())},
    guarded={
        "filter(copy=False)": lambda a: mne.filter.filter_data(
            a, 100.0, 1, 20, copy=False
        ),
        "RawArray.filter": lambda a: (
            mne.io.RawArray(a, INFO, copy=None).filter(1, 20).get_data()
        ),
    },
)
LIBROSA = Package(
    "librosa",
    sample=SOUND,
    takes={
        "stft": lambda a: librosa.stft(a),
        "mfcc": lambda a: librosa.feature.mfcc(y=a, sr=8000),
        "zero_crossings": lambda a: librosa.zero_crossings(a),
        "resample": lambda a: librosa.resample(
            a, orig_sr=8000, target_sr=4000, res_type="scipy"
        ),
        "onset": lambda a: librosa.onset.onset_strength(y=a, sr=8000),
        "harmonic": lambda a: librosa.effects.harmonic(a),
        "frame": lambda a: librosa.util.frame(a, frame_length=512, hop_length=256),
        "normalize": lambda a: librosa.util.normalize(a),
    },
    gives={
        "stft": lambda a: librosa.stft(a),
        "normalize": lambda a: librosa.util.normalize(a),
    },
    guarded={
        "valid_audio": lambda a: (librosa.util.valid_audio(a), a.fill(0), a)[2],
    },
)
PACKAGES = [ASTROPY, NETWORKX, SHAPELY, LIGHTGBM, MNE, LIBROSA]
