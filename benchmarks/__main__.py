"""``python -m benchmarks``: every table."""

from benchmarks import calls, elements, guard, large

for module in (elements, calls, large, guard):
    module.main()
