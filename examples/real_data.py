"""Carbon dioxide at Mauna Loa: a periodogram that changes the measurements.

`scipy.signal.lombscargle` of SciPy 1.16.1, which ``make demo`` installs, writes
into its arguments without being asked to: it subtracts the mean from the
caller's ``y`` and rescales the caller's ``weights`` (scipy/scipy#23474, mended
in a later release). The analysis runs twice, as is and with ``no_mutate``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np

# scipy and joblib ship no types
import scipy  # pyright: ignore[reportMissingTypeStubs]
from joblib import (  # pyright: ignore[reportMissingTypeStubs]
    Parallel,
    delayed,  # pyright: ignore[reportUnknownVariableType]
)
from numpy.typing import NDArray
from scipy.signal import (  # pyright: ignore[reportMissingTypeStubs]
    lombscargle,  # pyright: ignore[reportUnknownVariableType]
)

import cow

DATA = Path(__file__).parent / "data" / "co2.csv"
Series: TypeAlias = NDArray[np.float64]
PERIODS = np.linspace(0.3, 1.8, 301)  # years


def measurements() -> tuple[Series, Series, Series]:
    """Return time in years, ppm of CO2 and weights: weeks before 1974 count half."""
    date, ppm = np.genfromtxt(DATA, delimiter=",", skip_header=1, unpack=True)
    date, ppm = date[~np.isnan(ppm)].astype(int), ppm[~np.isnan(ppm)]
    days = np.array([f"{d // 10000}-{d // 100 % 100:02}-{d % 100:02}" for d in date])
    since_1970 = days.astype("datetime64[D]").astype(float)
    year = 1970.0 + since_1970 / 365.2425
    return year, ppm, np.where(year < 1974.0, 0.5, 1.0)


def cycle(year: Series, ppm: Series, weights: Series) -> float:
    """Return the period, in years, with the most power."""
    frequencies = 2 * np.pi / PERIODS
    power = np.asarray(
        lombscargle(year, ppm, frequencies, precenter=True, weights=weights), float
    )
    return float(PERIODS[power.argmax()])


# lombscargle writes its arguments, in compiled code: the guarded function works
# on copies of them.
guarded_cycle = cow.no_mutate(cycle)


def report(find_cycle: Callable[[Series, Series, Series], float]) -> list[str]:
    """Analyse the record with `find_cycle`; return what it has changed."""
    year, ppm, weights = measurements()
    before = [array.copy() for array in (year, ppm, weights)]
    print(f"  strongest cycle:         {find_cycle(year, ppm, weights):8.3f} years")
    rise = np.polyfit(year, ppm, 1, w=weights)[0]
    print(f"  rise:                    {rise:8.3f} ppm a year")
    print(f"  mean of 2001:            {ppm[year >= 2001].mean():8.1f} ppm")
    print(f"  weeks above 350 ppm:     {np.count_nonzero(ppm > 350):8}")
    print(f"  effective sample size:   {weights.sum():8.1f} weeks")
    changed = [
        f"{name} ({np.count_nonzero(now != then)} of {now.size} values)"
        for name, now, then in zip(
            ("year", "ppm", "weights"), (year, ppm, weights), before, strict=True
        )
        if not np.array_equal(now, then)
    ]
    print(f"  silently changed:        {', '.join(changed) or 'nothing'}")
    return changed


def seasonal_swing(ppm: Series, first: int) -> float:
    """Return the range of a year's values about their mean; it writes `ppm`."""
    window = ppm[first : first + 52]
    window -= window.mean()
    return float(np.ptp(window))


def swing_of_cow(ppm: Series, first: int) -> float:
    return seasonal_swing(cow.asarray(ppm), first)


def workers() -> None:
    """Run both versions on joblib's read-only, memory-mapped arrays."""
    ppm = measurements()[1]
    kept = ppm.copy()
    with Parallel(n_jobs=2, max_nbytes=1000) as parallel:
        try:
            parallel(delayed(seasonal_swing)(ppm, i) for i in (0, 1000, 2000))
            print("  plain array:             runs")
        except ValueError as error:
            print(f"  plain array:             ValueError: {error}")
        swings = cast(
            list[float],
            parallel(delayed(swing_of_cow)(ppm, i) for i in (0, 1000, 2000)),
        )
    print(f"  cow.asarray(ppm):        {', '.join(f'{s:.1f} ppm' for s in swings)}")
    print(f"  measurements unchanged:  {np.array_equal(ppm, kept)}")


def main() -> None:
    print(f"\n\nCO2 at Mauna Loa, 1958 to 2001, with SciPy {scipy.__version__}")
    print("\nThe analysis as it is: the periodogram overwrites the measurements")
    changed = report(cycle)
    print("\nThe same with cow.no_mutate")
    unchanged = report(guarded_cycle)
    print("\nA read-only array of joblib's workers, and a function that writes")
    workers()
    if unchanged:
        raise SystemExit("the guarded analysis has changed its arguments")
    if len(changed) != 2:
        print("\nThis SciPy is mended: it does not write into its arguments.")


if __name__ == "__main__":
    main()
