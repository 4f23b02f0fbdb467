"""Shallow water: a drop falls into a basin (Lax-Wendroff in two half steps).

`h` is the height of the water, `u` and `v` its momentum in x and y, with a border of
one cell around the basin, in which the waves are reflected.
"""

import numpy as np

from benchmarks.timing import Array, Make

GRAVITY = 9.8


def reflect(h: Array, u: Array, v: Array) -> None:
    """Fill the border: the walls mirror the water."""
    for inner, border in ((1, 0), (-2, -1)):
        for field, in_x, in_y in ((h, 1, 1), (u, -1, 1), (v, 1, -1)):
            field[border] = in_x * field[inner]
            field[:, border] = in_y * field[:, inner]


def flux(h: Array, along: Array, across: Array) -> tuple[Array, Array]:
    """Return the flux of the momenta along the direction and across it."""
    return along**2 / h + GRAVITY / 2 * h**2, along * across / h


def half_step(h: Array, along: Array, across: Array, ratio: float) -> list[Array]:
    """Return the three fields half a step later, between rows of cells."""
    now, mixed = flux(h, along, across)
    return [
        (field[1:] + field[:-1]) / 2 - ratio / 2 * (moved[1:] - moved[:-1])
        for field, moved in ((h, along), (along, now), (across, mixed))
    ]


def step(h: Array, u: Array, v: Array, ratio: float) -> tuple[Array, Array, Array]:
    """Advance the water by one step, in place; `ratio` is dt/dx."""
    reflect(h, u, v)
    hx, ux, vx = half_step(h[:, 1:-1], u[:, 1:-1], v[:, 1:-1], ratio)
    hy, vy, uy = half_step(h[1:-1].T, v[1:-1].T, u[1:-1].T, ratio)
    ux2, uvx = flux(hx, ux, vx)
    vy2, uvy = flux(hy, vy, uy)
    inside = np.s_[1:-1, 1:-1]
    h[inside] -= ratio * (np.diff(ux, axis=0) + np.diff(vy, axis=0).T)
    u[inside] -= ratio * (np.diff(ux2, axis=0) + np.diff(uvy, axis=0).T)
    v[inside] -= ratio * (np.diff(uvx, axis=0) + np.diff(vy2, axis=0).T)
    return h, u, v


def careful_step(
    h: Array, u: Array, v: Array, ratio: float
) -> tuple[Array, Array, Array]:
    """Advance the water by one step; nothing is shared with the caller."""
    h, u, v = step(h.copy(), u.copy(), v.copy(), ratio)
    return h.copy(), u.copy(), v.copy()


def run(
    array: Make, careful: bool = False, cells: int = 200, steps: int = 100
) -> list[Array]:
    """Return pictures of the water's height, the last one, and both momenta."""
    advance = careful_step if careful else step
    place = np.linspace(-1, 1, cells + 2)
    h = array(1 + 0.5 * np.exp(-5 * (place[:, None] ** 2 + place**2)))
    u, v = array(np.zeros(h.shape)), array(np.zeros(h.shape))
    pictures: list[Array] = []
    for number in range(steps):
        if number % 20 == 0:
            pictures.append(h.copy())
        h, u, v = advance(h, u, v, 0.1)
    return [*pictures, h, u, v]
