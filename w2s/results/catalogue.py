"""The table of all metrics that the package's studies record.

A `{name}` in a pattern stands for one part of a metric's name: a source, a detector, a number of labels. The ends `/low`
and `/high` of a 95 % interval belong to the metric before them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from w2s.results.applied import applied
from w2s.results.metric import Metric, Shown

ENDS = ("/low", "/high")
PART = re.compile(r"(\{\w+\})")
VARYING = {"source": ".+", "share": r"\d\.\d+"}
"""What may stand for a part that varies, where that is not any text without a slash."""
STUDENT = ("detector", "policy", "study")
"""Beginnings of the settings that a student on all weak labels cannot depend on."""
WEAK = (*STUDENT, "strong_model", "learner", "probe", "labels", "loss", "refiner")
PARTITION = ("policy", "study")
MIXING = ("policy", "study.selection", "study.transfer")
SELECTION = ("study.mixing", "study.transfer")
MODELS = {
    "weak": ("weak model", "the weak model"),
    "student": ("student", "the strong model trained on all weak labels"),
    "ceiling": ("ceiling", "the strong model trained on the pool's true labels"),
}
"""Name in metrics -> title, and what it is."""
CONTROLS = {
    "random": ("any points", "as many points drawn from the whole pool"),
    "random_non_hard": ("confident points", "as many points drawn from those that are not hard: the main control"),
    "most_confident": ("surest points", "as many points, those that the weak model is surest of"),
    "easy": ("easy points", "as many points drawn from the easy ones"),
    "accuracy_matched": ("equally right labels (oracle)", "as many points with as many right weak labels"),
    "true_labels": ("overlap, true labels (oracle)", "the overlap points with their true labels"),
    "gold": ("gold labels", "as many of the weak model's own training points, with their true labels"),
}
"""Subset of the mixing study that overlap is held against -> title, and what its student learns from."""


def _transfer() -> Iterator[Metric]:
    for name, (title, role) in MODELS.items():
        metric = partial(Metric, topic="transfer", independent_of=WEAK if name == "weak" else STUDENT)
        by_region = partial(metric, topic="transfer by region", independent_of=("policy", "study"))
        shown = Shown.COMPARED if name == "student" else Shown.TABLE
        yield metric(f"{name}/accuracy", f"{title} accuracy", "%", f"Test accuracy of {role}.", interval=True, shown=shown)
        yield metric(
            f"{name}/auroc", f"{title}, AUROC", "none", f"How well {role} ranks test points; .5 is chance.", places=3
        )
        yield metric(
            f"{name}/at_prior", f"{title} at the prior", "%", f"{title}'s accuracy, classes in weak_train's shares."
        )
        yield metric(f"{name}/weak_wrong", f"{title}, weak errors", "%", f"{title}'s accuracy where the weak model errs.")
        words = f"Expected calibration error of {role}: mean distance of top probability and accuracy in 15 bins."
        yield metric(f"{name}/ece", f"{title}, calibration error", "%", words, lower_is_better=True)
        for region in ("easy", "hard", "overlap"):
            words = f"{title}'s accuracy on the test points that the detector calls {region}."
            yield by_region(f"{name}/{region}", f"{title}, {region}", "%", words)
    for name, title in (("ceiling", "ceiling, cross-fitted"), ("weak", "weak model, cross-fitted")):
        words = f"Accuracy of the {'strong' if name == 'ceiling' else 'weak'} model on weak_train, each point by a model "
        words += "trained on the other folds' true labels; measured where the pool has none."
        independent = WEAK if name == "weak" else STUDENT
        yield Metric(f"{name}/cross_fitted", title, "%", words, "transfer", interval=True, independent_of=independent)
    words = "Test accuracy of a link of the weak model's chain; `direct` and `equal_cost`: the last one taught by the first."
    yield Metric("chain/{link}/accuracy", "{link} of the chain", "%", words, "chain", interval=True, independent_of=WEAK)
    gap = partial(Metric, topic="transfer", independent_of=STUDENT)
    words = "Share of the weak model's errors that the student repeats, with the same class."
    yield gap("student/repeats", "errors repeated", "%", words, interval=True, lower_is_better=True)
    words = "Share of errors that the student makes where the weak model is right."
    yield gap("student/new_errors", "new errors", "%", words, interval=True, lower_is_better=True)
    for third, which in (("least_sure", "least sure"), ("middle", "middling sure"), ("surest", "surest")):
        words = f"Share of the weak model's errors that the student mends, in the third of test points it is {which} of."
        yield gap(f"student/mends/{third}", f"errors mended, {which}", "%", words, interval=True)
    words = "Control: test accuracy of a student of the same weak labels, dealt to other points."
    yield gap("permuted/accuracy", "permuted weak labels, accuracy", "%", words, interval=True)
    words = "Control, strong to strong: test accuracy of the strong model trained on weak_train's true labels."
    yield gap("gold/accuracy", "weak_train's true labels, accuracy", "%", words, interval=True)
    words = "Test accuracy of the student minus that of the weak model."
    yield gap("gain", "gain", "points", words, interval=True, shown=Shown.MAIN, subject="The student", over="the weak model")
    words = "Performance gap recovered: gain over the gap between weak model and ceiling, with its Fieller interval."
    yield gap("pgr", "PGR", "none", words, interval=True, shown=Shown.TABLE)
    yield gap("pgr/defined", "PGR defined", "none", "1 where the gap exceeds its own noise.", places=0)
    yield gap("pgr/precise", "PGR precise", "none", "1 where PGR's interval is no wider than .25 on either side.", places=0)


def _pool() -> Iterator[Metric]:
    pool = partial(Metric, topic="regions of the pool", independent_of=PARTITION)
    yield pool(
        "overlap/density", "overlap density", "%", "Share of the pool that the detector calls overlap.", shown=Shown.TABLE
    )
    yield pool("overlap/easy", "easy share", "%", "Share of the pool that the detector calls easy.")
    yield pool("overlap/hard", "hard share", "%", "Share of the pool that the detector calls hard.")
    for region in ("easy", "hard", "overlap"):
        words = f"Share of right weak labels among the points that the detector calls {region}."
        yield pool(f"{region}/weak_accuracy", f"right labels, {region}", "%", words)
    yield pool(
        "weak/pool_accuracy", "right labels, pool", "%", "Share of right weak labels in the whole pool.", independent_of=WEAK
    )
    words = "True labels of weak_train that detection looked at; the published detectors look at none."
    yield pool("labels_used", "labels used", "count", words)
    words = "Share of wrong weak labels in the pool, as the cross-fitted weak model's training points let expect."
    yield pool("weak/estimated_noise", "wrong labels, estimated", "%", words, independent_of=WEAK)
    refined = partial(Metric, topic="refined labels", unit="%", independent_of=PARTITION)
    yield refined("refiner/kept", "points kept", explanation="Share of the pool that the refiner lets students learn from.")
    words = "Share of the kept points whose most probable class the refiner changed."
    yield refined("refiner/changed", "labels changed", explanation=words)
    words = "Share of right labels among what students learn from, as often as each point counts."
    yield refined("refiner/accuracy_after", "right labels, refined", explanation=words, shown=Shown.TABLE)
    words = "Share of right weak labels in the pool, before the refiner."
    yield refined("refiner/accuracy_before", "right labels, before", explanation=words)
    words = "Share of wrong weak labels among the points that the refiner drops or gives another class."
    yield refined("refiner/precision", "precision of doubt", explanation=words)
    words = "Share of the wrong weak labels whose points the refiner drops or gives another class."
    yield refined("refiner/recall", "recall of doubt", explanation=words)
    found = partial(Metric, topic="detection", unit="none", independent_of=PARTITION)
    where = "where overlap is planted"
    words = f"Harmonic mean of precision and recall of the overlap points, {where}."
    yield found("detection/f1", "detection F1", explanation=words, shown=Shown.COMPARED)
    words = f"How well the score ranks overlap above easy points, {where}; .5 is chance."
    yield found("detection/auc", "detection AUC", explanation=words, shown=Shown.COMPARED)
    yield found("detection/precision", "precision", explanation=f"Share of overlap among the points called so, {where}.")
    yield found("detection/recall", "recall", explanation=f"Share of the overlap points that are called so, {where}.")
    words = f"Detected minus true overlap density, {where}."
    yield found("detection/density_bias", "density bias", unit="points", explanation=words)


def _mixing() -> Iterator[Metric]:
    mixing = partial(Metric, topic="mixing", independent_of=MIXING)
    words = "Accuracy on overlap points minus that on confident points, equally many of each weak class."
    over = CONTROLS["random_non_hard"][0]
    subject = "Training on overlap points"
    yield mixing("mixing/gain", "mixing gain", "points", words, interval=True, shown=Shown.MAIN, subject=subject, over=over)
    yield mixing("mixing/size", "points trained on", "count", "Points that each student of the mixing study learns from.")
    controls = {"1.0": ("overlap points", "overlap points alone"), **CONTROLS}
    for name, (title, source) in controls.items():
        yield mixing(f"mixing/{name}", title, "%", f"Accuracy after training on {source}.")
        words = f"Accuracy after training on {source}, equally many of each weak class."
        yield mixing(f"mixing/{name}/balanced", f"{title}, balanced", "%", words)
    words = "Accuracy after training on the largest part of the pool with equally many points of each weak class."
    yield mixing("mixing/full_balanced", "whole pool, balanced", "%", words)
    yield mixing("mixing/{share}", "overlap share {share}", "%", "Accuracy by the share of overlap points, at equal size.")


def _selection() -> Iterator[Metric]:
    last = partial(Metric, topic="selection", independent_of=SELECTION, yardstick="sources")
    words = "Accuracy on what the policy bought minus that on what uniform sources bought for the same money."
    subject, over = "What the policy bought", "uniform sources"
    yield last(
        "selection/gain", "selection gain", "points", words, interval=True, shown=Shown.MAIN, subject=subject, over=over
    )
    words = "Test accuracy of the student on everything the policy bought."
    yield last("selection/accuracy", "selection accuracy", "%", words, shown=Shown.COMPARED)
    words = "Test accuracy when each round's source is drawn with equal chances (policy=random)."
    yield last("selection/random_accuracy", "uniform sources", "%", words)
    words = "The difference in accuracy that a test would find with probability .8."
    yield last("selection/smallest_difference", "smallest difference", "points", words)
    words = "Share of overlap in what was bought, by the detector."
    yield last("selection/density", "density bought", "%", words, shown=Shown.TABLE)
    regret = partial(last, unit="none", lower_is_better=True, shown=Shown.COMPARED)
    words = "Overlap points missed by not always buying from the densest source (of each period, if dated), as detected."
    yield regret("selection/regret", "regret", explanation=words, yardstick="pool")
    words = "Overlap points missed by not always buying from the densest source (of each period, if dated), as planted."
    yield regret("selection/true_regret", "true regret", explanation=words)
    words = "True labels with which the strong model does as well as the student of the selection."
    yield last("selection/gold_labels", "worth gold labels", "count", words)
    words = "Posterior chance of the likeliest source to hold the most overlap for its money."
    yield last("selection/best_chance", "best source's chance", "none", words)
    source = partial(Metric, topic="sources", independent_of=SELECTION, yardstick="sources")
    yield source("selection/take/{source}", "take of {source}", "count", "Points bought from the source.")
    words = "Share of overlap among the points bought from the source, by the detector, with its Wilson interval."
    yield source("selection/source_density/{source}", "density of {source}", "%", words, interval=True)
    words = "Posterior chance that the source holds the most overlap for its money."
    yield source("selection/best_chance/{source}", "chance of {source}", "none", words)
    words = "Share of right weak labels in the source, from audited points."
    yield source("selection/label_accuracy/{source}", "right labels of {source}", "%", words, interval=True)


def _own() -> Iterator[Metric]:
    """Metrics of one study alone."""
    detection = partial(Metric, topic="detectors", own=True)
    helped = "settings in which overlap helps the oracle's student"
    yield detection("detection/settings_helped", "settings helped", "count", f"Number of {helped}.")
    words = "Settings in which the best detector is within one standard error of the oracle."
    yield detection("detection/best_within", "best within", "count", words)
    yield detection("detection/{detector}/auc", "AUC", "none", f"Mean AUC of overlap against easy points over the {helped}.")
    words = f"Mean AUC of overlap points with right weak labels against all others, over the {helped}."
    yield detection("detection/{detector}/useful_auc", "useful AUC", "none", words)
    yield detection(
        "detection/{detector}/gain",
        "gain",
        "points",
        f"Mean gain over confident points in the {helped}.",
        over=CONTROLS["random_non_hard"][0],
    )
    words = f"Number of the {helped} in which the student is within one standard error of the oracle's, or ahead."
    yield detection("detection/{detector}/within", "near the oracle", "count", words)
    picks = partial(Metric, topic="picks", own=True)
    over = CONTROLS["random_non_hard"][0]
    words = "Mean accuracy on the detector's picks minus that on confident points, over data sets."
    yield picks("picks/{detector}/gain", "gain", "points", words, over=over)
    yield picks(
        "picks/{detector}/low", "gain, low", "points", "Lower end of the gain's 95 % t interval over data sets.", over=over
    )
    yield picks(
        "picks/{detector}/high", "gain, high", "points", "Upper end of the gain's 95 % t interval over data sets.", over=over
    )
    words = "One-sided p-value of the gain, joint over all detectors (max-T)."
    yield picks("picks/{detector}/p_joint", "p, joint", "none", words, places=3)
    yield from _refinement()
    arena = partial(Metric, topic="policies", unit="none", own=True, lower_is_better=True)
    yield arena("arena/{setting}/{policy}", "regret", explanation="Mean regret of the policy's games at the end.")
    words = "Standard deviation of the policy's regret over its games."
    yield arena("arena/{setting}/{policy}/sd", "regret, sd", explanation=words)
    audit = partial(Metric, topic="audits", own=True)
    words = "Mean absolute error of a source's estimated overlap density."
    yield audit("audit/{estimator}/{labels}/error", "error", "none", words, places=3, lower_is_better=True)
    words = "How often the source with the highest estimate is the densest."
    yield audit("audit/{estimator}/{labels}/right_source", "densest named", "%", words, places=0)
    synthetic = partial(Metric, topic="levels", own=True)
    words = "Share of runs and levels whose student had labels of one class alone and was not trained."
    yield synthetic("synthetic/dropped", "dropped", "%", words)
    words = "Mean test accuracy over runs at this number of overlap points, of one model and region."
    yield synthetic("synthetic/{level}/{model}", "{model} at {level}", "%", words)
    yield from _theory()
    encode = partial(Metric, topic="vectors", own=True)
    words = "Texts of this job's part of the data, by whether their vectors were computed or found in the store."
    yield encode("encode/{model}/{what}", "{model} vectors, {what}", "count", words)


def _refinement() -> Iterator[Metric]:
    """Metrics of the study of refiners, means over data sets."""
    points = partial(Metric, topic="refiners", unit="points", own=True)
    over = "no refiner"
    words = "Mean accuracy of the student of refined labels minus that of the student of the weak ones, over data sets."
    yield points("refinement/{refiner}/gain", "gain", explanation=words, over=over)
    for end, which in (("low", "Lower"), ("high", "Upper")):
        words = f"{which} end of the gain's 95 % t interval over data sets."
        yield points(f"refinement/{{refiner}}/{end}", f"gain, {end}", explanation=words, over=over)
    words = "Accuracy over that with as many random points, and the weights and as many labels as changed dealt anew."
    yield points("refinement/{refiner}/over_random", "over random", explanation=words)
    words = "Part of the gain that as many random points with as many right labels give: an oracle."
    yield points("refinement/{refiner}/label_part", "by right labels", explanation=words)
    words = "The rest of the gain: which points they are, and how sure their labels."
    yield points("refinement/{refiner}/other_part", "by the rest", explanation=words)
    chance = partial(Metric, topic="refiners", unit="none", own=True, places=3)
    words = "Two-sided p-value of the gain, joint over all refiners (max-T)."
    yield chance("refinement/{refiner}/p_joint", "p, joint", explanation=words)
    words = "Two-sided p-value of the difference to the random control, joint over all refiners (max-T)."
    yield chance("refinement/{refiner}/p_random", "p, over random", explanation=words)
    share = partial(Metric, topic="refiners", unit="%", own=True)
    yield share("refinement/{refiner}/dropped", "dropped", explanation="Share of the pool that the refiner drops.")
    words = "Share of wrong weak labels among the points that the refiner drops or gives another class."
    yield share("refinement/{refiner}/precision", "precision", explanation=words)
    words = "Share of the wrong weak labels whose points the refiner drops or gives another class."
    yield share("refinement/{refiner}/recall", "recall", explanation=words)
    yield chance("refinement/{refiner}/seconds", "seconds", explanation="Mean seconds to refine one pool.")


def _theory() -> Iterator[Metric]:
    """Metrics of the study of the theory, by set of test points: all, those detected as hard, and those planted so."""
    share = partial(Metric, topic="theory", unit="%", own=True)
    yield share("theory/{set}/error", "student's error", explanation="Share of the set that the student gets wrong.")
    words = "Share of the set on which student and weak model differ."
    yield share("theory/{set}/disagreement", "disagreement", explanation=words)
    yield share("theory/{set}/weak_error", "weak error", explanation="Share of the set that the weak model gets wrong.")
    words = "Share that the student gets right of what the weak model gets wrong: an average over the set."
    yield share("theory/{set}/correction_rate", "correction rate", explanation=words)
    words = "Lowest correction rate over a family of parts of the set; the theory's c is a worst case over a richer family."
    yield share("theory/{set}/worst_correction", "worst correction rate", explanation=words)
    words = "Disagreement + (1 - 2 c) weak error, c the worst correction rate: the student's error is no higher."
    yield share("theory/{set}/bound", "bound on the error", explanation=words)
    bare = partial(Metric, topic="theory", unit="none", own=True)
    words = "1 where the bound is no lower than the error of guessing one of the classes."
    yield bare("theory/{set}/vacuous", "vacuous", explanation=words, places=0)
    words = "What is left of the student's error once it is taken apart: nothing but rounding."
    yield bare("theory/{set}/identity", "identity", explanation=words, places=15)
    words = "Accuracy gained from no overlap to overlap alone, by least squares over sub-sampled pools of equal size."
    yield Metric("theory/slope", "slope on density", "points", words, "theory", interval=True, own=True)


METRICS = (*_transfer(), *_pool(), *_mixing(), *_selection(), *_own(), *applied())
"""In reading order."""


@functools.cache
def describe(name: str) -> Metric | None:
    """The entry of a metric, also of an end of its interval; None of one that no study of the package records."""
    for candidate in dict.fromkeys((base_of(name), name)):
        for expression, metric in _expressions():
            if found := expression.fullmatch(candidate):
                return replace(metric, title=metric.title.format(**found.groupdict()))
    return None


def metric_of(name: str) -> Metric:
    """The entry of a metric; one that a study from elsewhere records goes by its name."""
    return describe(name) or Metric(name, name, "none", "Recorded by a study from elsewhere.", "other", own=True, places=4)


def base_of(name: str) -> str:
    """The metric that `name` is, or is an end of the interval of."""
    return next((name.removesuffix(end) for end in ENDS if name.endswith(end)), name)


@functools.cache
def _expressions() -> list[tuple[re.Pattern[str], Metric]]:
    """What each entry matches, entries without a part that varies first."""
    ordered = sorted(METRICS, key=lambda metric: "{" in metric.pattern)
    return [(re.compile("".join(map(_expression, PART.split(metric.pattern)))), metric) for metric in ordered]


def _expression(part: str) -> str:
    if not PART.fullmatch(part):
        return re.escape(part)
    name = part.strip("{}")
    return f"(?P<{name}>{VARYING.get(name, '[^/]+')})"
