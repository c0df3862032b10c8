"""What the Hugging Face hub can refuse, said in at most three lines with the way out."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from w2s.errors import W2SError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Request:
    """What is asked of the hub, and what the one who asked is told when it is not given."""

    setting: str
    """As the user named it, for example `checkpoint=gpt2`."""
    page: str
    """Path of its page on the hub."""
    revision: str | None
    """None is main."""
    unknown: str
    """Follows the setting: what the name does not stand for, and what to name in its place."""
    unreachable: str
    """What serves without the hub."""
    refused: type[W2SError]
    unanswered: type[W2SError]
    """An error of its own, so that a cache can stand in for a hub that does not answer."""


@contextmanager
def explained(request: Request) -> Iterator[None]:
    """Turn what the hub's client raises into the errors of the request."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise request.refused(
            f"{request.setting} is gated: accept its terms at https://huggingface.co/{request.page},\n"
            "then log in with `hf auth login` or set HF_TOKEN."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise request.refused(
            f"{request.setting} has no revision={request.revision or 'main'}: name a branch, a tag or a commit."
        ) from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise request.refused(f"{request.setting} {request.unknown}") from error
    except (OSError, transport_error()) as error:
        if isinstance(error, OSError) and (error.filename or error.errno in DISK_FULL):  # of the disk, not of the network
            raise request.refused(
                f"{request.setting}: the cache of the hub cannot be used ({error}).\nName another folder: HF_HOME=..."
            ) from error
        reason = " ".join(str(error).split())[:100]
        raise request.unanswered(
            f"{request.setting}: the hub cannot be reached ({reason}).\n{request.unreachable}"
        ) from error


def transport_error() -> type[Exception]:
    """The base of what the hub client's HTTP library raises; which library that is depends on the client's version."""
    from huggingface_hub import errors

    return next(kind for kind in errors.HfHubHTTPError.__mro__[1:] if issubclass(kind, Exception))
