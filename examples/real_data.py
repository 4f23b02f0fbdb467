"""Sea surface temperatures through an analysis whose tools write into the data.

Real data, a released SciPy, joblib's read-only arrays: first as they are, then
with cow.
"""

import pathlib
import tempfile

import joblib
import numpy as np
import scipy
from scipy.interpolate import splev, splprep

import cow

DATA = pathlib.Path(__file__).parent / "data" / "elnino.csv"


def read():
    """Return years (61,) and monthly temperatures (732,) in degrees Celsius."""
    table = np.genfromtxt(DATA, delimiter=",", skip_header=1)
    return table[:, 0].astype(int), table[:, 1:].ravel()


def annual_cycle(orbit):
    """Fit a closed, smooth curve to an orbit (2, n); return 12 points of it."""
    tck, _ = splprep(orbit, s=orbit.shape[1], per=1)
    return np.array(splev(np.linspace(0, 1, 12, endpoint=False), tck))


def anomalies(months):
    """Subtract the mean of each calendar month, the usual line of code."""
    table = months.reshape(-1, 12)
    table -= table.mean(axis=0)
    return table.ravel()


def show(when, orbit, months):
    print(
        f"    {when:34} last orbit point {orbit[0, -1]:7.2f}, mean {months.mean():6.2f}"
    )


def analyse(cycle, remove_season):
    """Run the analysis; report what it did to the data of its caller."""
    _, months = read()
    orbit = np.array([months, np.gradient(months)])
    show("read from the file:", orbit, months)
    cycle(orbit)
    show("after the fit of the annual cycle:", orbit, months)
    remove_season(months)
    show("after removing the season:", orbit, months)
    fresh = read()[1]
    lost = (orbit[0] != fresh).sum() + (months != fresh).sum()
    print(f"    values silently changed: {lost} of {2 * fresh.size}")
    return lost


def read_only_memory():
    """Write to what joblib maps read-only: refused by NumPy, fine with cow."""
    _, months = read()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "months.joblib"
        joblib.dump(months, path)
        mapped = joblib.load(path, mmap_mode="r")
        try:
            mapped[mapped > 27] = np.nan
        except ValueError as error:
            print(f"    NumPy: ValueError: {error}")
        a = cow.asarray(mapped)
        a[a > 27] = np.nan
        print(
            f"    cow.asarray: {int(np.isnan(a).sum())} values masked in memory of its"
        )
        print(f"    own, {int(np.isnan(mapped).sum())} in the file")
        del a, mapped


def main():
    print("Monthly sea surface temperatures 1950-2010 (El Nino region), 732 values.")
    print(f"\n1. As written, with SciPy {scipy.__version__.rsplit('.', 1)[0]}")
    analyse(annual_cycle, anomalies)
    print("    splprep(per=1) replaced December 2010 by January 1950; `-=` on a view")
    print("    took the season out of the caller's data.")
    print("\n2. The same functions under @cow.no_mutate")
    lost = analyse(cow.no_mutate(annual_cycle), cow.no_mutate(anomalies))
    assert lost == 0
    print("\n3. Read-only memory from joblib, writable on demand")
    read_only_memory()


if __name__ == "__main__":
    main()
