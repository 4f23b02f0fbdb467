"""Images: filters, edges, histograms and changes of size."""

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def sobel(image: Array, steps: int) -> Array:
    """Return how steep an image is, then how steep that is, and so on."""
    for _ in range(steps):
        p = np.pad(image, 1, mode="edge")
        gx = p[:-2, 2:] - p[:-2, :-2] + p[2:, 2:] - p[2:, :-2]
        gx += 2 * (p[1:-1, 2:] - p[1:-1, :-2])
        gy = p[2:, :-2] - p[:-2, :-2] + p[2:, 2:] - p[:-2, 2:]
        gy += 2 * (p[2:, 1:-1] - p[:-2, 1:-1])
        image = np.hypot(gx, gy)
        image /= image.max()
    return image


def median_3x3(image: Array, rows: int) -> Array:
    """Return the image, each pixel of the first rows the median of nine."""
    result = image.copy()
    part = image[: rows + 2]
    height, width = part.shape
    windows = np.stack(
        [
            part[i : height - 2 + i, j : width - 2 + j]
            for i in range(3)
            for j in range(3)
        ]
    )
    windows.sort(axis=0)
    result[1 : height - 1, 1:-1] = windows[4]
    return result


def histogram_equalization(image: Array, steps: int) -> Array:
    """Return the image with all grey levels equally frequent."""
    for _ in range(steps):
        count = np.bincount(image.ravel(), minlength=256)
        total = count.cumsum()
        first = total[np.nonzero(total)[0][0]]
        table = (total - first) * 255 // max(image.size - first, 1)
        image = table.clip(0, 255).astype(np.uint8)[image]
    return image


def bilinear_resize(image: Array, height: int, width: int) -> Array:
    """Return the image in another size, each pixel a mean of four weighted ones."""
    y = np.arange(height) * ((image.shape[0] - 1) / (height - 1))
    x = np.arange(width) * ((image.shape[1] - 1) / (width - 1))
    top = np.minimum(y.astype(np.intp), image.shape[0] - 2)
    left = np.minimum(x.astype(np.intp), image.shape[1] - 2)
    down, right = (y - top)[:, None], (x - left)[None, :]
    upper = image[top][:, left] * (1 - right) + image[top][:, left + 1] * right
    lower = image[top + 1][:, left] * (1 - right) + image[top + 1][:, left + 1] * right
    result: Array = upper * (1 - down) + lower * down
    return result


def gaussian_blur(image: Array, kernel: Array, steps: int) -> Array:
    """Return the image, blurred along the columns, then along the rows."""
    r = len(kernel) // 2
    for _ in range(steps):
        for _ in range(2):
            p = np.pad(image, ((r, r), (0, 0)), mode="reflect")
            image = np.zeros_like(image)
            for k, weight in enumerate(kernel):
                image += weight * p[k : k + image.shape[0]]
            image = image.T
    return image


def recursive_filter(image: Array, rows: int) -> Array:
    """Return the image, smoothed by a recursion down the columns and one upwards.

    The first rows take part.
    """
    a, b1, b2 = 0.25, 1.0, -0.25
    down, up = np.zeros_like(image), np.zeros_like(image)
    down[0] = a * image[0]
    down[1] = a * image[1] + b1 * down[0]
    for i in range(2, rows):
        down[i] = a * image[i] + b1 * down[i - 1] + b2 * down[i - 2]
    for i in range(rows - 3, -1, -1):
        up[i, :] = a * image[i + 1, :]
        up[i, :] += b1 * up[i + 1, :]
        up[i, :] += b2 * up[i + 2, :]
    both: Array = down + up
    return both


def box_filter(image: Array, radius: int) -> Array:
    """Return the mean of each window, from a table of sums."""
    table = np.zeros((image.shape[0] + 1, image.shape[1] + 1))
    np.cumsum(image, axis=0, out=table[1:, 1:])
    table = table.cumsum(axis=1)
    k = 2 * radius + 1
    sums: Array = table[k:, k:] - table[:-k, k:] - table[k:, :-k] + table[:-k, :-k]
    sums /= k * k
    return sums


