"""Text and label of one hand-built row of each named data set, for both outcomes of the coin."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from omegaconf import DictConfig, OmegaConf

from tests.dataset.hub.hub_schemas import MIRRORS, table
from w2s.cli.configuration.build import build
from w2s.cli.configuration.paths import conf_folder

HEADS, TAILS = 0.49, 0.51
Expected = tuple[str, int] | None

LETTERS = ["A", "B", "C", "D"]
PLANTS = {"text": ["rocks", "sunlight", "iron", "wood"], "label": LETTERS}
BOYS = [f"{verb} the ball" for verb in ("eats", "throws", "paints", "sells")]

ASKED: dict[str, tuple[dict[str, Any], Expected, Expected]] = {
    "dream": (
        {
            "dialogue": ["W: Tea?", "M: Coffee."],
            "question": "What does he want?",
            "choice": ["Tea.", "Coffee.", "Milk."],
            "answer": "Coffee.",
        },
        ("W: Tea?\nM: Coffee.\n\nQ: What does he want? A: Coffee.", 1),
        ("W: Tea?\nM: Coffee.\n\nQ: What does he want? A: Tea.", 0),
    ),
    "hellaswag": (
        {"ctx": "A boy", "endings": BOYS, "label": "1"},
        (
            "Context:\nA boy\n\nContinuations:\n\neats the ball\nthrows the ball\npaints the ball\nsells the ball\n\n"
            'Q: Is "throws the ball" the best continuation?',
            1,
        ),
        (
            "Context:\nA boy\n\nContinuations:\n\neats the ball\nthrows the ball\npaints the ball\nsells the ball\n\n"
            'Q: Is "eats the ball" the best continuation?',
            0,
        ),
    ),
    "openbookqa": (
        {"question_stem": "Plants need", "choices": PLANTS, "answerKey": "B"},
        ("Q: Plants need\n\nChoices:\nA) rocks\nB) sunlight\nC) iron\nD) wood\n\nAnswer: sunlight", 1),
        ("Q: Plants need\n\nChoices:\nA) rocks\nB) sunlight\nC) iron\nD) wood\n\nAnswer: rocks", 0),
    ),
    "piqa": (
        {"goal": "boil water", "sol1": "use a kettle", "sol2": "use a sieve", "label": 0},
        ("Q: boil water A: use a kettle", 1),
        ("Q: boil water A: use a sieve", 0),
    ),
    "quail": (
        {"context": "Ann left.", "question": "Who left?", "answers": ["Bob", "Cid", "Ann", "Dan"], "correct_answer_id": 2},
        ('Passage:\n\nAnn left.\n\nQ: "Who left?" Is the answer "Ann"?', 1),
        ('Passage:\n\nAnn left.\n\nQ: "Who left?" Is the answer "Bob"?', 0),
    ),
    "quartz": (
        {
            "para": "Heat melts ice.",
            "question": "Ice in sun?",
            "choices": {"text": ["melts", "grows"], "label": ["A", "B"]},
            "answerKey": "A",
        },
        ('Passage:\nHeat melts ice.\n\nQ: "Ice in sun?" Is the answer "melts"?', 1),
        ('Passage:\nHeat melts ice.\n\nQ: "Ice in sun?" Is the answer "grows"?', 0),
    ),
    "social_i_qa": (
        {
            "context": "Kai fell.",
            "question": "How is Kai?",
            "answerA": "glad",
            "answerB": "hurt",
            "answerC": "rich",
            "label": "2",
        },
        ('Context:\nKai fell.\n\nQuestion: "How is Kai?"\n\nChoices:\nglad\nhurt\nrich\n\nIs the answer "hurt"?', 1),
        ('Context:\nKai fell.\n\nQuestion: "How is Kai?"\n\nChoices:\nglad\nhurt\nrich\n\nIs the answer "glad"?', 0),
    ),
    "sciq": (
        {
            "question": "What is H2O?",
            "distractor1": "salt",
            "distractor2": "gold",
            "distractor3": "air",
            "correct_answer": "water",
            "support": "Water is H2O.",
        },
        ("Q: What is H2O? A: water", 1),
        ("Q: What is H2O? A: salt", 0),
    ),
    "sciq_with_support": (
        {
            "question": "What is H2O?",
            "distractor1": "salt",
            "distractor2": "gold",
            "distractor3": "air",
            "correct_answer": "water",
            "support": "Water is H2O.",
        },
        ('Name: Bob\n\nPassage 1:\nWater is H2O.\n\nQ1: "What is H2O?" Is the answer "water"?', 1),
        ('Name: Bob\n\nPassage 1:\nWater is H2O.\n\nQ1: "What is H2O?" Is the answer "salt"?', 0),
    ),
    "anthropic_hh": (
        {"chosen": "Human: Hi\n\nAssistant: Hello!", "rejected": "Human: Hi\n\nAssistant: No."},
        ("Human: Hi\n\nAssistant: Hello!", 1),
        ("Human: Hi\n\nAssistant: No.", 0),
    ),
    "cosmos_qa": (
        {
            "context": "It rained.",
            "question": "Why wet?",
            "answer0": "None of the above choices .",
            "answer1": "Rain .",
            "answer2": "Sun .",
            "answer3": "Sand .",
            "label": 1,
        },
        ("Context: It rained.\nQuestion: Why wet?\nAnswer: Rain .", 1),
        ("Context: It rained.\nQuestion: Why wet?\nAnswer: Sun .", 0),
    ),
    "ethics_utilitarianism": (
        {"baseline": "I ate.", "less_pleasant": "I ate mud."},
        ("Which is more pleasant?\n1) I ate.\n2) I ate mud. A: 1", 1),
        ("Which is more pleasant?\n1) I ate.\n2) I ate mud. A: 2", 0),
    ),
}

LABELLED: dict[str, tuple[dict[str, Any], str, dict[Any, int]]] = {
    "anli_r2": (
        {"premise": "It rains.", "hypothesis": "It is wet."},
        "Premise: It rains.\nHypothesis: It is wet.\n\nDoes the premise entail the hypothesis?",
        {0: 1, 1: 0, 2: 0},
    ),
    "cola": ({"sentence": "He go."}, "He go.", {0: 0, 1: 1}),
    "mc_taco": (
        {"sentence": "She slept.", "question": "how long?", "answer": "8 hours"},
        "She slept.\n\nGiven the above, how long? Is the answer 8 hours?",
        {0: 0, 1: 1},
    ),
    "multirc": (
        {"paragraph": "Ann ran.", "question": "Who ran?", "answer": "Ann"},
        'Passage:\n\nAnn ran.\n\nQ: "Who ran?" Is the answer "Ann"?',
        {0: 0, 1: 1},
    ),
    "paws": (
        {"sentence1": "A met B.", "sentence2": "B met A."},
        "Sent 1: A met B.\nSent 2: B met A.\n\nQ: Are these sentences semantically equivalent?",
        {0: 0, 1: 1},
    ),
    "sst2": ({"sentence": "a joy ."}, "a joy .", {0: 0, 1: 1}),
    "wic": (
        {"word": "bank", "sentence1": "A river bank.", "sentence2": "The bank lends."},
        "Sentence 1:\nA river bank.\n\nSentence 2:\nThe bank lends.\n\n"
        'Q: Does "bank" have the same meaning in the above sentences?',
        {0: 0, 1: 1},
    ),
    "mr": ({"text": "a delight"}, "a delight", {0: 0, 1: 1}),
    "twitter_sentiment": ({"text": "so good"}, "so good", {0: 0, 1: 1}),
    "boolq": (
        {"passage": "Ice is cold.", "question": "is ice cold"},
        "Passage: Ice is cold.\nQuestion: is ice cold",
        {False: 0, True: 1},
    ),
    "amazon_polarity": ({"title": "Great", "content": "Works well."}, "Great Works well.", {0: 0, 1: 1}),
    "ethics_deontology": (
        {"scenario": "Wash the car.", "excuse": "No, it rains."},
        "Q: Is the following a morally valid excuse?\n\nWash the car.\n\nNo, it rains.\n\nA:",
        {0: 0, 1: 1},
    ),
    "ethics_justice": (
        {"scenario": "I paid her as agreed."},
        "Q: Does this statement exemplify justice?\n\nI paid her as agreed.\n\nA:",
        {0: 0, 1: 1},
    ),
    "ethics_virtue": (
        {"scenario": "She shared. [SEP] generous"},
        "Q: Does this behavior match the adjective that follows?\n\nShe shared. [SEP] generous\n\nA:",
        {0: 0, 1: 1},
    ),
}


def formatted(name: str, row: dict[str, Any], coin: float, pick: float = 0.0) -> Expected:
    """What the configured data set makes of one row; its other rows only say which labels there are."""
    files = [OmegaConf.load(conf_folder() / "dataset" / f"{file}.yaml") for file in ("hub", name)]
    config = OmegaConf.merge(*files, {"path": "."})
    assert isinstance(config, DictConfig)
    config.pop("defaults")
    formatter, _ = build(config).formatter([table(name, 40)])
    whole = dict.fromkeys(MIRRORS[name].schema.names) | row
    read: dict[str, Any] = pa.Table.from_pylist([whole], schema=MIRRORS[name].schema).to_pylist()[0]
    example: Expected = formatter(read, coin, pick)
    return example


def test_every_named_set_has_an_example() -> None:
    assert set(ASKED) | set(LABELLED) == set(MIRRORS)


@pytest.mark.parametrize("name", ASKED)
def test_the_coin_decides_between_a_right_and_a_wrong_answer(name: str) -> None:
    row, heads, tails = ASKED[name]
    assert formatted(name, row, HEADS) == heads
    assert formatted(name, row, TAILS) == tails


@pytest.mark.parametrize("name", LABELLED)
def test_a_given_label_is_taken_over_whatever_the_coin(name: str) -> None:
    row, text, codes = LABELLED[name]
    column = "answer" if name == "boolq" else "label"
    for value, code in codes.items():
        for coin in (HEADS, TAILS):
            assert formatted(name, {**row, column: value}, coin) == (text, code)


@pytest.mark.parametrize("name", ["cola", "sst2", "multirc", "wic"])
def test_a_row_of_the_hub_without_a_label_gives_nothing(name: str) -> None:
    assert formatted(name, {**LABELLED[name][0], "label": -1}, HEADS) is None


def test_the_other_draw_picks_the_wrong_answer() -> None:
    row = ASKED["sciq"][0]
    picks = [formatted("sciq", row, TAILS, pick) for pick in (0.0, 0.34, 0.67, 0.999)]
    assert [text.split("A: ")[1] for text, _ in filter(None, picks)] == ["salt", "gold", "air", "air"]
    assert all(label == 0 for _, label in filter(None, picks))


@pytest.mark.parametrize("coin", [HEADS, TAILS])
@pytest.mark.parametrize("pick", [0.0, 0.4, 0.9])
def test_where_none_of_the_above_is_right_a_wrong_answer_is_shown(coin: float, pick: float) -> None:
    example = formatted("cosmos_qa", ASKED["cosmos_qa"][0] | {"label": 0}, coin, pick)
    assert example is not None
    assert example[1] == 0
    assert example[0].endswith(("Rain .", "Sun .", "Sand ."))


@pytest.mark.parametrize("name", ["hellaswag", "piqa", "social_i_qa", "openbookqa"])
def test_a_question_that_hides_its_answer_gives_nothing(name: str) -> None:
    key = {"openbookqa": "answerKey"}.get(name, "label")
    row = ASKED[name][0] | {key: -1 if name == "piqa" else ""}
    assert formatted(name, row, HEADS) is None
    assert formatted(name, row, TAILS) is None


def test_both_orders_and_both_numbers_occur_with_both_labels_in_utilitarianism() -> None:
    row = ASKED["ethics_utilitarianism"][0]
    found = {formatted("ethics_utilitarianism", row, coin, pick) for coin in (HEADS, TAILS) for pick in (0.0, 0.5)}
    first, second = "1) I ate.\n2) I ate mud.", "1) I ate mud.\n2) I ate."
    assert found == {
        (f"Which is more pleasant?\n{listed} A: {said}", int((listed == first) == (said == 1)))
        for listed in (first, second)
        for said in (1, 2)
    }


def test_a_wrong_answer_that_is_spelled_like_the_right_one_is_never_shown() -> None:
    row = ASKED["sciq"][0] | {"distractor1": "water", "distractor2": "water"}
    assert [formatted("sciq", row, TAILS, pick) for pick in (0.0, 0.5, 0.9)] == [("Q: What is H2O? A: air", 0)] * 3
