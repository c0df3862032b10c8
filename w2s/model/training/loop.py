"""The training loop: one optimiser step after another, in micro-batches, resumable between any two steps.

Whatever is random in a step (dropout) is drawn from a seed of that step, so that a state holds no generator.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from w2s.errors import ModelError
from w2s.loss import Loss, Step
from w2s.model.encoder.batches import cut
from w2s.model.encoder.devices import cores
from w2s.model.training.inputs import Examples, Trainable
from w2s.model.training.plan import batches, rate_share
from w2s.model.training.ranks import Ranks
from w2s.model.training.recipe import Recipe
from w2s.model.training.sharding import gathered, is_spread, like
from w2s.model.training.state import Progress, Trained, TrainingState
from w2s.seeding import generator
from w2s.statistics.accuracy import auroc, correct
from w2s.types import FloatArray, History, IntArray
from w2s.utils.numerics import softmax
from w2s.utils.progress import bar, follow

if TYPE_CHECKING:
    from torch.optim import Optimizer

log = logging.getLogger(__name__)

CPU_MICRO_TOKENS, GPU_MICRO_TOKENS = 2_048, 16_384
BETA_1 = 0.9


class Loop:
    """One fit of a network."""

    def __init__(
        self,
        network: Trainable,
        recipe: Recipe,
        loss: Loss,
        *,
        rate: float,
        seed: int,
        progress: Progress | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        self.network = network
        self.recipe = recipe
        self.loss = loss
        self.rate = rate
        self.seed = seed
        self.progress = progress
        self.ranks = Ranks() if ranks is None else ranks
        self.budget = recipe.micro_tokens or (CPU_MICRO_TOKENS if network.device == "cpu" else GPU_MICRO_TOKENS)
        self.optimizer = self._optimizer()
        self.history: list[tuple[float, ...]] = []
        self.evaluations: list[tuple[float, float]] = []
        self.best: dict[str, FloatArray] = {}
        self.best_score, self.waited, self.done = -np.inf, 0, 0
        self.begun, self.begun_at = time.monotonic(), 0

    def fit(self, examples: Examples, validation: Examples | None = None) -> Trained:
        """Train as the recipe says.

        Args:
            examples: n points.
            validation: points with weak labels, by which the best state is chosen where the recipe keeps that.

        Raises:
            ModelError: the loss is no longer finite.
        """
        lengths = examples.lengths
        per_epoch = -(-len(lengths) // self.recipe.batch)
        steps = per_epoch * self.recipe.epochs
        watched = validation if self.recipe.keep == "best" else None
        every = max(1, per_epoch // self.recipe.evaluations)
        self._take_up()
        self.begun, self.begun_at = time.monotonic(), self.done
        with _alone(self.network.device), bar(steps, "training", unit="step", hidden=not self.ranks.first) as shown:
            shown.update(self.done)
            for step, rows in enumerate(self._rows(lengths)):
                if step < self.done:
                    continue
                self._step(step, steps, rows, examples)
                self.done = step + 1
                self._show(shown)
                if watched is not None and (self.done % every == 0 or self.done == steps):
                    if not self.ranks.agreed(partial(self._improves, watched)):
                        break
                self._keep_state()
        weights = self.best or _arrays(self.network.state)
        return Trained(weights, self._history())

    def _rows(self, lengths: IntArray) -> Iterator[IntArray]:
        for epoch in range(self.recipe.epochs):
            yield from batches(lengths, self.recipe.batch, seed=self.seed, epoch=epoch)

    def _step(self, step: int, steps: int, rows: IntArray, examples: Examples) -> None:
        """One optimiser step on the points at `rows`, longest first."""
        import torch

        tokens = [examples.tokens[i] for i in rows.tolist()]
        device = self.network.device
        targets = torch.as_tensor(examples.targets[rows], dtype=torch.float32, device=device)
        weights = torch.as_tensor(examples.weights[rows], dtype=torch.float32, device=device)
        prior = torch.as_tensor(examples.targets.mean(axis=0), dtype=torch.float32, device=device)
        lengths = examples.lengths[rows]
        parts = self.ranks.own(cut(lengths, self.ranks.budget(self.budget, lengths)))
        seed = int(generator(self.seed, "training", "step", step).integers(2**62)) + self.ranks.rank
        before = torch.zeros_like(targets)
        self.network.mode(training=self.recipe.dropout)
        if self.loss.needs_step:
            torch.manual_seed(seed)
            with torch.no_grad():
                for part, counts in parts:
                    logits = self.network.logits(tokens[part])
                    if counts:
                        before[part] = logits
            self.ranks.add(before)
        torch.manual_seed(seed)
        total, right = 0.0, 0
        for part, counts in parts:
            logits = self.network.logits(tokens[part])
            losses = self.loss(logits, targets[part], step / steps, Step(before, prior, part))
            mean = (losses * weights[part]).sum() * (counts / len(rows))
            mean.backward()  # type: ignore[no-untyped-call]
            total += float(mean.detach())
            right += counts * int((logits.detach().argmax(-1) == targets[part].argmax(-1)).sum())
        total, right = self._added_up(total, right)
        if not np.isfinite(total):
            raise ModelError(
                f"Training diverged: the loss is no longer finite at step {step + 1} of {steps}.\n"
                f"Lower the learning rate, now {self.rate:g}: recipe.learning_rate or recipe.lora.learning_rate."
            )
        rate = self.rate * rate_share(step, steps, self.recipe.warmup(steps), self.recipe.schedule)
        self._update(rate)
        self.history.append((step + 1, total, right / len(rows), rate, int(lengths.sum())))

    def _added_up(self, total: float, right: int) -> tuple[float, int]:
        """Loss and hits of all processes; each has the gradient of all afterwards."""
        import torch

        if self.ranks.size == 1:
            return total, right
        whole = []
        for parameter in self.network.parameters.values():
            parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            if is_spread(parameter):
                parameter.grad.mul_(self.ranks.size)  # it is the processes' mean
            else:
                whole.append(parameter.grad)
        counts = torch.tensor([total, right], dtype=torch.float32, device=self.network.device)
        self.ranks.add(counts, *whole)
        return float(counts[0]), int(counts[1])

    def _update(self, rate: float) -> None:
        import torch

        if self.recipe.clip is not None:
            torch.nn.utils.clip_grad_norm_(list(self.network.parameters.values()), self.recipe.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def _improves(self, validation: Examples) -> bool:
        """Evaluate and keep the best state; whether training goes on."""
        score = self.agreement(validation)
        self.evaluations.append((self.done, score))
        if score > self.best_score:
            self.best, self.best_score, self.waited = _arrays(self.network.state), score, 0
        else:
            self.waited += 1
        return self.recipe.patience is None or self.waited < self.recipe.patience

    def agreement(self, validation: Examples) -> float:
        """AUROC for the most probable weak classes of the points; accuracy where they are all of one class."""
        import torch

        self.network.mode(training=False)
        order = np.argsort(-validation.lengths, kind="stable")
        logits = np.empty_like(validation.targets)
        with torch.no_grad():
            for part in cut(validation.lengths[order], self.budget):
                rows = order[part]
                logits[rows] = self.network.logits([validation.tokens[i] for i in rows.tolist()]).cpu().numpy()
        classes = validation.targets.argmax(axis=1)
        area = auroc(softmax(logits), classes)
        return float(correct(softmax(logits), classes).mean()) if area is None else area

    def _optimizer(self) -> Optimizer:
        import torch

        kind = torch.optim.Adam if self.recipe.optimizer == "adam" else torch.optim.AdamW
        betas = (BETA_1, self.recipe.beta2)
        return kind(list(self.network.parameters.values()), lr=self.rate, betas=betas, weight_decay=self.recipe.weight_decay)

    def _take_up(self) -> None:
        """Go on from the state that a killed fit left."""
        import torch

        state = None if self.progress is None else self.progress.load()
        if state is None:
            return
        log.info("training is taken up after step %d", state.step)
        with torch.no_grad():
            for name, parameter in self.network.state.items():
                parameter.copy_(like(parameter, state.weights[name]))
        for full, value in state.moments.items():
            name, _, moment = full.rpartition(":")
            parameter = self.network.parameters[name]
            # the optimiser counts its steps on the processor
            self.optimizer.state[parameter][moment] = like(parameter, value) if value.ndim else torch.as_tensor(value.copy())
        self.history = [tuple(row) for row in state.history.steps.tolist()]
        self.evaluations = [(row[0], row[1]) for row in state.history.evaluations.tolist()]
        self.best, self.best_score, self.waited, self.done = dict(state.best), state.best_score, state.waited, state.step

    def _keep_state(self) -> None:
        """Write what a killed fit goes on from, if it is time to; of a spread network all processes gather it together."""
        progress = self.progress
        if progress is None:
            return
        due = self.ranks.agreed(lambda: progress.due) if self.ranks.spread else self.ranks.first and progress.due
        if due:
            state = self._state()
            if self.ranks.first:
                progress.save(state)

    def _state(self) -> TrainingState:
        names = {id(parameter): name for name, parameter in self.network.parameters.items()}
        moments = {
            f"{names[id(parameter)]}:{moment}": gathered(value)
            for parameter, values in self.optimizer.state.items()
            for moment, value in values.items()
        }
        weights = _arrays(self.network.state)
        return TrainingState(self.done, weights, moments, self.best, self.best_score, self.waited, self._history())

    def _history(self) -> History:
        return History(np.array(self.history).reshape(-1, 5), np.array(self.evaluations).reshape(-1, 2))

    def _show(self, shown: Any) -> None:
        """Move the bar; a running mean of the last steps is steadier than one of them."""
        shown.update(1)
        last = np.array(self.history[-20:])
        rate = sum(row[4] for row in self.history[self.begun_at :]) / (time.monotonic() - self.begun)
        loss, met = float(last[:, 1].mean()), float(last[:, 2].mean())
        shown.set_postfix({"loss": f"{loss:.3f}", "labels met": f"{met:.0%}", "tokens/s": f"{rate:,.0f}"}, refresh=False)
        follow({"live/step": self.done, "live/loss": loss, "live/agreement": met, "live/tokens_per_second": rate})


@contextmanager
def _alone(device: str) -> Iterator[None]:
    """All cores for torch, and its random state as it was afterwards."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(cores())
    try:
        with torch.random.fork_rng(devices=[device] if device.startswith("cuda") else []):
            yield
    finally:
        torch.set_num_threads(threads)


def _arrays(parameters: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Copies of the weights."""
    return {name: gathered(parameter) for name, parameter in parameters.items()}
