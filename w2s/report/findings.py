"""What was found, as sentences made from the numbers: what gained what over which control, and what is not known yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from w2s.report.compare import Contrast
from w2s.report.families import ARTIFICIAL, Family
from w2s.report.study_findings import study_findings, within_noise
from w2s.report.tables import with_ends
from w2s.results.catalogue import CONTROLS, METRICS, metric_of
from w2s.results.metric import Metric, Metrics, Prominence, measured
from w2s.statistics.joint_test import least_p
from w2s.statistics.power import ALPHA, FEWEST_SEEDS, MOST_SEEDS

MAIN = tuple(metric for metric in METRICS if metric.shown == Prominence.MAIN)
MOST_NAMED = 4
"""Settings, or values of a factor, that one sentence names beside the best."""


def findings(families: Sequence[Family], contrasts: Sequence[Contrast]) -> list[str]:
    """The sentences, a family after the other; those of several families begin with the data set's name."""
    sentences = []
    for family in families:
        own = [each for each in contrasts if (each.study, each.dataset) == (family.study, family.dataset)]
        found = [*_family(family, own)]
        if len(families) > 1 and found:
            found[0] = f"{family.dataset or family.study}: {found[0]}"
        sentences += found
    few = sorted({each.seeds for each in contrasts if 1 < each.seeds and least_p(each.seeds) > ALPHA})
    if few:
        counts = " or ".join(map(str, few))
        sentences.append(f"{counts} seeds cannot reach p = .05 in a test by sign flips: at least {FEWEST_SEEDS} are needed.")
    if sentences and contrasts:
        sentences.append(" ".join(_words(contrasts)))
    return sentences


def _words(contrasts: Sequence[Contrast]) -> Iterator[str]:
    """What the sentences' own words mean."""
    if any(each.metric == "mixing/gain" for each in contrasts):
        yield f"{CONTROLS['random_non_hard'].capitalize()}: as many points drawn from those that are not hard."
    if any(each.seeds > 1 for each in contrasts):
        yield "Joint p: of all differences of a measure that are tested together, by flipping the signs of whole seeds."


def run_findings(metrics: Metrics) -> list[str]:
    """The sentences about one run: its intervals are over test points, about these trained models."""
    sentences = []
    for metric in MAIN:
        value, low, high = with_ends(metrics, metric.pattern)
        if value is not None:
            noise = ", within the noise of the test points" if within_noise(low, high) else ""
            sentences.append(f"{metric.subject} gained {measured(metric, value, low, high)} over {metric.over}{noise}.")
    if sentences:
        sentences.append("This is one seed: intervals are about these trained models, and other seeds may differ.")
    return sentences + study_findings(metrics)


def _family(family: Family, contrasts: Sequence[Contrast]) -> Iterator[str]:
    for metric in MAIN:
        own = [each for each in contrasts if each.kind == "control" and each.metric == metric.pattern]
        if own:
            yield _over_control(metric, own, len(family.settings))
    for factor in family.factors:
        for metric in MAIN:
            pairs = [
                each
                for each in contrasts
                if each.kind == "factor" and (each.factor, each.metric) == (factor, metric.pattern)
            ]
            if pairs:
                yield _between(metric, factor, pairs)
    yield from _not_compared(family, contrasts)


def _over_control(metric: Metric, contrasts: Sequence[Contrast], n_settings: int) -> str:
    """How the settings do against the control."""
    best, *others = sorted(contrasts, key=lambda each: -each.difference)
    text = measured(metric, best.difference, best.low, best.high)
    if not others:
        where = f" in all {n_settings} settings alike" if n_settings > 1 else ""
        return f"{metric.subject} gained {text} over {metric.over}{where} ({known(best)})."
    first = f"{metric.subject} gained most with {best.first}: {text} over {metric.over} ({known(best)})"
    return f"{first}; {_others(metric, others, best)}."


def _others(metric: Metric, others: Sequence[Contrast], best: Contrast) -> str:
    if len(others) > MOST_NAMED:
        ends = (others[-1].difference, others[0].difference)
        counts = {word: sum(each.verdict == word for each in others) for word in ("better", "worse")}
        said = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none of them told apart from it"
        return f"{len(others)} others from {metric.text(ends[0], sign=True)} to {metric.text(ends[1], sign=True)}, {said}"
    texts = []
    for each in others:
        differs = f" ({each.verdict})" if each.verdict != best.verdict else ""
        texts.append(f"{each.first} {measured(metric, each.difference, each.low, each.high)}{differs}")
    return ", ".join(texts)


def _between(metric: Metric, factor: str, pairs: Sequence[Contrast]) -> str:
    """Which value of a factor is ahead, and of which others."""
    wins: dict[str, float] = {}
    for each in pairs:
        wins[each.first] = wins.get(each.first, 0.0) + each.difference
        wins[each.second] = wins.get(each.second, 0.0) - each.difference
    best = max(wins, key=wins.__getitem__)
    ahead = sorted(
        (each if each.first == best else each.turned() for each in pairs if best in (each.first, each.second)),
        key=lambda each: each.difference,
    )
    verdicts = {each.verdict for each in ahead}
    texts = []
    for each in ahead[:MOST_NAMED]:
        differs = f" ({each.verdict})" if len(verdicts) > 1 else ""
        texts.append(f"{measured(metric, each.difference, each.low, each.high)} over {each.second}{differs}")
    nearest = f"over {ahead[0].second}: " if len(ahead) > 1 else ""
    more = f" and {len(ahead) - MOST_NAMED} others" if len(ahead) > MOST_NAMED else ""
    return f"Between values of {factor}, in {metric.title}: {best} is {', '.join(texts)}{more} ({nearest}{known(ahead[0])})."


def known(contrast: Contrast) -> str:
    """How sure a difference is, over how many seeds, and what would make it surer."""
    seeds = f"{contrast.seeds} seed{'s' if contrast.seeds > 1 else ''}"
    needed = f"more than {MOST_SEEDS:,} seeds"
    if contrast.needed is not None:
        needed = f"about {contrast.needed} seeds, {max(1, contrast.needed - contrast.seeds)} more,"
    if contrast.seeds < 2:
        return f"{seeds}: nothing is known of others; at least {FEWEST_SEEDS} are needed"
    p = f"joint p = {contrast.p:.3f}".replace("0.", ".")
    if contrast.p <= ALPHA:
        return f"{seeds}, {contrast.verdict}, {p}"
    if contrast.seeds < FEWEST_SEEDS:
        return f"{seeds}, {p}: too few seeds for any test to reach .05; {needed} would tell"
    return f"{seeds}, {p}: not told apart; {needed} would tell"


def _not_compared(family: Family, contrasts: Sequence[Contrast]) -> Iterator[str]:
    """Which factors the selection is not compared between, and why."""
    artificial = any(setting.sources.startswith(ARTIFICIAL) for setting in family.settings)
    bought = [metric for metric in MAIN if metric.yardstick and metric.pattern in family.runs]
    if not artificial or not bought:
        return
    compared = {each.factor for each in contrasts if each.kind == "factor" and metric_of(each.metric).yardstick}
    factors = [factor for factor in family.factors if factor not in compared]
    if factors:
        names = " and ".join(factors)
        why = "each buys from artificial sources, dealt from its own regions"
        yield f"Selection is not compared between values of {names}: {why}."
