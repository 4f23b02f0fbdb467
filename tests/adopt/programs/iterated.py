"""What `numpy.nditer` writes: in place, into an output of its own, buffered."""

import numpy as np

a = np.arange(12, dtype=float).reshape(3, 4)
with np.nditer(a, op_flags=["readwrite"]) as it:
    for x in it:
        x[...] = 2 * x + 1

out = np.zeros_like(a)
with np.nditer(
    [a, out], ["external_loop", "buffered"], [["readonly"], ["writeonly"]]
) as it:
    for x, y in it:
        y[...] = np.sqrt(x)

b = np.arange(3)
it = np.nditer([b, None])
for x, y in it:
    y[...] = x * x
square = it.operands[1]

multi = np.nditer(a, flags=["multi_index"])
where = [multi.multi_index for x in multi if x > 15]
i, j = np.nested_iters(a, [[1], [0]], op_flags=["readwrite"])
for _ in i:
    for y in j:
        y[...] += 1
result = a, out, square, where
