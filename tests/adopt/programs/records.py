"""A table of records, read from text, grouped and sorted by fields."""

from io import StringIO

import numpy as np

TEXT = "name,city,score\n" + "\n".join(
    f"n{i},c{i % 3},{(i * 7) % 11}" for i in range(20)
)
table = np.genfromtxt(
    StringIO(TEXT), delimiter=",", names=True, dtype=None, encoding="utf-8"
)
table["score"] += 1
cities, where = np.unique(table["city"], return_inverse=True)
totals = np.zeros(len(cities))
np.add.at(totals, where, table["score"])
table.sort(order=["score", "name"])
best = table[-1]["name"]
numbers = np.loadtxt(StringIO(TEXT), delimiter=",", skiprows=1, usecols=2)
result = totals, str(best), table["name"], numbers
