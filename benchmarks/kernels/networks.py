"""Neural networks: layers forwards, some backwards, in the style of a first course."""

from itertools import pairwise

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def stable_softmax(x: Array) -> Array:
    """Return the softmax along the last axis."""
    x = np.exp(x - np.max(x, axis=-1, keepdims=True))
    x /= np.sum(x, axis=-1, keepdims=True)
    return x


def softmax(x: Array, steps: int) -> Array:
    """Return the softmax of the rows, `steps` times one of the other."""
    for _ in range(steps):
        x = stable_softmax(x)
    return x


def convolved(x: Array, w: Array) -> Array:
    """Return the valid convolution of images (number, y, x, channels), by windows."""
    k = w.shape[0]
    height, width = x.shape[1] - k + 1, x.shape[2] - k + 1
    result = np.zeros((x.shape[0], height, width, w.shape[3]), dtype=x.dtype)
    for i in range(k):
        for j in range(k):
            result += x[:, i : i + height, j : j + width] @ w[i, j]
    return result


def conv2d(x: Array, w: Array, b: Array) -> Array:
    """Return a convolution pixel by pixel: the sum of each window, and a bias."""
    k = w.shape[0]
    height, width = x.shape[1] - k + 1, x.shape[2] - k + 1
    result = np.empty((x.shape[0], height, width, w.shape[3]), dtype=x.dtype)
    for i in range(height):
        for j in range(width):
            window = x[:, i : i + k, j : j + k, :, np.newaxis]
            result[:, i, j, :] = np.sum(window * w[np.newaxis], axis=(1, 2, 3))
    return result + b


