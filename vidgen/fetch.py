"""Fetch one pinned release: the local Hub cache, then the Hub; always checked, bad copies removed.

The client accepts a body of the right length whatever is in it, so the checksum is ours to check.
huggingface_hub is imported where it is used: it takes a while, and most pages never need it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from vidgen.notes import HubError, note
from vidgen.process import call_limited
from vidgen.release import MAX_FILE_BYTES, sha256_of
from vidgen.rows import HubPin

# The client's own timeouts are about silence: a byte now and then passes them for ever, and so does
# a Hub that asks it to come again in a day. A slow network is no fault; below this rate it is one.
_LEAST_RATE = 10_000  # bytes a second
_GRACE = 60.0  # seconds beside it: redirects, retries, another process that fetches the same file

# The client's error types by name, the most telling first: its HTTP library, and so the types of
# connection errors, changed with its second major version.
_KINDS = (
    ("GatedRepoError", "gated"),
    ("RepositoryNotFoundError", "unknown-repo"),
    ("RevisionNotFoundError", "unknown-revision"),
    ("RemoteEntryNotFoundError", "unknown-file"),
    ("OfflineModeIsEnabled", "offline"),
    ("TimeoutException", "slow"),
    ("TimeoutError", "slow"),
    ("RemoteProtocolError", "truncated"),
    ("TransportError", "unreachable"),
)


@dataclass(frozen=True)
class Hub:
    """How the Hub is reached.

    Attributes:
        endpoint: its address; None = HF_ENDPOINT, or huggingface.co.
        cache: folder of the local cache; None = where HF_HOME says.
        patience: seconds that it may take to answer a question (not: to send a file).
    """

    endpoint: str | None = None
    cache: Path | None = None
    patience: float = 10.0


def fetch(hub: Hub, name: str, pin: HubPin, sha256: str | None) -> tuple[Path, str]:
    """Return a checked file from the cache or the Hub.

    Args:
        hub: how the Hub is reached.
        name: what notes call the release.
        pin: repository, commit and file.
        sha256: of the file; None = trust the checksum that the repository itself records.

    Returns:
        The path inside the cache and the file's sha256.

    Raises:
        HubError: with the reason why the file cannot be had.
    """
    try:
        path = _from_cache(hub, pin)
        expected = sha256 if path is None else _recorded(path) or sha256
        if path is not None and expected is not None and not _matches(path, expected):
            _evict(path)
            path = None
        if path is None or expected is None:
            path = _from_hub(hub, name, pin, sha256)
        digest = sha256_of(path)
    except HubError:
        raise
    except Exception as error:  # whatever the client raises, the page goes on without the release
        kind, values = classify(error)
        values |= {"revision": pin.revision, "file": pin.filename}
        raise HubError(note(kind, name, **values)) from error
    if sha256 is not None and digest != sha256:
        raise HubError(note("checksum", name, sha256=sha256))
    return path, digest


def time_for(size: int) -> float:
    """Return the seconds that so many bytes may take to or from the Hub, all in all."""
    return _GRACE + size / _LEAST_RATE


def _matches(path: Path, oid: str) -> bool:
    """Check a file against a sha256 (64 digits) or the id that git gives its content (40)."""
    if len(oid) == 64:
        return sha256_of(path) == oid
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest() == oid


def _from_cache(hub: Hub, pin: HubPin) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(
        pin.repo_id, pin.filename, cache_dir=hub.cache, revision=pin.revision
    )
    return Path(found) if isinstance(found, str) else None


def _links(path: Path) -> list[Path]:
    """Follow a file of the cache to its content: [snapshot entry, blob, ...]."""
    links = [path]
    while links[-1].is_symlink() and len(links) < 8:
        links.append(links[-1].parent / os.readlink(links[-1]))
    return links


def _recorded(path: Path) -> str | None:
    """Return the checksum that the Hub gave for a cached file; the cache names its blobs by it."""
    names = [link.name for link in _links(path)[1:2]]
    return next((name for name in names if re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", name)), None)


def _evict(path: Path) -> None:
    """Remove a bad copy, so that the next attempt fetches the file again."""
    for link in _links(path):
        with contextlib.suppress(OSError):  # a cache that is read-only stays as it is
            link.unlink()


def _from_hub(hub: Hub, name: str, pin: HubPin, sha256: str | None) -> Path:
    """Ask for size and checksum first: one quick question that is never retried for minutes."""
    from huggingface_hub import HfApi

    ask = partial(
        HfApi(endpoint=hub.endpoint).model_info,
        pin.repo_id,
        revision=pin.revision,
        files_metadata=True,
        timeout=hub.patience,
    )
    info = call_limited(ask, 3 * hub.patience)  # to connect, to ask, to hear
    entry = next((item for item in info.siblings or () if item.rfilename == pin.filename), None)
    if entry is None:
        raise HubError(note("unknown-file", name, file=pin.filename))
    if entry.size is not None and entry.size > MAX_FILE_BYTES:
        raise HubError(note("too-large", name, size=entry.size, limit=MAX_FILE_BYTES))
    recorded = entry.lfs.sha256 if entry.lfs else entry.blob_id
    if recorded is None and sha256 is None:
        raise HubError(note("unchecked", name))
    if sha256 is not None and entry.lfs and recorded != sha256:
        raise HubError(note("checksum", name, sha256=sha256))
    path = _download(hub, name, pin, MAX_FILE_BYTES if entry.size is None else entry.size)
    if not _matches(path, recorded or str(sha256)):
        _evict(path)
        raise HubError(note("corrupt", name))
    return path


def _download(hub: Hub, name: str, pin: HubPin, size: int) -> Path:
    from huggingface_hub import hf_hub_download

    download = partial(
        hf_hub_download,
        pin.repo_id,
        pin.filename,
        revision=pin.revision,
        cache_dir=hub.cache,
        endpoint=hub.endpoint,
        etag_timeout=hub.patience,
    )
    try:
        return Path(call_limited(download, time_for(size)))
    except TimeoutError as error:
        raise HubError(note("late", name, rate=_LEAST_RATE // 1000)) from error


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def classify(error: Exception) -> tuple[str, dict[str, object]]:
    """Say what an error of the client means: a kind of note, and what is known about it."""
    for link in _chain(error):
        names = {kind.__name__ for kind in type(link).__mro__}
        status = getattr(getattr(link, "response", None), "status_code", None)
        known = {} if status is None else {"status": status}
        for type_name, kind in _KINDS:
            if type_name in names:
                return kind, known
        if status is not None:
            by_status = {404: "unknown-repo", 429: "busy"}
            return by_status.get(status, "down" if status >= 500 else "refused"), known
        if isinstance(link, OSError) and "Consistency check failed" in str(link):
            return "truncated", {}
        if isinstance(link, OSError) and link.errno is not None:
            return "disk", {"why": link.strerror}
    return "strange", {"why": type(error).__name__}
