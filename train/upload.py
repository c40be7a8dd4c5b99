"""Send files to the Hub: one commit, a tag, or nothing and one line why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from vidgen.fetch import classify, time_for
from vidgen.process import call_limited

NO_TOKEN, NO_NETWORK, REFUSED = 3, 4, 5  # exit codes, beside 2: what was asked for is wrong
_PATIENCE = 60.0  # seconds of silence; the Hub may take some to make a commit
_UNREACHED = {
    "offline": "HF_HUB_OFFLINE is set",
    "slow": "it did not answer in time",
    "unreachable": "it cannot be reached",
    "truncated": "the connection broke",
    "busy": "it asks for fewer requests (HTTP 429)",
    "down": "it has a fault of its own",
}


class PublishError(Exception):
    """A publication that does not happen; the message says why, ``code`` is the exit code."""

    def __init__(self, message: str, code: int = 2) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Target:
    """A repository on the Hub, and what of its old files is ours to remove.

    Attributes:
        repo: owner/name; it is made if it is not there.
        owns: whether an old file that is not sent again goes away.
        kind: a model, or a Space that runs Gradio.
        public: whether a new repository is for all to see; an old one stays as it is.
        tag: what the commit is to be called; "" for nothing.
    """

    repo: str
    owns: Callable[[str], bool]
    kind: Literal["model", "space"] = "model"
    public: bool = False
    tag: str = ""


@dataclass(frozen=True)
class Sent:
    """The commit that holds the files now, and whether it is a new one."""

    commit: str
    new: bool


def upload(files: Mapping[str, Path], target: Target, message: str) -> Sent:
    """Send files by their names in the repository; what is there already is not sent again.

    Raises:
        PublishError: no token, no Hub, or the Hub refuses; also if somebody else's commit came
            between.
    """
    from huggingface_hub import get_session, get_token

    if get_token() is None:
        raise PublishError("no token: set HF_TOKEN, or log in with `hf auth login`", NO_TOKEN)
    limit = time_for(sum(path.stat().st_size for path in files.values()))
    get_session().timeout = _PATIENCE  # the client has none: it would wait for ever
    try:
        return call_limited(partial(_commit, files, target, message), limit)
    except Exception as error:  # the client's types differ by version; classify knows them
        raise _failure(error, target.repo) from error


def _commit(files: Mapping[str, Path], target: Target, message: str) -> Sent:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    api, repo, kind = HfApi(), target.repo, target.kind

    def look() -> Any:  # noqa: ANN401 - the client's, of either kind
        return api.repo_info(repo, repo_type=kind, timeout=_PATIENCE)

    try:
        head = look()
    except RepositoryNotFoundError:
        sdk = "gradio" if kind == "space" else None
        api.create_repo(
            repo, repo_type=kind, space_sdk=sdk, exist_ok=True, private=not target.public
        )
        head = look()
    there = {item.rfilename for item in head.siblings or ()}
    old = sorted(name for name in there - set(files) if target.owns(name))
    commit = api.create_commit(
        repo,
        [
            *(CommitOperationAdd(name, path) for name, path in sorted(files.items())),
            *(CommitOperationDelete(name) for name in old),
        ],
        repo_type=kind,
        commit_message=message,
        parent_commit=head.sha,  # refused if somebody else commits in between
    )
    if target.tag:  # also where nothing was new: an earlier attempt may have ended before it
        api.create_tag(repo, tag=target.tag, revision=commit.oid, repo_type=kind, exist_ok=True)
    return Sent(commit.oid, new=commit.oid != head.sha)


def _failure(error: Exception, repo: str) -> PublishError:
    kind, values = classify(error)
    if kind in _UNREACHED:
        reason = f"the Hub: {_UNREACHED[kind]}; publish again, nothing is sent twice"
        return PublishError(f"nothing was published as far as is known: {reason}", NO_NETWORK)
    reason = getattr(error, "server_message", None) or (str(error).strip().splitlines() or [""])[-1]
    if "status" in values:
        return PublishError(f"the Hub refused {repo} (HTTP {values['status']}): {reason}", REFUSED)
    return PublishError(
        f"the Hub's answer for {repo} makes no sense ({type(error).__name__}: {reason}); look at "
        "the repository before you try again",
        REFUSED,
    )