def pooled(x: Array) -> Array:
    """Return the largest of each two by two pixels."""
    n, h, w, c = x.shape
    x = x[:, : h // 2 * 2, : w // 2 * 2, :]
    largest: Array = x.reshape(n, h // 2, 2, w // 2, 2, c).max(axis=(2, 4))
    return largest


def max_pool(x: Array) -> Array:
    """Return two by two pooling, window by window."""
    n, h, w, c = x.shape
    result = np.empty((n, h // 2, w // 2, c), dtype=x.dtype)
    for i in range(h // 2):
        for j in range(w // 2):
            window = x[:, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :]
            result[:, i, j, :] = np.max(window, axis=(1, 2))
    return result


def mlp(x: Array, weights: list[Array], biases: list[Array], steps: int) -> Array:
    """Return what a perceptron of some layers says of each row.

    The main array is that of the first weights.
    """
    found = x
    for _ in range(steps):
        found = x
        for w, b in zip(weights[:-1], biases[:-1], strict=True):
            found = relu(found @ w + b)
        found = stable_softmax(found @ weights[-1] + biases[-1])
    return found


def lenet(x: Array, w1: Array, w2: Array, w3: Array, w4: Array) -> Array:
    """Return the classes of a small network: twice convolve and pool, two layers."""
    x = pooled(relu(convolved(x, w1)))
    x = pooled(relu(convolved(x, w2)))
    x = np.reshape(x, (x.shape[0], -1))
    return stable_softmax(relu(x @ w3) @ w4)


def normalized(x: Array, eps: float = 1e-5) -> Array:
    """Return the batch with mean 0 and deviation 1 for each place."""
    mean = np.mean(x, axis=0, keepdims=True)
    std = np.std(x, axis=0, keepdims=True)
    result: Array = (x - mean) / np.sqrt(std + eps)
    return result


def resnet_block(x: Array, w1: Array, w2: Array, w3: Array) -> Array:
    """Return a bottleneck: narrow, 3 by 3, widen, and the input is added."""
    padded = np.zeros((x.shape[0], x.shape[1] + 2, x.shape[2] + 2, w1.shape[3]))
    padded[:, 1:-1, 1:-1, :] = convolved(x, w1)
    y = relu(normalized(padded))
    y = relu(normalized(convolved(y, w2)))
    return relu(normalized(convolved(y, w3)) + x)


def batch_norm(x: Array, gamma: Array, beta: Array, steps: int) -> Array:
    """Return x, normalized in place with moving averages."""
    mean, var = np.zeros_like(gamma), np.ones_like(gamma)
    for _ in range(steps):
        mean *= 0.9
        mean += 0.1 * x.mean(axis=0)
        var = 0.9 * var + 0.1 * x.var(axis=0)
        x -= mean
        x /= np.sqrt(var + 1e-5)
        x *= gamma
        x += beta
    return x


def attention(q: Array, k: Array, v: Array, heads: int) -> Array:
    """Return causal attention of some heads; the main array is that of the scores."""
    n, d = q.shape
    q, k, v = (a.reshape(n, heads, d // heads).transpose(1, 0, 2) for a in (q, k, v))
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(d // heads)
    scores[:, np.triu(np.ones((n, n), dtype=bool), 1)] = -np.inf
    return (stable_softmax(scores) @ v).transpose(1, 0, 2).reshape(n, d)


def lstm(x: Array, w: Array, u: Array, b: Array, steps: int) -> Array:
    """Return the last state of a recurrent cell after the first `steps` inputs."""
    n = u.shape[0]
    h, c = np.zeros((x.shape[1], n)), np.zeros((x.shape[1], n))
    for t in range(steps):
        gates = x[t] @ w + h @ u + b
        gates[:, : 3 * n] = 1 / (1 + np.exp(-gates[:, : 3 * n]))
        c *= gates[:, :n]
        c += gates[:, n : 2 * n] * np.tanh(gates[:, 3 * n :])
        h = gates[:, 2 * n : 3 * n] * np.tanh(c)
    return h


def backpropagation(
    x: Array, y: Array, w1: Array, w2: Array, steps: int
) -> tuple[Array, Array]:
    """Return two layers after steps of gradient descent with momentum."""
    m1, m2 = np.zeros_like(w1), np.zeros_like(w2)
    for _ in range(steps):
        hidden = np.tanh(x @ w1)
        error = hidden @ w2 - y
        g2 = hidden.T @ error / len(x)
        back = error @ w2.T
        back *= 1 - hidden**2
        g1 = x.T @ back / len(x)
        for w, m, g in ((w1, m1, g1), (w2, m2, g2)):
            m *= 0.9
            m += g
            w -= 0.01 * m
    return w1, w2


def adam(w: Array, target: Array, steps: int) -> Array:
    """Return the parameters after steps of Adam towards a target, in place."""
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        g = w - target
        m *= 0.9
        m += 0.1 * g
        v *= 0.999
        v += 0.001 * g * g
        w -= 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    return w


def images(size: Size, random: Random, number: int, channels: int) -> Array:
    side = size.side(2, 8 * number * channels)
    return random.normal(size=(number, side, side, channels))


def convolution(size: Size, random: Random) -> Inputs:
    """Return images, of a large batch more, not larger ones."""
    number = size.steps(1, 4, 400)
    x = images(size, random, number, 3)
    return [x, random.normal(size=(3, 3, 3, 4)), random.normal(size=4)]


def perceptron(size: Size, random: Random) -> Inputs:
    n = size.steps(8, 80, 800)
    widths = [size.side(1) // n, 2 * n, n, 10]
    weights = [random.normal(size=s) for s in pairwise(widths)]
    biases = [random.normal(size=n) for n in widths[1:]]
    rows = size.steps(8, 80, 200)
    return [
        random.normal(size=(rows, widths[0])),
        weights,
        biases,
        size.steps(10, 4, 1),
    ]


def digits(size: Size, random: Random) -> Inputs:
    side = size.steps(16, 28, 28)
    x = random.normal(size=(max(size.side(1) // side**2, 1), side, side, 1))
    left = ((side - 4) // 2 - 4) // 2
    shapes = (5, 5, 1, 6), (5, 5, 6, 16), (left * left * 16, 84), (84, 10)
    if size.name == "large":
        x = x[:400].copy()  # the first convolution makes six times as much of each
    return [x, *(random.normal(size=shape) for shape in shapes)]


def residual(size: Size, random: Random) -> Inputs:
    x = images(size, random, size.steps(2, 8, 8), 16)
    shapes = (1, 1, 16, 4), (3, 3, 4, 4), (1, 1, 4, 16)
    return [x, *(random.normal(size=shape) for shape in shapes)]


def batch(size: Size, random: Random) -> Inputs:
    n, steps = size.side(), size.steps(8, 3, 1)
    return [random.normal(size=(n, n)), random.normal(size=n), np.ones(n), steps]


def sequence(size: Size, random: Random) -> Inputs:
    heads = size.steps(1, 4, 4)
    n = size.side(2, 8 * heads)
    return [*(random.normal(size=(n, 8 * heads)) for _ in range(3)), heads]


def series(size: Size, random: Random) -> Inputs:
    n = size.steps(4, 16, 64)
    steps = max(size.side(1) // n**2, 2)
    shapes = (steps, n, n), (n, 4 * n), (n, 4 * n), (4 * n,)
    arrays = [random.normal(size=shape) for shape in shapes]
    return [*arrays, min(steps, size.steps(15, 90, 300))]


def lesson(size: Size, random: Random) -> Inputs:
    n, k = size.side(), size.steps(15, 40, 60)
    shapes = (n, n), (n, 4), (n, k), (k, 4)
    return [*(random.normal(size=shape) for shape in shapes), size.steps(10, 5, 2)]


PROGRAMS = [
    Program(softmax, lambda s, r: [*batch(s, r)[:1], s.steps(20, 5, 2)]),
    Program(conv2d, convolution),
    Program(max_pool, lambda s, r: [images(s, r, s.steps(1, 8, 400), 4)]),
    Program(mlp, perceptron),
    Program(lenet, digits),
    Program(resnet_block, residual),
    Program(batch_norm, batch),
    Program(attention, sequence),
    Program(lstm, series),
    Program(backpropagation, lesson),
    Program(
        adam,
        lambda s, r: [r.normal(size=s.side(1)), np.ones(s.side(1)), s.steps(25, 8, 1)],
    ),
]
