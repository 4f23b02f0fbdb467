"""Linear algebra: factorizations, substitutions, products of matrices and vectors.

Where all columns of a large matrix would take too long, `steps` of them are worked on.
"""

# pyright: reportConstantRedefinition=false
# (matrices and fields have the letters of the textbooks)

import numpy as np

from benchmarks.kernels.program import Inputs, Program, Random, Size
from benchmarks.timing import Array


def cholesky(A: Array, steps: int) -> Array:
    """Return A, whose first columns are those of its lower Cholesky factor."""
    for j in range(steps):
        A[j, j] = np.sqrt(A[j, j] - np.dot(A[j, :j], A[j, :j]))
        A[j + 1 :, j] -= A[j + 1 :, :j] @ A[j, :j]
        A[j + 1 :, j] /= A[j, j]
    return A


def lu(A: Array, steps: int) -> Array:
    """Return A after `steps` of Gaussian elimination, the multipliers below."""
    for k in range(steps):
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= A[k + 1 :, k, None] * A[k, None, k + 1 :]
    return A


def lu_pivoting(A: Array, steps: int) -> tuple[Array, Array]:
    """Return A after `steps` of elimination with row exchanges, and the order."""
    order: Array = np.arange(len(A))
    for k in range(steps):
        best = k + int(np.abs(A[k:, k]).argmax())
        if best != k:
            A[[k, best]] = A[[best, k]]
            order[k], order[best] = order[best], order[k]
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    return A, order


def gram_schmidt(A: Array, steps: int) -> tuple[Array, Array]:
    """Return Q and R of the first columns, by the modified Gram-Schmidt process."""
    Q = np.zeros_like(A)
    R = np.zeros((A.shape[1], A.shape[1]))
    for k in range(steps):
        R[k, k] = np.sqrt(np.dot(A[:, k], A[:, k]))
        Q[:, k] = A[:, k] / R[k, k]
        R[k, k + 1 :] = Q[:, k] @ A[:, k + 1 :]
        A[:, k + 1 :] -= np.outer(Q[:, k], R[k, k + 1 :])
    return Q, R


def householder(A: Array, steps: int) -> Array:
    """Return A after `steps` reflections that make its columns upper triangular."""
    for k in range(steps):
        v = A[k:, k].copy()
        v[0] += np.copysign(np.sqrt(v @ v), v[0])
        v /= np.sqrt(v @ v)
        A[k:, k:] -= 2 * np.outer(v, v @ A[k:, k:])
    return A


def triangular_solve(L: Array, b: Array) -> Array:
    """Return the solution of ``L x = b`` by forward substitution."""
    x = np.zeros_like(b)
    for i in range(len(b)):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return x


def trmm(A: Array, B: Array, steps: int) -> Array:
    """Return B, its first rows multiplied by the transposed lower triangle of A."""
    for i in range(steps):
        B[i] += np.dot(A[i + 1 :, i], B[i + 1 :])
        B[i] *= 1.5
    return B


def syrk(C: Array, A: Array, steps: int) -> Array:
    """Return C, to whose lower triangle A times its transpose is added."""
    for i in range(steps):
        C[i, : i + 1] *= 1.2
        C[i, : i + 1] += 1.5 * (A[: i + 1] @ A[i])
    return C


def symm(C: Array, A: Array, B: Array, steps: int) -> Array:
    """Return C with the product of a symmetric A and B; A's lower triangle is read."""
    temporary = np.empty(C.shape[1])
    C *= 1.2
    for i in range(steps):
        np.dot(A[i, :i], B[:i], out=temporary)
        C[:i] += 1.5 * A[i, :i, None] * B[i]
        C[i] += 1.5 * B[i] * A[i, i] + 1.5 * temporary
    return C


def gemver(A: Array, u: Array, v: Array, x: Array, y: Array, steps: int) -> Array:
    """Return the vector after rank-two updates of A and products with it."""
    w = x
    for _ in range(steps):
        A += np.outer(u, v)
        A += np.outer(v, u)
        x = x + 0.01 * (y @ A)
        w = 0.01 * (A @ x)
        x = x / np.abs(x).max()
    return w


def gesummv(A: Array, B: Array, x: Array, steps: int) -> Array:
    """Return the sum of two products of matrix and vector, again and again."""
    for _ in range(steps):
        y = 1.5 * A @ x + 1.2 * B @ x
        x = y / np.linalg.norm(y)
    return x


def mvt(A: Array, x1: Array, x2: Array, y: Array, steps: int) -> tuple[Array, Array]:
    """Return two vectors, to which A times y and its transpose times y are added."""
    for _ in range(steps):
        x1 += A @ y
        x2 += y @ A
    return x1, x2


def atax(A: Array, x: Array, steps: int) -> Array:
    """Return the largest singular direction: A transposed times A, times x."""
    for _ in range(steps):
        x = (A @ x) @ A
        x /= np.sqrt(x.dot(x))
    return x


def biconjugate_gradient(A: Array, b: Array, steps: int) -> Array:
    """Return an approximate solution of ``A x = b`` for any matrix."""
    x = np.zeros_like(b)
    r, rt = b - A @ x, b.copy()
    p, pt = r.copy(), rt.copy()
    rho = rt @ r
    for _ in range(steps):
        q, qt = A @ p, pt @ A
        alpha = rho / (pt @ q)
        x += alpha * p
        r -= alpha * q
        rt -= alpha * qt
        rho, old = rt @ r, rho
        p *= rho / old
        p += r
        pt = rt + rho / old * pt
    return x


def three_products(A: Array, B: Array, C: Array, D: Array) -> Array:
    """Return the product of two products, of matrices with few columns or rows."""
    result: Array = (A @ B) @ (C @ D)
    return result


