"""The Mandelbrot set, with masks that shrink."""

import numpy as np

y, x = np.ogrid[-1.2:1.2:60j, -2:0.6:80j]
c = x + 1j * y
z = np.zeros_like(c)
count = np.zeros(c.shape, dtype=int)
for i in range(25):
    inside = np.abs(z) <= 2
    z[inside] = z[inside] ** 2 + c[inside]
    count[inside] = i
result = count, np.histogram(count, bins=10)
