"""Particles, spins and points: forces between all pairs, masks, scattered sums."""

# pyright: reportConstantRedefinition=false
# (matrices and fields have the letters of the textbooks)

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def attraction(pos: Array, mass: Array) -> Array:
    """Return the acceleration of each body by all others."""
    apart = pos[None, :, :] - pos[:, None, :]
    inverse = (apart**2).sum(axis=2) + 0.01
    inverse **= -1.5
    pulls = apart * inverse[:, :, None] * mass[None, :, None]
    total: Array = pulls.sum(axis=1)
    return total


def nbody(pos: Array, vel: Array, mass: Array, steps: int) -> tuple[Array, float]:
    """Return the places of bodies that attract each other, and their energy of motion.

    The leapfrog goes half a step, moves, goes half a step. The main array is that of
    the distances between all pairs.
    """
    acc = attraction(pos, mass)
    for _ in range(steps):
        vel += acc * 0.005
        pos += vel * 0.01
        acc = attraction(pos, mass)
        vel += acc * 0.005
        vel -= np.mean(mass[:, None] * vel, axis=0) / mass.mean()
    return pos, 0.5 * float(np.sum(mass[:, None] * vel**2))


def lennard_jones(pos: Array, box: float, first: int) -> tuple[Array, float]:
    """Return the forces on the first atoms in a periodic box, and their energy."""
    forces = np.zeros_like(pos)
    energy = 0.0
    for i in range(first):
        apart: Array = pos[i] - pos[i + 1 :]
        apart -= box * np.round(apart / box)
        squared: Array = np.einsum("ij,ij->i", apart, apart)
        near = squared < 9.0
        apart, squared = apart[near], squared[near] + 0.5
        sixth = squared**-3
        energy += 4 * float((sixth * sixth - sixth).sum())
        pair = apart * ((48 * sixth * sixth - 24 * sixth) / squared)[:, None]
        forces[i] += pair.sum(axis=0)
        forces[np.flatnonzero(near) + i + 1] -= pair
    return forces, energy


def mandelbrot(C: Array, rounds: int) -> Array:
    """Return after how many rounds each point has escaped."""
    Z = np.zeros_like(C)
    N = np.zeros(C.shape, dtype=np.int64)
    for n in range(rounds):
        inside = np.abs(Z) < 2
        N[inside] = n
        Z[inside] = Z[inside] ** 2 + C[inside]
    N[rounds == N + 1] = 0
    return N


def julia(Z: Array, rounds: int) -> Array:
    """Return after how many rounds each point has escaped; who escaped is dropped."""
    result = np.zeros(Z.size, dtype=np.int32)
    where = np.arange(Z.size)
    Z = Z.ravel()
    for n in range(rounds):
        Z = Z * Z + (-0.4 + 0.6j)
        away = abs(Z) > 2
        result[where[away]] = n
        Z, where = Z[~away], where[~away]
    return result


def azimuthal_integration(data: Array, radius: Array, bins: int) -> Array:
    """Return the mean of a detector's image on each ring around the centre."""
    edges: Array = np.linspace(float(radius.min()), float(radius.max()), bins + 1)
    means = np.zeros(bins, dtype=np.float64)
    for i in range(bins):
        ring = np.logical_and(edges[i] <= radius, radius < edges[i + 1])
        if ring.any():
            means[i] = data[ring].mean()
    return means


def ising(spins: Array, chance: Array, steps: int) -> tuple[Array, float]:
    """Return spins of plus or minus 1 after sweeps over both colours of a torus."""
    for step in range(steps):
        around = np.roll(spins, 1, 0) + np.roll(spins, -1, 0)
        around += np.roll(spins, 1, 1)
        around += np.roll(spins, -1, 1)
        flip = chance < np.exp(-0.8 * spins * around)
        flip[step % 2 :: 2, ::2] = False
        flip[(step + 1) % 2 :: 2, 1::2] = False
        spins[flip] *= -1
    return spins, float(spins.mean())


