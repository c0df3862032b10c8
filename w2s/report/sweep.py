"""The report over many runs: tables, figures, Markdown and one page, in `report/` inside the first folder."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from w2s.errors import DataError, require
from w2s.report.aggregate import damaged, finished, settings_table
from w2s.report.compare import MOST_SETTINGS, comparisons
from w2s.report.config import differences, flat
from w2s.report.drawing import inline_svg, save_png
from w2s.report.load import Run, read_runs, tabulate
from w2s.report.markdown import markdown
from w2s.report.page import Page, Picture
from w2s.report.sections import (
    comparisons_section,
    counted,
    failures_section,
    runs_section,
    settings_section,
    study_sections,
    versions_section,
)
from w2s.report.single import CAPTIONS as RUN_CAPTIONS
from w2s.report.single import draw_study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

log = logging.getLogger(__name__)

FOLDER = "report"
MOST_DRAWN = 8
"""Settings in a figure of lines: as many as there are colours."""
CAPTIONS = RUN_CAPTIONS | {
    "gains": "95 % intervals over seeds x test points (one seed: over test points).",
    "mixing": "Mean over seeds with 95 % t bands: about this test set. Every student trains on equally many points.",
    "density": "One dot per finished run.",
    "selection": "Mean over seeds with 95 % t bands.",
    "regret": "Against always buying from the densest source: the tails matter, a lucky policy has a good mean.",
}


@dataclass(frozen=True)
class Collected:
    """What the report is made of."""

    runs: pd.DataFrame
    """One row per run, as `load_results` gives it."""
    settings: pd.DataFrame
    """One row per setting, over its seeds."""
    comparisons: pd.DataFrame
    """One row per pair of settings and metric."""
    base: dict[str, Any]
    """Flat configuration of the first run."""
    changed: list[dict[str, Any]]
    """Per run, the settings that differ from `base`."""
    versions: list[tuple[str, str, int]]
    """(package, version, runs)."""


def report(folders: Sequence[Path]) -> Path:
    """Read all runs at or below `folders`, and write the report; returns the path of its page.

    Raises:
        DataError: a folder does not exist, or none holds a run.
    """
    return write(folders, collect(folders))


def write(folders: Sequence[Path], collected: Collected) -> Path:
    """Write the report on what was collected into the first folder; returns the path of its page."""
    target = folders[0] / FOLDER
    target.mkdir(exist_ok=True)
    frames = {"runs": collected.runs, "settings": collected.settings, "comparisons": collected.comparisons}
    for name, frame in frames.items():
        plain = frame.assign(overrides=frame["overrides"].str.join(" ")) if "overrides" in frame else frame
        plain.to_parquet(target / f"{name}.parquet", index=False)
        plain.to_csv(target / f"{name}.csv", index=False)
    pictures = []
    for name, figure in draw(collected).items():
        save_png(figure, target / "figures" / f"{name}.png")
        pictures.append(Picture(name, inline_svg(figure), CAPTIONS[name]))
    (target / "report.md").write_text(markdown(folders, collected), encoding="utf-8")
    page = target / "index.html"
    page.write_text(sweep_page(folders, collected, pictures).html(), encoding="utf-8")
    log.info("%s, %s: %s", counted(len(collected.runs), "run"), counted(len(collected.settings), "setting"), page)
    return page


def collect(folders: Sequence[Path]) -> Collected:
    """Read the runs once, and make the tables.

    Raises:
        DataError: a folder does not exist, or none holds a run.
    """
    base: dict[str, Any] = {}
    changed: list[dict[str, Any]] = []
    versions: Counter[tuple[str, str]] = Counter()

    def watched(runs: Iterable[Run]) -> Iterable[Run]:
        """The runs as they pass, their configurations and versions noted."""
        for run in runs:
            config = flat(run.results.get("config", {}))
            base.update({} if base else config)
            changed.append(differences(config, base) if config else {})
            versions.update(run.results.get("versions", {}).items())
            yield run

    runs = tabulate(watched(read_runs(folders)), root=folders[0])
    require(len(runs) > 0, f"no run in {', '.join(map(str, folders))}: a run's folder holds results.json.", DataError)
    counted = [(package, number, count) for (package, number), count in sorted(versions.items())]
    return Collected(runs, settings_table(runs), comparisons(runs), base, changed, counted)


def draw(collected: Collected) -> dict[str, Figure]:
    """The figures that the runs have something to show for, by name."""
    from w2s.report import figures

    drawn: dict[str, Figure] = {}
    settings, ok = collected.settings, finished(collected.runs)
    if "gain" in settings and settings["gain"].notna().any():
        drawn["gains"] = figures.gains(settings[settings["gain"].notna()].head(40))
    curve = curve_from_metrics(ok)
    if len(curve):
        drawn["mixing"] = figures.mixing_curve(curve)
    if {"overlap/density", "gain"} <= set(ok) and (ok["overlap/density"].notna() & ok["gain"].notna()).sum() > 1:
        drawn["density"] = figures.density_gain(ok)
    rounds = rounds_of(ok)
    if len(rounds):
        drawn["selection"] = figures.selection_rounds(rounds)
        if rounds["seed"].nunique() > 2:
            drawn["regret"] = figures.regret_tails(rounds)
    return drawn | (draw_study(Path(ok["folder"].iloc[0])) if len(ok) == 1 else {})


def curve_from_metrics(runs: pd.DataFrame) -> pd.DataFrame:
    """Columns setting, seed, share, control, accuracy of the first settings, from the `mixing/...` metrics."""
    import pandas as pd

    other = ("mixing/size", "mixing/gain", "mixing/gain/low", "mixing/gain/high")
    names = [name for name in map(str, runs) if name.startswith("mixing/") and name not in other]
    known = first_settings(runs[runs["mixing/0.0"].notna()]) if "mixing/0.0" in runs else runs.iloc[:0]
    long = known.melt(["setting", "seed"], names, "control", "accuracy").dropna(subset="accuracy")
    control = long["control"].str.removeprefix("mixing/")
    return long.assign(control=control, share=pd.to_numeric(control, errors="coerce"))


def rounds_of(runs: pd.DataFrame, most: int = 400) -> pd.DataFrame:
    """`rounds.parquet` of the first settings' runs, at most `most` of them, with setting and seed.

    Of several settings each shows its own policy, without the one it was compared with.
    """
    import pandas as pd

    known = first_settings(runs[runs["selection/accuracy"].notna()]) if "selection/accuracy" in runs else runs.iloc[:0]
    tables = []
    for run in known.head(most).to_dict("records"):
        path = Path(run["folder"]) / "rounds.parquet"
        if path.is_file() and not damaged(path):
            table = pd.read_parquet(path).assign(setting=run["setting"], seed=run["seed"])
            tables.append(table[table["policy"] == table["policy"].iloc[0]] if known["setting"].nunique() > 1 else table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def first_settings(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of the first `MOST_DRAWN` settings."""
    return runs[runs["setting"].isin(list(dict.fromkeys(runs["setting"]))[:MOST_DRAWN])]


