"""Stencils: heat, waves, fluids, weather and cells on grids."""

# pyright: reportConstantRedefinition=false
# (matrices and fields have the letters of the textbooks)

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def jacobi_1d(A: Array, B: Array, steps: int) -> Array:
    """Return A after averages of three neighbours, to and fro between two arrays."""
    for _ in range(steps):
        B[1:-1] = (A[:-2] + A[1:-1] + A[2:]) / 3
        A[1:-1] = (B[:-2] + B[1:-1] + B[2:]) / 3
    return A


def jacobi_2d(A: Array, B: Array, steps: int) -> Array:
    """Return A after averages of five neighbours, to and fro between two arrays."""
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return A


def heat_3d(T: Array, steps: int) -> Array:
    """Return the temperatures of a block after explicit steps of diffusion."""
    for _ in range(steps):
        change = T[2:, 1:-1, 1:-1] - 2 * T[1:-1, 1:-1, 1:-1] + T[:-2, 1:-1, 1:-1]
        change += T[1:-1, 2:, 1:-1] - 2 * T[1:-1, 1:-1, 1:-1] + T[1:-1, :-2, 1:-1]
        change += T[1:-1, 1:-1, 2:] - 2 * T[1:-1, 1:-1, 1:-1] + T[1:-1, 1:-1, :-2]
        T[1:-1, 1:-1, 1:-1] += 0.125 * change
    return T


def fdtd_2d(ex: Array, ey: Array, hz: Array, steps: int) -> Array:
    """Return the magnetic field of a wave on a staggered grid, driven at an edge."""
    for t in range(steps):
        ey[0, :] = np.sin(0.1 * t)
        ey[1:, :] -= 0.5 * (hz[1:, :] - hz[:-1, :])
        ex[:, 1:] -= 0.5 * (hz[:, 1:] - hz[:, :-1])
        hz[:-1, :-1] -= 0.7 * (ex[:-1, 1:] - ex[:-1, :-1] + ey[1:, :-1] - ey[:-1, :-1])
    return hz


def implicit(u: Array, p: Array, q: Array, columns: int) -> Array:
    """Return u half a step later: a tridiagonal system for each row."""
    v = np.zeros_like(u)
    a = 0.4
    q[:, 0] = v[:, 0] = u[:, 0]
    for j in range(1, columns - 1):
        below = 1 + 2 * a - a * p[1:-1, j - 1]
        p[1:-1, j] = a / below
        q[1:-1, j] = u[1:-1, j] + a * (u[:-2, j] - 2 * u[1:-1, j] + u[2:, j])
        q[1:-1, j] += a * q[1:-1, j - 1]
        q[1:-1, j] /= below
    for j in range(columns - 2, 0, -1):
        v[1:-1, j] = p[1:-1, j] * v[1:-1, j + 1] + q[1:-1, j]
    return v


def adi(u: Array, steps: int, columns: int) -> Array:
    """Return u after steps that are implicit in one direction, then in the other.

    Each half solves the systems of all rows at once, column by column; of a large grid
    the first `columns` take part.
    """
    p, q = np.zeros_like(u), np.zeros_like(u)
    for _ in range(steps):
        u = implicit(u, p, q, columns)
        u = implicit(u.T, p, q, columns).T
    return u


def gauss_seidel(A: Array, steps: int, rows: int) -> Array:
    """Return A after sweeps in which each row sees the new values of the row above."""
    for _ in range(steps):
        for i in range(1, rows - 1):
            A[i, 1:-1] += A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:]
            A[i, 1:-1] += A[i, 2:] + A[i, :-2]
            A[i, 1:-1] += A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            A[i, 1:-1] /= 9
    return A


def red_black(A: Array, b: Array, steps: int) -> Array:
    """Return a solution of Poisson's equation, relaxed on each colour in turn."""
    for _ in range(steps):
        for i, j in ((1, 1), (2, 2), (1, 2), (2, 1)):
            inside = np.s_[i:-1:2, j:-1:2]
            around = A[i - 1 : -2 : 2, j:-1:2] + A[i + 1 :: 2, j:-1:2]
            around += A[i:-1:2, j - 1 : -2 : 2] + A[i:-1:2, j + 1 :: 2]
            A[inside] += 1.2 * ((around + b[inside]) / 4 - A[inside])
    return A