def particle_in_cell(x: Array, v: Array, cells: int, steps: int) -> Array:
    """Return the speeds of electrons in the field that they make themselves."""
    field = np.zeros(cells)
    for _ in range(steps):
        x += v * 0.1
        np.mod(x, cells, out=x)
        left = x.astype(np.int64)
        weight = x - left
        charge = np.bincount(left, 1 - weight, cells)
        charge += np.bincount((left + 1) % cells, weight, cells)
        charge -= charge.mean()
        np.cumsum(charge, out=field)
        field -= field.mean()
        v -= 0.1 * (field[left] * (1 - weight) + field[(left + 1) % cells] * weight)
    return v


def random_walk(steps: Array) -> tuple[Array, Array]:
    """Return how far walkers get and when they first cross a line; a row is a walk."""
    paths = steps.cumsum(axis=1)
    crossed = np.abs(paths) >= 3
    hits = crossed.any(axis=1)
    return paths[:, -1].copy(), crossed[hits].argmax(axis=1)


def flock(pos: Array, vel: Array, steps: int) -> tuple[Array, Array]:
    """Return birds that keep together, keep apart and fly where others fly.

    The main array is that of the distances between all pairs.
    """
    for _ in range(steps):
        dx = np.subtract.outer(pos[:, 0], pos[:, 0])
        dy = np.subtract.outer(pos[:, 1], pos[:, 1])
        distance = np.hypot(dx, dy)
        near = distance < 0.2
        count = np.maximum(near.sum(axis=1), 1)[:, None]
        vel += 0.1 * (near @ vel / count - vel)
        vel += 0.05 * (near @ pos / count - pos)
        close = (distance > 0) & (distance < 0.05)
        vel[:, 0] += (dx * close).sum(axis=1)
        vel[:, 1] += (dy * close).sum(axis=1)
        speed = np.sqrt((vel**2).sum(axis=1, keepdims=True))
        np.divide(vel, speed, out=vel, where=speed > 1)
        pos += 0.01 * vel
    return pos, vel


def bodies(size: Size, random: Random) -> Inputs:
    n = size.side(2, 24)
    mass = random.uniform(0.5, 1, n)
    steps = size.steps(10, 3, 1)
    return [random.normal(size=(n, 3)), random.normal(size=(n, 3)), mass, steps]


def atoms(size: Size, random: Random) -> Inputs:
    n = size.nbytes // 24
    box = max(n, 30) ** (1 / 3) * 1.2
    return [random.uniform(0, box, (n, 3)), box, size.steps(20, 30, 2)]


def plane(size: Size, _: Random) -> Array:
    n = size.side(2, 16)
    x, y = np.linspace(-2, 0.6, n), np.linspace(-1.2, 1.2, n)
    return x + y[:, None] * 1j


def detector(size: Size, random: Random) -> Inputs:
    n = size.side()
    y, x = np.indices((n, n)) - n / 2
    return [random.uniform(size=(n, n)), np.hypot(x, y), size.steps(20, 20, 8)]


def lattice(size: Size, random: Random) -> Inputs:
    n = size.side() // 2 * 2
    spins = random.choice([-1.0, 1.0], (n, n))
    return [spins, random.uniform(size=(n, n)), size.steps(8, 6, 1)]


def electrons(size: Size, random: Random) -> Inputs:
    n = size.side(1)
    steps = size.steps(8, 5, 1)
    return [random.uniform(0, 64, n), random.normal(size=n), 64, steps]


def birds(size: Size, random: Random) -> Inputs:
    n, steps = size.side(), size.steps(5, 4, 1)
    return [random.uniform(size=(n, 2)), random.normal(size=(n, 2)), steps]


PROGRAMS = [
    Program(nbody, bodies),
    Program(lennard_jones, atoms),
    Program(mandelbrot, lambda s, r: [plane(s, r), s.steps(40, 20, 4)]),
    Program(julia, lambda s, r: [plane(s, r) * 0.7, s.steps(40, 30, 10)]),
    Program(azimuthal_integration, detector),
    Program(ising, lattice),
    Program(particle_in_cell, electrons),
    Program(random_walk, lambda s, r: [r.choice([-1.0, 1.0], (s.side(), s.side()))]),
    Program(flock, birds),
]
