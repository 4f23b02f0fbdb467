"""k-means: Lloyd's algorithm on points around some centres."""

import numpy as np

from benchmarks.timing import Array, Make


def nearest(points: Array, centres: Array) -> Array:
    """Return for each point the number of the nearest centre."""
    labels: Array = ((points[:, None, :] - centres) ** 2).sum(axis=2).argmin(axis=1)
    return labels


def means(array: Make, points: Array, labels: Array, number: int) -> Array:
    """Return the mean of the points of each label."""
    return array([points[labels == label].mean(axis=0) for label in range(number)])


def step(array: Make, points: Array, centres: Array) -> tuple[Array, Array]:
    """Return each point's label and the centres moved to the means."""
    labels = nearest(points, centres)
    return labels, means(array, points, labels, len(centres))


def careful_nearest(points: Array, centres: Array) -> Array:
    """Return the labels; nothing is shared with the caller."""
    return nearest(points.copy(), centres.copy()).copy()


def careful_means(array: Make, points: Array, labels: Array, number: int) -> Array:
    """Return the means; nothing is shared with the caller."""
    return means(array, points.copy(), labels.copy(), number).copy()


def careful_step(array: Make, points: Array, centres: Array) -> tuple[Array, Array]:
    """Return labels and centres; nothing is shared with the caller."""
    points, centres = points.copy(), centres.copy()
    labels = careful_nearest(points, centres)
    centres = careful_means(array, points, labels, len(centres))
    return labels.copy(), centres.copy()


def run(
    array: Make,
    careful: bool = False,
    size: int = 20_000,
    number: int = 8,
    steps: int = 20,
) -> list[Array]:
    """Return the labels, the centres, the sizes of the clusters and the spread."""
    advance = careful_step if careful else step
    random = np.random.default_rng(1)
    truth = random.uniform(-5, 5, (number, 3))
    points: Array = array(truth[random.integers(number, size=size)])
    points += random.normal(size=(size, 3))
    labels, centres = advance(array, points, points[:number])
    for _ in range(steps - 1):
        labels, centres = advance(array, points, centres)
    spread = ((points - centres[labels]) ** 2).sum(axis=1).mean()
    return [labels, centres, np.bincount(labels), spread]
