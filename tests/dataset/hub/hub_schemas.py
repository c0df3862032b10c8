"""Made-up rows in the schema of each named hub data set: real column names and types, random words, random labels."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

S, I32, I64, BOOL = pa.string(), pa.int32(), pa.int64(), pa.bool_()
TEXTS = pa.list_(S)
CHOICES = pa.struct([("text", TEXTS), ("label", TEXTS)])
WORDS = (
    "amber basin cedar delta ember fjord grove haven inlet jetty knoll lagoon meadow north orchard prairie quarry".split()
)

Row = dict[str, Any]


class Draw:
    """Random words and numbers."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def words(self, least: int = 2, most: int = 9) -> str:
        return " ".join(self.generator.choice(WORDS, self.generator.integers(least, most + 1)))

    def below(self, n: int) -> int:
        return int(self.generator.integers(n))

    def answers(self, n: int) -> list[str]:
        return [self.words(1, 4) + f" {self.below(10_000)}" for _ in range(n)]


@dataclass(frozen=True)
class Mirror:
    """How a data set looks on the hub."""

    schema: pa.Schema
    row: Callable[[Draw, int], Row]
    files: dict[str, str]
    """Split -> file, as the hub lays it out."""


def labelled(columns: dict[str, pa.DataType], classes: int = 2, label: str = "label", kind: pa.DataType = I64) -> Any:
    """Schema and rows of texts with a label; numbers count up."""

    def value(draw: Draw, i: int, kind: pa.DataType) -> Any:
        return draw.words() if kind == S else i

    def row(draw: Draw, i: int) -> Row:
        made = {name: value(draw, i, column) for name, column in columns.items() if not pa.types.is_struct(column)}
        structs = {name: dict.fromkeys((f.name for f in column), i) for name, column in columns.items() if name not in made}
        code = draw.below(classes)
        return made | structs | {label: bool(code) if kind == BOOL else code}

    return pa.schema([*columns.items(), (label, kind)]), row


def index_of(*names: str) -> pa.DataType:
    return pa.struct([(name, I32) for name in names])


def keyed(draw: Draw, n: int) -> Row:
    return {"choices": {"text": draw.answers(n), "label": list("ABCD"[:n])}, "answerKey": "ABCD"[draw.below(n)]}


def sciq(draw: Draw, _: int) -> Row:
    names = ("distractor1", "distractor2", "distractor3", "correct_answer")
    return {"question": draw.words(), "support": draw.words()} | dict(zip(names, draw.answers(4), strict=True))


def dream(draw: Draw, i: int) -> Row:
    choice = draw.answers(3)
    turns = [f"M: {draw.words()}", f"W: {draw.words()}"]
    row = {"id": i, "dialogue_id": f"5-{i}", "dialogue": turns, "question": draw.words(), "choice": choice}
    return row | {"answer": choice[draw.below(3)]}


def cosmos(draw: Draw, i: int) -> Row:
    answers = draw.answers(4)
    answers[draw.below(4)] = "None of the above choices ."
    row = {"id": f"id{i}", "context": draw.words(), "question": draw.words(), "label": draw.below(4)}
    return row | {f"answer{k}": answer for k, answer in enumerate(answers)}


def quail(draw: Draw, i: int) -> Row:
    texts = {name: draw.words() for name in ("context", "question", "question_type", "domain", "context_id", "question_id")}
    made = {"id": f"f{i}", "metadata": dict.fromkeys(("author", "title", "url"), "x"), "answers": draw.answers(4)}
    return texts | made | {"correct_answer_id": draw.below(4)}


def hellaswag(draw: Draw, i: int) -> Row:
    names = ("activity_label", "ctx_a", "ctx_b", "ctx", "source_id", "split", "split_type")
    return {name: draw.words() for name in names} | {"ind": i, "endings": draw.answers(4), "label": str(draw.below(4))}


