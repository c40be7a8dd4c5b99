"""What the loopback Hub holds: repositories, commits, files, and the switches that make it fail."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class Answer(Exception):
    """Ends a request with an error, as the Hub words it."""

    def __init__(self, status: int, code: str = "", message: str = "", **headers: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.headers = {"X-Error-Code": code, "X-Error-Message": message or code, **headers}


@dataclass(frozen=True)
class Blob:
    data: bytes
    lfs: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def git_oid(self) -> str:
        return hashlib.sha1(b"blob %d\0" % len(self.data) + self.data).hexdigest()

    @property
    def oid(self) -> str:
        return self.sha256 if self.lfs else self.git_oid


@dataclass
class Store:
    """Repositories, their commits, and the switches.

    ``fault`` is None or one of: "500", "429", "403", "html" (a page instead of an answer), "slow"
    (no answer until the end), "slow-WORD" (none where the path has that word), "drip" (answers
    come byte by byte), "drip-file" (only files do), "truncated" (an honest but short body),
    "corrupted" (right length, wrong bytes), "cut" (half of the first body, then the connection
    drops), "forbidden" (writes are refused), "raced" (another commit came first). ``gated`` holds
    repositories whose files are shown on request only. A Space is
    kept as "spaces/OWNER/NAME". ``log`` holds what was asked, as (method,
    path). ``lfs`` says how a release is stored.
    """

    lfs: bool = True
    fault: str | None = None
    token: str = "hf_loopback"
    gated: set[str] = field(default_factory=set)
    log: list[tuple[str, str]] = field(default_factory=list)
    commits: dict[str, dict[str, dict[str, Blob]]] = field(default_factory=dict)  # repo, revision
    tags: dict[str, dict[str, str]] = field(default_factory=dict)  # repo, tag -> revision
    private: set[str] = field(default_factory=set)
    uploads: dict[str, bytes] = field(default_factory=dict)  # by sha256
    closing: threading.Event = field(default_factory=threading.Event)
    watch: Callable[[str], None] = lambda moment: None  # "asked PATH" before, "done PATH" after

    def add(self, repo: str, **files: bytes) -> str:
        """Commit files (``model`` is model.safetensors, others by name); return the revision."""
        named = {
            {"model": "model.safetensors"}.get(name, name): data for name, data in files.items()
        }
        self.commits.setdefault(repo, {"0" * 40: {}})
        return self.commit(
            repo, {name: Blob(data, self.is_lfs(name)) for name, data in named.items()}
        )

    def is_lfs(self, path: str) -> bool:
        return self.lfs and path.endswith((".safetensors", ".gif", ".webp"))

    def head(self, repo: str) -> str:
        return list(self.commits[repo])[-1]

    def meant(self, repo: str, revision: str | None) -> str:
        """Return the commit that a branch, a tag or a commit's own name means."""
        if revision in (None, "main"):
            return self.head(repo)
        return self.tags.get(repo, {}).get(str(revision), str(revision))

    def commit(self, repo: str, changes: Mapping[str, Blob | None]) -> str:
        parent = self.head(repo)
        changed = self.commits[repo][parent] | dict(changes)
        files = {path: blob for path, blob in changed.items() if blob is not None}
        listing = "".join(f"{path}{blob.oid}" for path, blob in sorted(files.items()))
        revision = hashlib.sha1((parent + listing).encode()).hexdigest()
        self.commits[repo][revision] = files
        return revision

    def files(self, repo: str, revision: str | None, authorized: bool = True) -> dict[str, Blob]:
        if repo not in self.commits:
            raise Answer(404 if authorized else 401, "RepoNotFound")
        revision = self.meant(repo, revision)
        if revision not in self.commits[repo]:
            raise Answer(404, "RevisionNotFound")
        return self.commits[repo][revision]
