"""A workspace and a report on W&B with the panels of the page: settings grouped, seeds averaged, curves on their axes."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

from w2s.errors import ConfigError, W2SError
from w2s.report.collect import Collected
from w2s.report.exports import markdown_table
from w2s.report.findings import MAIN
from w2s.report.sweep_tables import settings_section
from w2s.results.catalogue import metric_of
from w2s.results.schema import group_name
from w2s.utils.text import for_markdown, printable

log = logging.getLogger(__name__)

PROJECT = "w2s"
CURVES = {
    "Mixing": ("mixing/share", ("mixing/accuracy",)),
    "Selection, accuracy": ("selection/round", ("selection/accuracy", "selection/random_accuracy")),
    "Selection, density bought": ("selection/round", ("selection/density", "selection/random_density")),
    "Selection, regret": ("selection/round", ("selection/regret", "selection/random_regret")),
}
"""Title -> the axis that trackers tie the series to, and the series."""
GROUP = "Group"
"""What W&B calls the group of a run."""
AVERAGED: dict[str, Any] = {"groupby": GROUP, "groupby_aggfunc": "mean", "groupby_rangefunc": "stderr"}
"""How seeds become one line or bar."""
TABLES = ("curve", "rounds", "sources")
ANSWER_SECONDS = 10.0
"""After which a server is not there."""
LONGEST = 120
"""Letters of a title."""


def publish(collected: Collected, title: str, target: str | None = None) -> list[str]:
    """Make the workspace and the report, over the runs of these settings; returns their addresses.

    Args:
        collected: finished runs, which were tracked with W&B.
        title: of both.
        target: `entity/project` or `project`; None: WANDB_ENTITY and WANDB_PROJECT, else the key's own entity and `w2s`.

    Raises:
        ConfigError: the extra is not installed, or there is no key.
        W2SError: the server did not take them.
    """
    try:
        import wandb
        import wandb_workspaces.reports.v2 as reports
        import wandb_workspaces.workspaces as workspaces
    except ImportError as error:
        raise ConfigError("--wandb needs another package: pip install 'w2s[workspace]'.") from error
    check_server(str(wandb.setup().settings.base_url))
    *owner, project = (target or os.environ.get("WANDB_PROJECT") or PROJECT).split("/")
    try:
        entity = owner[0] if owner else os.environ.get("WANDB_ENTITY") or str(wandb.Api().default_entity)
        place = {"entity": entity, "project": project}
        name = printable(f"w2s {title}", LONGEST)
        settings = [setting for family in collected.families for setting in family.settings]
        mine = workspaces.Metric(GROUP).isin([group_name(each.given, each.signature) for each in settings])
        parts = list(sections(reports, collected))
        workspace = workspaces.Workspace(
            **place,
            name=name,
            sections=[workspaces.Section(name=part, panels=panels, is_open=True) for part, panels in parts],
            runset_settings=workspaces.RunsetSettings(groupby=[workspaces.Metric(GROUP)], filters=[mine]),
        )
        runs = reports.Runset(**place, name="runs", groupby=[GROUP], filters=[mine])
        report = reports.Report(**place, title=name, width="fluid", blocks=blocks(reports, collected, runs))
        workspace.save()
        report.save()
    except W2SError:
        raise
    except Exception as error:  # W&B's own client raises whatever its server and transport do
        raise W2SError(f"W&B did not take the workspace ({type(error).__name__}: {printable(error)}).") from error
    addresses = [str(workspace.url), str(report.url)]
    log.info("W&B: %s", ", ".join(addresses))
    return addresses


def check_server(address: str) -> None:
    """Refuse a server that does not answer: W&B's own client would go on asking for minutes.

    Raises:
        W2SError: with the reason.
    """
    from urllib.error import HTTPError
    from urllib.request import urlopen

    try:
        urlopen(address, timeout=ANSWER_SECONDS).close()
    except HTTPError:
        pass  # an answer, too
    except (OSError, ValueError) as error:
        raise W2SError(f"W&B did not take the workspace: {address} does not answer ({printable(error)}).") from error


def sections(reports: Any, collected: Collected) -> Iterator[tuple[str, list[Any]]]:
    """(name, panels) of the workspace: what was found, the gains, the curves, the tables."""
    found = "\n\n".join(map(for_markdown, collected.findings))
    yield "Findings", [reports.MarkdownPanel(markdown=found, layout=reports.Layout(w=24, h=8))]
    gains = [metric for metric in MAIN if metric.pattern in collected.runs]
    bars = {f"{metric.subject}: gain over {metric.over}": metric.pattern for metric in gains}
    yield "Gains over controls", [reports.BarPlot(title=title, metrics=[name], **AVERAGED) for title, name in bars.items()]
    yield "Curves", curves(reports, collected)
    yield "Tables", [reports.WeavePanelSummaryTable(table_name=name) for name in TABLES]


def curves(reports: Any, collected: Collected) -> list[Any]:
    """The curves that the runs have, averaged over seeds, each over its own axis."""
    started = {name.split("/")[0] for name in map(str, collected.runs)}
    return [
        reports.LinePlot(title=title, x=axis, y=list(series), title_x=axis, title_y=metric_of(series[0]).title, **AVERAGED)
        for title, (axis, series) in CURVES.items()
        if axis.split("/")[0] in started
    ]


def blocks(reports: Any, collected: Collected, runs: Any) -> list[Any]:
    """The report: findings, what differs, then all panels."""
    table = settings_section(collected)
    found = [reports.P(text=sentence) for sentence in collected.findings]
    said = [reports.P(text=line) for line in table.lines_above()]
    panels = [panel for _, group in list(sections(reports, collected))[1:] for panel in group]
    return [
        *found,
        reports.H2(text=table.title),
        *said,
        reports.MarkdownBlock(text=markdown_table(table)),
        reports.H2(text="Panels"),
        reports.PanelGrid(runsets=[runs], panels=panels),
    ]
