"""All that a report over many runs is made of, read once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError, require
from w2s.report.aggregate import finished, settings_table
from w2s.report.compare import Contrast, contrasts
from w2s.report.families import Family, families
from w2s.report.findings import findings
from w2s.report.load import Run, read_runs, tabulate
from w2s.report.naming import Setting, differences, flat, is_idle
from w2s.report.tables import with_ends

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Collected:
    """What the report is made of."""

    runs: pd.DataFrame
    """One row per run, as `load_results` gives it."""
    settings: pd.DataFrame
    """One row per setting, over its seeds."""
    families: Sequence[Family]
    """The settings that can be compared, of one study and data set each."""
    contrasts: Sequence[Contrast]
    findings: Sequence[str]
    base: Mapping[str, Any]
    """Flat configuration of the first run."""
    changed: Sequence[Mapping[str, Any]]
    """Per run, the settings that differ from `base`."""
    versions: Sequence[tuple[str, str, int]]
    """(package, version, runs)."""

    @cached_property
    def row_of(self) -> Mapping[str, Mapping[Any, Any]]:
        """Signature of a setting -> its row of `settings`."""
        return {row["signature"]: row for row in self.settings.to_dict("records")}


def collect(folders: Sequence[Path], baseline: str | None = None) -> Collected:
    """Read the runs once, and compare their settings.

    Args:
        folders: sweeps, runs, or folders that hold some.
        baseline: name of the setting that the others are compared with; None compares every pair.

    Raises:
        DataError: a folder does not exist, none holds a run, or none of them is of the baseline's name.
    """
    base: dict[str, Any] = {}
    changed: list[dict[str, Any]] = []
    versions: Counter[tuple[str, str]] = Counter()
    settings: dict[str, Setting] = {}

    def watched(runs: Iterable[Run]) -> Iterable[Run]:
        """The runs as they pass, their configurations and versions noted."""
        for run in runs:
            config = flat(run.results.config) if run.results is not None else {}
            base.update({} if base else config)
            changed.append(differences(config, base) if config else {})
            if run.results is not None:
                versions.update(run.results.versions.items())
                if run.results.signature not in settings:
                    settings[run.results.signature] = setting_of(run, config)
            yield run

    runs = tabulate(watched(read_runs(folders)), folders)
    names = dict(zip(runs["signature"], runs["setting"], strict=True))
    known = sorted({names[signature] for signature in finished(runs)["signature"]})
    wanted = baseline is None or baseline in known
    require(wanted, f"--baseline {baseline}: the settings are {', '.join(known)}.", DataError)
    named = {signature: replace(setting, name=names[signature]) for signature, setting in settings.items()}
    ok = finished(runs)
    kin = families(ok, named)
    table = settings_table(runs)
    rows = {row["signature"]: row for row in table.to_dict("records")}
    found = [_as_in(rows, each) for family in kin for each in contrasts(family, baseline)]
    counted = [(package, number, count) for (package, number), count in sorted(versions.items())]
    return Collected(runs, table, kin, found, findings(kin, found), base, changed, counted)


def setting_of(run: Run, config: Mapping[str, Any]) -> Setting:
    """The setting of a run that ended, from its flat configuration."""
    results = run.ended
    kept = {key: value for key, value in config.items() if not is_idle(key) and key.rsplit(".", 1)[-1] != "seed"}
    sources = str(results.facts.get("sources", ""))
    name = results.setting
    return Setting(results.signature, name, results.study, results.dataset, results.choices, kept, sources, given=name)


def _as_in(rows: Mapping[Any, Mapping[Any, Any]], contrast: Contrast) -> Contrast:
    """A contrast with a control, with the interval that the table of settings has for it: one number, one interval."""
    if contrast.kind != "control":
        return contrast
    _, low, high = with_ends(rows[contrast.members[0]], contrast.metric)
    return contrast if low is None or high is None else replace(contrast, low=low, high=high)
