"""Bugs of real packages that changed the arrays of a caller, each in a few lines.

The functions say in our own words what each thread reports; they are not the
code of the packages. ``python -m tests.catalogue.reproductions`` writes
docs/reproductions.md.
"""

import numpy as np

from tests import ROOT

PAGE = ROOT / "docs" / "reproductions.md"
BUGS = []
HEAD = """# Mutation bugs of real packages

Each function of `tests/catalogue/reproductions.py` does in a few lines what a public
bug report tells of a released package: it changes an array of its caller, silently. The
test suite runs each one on plain NumPy (the argument changes), under `cow.no_mutate`
(it does not, and there is no error) and with `on_write="raise"` (`MutationError` names
the argument). Changes of the shape alone are prevented, and raise nothing. The page is
generated: `python -m tests.catalogue.reproductions`.

| report | what it does |
|---|---|
"""


def bug(thread, *arguments, metadata=False):
    """Record a function with the thread that reports it, and its arguments."""

    def add(function):
        BUGS.append((thread, function, arguments, metadata))
        return function

    return add


def wave(n):
    return np.linspace(1.0, 30.0, n)


def signed(n):
    return np.linspace(-20.0, 30.0, n)


def square(n):
    side = int(n**0.5)
    return np.linspace(1.0, 9.0, side * side).reshape(side, side)


def holes(n):
    a = wave(n)
    a[::3] = np.nan
    return a


@bug("kitchenknif/PyTMM#9", wave)
def refractive_index(wavelength):
    """Converts the wavelengths of the caller to micrometres."""
    wavelength /= 1000
    return 1 + 0.3 / wavelength**2


@bug("arviz-devs/arviz#2376", wave)
def psislw(log_weights):
    """Smooths the tail of the log weights where they are."""
    log_weights -= log_weights.max()
    log_weights[-3:] = np.sort(log_weights[-3:])
    return log_weights


@bug("statsmodels/statsmodels#2928", wave)
def moments_to_cumulants(m):
    """Turns moments into cumulants in the array of moments."""
    for order in range(1, 4):
        m[order] -= m[0] * m[order - 1]
    return m


@bug("numpy/numpy#8061", wave, wave)
def payment(rate, periods):
    """Replaces the interest rates of the caller by the masked ones."""
    rate = np.asarray(rate)
    rate[rate < 2] = 1
    return rate / (1 - (1 + rate) ** -periods)


@bug("pyoceans/python-oceans#41", wave)
def spiciness(salinity):
    """Subtracts 35 from the salinity of the caller."""
    s = np.asanyarray(salinity)
    s -= 35
    return s**2


@bug("scipy/scipy#6428", lambda n: wave(n)[::-1])
def find_repeats(values):
    """Sorts the values of the caller to count them."""
    values = np.asarray(values)
    values.sort()
    return values[1:][values[1:] == values[:-1]]


@bug("scipy/scipy#6421", wave)
def solve_one_by_one(b, diagonal=2.0, overwrite_b=False):
    """Divides the right-hand side in place, with the meaning of a flag reversed."""
    x = np.array(b) if overwrite_b else np.asarray(b)
    x /= diagonal
    return x


@bug("scipy/scipy#5790", wave)
def transform_in_place(x):
    """Takes a converted input for a copy of its own and overwrites it."""
    y = np.asarray(x)
    y[...] = np.fft.fft(y).real
    return y


@bug("scipy/scipy#9793", lambda n: np.asfortranarray(square(n)))
def interpolative_decomposition(matrix):
    """Factorises the matrix of the caller, where it is in Fortran order."""
    a = np.asfortranarray(matrix)
    a[:, 0] /= np.linalg.norm(a[:, 0])
    a[:, 1:] -= np.outer(a[:, 0], a[:, 0] @ a[:, 1:])
    return a


@bug("scipy/scipy#21383", lambda n: {"f_A": wave(n), "f_B": signed(n)})
def sobol_indices(func):
    """Centres the function values in the dict of the caller."""
    mean = (func["f_A"].mean() + func["f_B"].mean()) / 2
    func["f_A"] -= mean
    func["f_B"] -= mean
    return func["f_A"].var()


