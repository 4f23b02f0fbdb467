"""What does a `cow.ledger` add to a private copy, open and closed?"""

import timeit

import cow


def main():
    print("\na small private copy (800 bytes), with and without a ledger")
    a = cow.zeros(100)

    def write():
        b = a.copy()
        b[0] = 1

    def measure():
        return min(timeit.repeat(write, number=2000, repeat=15)) / 2000 * 1e6

    never = measure()
    with cow.ledger():
        pass
    closed = measure()
    with cow.ledger():
        opened = measure()
    for name, time in (
        ("no ledger", never),
        ("after a closed ledger", closed),
        ("in an open ledger", opened),
    ):
        print(f"{name:34}{time:>9.2f} us a copy, {time - never:+.2f}")
