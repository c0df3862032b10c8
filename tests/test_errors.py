import pytest

from w2s.errors import ConfigError, DataError, ModelError, StoreError, W2SError, require, stop, suggestion


def test_a_near_name_is_suggested_and_a_far_one_is_not() -> None:
    assert suggestion("papr", ["paper", "oracle", "none"]) == " Did you mean 'paper'?"
    assert suggestion("xyzzy", ["paper", "oracle", "none"]) == ""
    assert suggestion("paper", []) == ""


def test_require_raises_the_given_error_only_where_the_condition_fails() -> None:
    require(True, "never seen")
    with pytest.raises(ConfigError, match="no good"):
        require(False, "no good")
    with pytest.raises(DataError, match="no data"):
        require(False, "no data", DataError)


@pytest.mark.parametrize("error", [ConfigError, DataError, ModelError, StoreError])
def test_every_mistake_of_a_person_is_of_one_family_that_bugs_do_not_belong_to(error: type[W2SError]) -> None:
    assert issubclass(error, W2SError)
    assert not issubclass(W2SError, AssertionError | ValueError | TypeError)


def test_a_mistake_ends_the_program_with_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    with pytest.raises(SystemExit, match=r"^w2s: no such folder$"):
        stop(ConfigError("no such folder"))


def test_the_error_itself_with_its_cause_is_raised_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    mistake = ConfigError("no such folder")
    mistake.__cause__ = ValueError("why")
    with pytest.raises(ConfigError, match="no such folder") as raised:
        stop(mistake)
    assert isinstance(raised.value.__cause__, ValueError)