@bug("scipy/scipy#23474", wave, wave, np.ones)
def periodogram(x, y, weights):
    """Rescales the weights and centres the signal of the caller."""
    y, weights = np.asarray(y), np.asarray(weights)
    weights /= weights.sum()
    y -= (weights * y).sum()
    return (weights * y * np.cos(x)).sum()


@bug("scikit-learn/scikit-learn#7194", square)
def transform_selected(X, selected="all", copy=True):
    """Forgets to copy where all features are selected."""
    if selected != "all" and copy:
        X = X.copy()
    X[0, 0] += 2
    return X


@bug("scikit-learn/scikit-learn#17914", square)
def lars(X, copy_X=True, precomputed="auto"):
    """Overwrites X although a copy was asked for, where it precomputes."""
    if copy_X and precomputed is False:
        X = X.copy()
    X[:, [0, 1]] = X[:, [1, 0]]
    return X.T @ X


@bug("NVIDIA/cuml#5482", square, wave)
def fit_linear(X, y):
    """Centres the features of the caller to fit an intercept."""
    X -= X.mean(axis=0)
    return X.T @ y[: len(X)]


@bug("Blue-Yonder-OSS/cyclic-boosting#62", square)
def fit_binned(X):
    """Replaces the features of the caller by the numbers of their bins."""
    for column in range(X.shape[1]):
        X[:, column] = np.digitize(X[:, column], np.linspace(0, 10, 4))
    return X.sum(axis=1)


@bug("scikit-image/scikit-image#1567", wave)
def threshold_li(image):
    """Shifts the image of the caller to non-negative values."""
    image -= image.min()
    return image.mean()


@bug("scikit-image/scikit-image#5410", square)
def peak_local_max(image):
    """Blanks the image of the caller outside of the current label."""
    image[image < image.mean()] = 0
    return np.argwhere(image == image.max())


@bug("scikit-image/scikit-image#1449", square)
def clear_border(labels):
    """Clears the objects at the border in the label image of the caller."""
    labels[0] = labels[-1] = 0
    labels[:, 0] = labels[:, -1] = 0
    return labels


@bug("scikit-image/scikit-image#2769", square, lambda n: np.arange(3))
def set_color(image, rows):
    """Draws into the image, though the documentation tells of a result."""
    image[rows] = 0.5
    return image


@bug("nilearn/nilearn#2091", signed)
def threshold_img(data):
    """Thresholds the image that it is given."""
    data[np.abs(data) < 5] = 0
    return data


@bug("healpy/healpy#262", signed)
def ud_grade(m):
    """Overwrites unseen pixels by zero for the time of the computation."""
    m[m < -10] = 0
    return m.reshape(-1, 2).mean(axis=1)


@bug("astropy/astropy#5512", lambda n: np.arange(1, n + 1))
def write_image(data):
    """Swaps the bytes of the data of the caller to write them."""
    data.byteswap(True)
    return data.tobytes()


@bug("astropy/astropy#11261", signed)
def wrap_longitude(lon):
    """Wraps the offsets of the caller into the range from 0 to 360."""
    lon[lon < 0] += 360
    return lon


@bug("astropy/astropy#7503", holes)
def convolve(array):
    """Fills the missing values of the caller before it convolves."""
    array = np.asarray(array, dtype=float)
    array[np.isnan(array)] = 0.0
    return np.convolve(array, [0.25, 0.5, 0.25], mode="same")


@bug("spacetelescope/gwcs#594", wave, wave)
def world_to_pixel(ra, dec):
    """Marks positions outside of the image in the catalogue of the caller."""
    ra, dec = np.asarray(ra), np.asarray(dec)
    ra[ra > 15] = np.nan
    return ra * np.cos(dec)


@bug("baccuslab/pyret#37", square)
def low_rank(sta):
    """Leaves the filter of the caller centred."""
    sta -= sta.mean()
    return np.linalg.svd(sta, compute_uv=False)


