"""Short exercises: each is run with NumPy and with `cow.numpy`, and `r` is compared."""

EXERCISES = [
    "r = np.zeros(10); r[4] = 1",
    "r = np.arange(10, 50)[::-1]",
    "r = np.arange(9).reshape(3, 3)",
    "r = np.nonzero([1, 2, 0, 0, 4, 0])",
    "r = np.eye(3), np.identity(3), np.tri(3)",
    "np.random.seed(1); r = np.random.random((3, 3, 3))",
    "np.random.seed(2); Z = np.random.random((10, 10)); r = Z.min(), Z.max()",
    "r = np.ones((10, 10)); r[1:-1, 1:-1] = 0",
    "r = np.pad(np.ones((5, 5)), 1)",
    "r = np.diag(1 + np.arange(4), k=-1)",
    "r = np.zeros((8, 8), int); r[1::2, ::2] = 1; r[::2, 1::2] = 1",
    "r = np.unravel_index(99, (6, 7, 8))",
    "r = np.tile(np.array([[0, 1], [1, 0]]), (4, 4))",
    "np.random.seed(3); r = np.random.rand(5, 5); r = (r - r.mean()) / r.std()",
    "r = np.dot(np.ones((5, 3)), np.ones((3, 2)))",
    "r = np.arange(11); r[(3 < r) & (r < 8)] *= -1",
    "r = np.linspace(0, 1, 11, endpoint=False)[1:]",
    "np.random.seed(4); r = np.random.random(10); r.sort()",
    "r = np.add.reduce(np.arange(10))",
    "Z = np.arange(10); Z.flags.writeable; r = Z[...]; r[0] = 5",
    "np.random.seed(5); Z = np.random.random((10, 2)); X, Y = Z[:, 0], Z[:, 1]\n"
    "r = np.sqrt(X**2 + Y**2), np.arctan2(Y, X)",
    "np.random.seed(6); r = np.random.random(10); r[r.argmax()] = 0",
    "r = np.zeros((5, 5), [('x', float), ('y', float)])\n"
    "r['x'], r['y'] = np.meshgrid(np.linspace(0, 1, 5), np.linspace(0, 1, 5))",
    "X = np.arange(8); r = 1.0 / np.subtract.outer(X, X + 0.5)",
    "r = [(np.iinfo(t).min, np.finfo(f).eps) for t, f in [(np.int8, np.float32)]]",
    "Z = np.arange(100); v = 42.3; r = Z.flat[np.abs(Z - v).argmin()]",
    "r = np.zeros(4, [('position', [('x', float)]), ('color', [('r', float)])])",
    "Z = np.arange(6.0).reshape(3, 2); D = Z[:, None] - Z[None]\n"
    "r = np.sqrt((D**2).sum(-1))",
    "r = (np.arange(10) * 1.5).astype(np.int32)",
    "from io import StringIO\n"
    "r = np.genfromtxt(StringIO('1, 2, 3\\n4, , 6'), delimiter=',')",
    "r = [(i, v) for i, v in np.ndenumerate(np.arange(9).reshape(3, 3))]",
    "X, Y = np.meshgrid(np.linspace(-1, 1, 10), np.linspace(-1, 1, 10))\n"
    "r = np.exp(-(np.hypot(X, Y) ** 2) / 2)",
    "np.random.seed(7); r = np.zeros((10, 10))\n"
    "np.put(r, np.random.choice(range(100), 3, replace=False), 1)",
    "r = np.arange(12.0).reshape(3, 4); r -= r.mean(axis=1, keepdims=True)",
    "Z = np.array([[3, 1], [1, 2], [2, 0]]); r = Z[Z[:, 1].argsort()]",
    "Z = np.array([[0, 1], [0, 2]]); r = (~Z.any(axis=0)).any()",
    "r = np.ones(10); np.add.at(r, [1, 2, 1], 1)",
    "r = np.bincount([1, 3, 9, 3, 4, 1], weights=[1, 2, 3, 4, 5, 6])",
    "I = np.arange(48).reshape(4, 4, 3) % 4; r = np.unique(I.reshape(-1, 3), axis=0)",
    "r = np.arange(12).reshape(3, 2, 2).sum(axis=(-2, -1))",
    "D = np.arange(10.0); S = np.arange(10) % 3\n"
    "r = np.bincount(S, weights=D) / np.bincount(S)",
    "A = np.arange(9).reshape(3, 3); r = np.einsum('ij,ji->i', A, A), np.trace(A)",
    "Z = np.array([1, 2, 3]); r = np.zeros(9); r[::4] = Z",
    "r = np.arange(25).reshape(5, 5); r[[0, 1]] = r[[1, 0]]",
    "r = np.repeat(np.arange(3), [2, 0, 1]), np.roll(np.arange(5), 2)",
    "Z = np.arange(1, 15); r = np.lib.stride_tricks.sliding_window_view(Z, 4)",
    "Z = np.arange(16.0).reshape(4, 4); U, S, V = np.linalg.svd(Z); r = S > 1e-10",
    "r = np.bincount(np.array([3, 3, 1])).argmax()",
    "Z = np.ones((16, 16)); r = np.add.reduceat(np.add.reduceat(Z, [0, 8]), [0, 8], 1)",
    "Z = np.arange(10); Z[::2] *= 10; r = Z[np.argpartition(-Z, 3)[:3]].sum()",
    "r = np.array(np.meshgrid([1, 2], [3, 4, 5], indexing='ij')).reshape(2, -1).T",
    "r = np.rec.fromarrays([[1, 2], [3.0, 4.0]], names='a,b'); r.a[0] = 9",
    "r = np.unpackbits(np.array([[1], [128]], dtype=np.uint8), axis=1)",
    "Z = np.arange(9); r = np.r_[0, Z[:3], 1j], np.c_[Z[:3], Z[3:6]]",
    "r = np.ma.masked_array(np.arange(5), [0, 1, 0, 0, 1]); r[0] = 9; r = r.filled(-1)",
    "r = np.mgrid[:3, :4], np.ogrid[:3, :4]",
    "r = np.vander([1, 2, 3], 3), np.triu(np.ones((3, 3))), np.tril_indices(3)",
    "r = np.logspace(0, 2, 3), np.geomspace(1, 8, 4), np.hamming(5), np.kaiser(4, 1)",
    "r = np.busday_count('2020-01', '2020-02'), np.arange('2020-01', "
    "'2020-02', dtype='M8[D]')",
    "r = np.char.upper(np.array(['a', 'bc'])), np.strings.add(['a'], ['b'])",
    "p = np.poly1d([1, -3, 2])\n"
    "r = p.roots, p(np.arange(3)), np.polyfit([0, 1], [1, 3], 1)",
    "f = np.vectorize(lambda x, y: x if x > y else y); r = f(np.arange(4), 2)",
    "r = np.fromfunction(lambda i, j: i + j, (3, 3)), np.fromiter(range(4), int)",
    "r = np.fromstring('1 2 3', sep=' '), np.full((2, 2), np.pi), np.full_like([1], 7)",
    "r = np.require(np.arange(3), float, ['C', 'W']); r[0] = 8",
    "r = np.asanyarray(np.matrix([[1, 2]])), np.asarray_chkfinite([1.0, 2.0])",
    "r = np.select([np.arange(6) < 3], [np.arange(6)], -1), np.piecewise(\n"
    "    np.arange(4.0), [np.arange(4) > 1], [lambda x: -x, 0])",
    "r = np.gradient(np.arange(5.0) ** 2), np.trapezoid([1, 2, 3]), "
    "np.convolve([1, 2], [1, 1])",
    "r = np.random.default_rng(1).multivariate_normal([0, 0], [[1, 0], [0, 1]], 3)",
    "r = np.random.default_rng(1).integers(0, 9, 5), np.random.default_rng(2).bytes(3)",
    "Z = np.arange(10); np.random.seed(3); np.random.shuffle(Z); r = Z",
    "Z = np.arange(10); Z.setflags(write=True); r = np.random.default_rng(3)\n"
    "r.shuffle(Z); r = Z",
    "Z = np.arange(12).reshape(4, 3); np.random.default_rng(3).shuffle(Z, axis=1)\n"
    "r = Z",
    "Z = [[1], [2], [3], [4]]; np.random.RandomState(3).shuffle(Z); r = Z",
    "Z = np.zeros((3, 4)); g = np.random.default_rng(3); g.standard_normal(out=Z)\n"
    "r = Z",
    "Z = np.zeros(4, 'f4'); g = np.random.default_rng(3)\n"
    "g.standard_gamma(2.0, None, np.float32, Z); r = Z",
    "Z = np.array([3, 'x', None], dtype=object)\n"
    "np.random.default_rng(0).shuffle(Z); r = Z",
    "r = np.copy(np.arange(3), subok=True), np.ascontiguousarray(np.eye(2).T)",
    "r = np.array([1, 2], copy=False, ndmin=2, dtype=None) if False else np.array(5)",
    "r = np.ix_([0, 1], [2]), np.diag_indices(2), np.mask_indices(3, np.triu)",
    "r = np.from_dlpack(np.arange(3)), np.frombuffer(b'abcd', np.int16)",
]
