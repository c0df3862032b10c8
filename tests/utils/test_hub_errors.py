import pytest
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from w2s.errors import ModelError
from w2s.utils.hub_errors import Request, explained, transport_error


class SilentError(ModelError):
    """The hub says nothing."""


REQUEST = Request(
    setting="checkpoint=a/b",
    page="a/b",
    revision=None,
    unknown="is nothing.\nName something.",
    unreachable="Name a local copy.",
    refused=ModelError,
    unanswered=SilentError,
)


def test_a_name_that_stands_for_nothing_is_refused() -> None:
    with pytest.raises(ModelError, match=r"^checkpoint=a/b is nothing\.\nName something\.$"), explained(REQUEST):
        raise HFValidationError("three slashes")


@pytest.mark.parametrize("error", [TimeoutError, transport_error()])
def test_no_answer_is_an_error_of_its_own_with_its_reason_on_one_line(error: type[Exception]) -> None:
    message = r"^checkpoint=a/b: the hub cannot be reached \(name or service\)\.\nName a local copy\.$"
    with pytest.raises(SilentError, match=message), explained(REQUEST):
        raise error("name\n or   service")


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied", "/cache"), OSError(28, "No space left on device")]
)
def test_a_cache_that_cannot_be_written_is_no_silence_of_the_hub(error: OSError) -> None:
    with (
        pytest.raises(ModelError, match=r"cache of the hub cannot be used .*\nName another folder: HF_HOME") as caught,
        explained(REQUEST),
    ):
        raise error
    assert not isinstance(caught.value, SilentError)


def test_what_is_not_of_the_hub_passes() -> None:
    with pytest.raises(KeyError), explained(REQUEST):
        raise KeyError


def test_the_base_of_transport_errors_is_the_librarys_and_no_builtin() -> None:
    assert issubclass(HfHubHTTPError, transport_error())
    assert transport_error() not in (Exception, OSError)
