"""A hub on this machine: its cache made by hand, and a server that answers as the hub does."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def cached(cache: Path, repository: str, files: Mapping[str, bytes], ref: str = "main") -> Path:
    """Lay a repository into a cache as huggingface_hub does; gives its folder of files."""
    place = cache / f"models--{repository.replace('/', '--')}"
    snapshot = place / "snapshots" / COMMIT
    (place / "refs").mkdir(parents=True)
    (place / "refs" / ref).write_text(COMMIT)
    for name, content in files.items():
        blob = place / "blobs" / hashlib.sha256(content).hexdigest()
        blob.parent.mkdir(exist_ok=True)
        blob.write_bytes(content)
        link = snapshot / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    return snapshot


def folder_as_files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@contextmanager
def served(
    repositories: Mapping[str, Mapping[str, bytes]], *, is_down: bool = False
) -> Iterator[tuple[str, list[str]]]:
    """Serve repositories; gives the address, and the list of what was asked for."""
    asked: list[str] = []

    class Here(_Answers):
        """Answers for these repositories."""

        def paths(self) -> list[str]:
            return asked

        def files(self, repository: str) -> Mapping[str, bytes] | None:
            if is_down:
                raise ConnectionAbortedError
            return repositories.get(repository)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answers(BaseHTTPRequestHandler):
    """Answers in the hub's words."""

    def paths(self) -> list[str]:
        raise NotImplementedError

    def files(self, repository: str) -> Mapping[str, bytes] | None:
        raise NotImplementedError

    def log_message(self, *_: object) -> None:
        """Be silent."""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0].strip("/")
        self.paths().append(path)
        try:
            status, body, headers = self._found(path)
        except ConnectionAbortedError:
            status, body, headers = 503, b"", {}
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _found(self, path: str) -> tuple[int, bytes, Mapping[str, str]]:
        parts = path.removeprefix("api/models/").split("/")
        repository = "/".join(parts[:2])
        files = self.files(repository)
        if files is None:
            return 404, b"{}", {"X-Error-Code": "RepoNotFound"}
        if not path.startswith("api/"):
            return _file(files, "/".join(parts[4:]))
        if len(parts) > 3 and parts[3] not in ("main", COMMIT):
            return 404, b"{}", {"X-Error-Code": "RevisionNotFound"}
        return 200, _tree(files) if "tree" in parts else _info(repository, files), {}


def _file(files: Mapping[str, bytes], name: str) -> tuple[int, bytes, Mapping[str, str]]:
    content = files.get(name)
    if content is None:
        return 404, b"", {"X-Error-Code": "EntryNotFound"}
    tag = hashlib.sha256(content).hexdigest()
    return 200, content, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}


def _tree(files: Mapping[str, bytes]) -> bytes:
    rows = [
        {"type": "file", "path": name, "size": len(content), "oid": _oid(content)}
        for name, content in files.items()
    ]
    return json.dumps(rows).encode()


def _info(repository: str, files: Mapping[str, bytes]) -> bytes:
    siblings = [{"rfilename": name} for name in files]
    told = {"id": repository, "modelId": repository, "sha": COMMIT, "siblings": siblings}
    return json.dumps(told | {"private": False, "tags": []}).encode()


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()