def siqa(draw: Draw, _: int) -> Row:
    answers = dict(zip(("answerA", "answerB", "answerC"), draw.answers(3), strict=True))
    return {"context": draw.words(), "question": draw.words(), **answers, "label": str(1 + draw.below(3))}


def piqa(draw: Draw, _: int) -> Row:
    one, other = draw.answers(2)
    return {"goal": draw.words(), "sol1": one, "sol2": other, "label": draw.below(2)}


def pair(first: str, second: str) -> Callable[[Draw, int], Row]:
    return lambda draw, _: dict(zip((first, second), draw.answers(2), strict=True))


def plain(folder: str, *splits: str) -> dict[str, str]:
    return {split: f"{folder}/{split}-00000-of-00001.parquet" for split in splits}


def converted(folder: str, *splits: str) -> dict[str, str]:
    return {split: f"{folder}/{split}/0000.parquet" for split in splits}


def strings(*names: str) -> dict[str, pa.DataType]:
    return dict.fromkeys(names, S)


QUAIL = pa.schema(
    [(n, S) for n in ("id", "context_id", "question_id", "domain", "context", "question", "question_type")]
    + [("metadata", pa.struct([("author", S), ("title", S), ("url", S)])), ("answers", TEXTS), ("correct_answer_id", I32)]
)
HELLASWAG = pa.schema(
    [(n, S) for n in ("activity_label", "ctx_a", "ctx_b", "ctx", "source_id", "split", "split_type", "label")]
    + [("ind", I32), ("endings", TEXTS)]
)
SCIQ = pa.schema([(n, S) for n in ("question", "distractor3", "distractor1", "distractor2", "correct_answer", "support")])
COSMOS = pa.schema(
    [(n, S) for n in ("id", "context", "question", "answer0", "answer1", "answer2", "answer3")] + [("label", I32)]
)
DREAM = pa.schema([("id", I32), ("dialogue_id", S), ("dialogue", TEXTS), ("question", S), ("choice", TEXTS), ("answer", S)])
OPENBOOKQA = pa.schema([("id", S), ("question_stem", S), ("choices", CHOICES), ("answerKey", S)])
QUARTZ = pa.schema([("id", S), ("question", S), ("choices", CHOICES), ("answerKey", S), ("para", S), ("para_id", S)])
SIQA = pa.schema([(n, S) for n in ("context", "question", "answerA", "answerB", "answerC", "label")])

