"""``python -m benchmarks``: every table."""

from benchmarks import calls, elements, guard, large, ledger

for module in (elements, calls, large, guard, ledger):
    module.main()
