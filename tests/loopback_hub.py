"""A Hugging Face Hub on the loopback interface, with switches that make it fail; for the tests.

It encodes what the client expects and what the Hub's pages say, not the real server: what passes
here can still fail there. Only a publish with a real token proves the rest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from loopback_store import Answer, Blob, Store

ROUTES = (
    ("POST", r"/api/repos/create", "create"),
    ("POST", r"/api/validate-yaml", "validate_yaml"),
    (
        "POST",
        r"/api/(?P<kind>models|spaces)/(?P<repo>[^/]+/[^/]+)/preupload/(?P<revision>[^/]+)",
        "preupload",
    ),
    (
        "POST",
        r"/api/(?P<kind>models|spaces)/(?P<repo>[^/]+/[^/]+)/commit/(?P<revision>[^/]+)",
        "commit",
    ),
    ("POST", r"/api/(?P<kind>models|spaces)/(?P<repo>[^/]+/[^/]+)/tag/(?P<revision>[^/]+)", "tag"),
    (
        "POST",
        r"/(?:(?P<kind>spaces)/)?(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch",
        "lfs_batch",
    ),
    ("PUT", r"/lfs/(?P<oid>[0-9a-f]{64})", "lfs_put"),
    (
        "GET",
        r"/api/(?P<kind>models|spaces)/(?P<repo>[^/]+/[^/]+)(?:/revision/(?P<revision>[^/]+))?",
        "info",
    ),
    ("GET", r"/api/(?P<kind>models|spaces)/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)", "tree"),
    ("GET", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
)


class LoopbackHub(Store):
    """A ``Store`` behind a server on a free port of 127.0.0.1; use as a context manager."""

    def __enter__(self) -> LoopbackHub:
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    hub: LoopbackHub

    def log_message(self, *_: object) -> None:
        pass

    def serve(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.log.append((self.command, path))
        size = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(size)
        self.authorized = self.headers.get("Authorization") == f"Bearer {self.hub.token}"
        self.hub.watch(f"asked {path}")
        try:
            fault, _, word = (self.hub.fault or "").partition("-")
            if fault == "slow" and word in path:
                self.hub.closing.wait(60)
            if self.hub.fault in ("500", "429", "403"):
                raise Answer(int(self.hub.fault))
            if self.hub.fault == "html":
                return self.reply(b"<html>Please log in to the hotel's network</html>")
            if self.command == "POST" and not self.authorized:
                raise Answer(401, message="Invalid credentials in Authorization header")
            if self.command == "POST" and self.hub.fault == "forbidden":
                raise Answer(403, message="you may not write here")
            method = "GET" if self.command == "HEAD" else self.command
            for verb, pattern, name in ROUTES:
                found = re.fullmatch(pattern, path)
                if found and verb == method:
                    words = found.groupdict()
                    if words.pop("kind", None) == "spaces":
                        words["repo"] = f"spaces/{words['repo']}"
                    return getattr(self, name)(**words)
            raise Answer(404, "EntryNotFound")
        except Answer as answer:
            self.reply(b"{}", answer.status, **answer.headers)
        except ConnectionError:
            pass  # the client gave up first; that is one of the tests

    do_GET = do_HEAD = do_POST = do_PUT = serve

    def reply(self, body: bytes, status: int = 200, /, **headers: str) -> None:
        self.hub.watch(f"done {unquote(urlsplit(self.path).path)}")  # but nobody knows yet
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        faults = ("drip", "drip-file") if "/resolve/" in self.path else ("drip",)
        while self.hub.fault in faults and len(body) > 1 and not self.hub.closing.wait(0.05):
            self.wfile.write(body[:1])
            body = body[1:]
        self.wfile.write(body)

    def json(self, answer: object) -> None:
        self.reply(json.dumps(answer).encode(), **{"Content-Type": "application/json"})

    def create(self) -> None:
        asked = json.loads(self.body)
        repo = f"{asked['organization']}/{asked['name']}"
        if asked.get("type") == "space":
            assert asked["sdk"] == "gradio"
            repo = f"spaces/{repo}"
        if asked.get("private") or asked.get("visibility") == "private":
            self.hub.private.add(repo)
        if repo in self.hub.commits:
            raise Answer(409, message="You already created this model repo")
        self.hub.commits[repo] = {hashlib.sha1(repo.encode()).hexdigest(): {}}
        self.json({"url": f"{self.hub.url}/{repo}", "name": repo, "id": repo})

    def validate_yaml(self) -> None:
        assert json.loads(self.body)["content"].startswith("---\n")
        self.json({"errors": [], "warnings": []})

    def preupload(self, repo: str, revision: str) -> None:
        there = self.hub.files(repo, revision)
        self.json({"files": [{
            "path": path,
            "uploadMode": "lfs" if self.hub.is_lfs(path) else "regular",
            "shouldIgnore": False,
            "oid": there[path].oid if path in there else None,
        } for path in (item["path"] for item in json.loads(self.body)["files"])]})  # fmt: skip

    def lfs_batch(self, repo: str) -> None:
        self.hub.files(repo, None)
        self.json({"transfer": "basic", "objects": [
            {**item, "actions": {"upload": {"href": f"{self.hub.url}/lfs/{item['oid']}"}}}
            for item in json.loads(self.body)["objects"]
        ]})  # fmt: skip

    def lfs_put(self, oid: str) -> None:
        assert hashlib.sha256(self.body).hexdigest() == oid
        self.hub.uploads[oid] = self.body
        self.reply(b"")

    def commit(self, repo: str, revision: str) -> None:
        changes: dict[str, Blob | None] = {}  # None: deleted
        for line in self.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "header":
                expected = value.get("parentCommit")
                if self.hub.fault == "raced" or expected not in (None, self.hub.head(repo)):
                    raise Answer(412, message="A commit has happened since")
            elif item["key"] == "file":
                changes[value["path"]] = Blob(base64.b64decode(value["content"]), False)
            elif item["key"] == "deletedFile":
                changes[value["path"]] = None
            else:
                assert item["key"] == "lfsFile"
                changes[value["path"]] = Blob(self.hub.uploads[value["oid"]], True)
        oid = self.hub.commit(repo, changes)
        url = f"{self.hub.url}/{repo}/commit/{oid}"
        self.json({"success": True, "commitOid": oid, "commitUrl": url})

    def tag(self, repo: str, revision: str) -> None:
        assert revision in self.hub.commits[repo]
        name = json.loads(self.body)["tag"]
        if name in self.hub.tags.setdefault(repo, {}):
            raise Answer(409, message="Tag reference exists already")
        self.hub.tags[repo][name] = revision
        self.json({})

    def info(self, repo: str, revision: str | None) -> None:
        files = self.hub.files(repo, revision, self.authorized)
        siblings = [
            {"rfilename": path, "size": len(blob.data), "blobId": blob.git_oid}
            | _lfs(blob, "sha256")
            for path, blob in files.items()
        ]
        sha = self.hub.meant(repo, revision)
        self.json({"id": repo.removeprefix("spaces/"), "sha": sha, "siblings": siblings})

    def tree(self, repo: str, revision: str) -> None:
        files = self.hub.files(repo, revision, self.authorized)
        self.json([
            {"type": "file", "path": path, "oid": blob.git_oid, "size": len(blob.data)}
            | _lfs(blob, "oid")
            for path, blob in files.items()
        ])  # fmt: skip

    def resolve(self, repo: str, revision: str, path: str) -> None:
        files = self.hub.files(repo, revision, self.authorized)
        sha = self.hub.meant(repo, revision)
        if repo in self.hub.gated:
            raise Answer(403 if self.authorized else 401, "GatedRepo")
        if path not in files:
            raise Answer(404, "EntryNotFound", **{"X-Repo-Commit": sha})
        blob = files[path]
        data, status = blob.data, 200
        headers = {"X-Repo-Commit": sha, "ETag": f'"{blob.oid}"', "Accept-Ranges": "bytes"}
        if blob.lfs:
            headers |= {"X-Linked-Etag": f'"{blob.oid}"', "X-Linked-Size": str(len(data))}
        if wanted := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            start, status = int(wanted[1]), 206
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            data = data[start:]
        if self.command == "GET" and self.hub.fault == "truncated":
            data = data[: len(data) // 2]
        if self.command == "GET" and self.hub.fault == "corrupted":
            data = bytes([data[0] ^ 1]) + data[1:]
        if self.command == "GET" and self.hub.fault == "cut":
            self.hub.fault = None
            headers["Content-Length"] = str(len(data))
            data = data[: len(data) // 2]
        self.reply(data, status, **headers)


def _lfs(blob: Blob, key: str) -> dict[str, object]:
    return (
        {"lfs": {key: blob.sha256, "size": len(blob.data), "pointerSize": 130}} if blob.lfs else {}
    )
