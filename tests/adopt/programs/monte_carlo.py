"""A simulation that fills a buffer again and again, and a bootstrap."""

import numpy as np

rng = np.random.default_rng(99)
buffer = np.empty((500, 2))
inside = 0
for _ in range(20):
    rng.random(out=buffer)
    inside += int((np.hypot(*buffer.T) < 1).sum())
data = rng.exponential(size=50)
means = np.array([rng.choice(data, size=data.size).mean() for _ in range(100)])
cards = np.arange(52)
hands = [rng.permuted(cards)[:5] for _ in range(3)]
rng.permuted(cards, out=cards)
low, high = np.quantile(means, [0.05, 0.95])
result = 4 * inside / 10000, low, high, hands, cards
