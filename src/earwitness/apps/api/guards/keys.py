"""API keys: random, shown once when they are made, kept as SHA-256 only, compared in constant time.

A key has 256 random bits, so one round of SHA-256 is as good as a slow hash: there is nothing to
guess. A file of keys has one line for each: its name, a space, and the hash. Browsers cannot send
a header of their own for a page or a web socket; they may give the key as the password of HTTP
Basic, or as the subprotocol ``key.KEY``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from earwitness.apps.api.guards import header, is_open_to_all, refuse
from earwitness.apps.api.problems import Problem
from earwitness.errors import SettingsError

CLIENT = "earwitness.client"  # where in a scope the name of the key stands
_LINE = re.compile(r"([\w.-]{1,64}) ([0-9a-f]{64})")
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Earwitness: the key is the password", Bearer'}


def new_key(name: str) -> tuple[str, str]:
    """Make a key: give the key itself, and the line of it for a file of keys.

    Raises:
        SettingsError: the name has signs that cannot stand in the file.
    """
    key = f"ew_{secrets.token_urlsafe(32)}"
    line = f"{name} {_hashed(key)}"
    if not _LINE.fullmatch(line):
        raise SettingsError(
            f"A key's name has up to 64 letters, digits, '.', '-' and '_', but got '{name[:80]}'."
        )
    return key, line


def read_keys(path: Path) -> dict[str, str]:
    """Read a file of keys: names and hashes.

    Raises:
        SettingsError: it cannot be read, a line does not fit, or there is no key in it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError(f"{path}: cannot be read as a file of keys ({exc}).") from exc
    keys: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line.strip())
        if found is None or found[1] in keys:
            what = "is there twice" if found else "is not 'NAME SHA256'"
            raise SettingsError(f"{path}, line {number}: {what}. Make lines with --new-key NAME.")
        keys[found[1]] = found[2]
    if not keys:
        raise SettingsError(f"{path}: has no key in it, so nobody could come in.")
    return keys


class KeyGuard:
    """Lets in who has a key, and notes whose it is.

    Args:
        app: who answers them.
        keys: names and hashes; empty for no keys at all.
    """

    def __init__(self, app: ASGIApp, *, keys: dict[str, str]) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or not."""
        if self._keys and scope["type"] in ("http", "websocket") and not is_open_to_all(scope):
            name = self._owner(_presented(scope))
            if name is None:
                detail = "This server wants an API key: Authorization: Bearer KEY."
                problem = Problem(401, "request.key", detail, _CHALLENGE)
                await refuse(problem, scope, receive, send)
                return
            scope[CLIENT] = name
        await self._app(scope, receive, send)

    def _owner(self, key: str | None) -> str | None:
        """Find whose key it is, looking at all of them, whichever fits."""
        found, hashed = None, _hashed(key or "")
        for name, known in self._keys.items():
            if hmac.compare_digest(hashed, known) and key:
                found = name
        return found


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _presented(scope: Scope) -> str | None:
    own = header(scope, "x-api-key")
    scheme, _, value = (header(scope, "authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        return _password(value.strip())
    offered = (header(scope, "sec-websocket-protocol") or "").split(",")
    by_protocol = [word.strip()[4:] for word in offered if word.strip().startswith("key.")]
    return own or next(iter(by_protocol), None)


def _password(value: str) -> str | None:
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return None
