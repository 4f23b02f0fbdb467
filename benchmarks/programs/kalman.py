"""Track a moving body: a Kalman filter, then the Rauch-Tung-Striebel smoother.

`x` and `P` are the state (place and speed in two directions) and its covariance.
"""

# pyright: reportConstantRedefinition=false
# (P is the letter that the field has for what changes)

import numpy as np

from benchmarks.timing import Array, Make


def predict(x: Array, P: Array, F: Array, Q: Array) -> tuple[Array, Array]:
    """Return state and covariance one time step later."""
    return F @ x, F @ P @ F.T + Q


def update(x: Array, P: Array, z: Array, H: Array, R: Array) -> tuple[Array, Array]:
    """Return state and covariance after the measurement `z`."""
    S = H @ P @ H.T + R
    K = P @ H.T @ np.linalg.inv(S)
    return x + K @ (z - H @ x), P - K @ H @ P


def step(
    x: Array, P: Array, z: Array, F: Array, Q: Array, H: Array, R: Array
) -> tuple[Array, Array]:
    """Predict, then update."""
    x, P = predict(x, P, F, Q)
    return update(x, P, z, H, R)


def smooth(xs: Array, Ps: Array, F: Array, Q: Array) -> tuple[Array, Array]:
    """Return all states and covariances in the light of the later ones."""
    xs, Ps = xs.copy(), Ps.copy()
    for i in range(len(xs) - 2, -1, -1):
        x, P = predict(xs[i], Ps[i], F, Q)
        G = Ps[i] @ F.T @ np.linalg.inv(P)
        xs[i] += G @ (xs[i + 1] - x)
        Ps[i] += G @ (Ps[i + 1] - P) @ G.T
    return xs, Ps


def careful_step(
    x: Array, P: Array, z: Array, F: Array, Q: Array, H: Array, R: Array
) -> tuple[Array, Array]:
    """Predict, then update; nothing is shared with the caller."""
    x, P = predict(x.copy(), P.copy(), F.copy(), Q.copy())
    x, P = update(x.copy(), P.copy(), z.copy(), H.copy(), R.copy())
    return x.copy(), P.copy()


def careful_smooth(xs: Array, Ps: Array, F: Array, Q: Array) -> tuple[Array, Array]:
    """Smooth; nothing is shared with the caller."""
    xs, Ps = smooth(xs.copy(), Ps.copy(), F.copy(), Q.copy())
    return xs.copy(), Ps.copy()


def run(array: Make, careful: bool = False, steps: int = 1000) -> list[Array]:
    """Return the filtered states and the smoothed ones with their covariances."""
    advance, look_back = (careful_step, careful_smooth) if careful else (step, smooth)
    random = np.random.default_rng(1)
    F = array(np.eye(4) + np.eye(4, k=2) * 0.1)
    Q, R = array(np.eye(4) * 1e-3), array(np.eye(2) * 0.25)
    H = array(np.eye(2, 4))
    time = np.arange(steps) * 0.1
    places = np.stack([np.cos(time / 10) * 20, np.sin(time / 5) * 10], axis=1)
    measured = array(places + random.normal(scale=0.5, size=places.shape))
    x, P = array(np.zeros(4)), array(np.eye(4) * 10)
    xs, Ps = array(np.empty((steps, 4))), array(np.empty((steps, 4, 4)))
    for i, z in enumerate(measured):
        x, P = advance(x, P, z, F, Q, H, R)
        xs[i], Ps[i] = x, P
    return [xs, *look_back(xs, Ps, F, Q)]
