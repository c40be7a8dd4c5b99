"""Pull a release: find the commit that a name on the Hub means, fetch it, check it, list it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

from vidgen.config import ConfigError
from vidgen.fetch import Hub, classify, fetch
from vidgen.index import INDEX, read_index, write_row
from vidgen.notes import HubError, note
from vidgen.process import call_limited
from vidgen.release import read_info
from vidgen.rows import HubPin, Row, demand_repo_id, demand_sha256, row_of

PLACE = "owner/name, owner/name@REVISION or owner/name@REVISION#sha256"
_REVISION = re.compile(r"(?!.*\.\.)[A-Za-z0-9][\w./-]{0,99}", re.ASCII)  # branch, tag or commit
_COMMIT = re.compile(r"[0-9a-f]{40}")


class Pulled(NamedTuple):
    """A release from the Hub: its row in the index, and its checked file in the local cache."""

    row: Row
    path: Path


def pull(place: str, folder: Path, hub: Hub) -> Pulled:
    """Fetch a release, pin it to the commit that it is of now, and list it in a folder's index.

    Args:
        place: as ``PLACE`` says; without a revision the newest commit is meant.
        folder: whose index gets the row; one of the same name from elsewhere stays.
        hub: how the Hub is reached.

    Raises:
        ConfigError: a place that can't be, or an index that can't be read whole.
        HubError: with the reason why the release can't be had.
        ReleaseError: the file is no release.
    """
    address, mark, sha256 = place.partition("#")
    repo_id, at, revision = address.partition("@")
    demand_repo_id(repo_id)
    if at and not _REVISION.fullmatch(revision):
        raise ConfigError(f"revision is {revision!r:.120}; legal is a branch, a tag or a commit")
    if mark:
        demand_sha256(sha256)
    known = _known(folder)
    pin = HubPin(repo_id, commit_of(hub, repo_id, revision or None))
    path, digest = fetch(hub, repo_id, pin, sha256 or None)
    info = read_info(path)
    row = row_of(info, path, digest, hub=pin)
    if row.name in known and known[row.name].sha256 == digest:
        return Pulled(known[row.name], path)
    if row.name in known:
        row = row_of(info, path, digest, hub=pin, name=repo_id.replace("/", "-"))
    folder.mkdir(parents=True, exist_ok=True)
    write_row(folder, row)
    return Pulled(row, path)


def commit_of(hub: Hub, repo_id: str, revision: str | None) -> str:
    """Return the commit that a branch or a tag means now; asks nothing where it is one already."""
    if revision and _COMMIT.fullmatch(revision):
        return revision
    from huggingface_hub import HfApi

    ask = partial(
        HfApi(endpoint=hub.endpoint).model_info,
        repo_id,
        revision=revision,
        timeout=hub.patience,
    )
    try:
        found = call_limited(ask, 3 * hub.patience).sha
    except Exception as error:  # whatever the client raises
        kind, values = classify(error)
        raise HubError(note(kind, repo_id, **values, revision=revision or "main")) from error
    if not isinstance(found, str) or not _COMMIT.fullmatch(found):
        raise HubError(note("strange", repo_id, why="no commit"))
    return found


def _known(folder: Path) -> dict[str, Row]:
    rows, notes = read_index(folder) if (folder / INDEX).exists() else ([], [])
    if notes:  # said before anything is fetched into the cache for nothing
        raise ConfigError(f"{folder / INDEX}: {notes[0].en}")
    return {row.name: row for row in rows}
