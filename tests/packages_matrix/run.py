"""Run the probes of a group: ``python -m tests.packages_matrix.run science``."""

import contextlib
import importlib
import importlib.metadata
import json
import sys

from tests import ROOT
from tests.packages_matrix.probe import Trial, closing


def main(group: str) -> None:
    module = importlib.import_module(f"tests.packages_matrix.{group}")
    found = {}
    with closing(), contextlib.ExitStack() as stack:
        stack.callback(getattr(module, "close", lambda: None))
        for package in module.PACKAGES:
            columns = Trial(package).run()
            for name, add in getattr(module, "MORE", {}).items():
                if name == package.name:
                    for column, outcomes in add().items():
                        columns[column].update(outcomes)
            version = importlib.metadata.version(package.name)
            found[package.name] = {
                "version": version,
                "numpy": importlib.metadata.version("numpy"),
                "columns": columns,
            }
            print(package.name, version, flush=True)
    target = ROOT / "build" / "packages" / f"{group}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=1))
    for package, each in found.items():
        for column, outcomes in each["columns"].items():
            for name, outcome in outcomes.items():
                if outcome["verdict"] != "right":
                    print(f"  {package}, {column}, {name}: {outcome}")


if __name__ == "__main__":
    main(sys.argv[1])