MIRRORS: dict[str, Mirror] = {
    "anli_r2": Mirror(
        *labelled(strings("uid", "premise", "hypothesis", "reason"), 3), plain("plain_text", "train_r2", "test_r2")
    ),
    "cola": Mirror(*labelled(strings("sentence") | {"idx": I32}), plain("cola", "train", "validation", "test")),
    "dream": Mirror(DREAM, dream, {split: f"{split}.json" for split in ("train", "dev", "test")}),
    "mc_taco": Mirror(
        *labelled(strings("sentence", "question", "answer") | {"category": I64}),
        converted("plain_text", "validation", "test"),
    ),
    "hellaswag": Mirror(HELLASWAG, hellaswag, plain("data", "train", "validation", "test")),
    "multirc": Mirror(
        *labelled(strings("paragraph", "question", "answer") | {"idx": index_of("paragraph", "question", "answer")}),
        plain("multirc", "train", "validation", "test"),
    ),
    "paws": Mirror(
        *labelled(strings("sentence1", "sentence2") | {"id": I32}), plain("labeled_final", "train", "validation", "test")
    ),
    "piqa": Mirror(
        pa.schema([("goal", S), ("sol1", S), ("sol2", S), ("label", I64)]),
        piqa,
        converted("plain_text", "train", "validation"),
    ),
    "mr": Mirror(*labelled(strings("text")), {split: f"{split}.parquet" for split in ("train", "validation", "test")}),
    "quail": Mirror(QUAIL, quail, plain("quail", "train", "validation", "challenge")),
    "quartz": Mirror(
        QUARTZ,
        lambda draw, i: {"id": f"Q{i}", "question": draw.words(), "para": draw.words(), "para_id": f"P{i}"} | keyed(draw, 2),
        plain("data", "train", "validation", "test"),
    ),
    "social_i_qa": Mirror(SIQA, siqa, plain("data", "train", "validation")),
    "sst2": Mirror(*labelled(strings("sentence") | {"idx": I32}), plain("data", "train", "validation", "test")),
    "wic": Mirror(
        *labelled(
            strings("word", "sentence1", "sentence2")
            | dict.fromkeys(("start1", "start2", "end1", "end2"), I32)
            | {"idx": index_of("word", "sentence1", "sentence2")}
        ),
        plain("wic", "train", "validation", "test"),
    ),
    "twitter_sentiment": Mirror(*labelled(strings("text")), plain("data", "train", "test")),
    "sciq": Mirror(SCIQ, sciq, plain("data", "train", "validation", "test")),
    "sciq_with_support": Mirror(SCIQ, sciq, plain("data", "train", "validation", "test")),
    "anthropic_hh": Mirror(
        pa.schema([("chosen", S), ("rejected", S)]),
        pair("chosen", "rejected"),
        {split: f"helpful-base/{split}.jsonl.gz" for split in ("train", "test")},
    ),
    "cosmos_qa": Mirror(COSMOS, cosmos, {"train": "train.csv", "validation": "valid.csv"}),
    "boolq": Mirror(
        *labelled(strings("question", "passage"), label="answer", kind=BOOL), plain("data", "train", "validation")
    ),
    "amazon_polarity": Mirror(*labelled(strings("title", "content")), plain("amazon_polarity", "train", "test")),
    "ethics_deontology": Mirror(
        *labelled(strings("scenario", "excuse"), kind=I32), converted("deontology", "train", "validation", "test")
    ),
    "ethics_justice": Mirror(*labelled(strings("scenario"), kind=I32), converted("justice", "train", "validation", "test")),
    "ethics_virtue": Mirror(*labelled(strings("scenario"), kind=I32), converted("virtue", "train", "validation", "test")),
    "ethics_utilitarianism": Mirror(
        pa.schema([("baseline", S), ("less_pleasant", S)]),
        pair("baseline", "less_pleasant"),
        converted("utilitarianism", "train", "validation", "test"),
    ),
    "openbookqa": Mirror(
        OPENBOOKQA,
        lambda draw, i: {"id": f"7-{i}", "question_stem": draw.words()} | keyed(draw, 4),
        plain("main", "train", "validation", "test"),
    ),
}


def table(name: str, n: int, seed: int = 0) -> pa.Table:
    """`n` made-up rows of the data set `name`."""
    mirror, draw = MIRRORS[name], Draw(seed)
    return pa.Table.from_pylist([mirror.row(draw, i) for i in range(n)], schema=mirror.schema)


def write_mirror(name: str, folder: Path, n: int = 300) -> Path:
    """A local copy of the data set `name` with `n` rows a split, in the hub's layout and format."""
    for seed, (split, file) in enumerate(MIRRORS[name].files.items()):
        path, rows = folder / file, table(name, n, seed=seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        if file.endswith(".parquet"):
            pq.write_table(rows, path)
        elif file.endswith(".csv"):
            pyarrow.csv.write_csv(rows, path)
        elif file.endswith(".jsonl.gz"):
            with gzip.open(path, "wt", encoding="utf-8") as stream:
                stream.write("\n".join(json.dumps(row) for row in rows.to_pylist()))
        else:
            assert split, "the published files of dream: [turns, questions, id]"
            keys = ("question", "choice", "answer")
            dialogues = [[r["dialogue"], [{key: r[key] for key in keys}], r["dialogue_id"]] for r in rows.to_pylist()]
            path.write_text(json.dumps(dialogues))
    return folder
