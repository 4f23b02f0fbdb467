"""The page of the documentation with the figures of the suites."""

import os

PAGE = """\
# Suites of other packages under cow.protect

The packages' own tests, without and with `cow.protect` of the package, the two at the
same time; `make test-suites` runs them and writes this page. *Early* protects before
the package is imported, *late* after all its public modules are. A test is *lost* if it
passes without and not with it, and does so again when it runs alone; *listed* are those
of `tests/suites/allowed.toml`, below. The test modules count as outside. *Time* is that
of the tests that pass both ways.

{versions};
{processors} cores. Of each test there are at most eight parameter sets (stats four,
sklearn and statsmodels two; late: one). Left out are the tests of
`tests/suites/slow.txt`: those that take more than two seconds, and one of ndimage that
hands over an array of 3.6 GB of which it has touched a corner, and a copy needs all.

{table}

In each suite a helper of the package that writes into its argument was planted: it
reaches the argument of the caller without `cow.protect`, and a copy with it.

{plants}

Where nothing is lent (`scipy.fft`, `scipy.optimize`), the functions hand their
arguments to C code, or to functions of the caller.

## The listed tests

They fail as they do on deep copies of the arguments.

{listed}
"""


def page(results, listed, patterns, versions):
    """Return the figures of `Result`s as a page for the documentation.

    `listed` has for each test that may fail its reason first, `patterns` for each
    suite what is protected.
    """
    table = [
        "| suite | protected | tests | pass without | pass with | listed | lost | time "
        "| guarded calls | lent | copied |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    plants, reasons = [], {}
    for result in results:
        counts = [result.counts.get(name, 0) for name in ("guarded", "lent", "copied")]
        cells = [patterns[result.suite], result.mode]
        cells += [f"{n:,}" for n in (result.tests, result.plain, result.protected)]
        cells += [str(len(result.allowed)), str(len(result.lost))]
        cells += [f"{result.ratio:.2f}", *(f"{count:,}" for count in counts)]
        table.append("| " + " | ".join(cells) + " |")
        for name, *found in result.plants:
            line = f"- {result.suite}: `{name.rpartition(' [')[0]}`"
            if found != ["written", "caught"]:
                line += f" ({result.mode}: {found[0]}, {found[1]})"
            plants += [] if line in plants else [line]
        for test in result.allowed:
            name = test.partition("[")[0]
            reasons.setdefault(listed[name][0], set()).add(name)
    lines = []
    for reason, names in sorted(reasons.items()):
        lines += [f"- {reason[0].upper()}{reason[1:]}:"]
        lines += [f"  - `{name}`" for name in sorted(names)]
    return PAGE.format(
        versions=versions,
        processors=os.cpu_count(),
        table="\n".join(table),
        plants="\n".join(plants),
        listed="\n".join(lines),
    )
