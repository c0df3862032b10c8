"""Candidate answers of a question: which are right, which are wrong, as data sets of the hub write them down.

A rule looks at one row and at nothing else, so that the coin which decides what is shown (`Hub`) stays apart from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from w2s.utils.ranges import checked

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Candidates:
    """The answers of one question."""

    right: tuple[str, ...]
    """Empty where no answer that may be shown is right; then only a wrong one can be."""
    wrong: tuple[str, ...]
    listing: str = ""
    """All answers in the row's order, for a text that shows the choice."""

    def shown(self, coin: float, pick: float) -> tuple[str, int] | None:
        """The answer to show and its label (1 = right), or None where no wrong answer is left to tell it from.

        Args:
            coin: in [0, 1); below .5 a right answer is shown where there is one.
            pick: in [0, 1); which of the right or wrong answers.
        """
        wrong = tuple(answer for answer in self.wrong if answer not in self.right)
        if not wrong:
            return None
        label = int(bool(self.right) and coin < 0.5)
        answers = self.right if label else wrong
        return answers[int(pick * len(answers))], label


@runtime_checkable
class CandidateRule(Protocol):
    """How a data set writes its candidate answers down."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What it reads of a row."""
        ...

    def __call__(self, row: Row) -> Candidates | None:
        """The row's candidates, or None where the row does not say which is right."""
        ...


@dataclass(frozen=True, kw_only=True)
@checked
class AnswerColumns:
    """One column holds the right answer, others the wrong ones."""

    right: str
    wrong: Sequence[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The answers' columns."""
        return (self.right, *self.wrong)

    def __call__(self, row: Row) -> Candidates | None:
        """The right answer first in the listing: no template shows it."""
        right, wrong = row[self.right], [row[name] for name in self.wrong]
        return Candidates((right,), tuple(answer for answer in wrong if answer)) if right else None


@dataclass(frozen=True, kw_only=True)
@checked
class AnswerIndex:
    """The right answer is given by its place among all answers."""

    answers: str | Sequence[str]
    """Column with a list of answers, or one column an answer."""
    index: str
    """Column with the place, as a number or as its digits."""
    first: int = 0
    """What the first answer's place is called."""
    never: str | None = None
    """An answer that holds these words is never shown, so that its words cannot tell the label."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The answers' columns and the place."""
        return (*([self.answers] if isinstance(self.answers, str) else self.answers), self.index)

    def __call__(self, row: Row) -> Candidates | None:
        """None where the place is missing or beyond the answers."""
        found = row[self.answers] if isinstance(self.answers, str) else [row[name] for name in self.answers]
        answers = ["" if answer is None else str(answer) for answer in found or ()]
        place = int(row[self.index]) - self.first if row[self.index] not in (None, "") else -1
        if not 0 <= place < len(answers):
            return None
        may = [self.never is None or self.never not in answer.lower() for answer in answers]
        return Candidates(
            right=(answers[place],) if may[place] else (),
            wrong=tuple(answer for i, answer in enumerate(answers) if i != place and may[i]),
            listing="\n".join(answers),
        )


@dataclass(frozen=True, kw_only=True)
@checked
class AnswerKey:
    """A column holds texts and their letters, another the right letter. What is shown is always the text, right or wrong."""

    choices: str
    """Column with `text` and `label`, two lists of equal length."""
    key: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The choices and the key."""
        return (self.choices, self.key)

    def __call__(self, row: Row) -> Candidates | None:
        """None where the key is no letter of the choices."""
        texts, letters = row[self.choices]["text"], row[self.choices]["label"]
        if row[self.key] not in letters:
            return None
        place = letters.index(row[self.key])
        return Candidates(
            right=(texts[place],),
            wrong=tuple(text for i, text in enumerate(texts) if i != place),
            listing="\n".join(f"{letter}) {text}" for letter, text in zip(letters, texts, strict=True)),
        )


@dataclass(frozen=True, kw_only=True)
@checked
class AnswerText:
    """A column lists all answers, another spells the right one out."""

    answers: str
    right: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The list and the right answer."""
        return (self.answers, self.right)

    def __call__(self, row: Row) -> Candidates | None:
        """None where the right answer is missing."""
        right, answers = row[self.right], row[self.answers]
        return Candidates((right,), tuple(a for a in answers if a != right), "\n".join(answers)) if right else None


@dataclass(frozen=True, kw_only=True)
@checked
class Comparison:
    """Of two texts one is better; what is shown lists both, in either order, and names the first or the second."""

    better: str
    worse: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The two texts."""
        return (self.better, self.worse)

    def __call__(self, row: Row) -> Candidates | None:
        """Two right and two wrong answers: neither order nor number tells the label."""
        better, worse = row[self.better], row[self.worse]
        if not better or not worse:
            return None
        one_way, other_way = f"1) {better}\n2) {worse}", f"1) {worse}\n2) {better}"
        return Candidates(
            right=(f"{one_way} A: 1", f"{other_way} A: 2"),
            wrong=(f"{one_way} A: 2", f"{other_way} A: 1"),
        )
