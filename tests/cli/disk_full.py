"""Runs in one folder each, whose files may have so many bytes and no more; then once more without a bound. By a test."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

import w2s.cli.configuration.checks
import w2s.cli.run.job
import w2s.report
from w2s.main import main

assert plt
assert pd
assert w2s.cli.configuration.checks
assert w2s.cli.run.job
assert w2s.report
ARGUMENTS = ("study=transfer", "dataset=gaussian", "tracker=none")


def run(folder: Path, limit: int | None) -> tuple[int, str]:
    """Exit code and output of a run in a process of its own, which need not import anything any more."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writer, 1)
        os.dup2(writer, 2)
        sys.argv = ["w2s", *ARGUMENTS, f"hydra.run.dir={folder}"]
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        code: int | str | None = 0
        try:
            main()
        except SystemExit as end:
            code = end.code
        except BaseException as error:  # noqa: BLE001
            code = f"Traceback of {error!r}"
        sys.stderr.write(f"{code}\n" if isinstance(code, str) else "")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1 if isinstance(code, str) else code or 0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        output = stream.read().decode(errors="replace")
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), output


def report(folder: Path, limit: int | None) -> dict[str, object]:
    """What came of a run, and of the same command without a bound."""
    code, output = run(folder, limit)
    again, _ = run(folder, None)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    metrics = json.loads((folder / "results.json").read_text())["metrics"] if again == 0 else None
    return {"limit": limit, "code": code, "output": output, "again": again, "files": files, "metrics": metrics}


if __name__ == "__main__":
    for name in sys.argv[2:]:
        found = report(Path(sys.argv[1]) / name, None if name == "all" else int(name))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()