def durbin(r: Array, steps: int) -> Array:
    """Return the coefficients of the first orders of the Levinson-Durbin recursion."""
    y = np.empty_like(r[:steps])
    y[0] = alpha = -r[0]
    beta = 1.0
    for k in range(1, steps):
        beta *= 1 - alpha * alpha
        alpha = -(r[k] + np.dot(r[k - 1 :: -1], y[:k])) / beta
        y[:k] += alpha * y[k - 1 :: -1]
        y[k] = alpha
    return y


def conjugate_gradient(b: Array, steps: int) -> Array:
    """Return a solution of Poisson's equation; the Laplacian is made of slices."""
    x = np.zeros_like(b)
    r = b.copy()
    p = np.pad(r, 1)
    rho = np.dot(r.ravel(), r.ravel())
    for _ in range(steps):
        inner = p[1:-1, 1:-1]
        q = 4 * inner - p[:-2, 1:-1] - p[2:, 1:-1] - p[1:-1, :-2] - p[1:-1, 2:]
        alpha = rho / np.sum(inner * q)
        x += alpha * inner
        r -= alpha * q
        rho, old = np.dot(r.ravel(), r.ravel()), rho
        p[1:-1, 1:-1] = r + rho / old * inner
    return x


def power_iteration(A: Array, x: Array, steps: int) -> tuple[Array, float]:
    """Return the dominant eigenvector and its eigenvalue."""
    value = 0.0
    for _ in range(steps):
        y = A.dot(x)
        value = float(x.dot(y))
        x = np.divide(y, np.linalg.norm(y), out=y)
    return x, value


def tensor_times_matrix(A: Array, M: Array, steps: int) -> Array:
    """Return A, the last axis of its first slabs multiplied by a matrix in place."""
    for r in range(steps):
        for q in range(A.shape[1]):
            A[r, q, :] = A[r, q, :] @ M
    return A


def sparse_product(
    data: Array, columns: Array, starts: Array, x: Array, steps: int
) -> Array:
    """Return a matrix of compressed rows times a vector, row by row."""
    y = np.empty(steps, dtype=data.dtype)
    for i in range(steps):
        row = slice(starts[i], starts[i + 1])
        y[i] = data[row] @ x[columns[row]]
    return y


def dominant(size: Size, random: Random) -> Array:
    """Return a symmetric matrix with a large diagonal."""
    n = size.side()
    A = random.uniform(-1, 1, (n, n))
    return A + A.T + 2 * n * np.eye(n)


def squares(size: Size, random: Random, number: int, vectors: int) -> Inputs:
    """Return square matrices, then vectors."""
    n = size.side()
    shapes = [(n, n)] * number + [(n,)] * vectors
    return [random.uniform(0.1, 1, shape) for shape in shapes]


def thin(size: Size, random: Random) -> Inputs:
    """Return four matrices for a chain of products."""
    n = size.side()
    k = min(n, 60)
    shapes = (n, k), (k, n), (n, k), (k, n)
    return [random.normal(size=shape) for shape in shapes]


def tensor(size: Size, random: Random) -> Inputs:
    n = size.side(3)
    steps = size.steps(6, 20, 40)
    return [random.normal(size=(n, n, n)), random.normal(size=(n, n)), steps]


def sparse(size: Size, random: Random) -> Inputs:
    """Return the parts of a matrix with some 25 entries in a row."""
    entries, steps = size.side(1), size.steps(10, 1000, 50_000)
    n = max(entries // 25, 1)
    starts = np.sort(random.integers(0, entries, n + 1))
    columns = random.integers(0, n, entries)
    return [random.normal(size=entries), columns, starts, random.normal(size=n), steps]


PROGRAMS = [
    Program(cholesky, lambda s, r: [dominant(s, r), s.steps(16, 158, 400)]),
    Program(lu, lambda s, r: [dominant(s, r), s.steps(15, 100, 4)]),
    Program(lu_pivoting, lambda s, r: [*squares(s, r, 1, 0), s.steps(15, 100, 4)]),
    Program(gram_schmidt, lambda s, r: [*squares(s, r, 1, 0), s.steps(15, 60, 4)]),
    Program(householder, lambda s, r: [*squares(s, r, 1, 0), s.steps(15, 60, 4)]),
    Program(triangular_solve, lambda s, r: [dominant(s, r), r.normal(size=s.side())]),
    Program(trmm, lambda s, r: [*squares(s, r, 2, 0), s.steps(15, 100, 30)]),
    Program(syrk, lambda s, r: [*squares(s, r, 2, 0), s.steps(16, 158, 400)]),
    Program(symm, lambda s, r: [*squares(s, r, 3, 0), s.steps(15, 60, 200)]),
    Program(gemver, lambda s, r: [*squares(s, r, 1, 4), s.steps(20, 10, 2)]),
    Program(gesummv, lambda s, r: [*squares(s, r, 2, 1), s.steps(40, 20, 3)]),
    Program(mvt, lambda s, r: [*squares(s, r, 1, 3), s.steps(100, 40, 20)]),
    Program(atax, lambda s, r: [*squares(s, r, 1, 1), s.steps(80, 40, 20)]),
    Program(
        biconjugate_gradient,
        lambda s, r: [dominant(s, r), r.normal(size=s.side()), s.steps(25, 20, 20)],
    ),
    Program(three_products, thin),
    Program(durbin, lambda s, r: [r.uniform(0, 0.1, s.side(1)), s.steps(80, 300, 999)]),
    Program(
        conjugate_gradient, lambda s, r: [*squares(s, r, 1, 0), s.steps(10, 10, 2)]
    ),
    Program(power_iteration, lambda s, r: [*squares(s, r, 1, 1), s.steps(80, 60, 30)]),
    Program(tensor_times_matrix, tensor),
    Program(sparse_product, sparse),
]
