"""Released functions that write into their input, see docs/gallery.md."""

import numpy as np


def lombscargle(y, weights):
    from scipy.signal import lombscargle

    times = np.linspace(0, 9, len(y))
    return lombscargle(times, y, [1.0, 2.0], precenter=True, weights=weights)


def thin(image):
    from skimage.morphology import thin

    return thin(image)


def nmf(x, w, h):
    from sklearn.decomposition import NMF

    model = NMF(2, init="custom", max_iter=2000)
    return model.fit_transform(x, W=w, H=h)


def minibatch_nmf(x, w, h):
    from sklearn.decomposition import MiniBatchNMF

    return MiniBatchNMF(2, init="custom").fit_transform(x, W=w, H=h)


def factorization(x, w, h):
    from sklearn.decomposition import non_negative_factorization

    return non_negative_factorization(
        x, w, h, n_components=2, init="custom", max_iter=2000
    )[0]


def factors():
    rng = np.random.default_rng(1)
    return rng.random((30, 4)), rng.random((30, 2)), rng.random((2, 4))


def square():
    image = np.zeros((20, 20), dtype=bool)
    image[5:15, 5:15] = True
    return (image,)


def series():
    rng = np.random.default_rng(2)
    return rng.random(50) + 1, rng.random(50)


# function -> (arguments, package, written parameters as the audit names them)
GALLERY = {
    lombscargle: (series, "scipy", {"y", "weights"}),
    thin: (square, "skimage", {"image"}),
    nmf: (factors, "sklearn", {"W"}),
    minibatch_nmf: (factors, "sklearn", {"W", "H"}),
    factorization: (factors, "sklearn", {"W"}),
}
