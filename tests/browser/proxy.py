"""What stands before a Space: a proxy that serves the page under a path, and a page around it."""

from __future__ import annotations

import contextlib
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standin import free_port

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@contextlib.contextmanager
def _serve(handler: type[BaseHTTPRequestHandler], port: int) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def proxied(target: str, path: str) -> Iterator[str]:
    """Serve ``target`` under ``path`` (with its slashes) of another port; gives its address."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(path):
                return self.send_error(404)
            headers = {key: value for key, value in self.headers.items() if key != "Host"}
            headers |= {"X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "http"}
            headers["Accept-Encoding"] = "identity"
            inner = urllib.request.Request(f"{target}/{self.path[len(path) :]}", headers=headers)
            try:
                answer = urllib.request.urlopen(inner)
            except urllib.error.HTTPError as error:
                answer = error
            with answer:
                body = answer.read()
                self.send_response(answer.code)
                for key, value in answer.headers.items():
                    if key.lower() not in _HOP:
                        self.send_header(key, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    port = free_port()
    with _serve(Proxy, port):
        yield f"http://127.0.0.1:{port}{path}"


@contextlib.contextmanager
def framed(address: str) -> Iterator[str]:
    """Serve a page of another origin that holds ``address`` in a frame; gives its address."""
    may = "allow-scripts allow-same-origin allow-downloads allow-forms"
    page = f'<!doctype html><iframe src="{address}" width=1200 height=800 sandbox="{may}"></iframe>'

    class Around(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    port = free_port()
    with _serve(Around, port):
        yield f"http://localhost:{port}/"