@bug("spinalcordtoolbox/spinalcordtoolbox#3500", signed)
def threshold(data, low=0.0):
    """Returns the array that it has changed as if it were new."""
    data[data < low] = low
    return data


@bug("BioThinkLab/SCYN#7", wave, wave)
def call_copy_numbers(Y, nor_Y):
    """Raises small read counts in both inputs."""
    Y[Y <= 20] = 20
    nor_Y[nor_Y <= 20] = 20
    return np.log(Y / nor_Y)


@bug("isce-framework/isce3#14", lambda n: square(n) * (1 + 1j))
def oversample(image):
    """Removes the phase ramp from the image of the caller."""
    image *= np.exp(-1j * np.arange(image.shape[1]))
    return np.fft.fft2(image)


@bug("astroswego/plotypus#54", wave)
def rephase(data, period=3.0):
    """Folds the times of the caller."""
    np.mod(data, period, out=data)
    data /= period
    return data


@bug("boschresearch/pylife#130", wave)
def notch_stress(load):
    """Iterates on the start values of the caller."""
    for _ in range(3):
        load -= (load**2 - 2) / (2 * load)
    return load


@bug("pysheds/pysheds#154", square)
def fill_depressions(dem):
    """Fills depressions in the elevation model of the caller."""
    np.maximum(dem, 3.0, out=dem)
    return dem


@bug("astropy/halotools#370", wave)
def apply_distortions(z):
    """Moves the positions of the caller, which were never copied."""
    positions = np.asanyarray(z)
    positions += 5.0
    positions[positions > 20] -= 20
    return positions


@bug("joshspeagle/brutus#40", wave, wave)
def optimize_fit(flux, av):
    """Leaves its last step in the array of start values."""
    for _ in range(2):
        av += 0.1 * (flux.mean() - av)
    return av


@bug("CellProfiler/CellProfiler#1333", square)
def image_math(image, operation=None):
    """Adds to the input where there is no operation that made a new image."""
    output = image if operation is None else operation(image)
    output += 1
    return output


@bug("keras-team/keras#10240", square)
def preprocess_numpy_input(x):
    """Scales the images of the caller to the range from -1 to 1."""
    x /= 127.5
    x -= 1.0
    return x


@bug("keras-team/keras#5598", square)
def array_to_img(x, scale=True):
    """Scales the array that is only to be shown."""
    x = np.asarray(x)
    if scale:
        x -= x.min()
        x *= 255 / x.max()
    return x.astype("uint8")


@bug("qubvel/segmentation_models#491", square)
def preprocess_for_backbone(x):
    """Preprocesses the test images of the caller, once for each model."""
    x = x[..., ::-1]
    x -= 4.0
    return x


@bug("ScrollPrize/villa#1446", lambda n: wave(n).astype("f4"))
def normalize_zscore(image):
    """Writes through ``astype(copy=False)`` where the dtype is right already."""
    array = np.asarray(image).astype(np.float32, copy=False)
    array -= array.mean()
    array /= array.std()
    return array


@bug("numba/numba#5870", square, wave)
def least_squares(a, b):
    """Leaves the work of a decomposition in the matrix of the caller."""
    a[0] /= np.linalg.norm(a[0])
    return a @ b[: len(a)]


@bug("scikit-image/scikit-image#499", square, metadata=True)
def random_walker(image):
    """Gives the image of the caller another shape."""
    image.shape = (1, *image.shape)
    return image.sum(axis=0)


@bug("silx-kit/silx#231", wave, wave, metadata=True)
def add_item(x, y):
    """Makes rows of the coordinates of the caller."""
    x.shape = 1, -1
    y.shape = 1, -1
    return np.vstack([x, y])


def page():
    """Return the text of the page."""
    lines = []
    for thread, function, *_ in BUGS:
        repository, number = thread.split("#")
        link = f"[{thread}](https://github.com/{repository}/issues/{number})"
        lines.append(f"| {link} | {function.__doc__} |\n")
    return HEAD + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())
