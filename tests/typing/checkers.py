"""Run mypy and pyright, each with a limit of time for itself and its children."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

LIMIT = 90
BIN = Path(sys.executable).parent


def run(command, **options):
    """Return the output of `command`; end its process group after the limit."""
    with subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **options,
    ) as process:
        try:
            return process.communicate(timeout=LIMIT)[0]
        finally:
            # pyright leaves node running when it alone is ended
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def mypy(file, python, cwd, cache, configured=False):
    """Return the numbers of the lines that mypy --strict reports.

    `configured`: with the configuration found in `cwd`, instead of none.
    """
    version = run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"])
    command = [BIN / "mypy", "--hide-error-context"]
    command += [] if configured else ["--strict", "--config-file="]
    command += ["--python-version", version.strip()]
    output = run(
        [*command, "--no-pretty", "--python-executable", python]
        + ["--cache-dir", cache, file],
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if k != "MYPYPATH"},
    )
    assert re.search(r"^(Found \d+ error|Success: )", output, re.M), output
    pattern = rf"{re.escape(Path(file).name)}:(\d+): error"
    return {int(line) for line in re.findall(pattern, output)}, output


def pyright(file, python, cwd, _cache, configured=False):
    """Return the numbers of the lines that pyright reports in strict mode.

    `configured`: with the configuration found in `cwd`, instead of its own.
    """
    if not configured:
        options = {"typeCheckingMode": "strict"}
        (cwd / "pyrightconfig.json").write_text(json.dumps(options))
    command = [BIN / "pyright", "--outputjson", "--pythonpath", python, file]
    output = run(command, cwd=cwd)
    found = json.loads(output[output.index("{") :])
    assert found["summary"]["filesAnalyzed"] == 1, output
    reports = [d for d in found["generalDiagnostics"] if d["severity"] == "error"]
    return {d["range"]["start"]["line"] + 1 for d in reports}, output