def dilation(image: Array, steps: int) -> Array:
    """Return the image, each pixel the largest of its neighbours, in place."""
    for _ in range(steps):
        wide = image.copy()
        wide[:, 1:] = np.maximum(wide[:, 1:], image[:, :-1])
        wide[:, :-1] = np.maximum(wide[:, :-1], image[:, 1:])
        image[:] = wide
        image[1:] = np.maximum(image[1:], wide[:-1])
        image[:-1] = np.maximum(image[:-1], wide[1:])
    return image


def harris(image: Array, level: float) -> tuple[Array, Array]:
    """Return where corners are: their rows and columns."""
    gy, gx = np.gradient(image)
    xx, yy, xy = gx * gx, gy * gy, gx * gy
    xx, yy, xy = (
        m[:-2, :-2] + m[:-2, 2:] + m[2:, :-2] + m[2:, 2:] + 4 * m[1:-1, 1:-1]
        for m in (xx, yy, xy)
    )
    response = xx * yy - xy**2 - 0.05 * (xx + yy) ** 2
    response[response < level * response.max()] = 0
    rows, columns = np.nonzero(response)
    return rows, columns


def otsu(image: Array, steps: int) -> Array:
    """Return the image, black below the threshold that parts it best."""
    for _ in range(steps):
        count, edges = np.histogram(image, bins=64)
        levels = (edges[:-1] + edges[1:]) / 2
        below, above = count.cumsum(), count[::-1].cumsum()[::-1]
        low = (count * levels).cumsum() / np.maximum(below, 1)
        high = (count * levels)[::-1].cumsum()[::-1] / np.maximum(above, 1)
        best = (below[:-1] * above[1:] * (low[:-1] - high[1:]) ** 2).argmax()
        image[image < levels[best]] *= 0.5
    return image


def colour_balance(image: Array, steps: int) -> Array:
    """Return the image (y, x, colour) with grey on average, in place, clipped."""
    for _ in range(steps):
        means = image.mean(axis=(0, 1))
        for channel in range(3):
            image[..., channel] *= means.mean() / means[channel]
        grey = image @ np.array([0.299, 0.587, 0.114])
        image += 0.1 * (image - grey[..., None])
        np.clip(image, 0, 1, out=image)
    return image


def error_diffusion(image: Array, rows: int) -> Array:
    """Return the first rows black and white: each pixel hands its error on.

    The errors go to the row below all at once, and along the row one by one.
    """
    for i in range(rows):
        carried = 0.0
        for j in range(image.shape[1]):
            old = image[i, j] + carried
            new = 1.0 if old > 0.5 else 0.0
            image[i, j] = new
            carried = (old - new) * 0.5
            image[i + 1, j] += carried
    return image


def square(size: Size, random: Random) -> Array:
    n = size.side()
    return random.uniform(size=(n, n))


def grey(size: Size, random: Random) -> Inputs:
    n = size.side(2, 1)
    levels = random.normal(100, 30, (n, n)).clip(0, 255).astype(np.uint8)
    return [levels, size.steps(8, 3, 1)]


def colours(size: Size, random: Random) -> Inputs:
    n = size.side(2, 24)
    return [random.uniform(size=(n, n, 3)), size.steps(4, 3, 1)]


def resized(size: Size, random: Random) -> Inputs:
    n, m = size.side(), size.steps(60, 200, 1000)
    return [random.uniform(size=(n, n)), m, m]


PROGRAMS = [
    Program(sobel, lambda s, r: [square(s, r), s.steps(4, 3, 1)]),
    Program(median_3x3, lambda s, r: [square(s, r), s.steps(14, 156, 300)]),
    Program(histogram_equalization, grey),
    Program(bilinear_resize, resized),
    Program(
        gaussian_blur,
        lambda s, r: [square(s, r), np.array([1, 4, 6, 4, 1]) / 16, s.steps(3, 3, 1)],
    ),
    Program(recursive_filter, lambda s, r: [square(s, r), s.steps(16, 158, 1581)]),
    Program(box_filter, lambda s, r: [square(s, r), s.steps(2, 5, 5)]),
    Program(dilation, lambda s, r: [square(s, r), s.steps(25, 8, 2)]),
    Program(harris, lambda s, r: [square(s, r), 0.5]),
    Program(otsu, lambda s, r: [square(s, r), s.steps(2, 2, 1)]),
    Program(colour_balance, colours),
    Program(error_diffusion, lambda s, r: [square(s, r), s.steps(14, 50, 40)]),
]