def horizontal_diffusion(field: Array, coefficient: Array, steps: int) -> Array:
    """Return a field of the weather, smoothed by fluxes that never go uphill."""
    result = np.empty_like(field)
    for _ in range(steps):
        lap = 4 * field[1:-1, 1:-1] - (
            field[2:, 1:-1] + field[:-2, 1:-1] + field[1:-1, 2:] + field[1:-1, :-2]
        )
        along = lap[1:, 1:-1] - lap[:-1, 1:-1]
        uphill = along * (field[2:-1, 2:-2] - field[1:-2, 2:-2]) > 0
        along = np.where(uphill, 0, along)
        across = lap[1:-1, 1:] - lap[1:-1, :-1]
        across[across * (field[2:-2, 2:-1] - field[2:-2, 1:-2]) > 0] = 0
        result[:] = field
        result[2:-2, 2:-2] -= coefficient[2:-2, 2:-2] * (
            along[1:] - along[:-1] + across[:, 1:] - across[:, :-1]
        )
        field, result = result, field
    return field


def vertical_advection(stage: Array, wind: Array, steps: int) -> Array:
    """Return the tendency of a field that is carried up and down, solved implicitly.

    The layers are the last axis; the first `steps` layers take part.
    """
    c, d = np.zeros_like(stage), np.zeros_like(stage)
    result = np.zeros_like(stage)
    for k in range(steps):
        up = 0.25 * wind[:, :, k]
        if k == 0:
            c[:, :, k] = up / (1 - up)
            d[:, :, k] = stage[:, :, k] / (1 - up)
            continue
        down = -0.25 * wind[:, :, k - 1]
        divided = 1 / (2 - down * c[:, :, k - 1])
        c[:, :, k] = up * divided
        d[:, :, k] = (stage[:, :, k] - down * d[:, :, k - 1]) * divided
    result[:, :, steps - 1] = d[:, :, steps - 1]
    for k in range(steps - 2, -1, -1):
        result[:, :, k] = d[:, :, k] - c[:, :, k] * result[:, :, k + 1]
    return result


def pressure(p: Array, b: Array, rounds: int) -> None:
    """Relax Poisson's equation for the pressure between walls."""
    for _ in range(rounds):
        old = p.copy()
        p[1:-1, 1:-1] = (
            old[1:-1, 2:] + old[1:-1, :-2] + old[2:, 1:-1] + old[:-2, 1:-1] - b
        ) / 4
        p[:, -1] = p[:, -2]
        p[0, :] = p[1, :]
        p[:, 0] = p[:, 1]
        p[-1, :] = 0


def moved(w: Array, u: Array, v: Array, dt: float) -> Array:
    """Return the inner part of `w`, carried by the flow and slowed by friction."""
    inner = w[1:-1, 1:-1]
    result: Array = (
        inner
        - u[1:-1, 1:-1] * dt * (inner - w[1:-1, :-2])
        - v[1:-1, 1:-1] * dt * (inner - w[:-2, 1:-1])
        + 0.1 * dt * (w[1:-1, 2:] - 2 * inner + w[1:-1, :-2])
        + 0.1 * dt * (w[2:, 1:-1] - 2 * inner + w[:-2, 1:-1])
    )
    return result


def cavity_flow(u: Array, v: Array, p: Array, steps: int) -> tuple[Array, Array, Array]:
    """Return the flow in a box whose lid moves."""
    dt = 0.01
    for _ in range(steps):
        b = (u[1:-1, 2:] - u[1:-1, :-2] + v[2:, 1:-1] - v[:-2, 1:-1]) / (2 * dt)
        pressure(p, b, 3)
        un, vn = u.copy(), v.copy()
        u[1:-1, 1:-1] = moved(un, un, vn, dt) - dt / 2 * (p[1:-1, 2:] - p[1:-1, :-2])
        v[1:-1, 1:-1] = moved(vn, un, vn, dt) - dt / 2 * (p[2:, 1:-1] - p[:-2, 1:-1])
        for field in (u, v):
            field[0] = field[:, 0] = field[:, -1] = 0
            field[-1] = 0
        u[-1, :] = 1
    return u, v, p


def channel_flow(u: Array, v: Array, force: float, steps: int) -> tuple[Array, float]:
    """Return the flow along an endless channel, and how much it changed at last."""
    dt, change = 0.01, 1.0
    for _ in range(steps):
        un = u.copy()
        left, right = np.roll(un, 1, axis=1), np.roll(un, -1, axis=1)
        u[1:-1] = (
            un[1:-1]
            - un[1:-1] * dt * (un[1:-1] - left[1:-1])
            - v[1:-1] * dt * (un[1:-1] - un[:-2])
            + 0.1 * dt * (right[1:-1] - 2 * un[1:-1] + left[1:-1])
            + 0.1 * dt * (un[2:] - 2 * un[1:-1] + un[:-2])
            + force * dt
        )
        u[[0, -1]] = 0
        change = float((np.sum(u) - np.sum(un)) / np.sum(u))
    return u, change