def sweep_page(folders: Sequence[Path], collected: Collected, pictures: list[Picture]) -> Page:
    """The page over all runs."""
    counts = collected.runs["status"].value_counts()
    sizes = f"{counted(len(collected.runs), 'run')} · {counted(len(collected.settings), 'setting')}"
    tables = [
        settings_section(collected.settings),
        *study_sections(collected.runs),
        comparisons_section(collected.comparisons),
        failures_section(collected.runs),
        runs_section(collected.runs, collected.changed),
        versions_section(collected.versions),
    ]
    remarks: list[tuple[Any, str]] = []
    if len(collected.runs) > counts.get("ok", 0):
        remarks.append(("bad", ", ".join(f"{count} {status}" for status, count in counts.items() if status != "ok")))
    if len(collected.settings) > MOST_DRAWN:
        remarks.append(("", f"Figures of lines show the first {MOST_DRAWN} of {len(collected.settings)} settings."))
    if len(collected.settings) > MOST_SETTINGS:
        remarks.append(("", f"With more than {MOST_SETTINGS} settings, each is compared with the first one alone."))
    return Page(
        title=f"w2s · {folders[0].resolve().name}",
        subtitle=f"{sizes} · {counts.get('ok', 0)} finished",
        tables=[table for table in tables if table.rows],
        figures=pictures,
        remarks=remarks,
        config=collected.base,
        footer=f"Made from {', '.join(map(str, folders))}. The tables lie beside this page as parquet and csv.",
    )