def game_of_life(Z: Array, steps: int) -> Array:
    """Return the living cells, 0 or 1, some generations later."""
    for _ in range(steps):
        N = (
            Z[:-2, :-2] + Z[:-2, 1:-1] + Z[:-2, 2:] + Z[1:-1, :-2]
            + Z[1:-1, 2:] + Z[2:, :-2] + Z[2:, 1:-1] + Z[2:, 2:]
        )  # fmt: skip
        birth = (N == 3) & (Z[1:-1, 1:-1] == 0)
        survive = ((N == 2) | (N == 3)) & (Z[1:-1, 1:-1] == 1)
        Z[...] = 0
        Z[1:-1, 1:-1] = birth | survive
    return Z


def wave(u: Array, before: Array, steps: int) -> Array:
    """Return a membrane that swings, with three arrays that change their roles."""
    after = np.zeros_like(u)
    lap = np.empty_like(u[1:-1, 1:-1])
    for _ in range(steps):
        np.add(u[2:, 1:-1], u[:-2, 1:-1], out=lap)
        lap += u[1:-1, 2:]
        lap += u[1:-1, :-2]
        np.subtract(lap, 4 * u[1:-1, 1:-1], out=lap)
        after[1:-1, 1:-1] = 2 * u[1:-1, 1:-1] - before[1:-1, 1:-1] + 0.2 * lap
        before, u, after = u, after, before
    return u


def gray_scott(U: Array, V: Array, steps: int) -> tuple[Array, Array]:
    """Return two substances that diffuse and react, in place through ``out=``."""
    uvv = np.empty_like(U)
    for _ in range(steps):
        np.multiply(U, V, out=uvv)
        np.multiply(uvv, V, out=uvv)
        lap_u = np.roll(U, 1, 0) + np.roll(U, -1, 0) + np.roll(U, 1, 1) - 3 * U
        lap_v = np.roll(V, 1, 0) + np.roll(V, -1, 0) + np.roll(V, 1, 1) - 3 * V
        U += 0.16 * lap_u - uvv + 0.035 * (1 - U)
        V += 0.08 * lap_v + uvv - 0.1 * V
    return U, V


def grids(size: Size, random: Random, number: int, axes: int = 2) -> Inputs:
    shape = (size.side(axes),) * axes
    return [random.uniform(0, 1, shape) for _ in range(number)]


def cells(size: Size, random: Random) -> Inputs:
    n = size.side(2, 4)
    return [random.integers(0, 2, (n, n), dtype=np.int32), size.steps(15, 8, 1)]


def layers(size: Size, random: Random) -> Inputs:
    """Return two fields with some 80 layers, or fewer for a small one."""
    n = size.steps(4, 18, 180)
    k = max(size.side(1) // n**2, 2)
    return [*(random.uniform(0, 1, (n, n, k)) for _ in range(2)), min(k, 40)]


PROGRAMS = [
    Program(jacobi_1d, lambda s, r: [*grids(s, r, 2, 1), s.steps(50, 20, 4)]),
    Program(jacobi_2d, lambda s, r: [*grids(s, r, 2), s.steps(20, 10, 2)]),
    Program(heat_3d, lambda s, r: [*grids(s, r, 1, 3), s.steps(15, 5, 1)]),
    Program(fdtd_2d, lambda s, r: [*grids(s, r, 3), s.steps(15, 10, 2)]),
    Program(adi, lambda s, r: [*grids(s, r, 1), 1, s.steps(16, 158, 60)]),
    Program(
        gauss_seidel,
        lambda s, r: [*grids(s, r, 1), s.steps(3, 2, 1), s.steps(16, 158, 1000)],
    ),
    Program(red_black, lambda s, r: [*grids(s, r, 2), s.steps(5, 3, 1)]),
    Program(horizontal_diffusion, lambda s, r: [*grids(s, r, 2), s.steps(8, 4, 1)]),
    Program(vertical_advection, layers),
    Program(cavity_flow, lambda s, r: [*grids(s, r, 3), s.steps(3, 2, 1)]),
    Program(channel_flow, lambda s, r: [*grids(s, r, 2), 1.0, s.steps(5, 4, 1)]),
    Program(game_of_life, cells),
    Program(wave, lambda s, r: [*grids(s, r, 2), s.steps(20, 10, 3)]),
    Program(gray_scott, lambda s, r: [*grids(s, r, 2), s.steps(5, 5, 1)]),
]
