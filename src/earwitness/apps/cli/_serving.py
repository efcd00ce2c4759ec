"""``serve``: wishes → limits, detectors, the application with its page, and the server.

The only place that knows both the API and the page.
"""

from __future__ import annotations

import ipaddress
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness import detector
from earwitness.apps.cli._loading import loaded
from earwitness.errors import MissingExtra, SettingsError

if TYPE_CHECKING:
    from earwitness.apps.api.app import Built
    from earwitness.apps.api.settings import ApiSettings

_PRIVATE = 0o600


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line; None for what is usual."""

    host: str
    port: int
    models: tuple[str, ...]
    operating_point: str
    workers: int
    threads: int
    queue: int | None
    max_mb: float | None
    max_seconds: float | None
    rate: int | None
    keys: Path | None
    allow_host: tuple[str, ...]
    allow_origin: tuple[str, ...]
    page: bool
    grace: float


def serve(wishes: Wishes, *, as_json: bool, quiet: bool) -> None:
    """Serve until it is told to stop.

    Raises:
        MissingExtra: the [serve] extra is not installed.
        EarwitnessError: a detector cannot be loaded, or a setting does not fit.
    """
    try:
        from earwitness.apps.api import app, running
    except ModuleNotFoundError as exc:
        raise MissingExtra("Serving", extra="serve") from exc
    taken = running.bind(wishes.host, wishes.port)
    host, port = taken.getsockname()[:2]
    named = f"[{host}]" if ":" in host else host
    address = f"http://{named}:{port}"
    settings = _settings(wishes, host)
    built = app.build(_detectors(wishes), settings)
    if wishes.page:
        _mount_page(built, wishes, settings)

    def tell() -> None:
        if as_json:
            click.echo(json.dumps({"url": address}))
        if not quiet:
            click.echo(_welcome(address, wishes, host), err=True)

    running.run(built, taken, grace_s=wishes.grace, on_ready=tell)


def add_key(file: Path, name: str, *, as_json: bool) -> str:
    """Make a key, put its hash into a file, and give the key, which is seen this once.

    Raises:
        SettingsError: the name or the file does not fit, or the name is taken.
    """
    try:
        from earwitness.apps.api.guards.keys import new_key, read_keys
    except ModuleNotFoundError as exc:
        raise MissingExtra("Serving", extra="serve") from exc
    if file.exists() and name in read_keys(file):
        raise SettingsError(f"{file}: has a key '{name}' already. Take its line out first.")
    key, line = new_key(name)
    try:
        with open(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _PRIVATE), "a") as lines:
            lines.write(f"{line}\n")
    except OSError as exc:
        raise SettingsError(f"{file}: cannot be written ({exc.strerror}).") from exc
    return json.dumps({"name": name, "key": key}) if as_json else key


def _settings(wishes: Wishes, host: str) -> ApiSettings:
    from earwitness.apps.api.settings import LOOPBACK, ApiSettings, Limits

    given = {
        "workers": wishes.workers,
        "queue": wishes.queue,
        "upload_mb": wishes.max_mb,
        "duration_s": wishes.max_seconds,
        "rate": wishes.rate,
    }
    limits = Limits(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    hosts = wishes.allow_host
    if hosts or _is_loopback(host):
        hosts = (*LOOPBACK, *hosts)
    return ApiSettings(limits, keys=wishes.keys, hosts=hosts, origins=wishes.allow_origin)


def _detectors(wishes: Wishes) -> dict[str, detector.Detector]:
    names = wishes.models or (None,)
    found = [
        loaded(name, operating_point=wishes.operating_point, threads=wishes.threads)
        for name in names
    ]
    return {one.card.name: one for one in found}


def _mount_page(built: Built, wishes: Wishes, settings: ApiSettings) -> None:
    """Put the page at ``/``, behind everything that has a route of its own."""
    try:
        from earwitness.apps.web.mounting import mount
        from earwitness.apps.web.settings import PageSettings
    except ModuleNotFoundError as exc:
        raise MissingExtra("The page", extra="serve") from exc
    mount(
        built.app,
        PageSettings(
            model=next(iter(wishes.models), None),
            operating_point=wishes.operating_point,
            threads=wishes.threads,
            most_mb=max(1, int(settings.limits.upload_mb)),
            most_s=settings.limits.job_duration_s,
            at_once=settings.limits.workers,
            folder=None,
        ),
    )


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host.partition("%")[0]).is_loopback


def _welcome(address: str, wishes: Wishes, host: str) -> str:
    what = "The page" if wishes.page else "The API"
    lines = [f"{what} is at {address} (the API is described at {address}/docs). Stop it: Ctrl-C."]
    if not _is_loopback(host) and wishes.keys is None:
        lines.append(
            "It can be reached from other machines, without a key and without TLS. "
            "--keys FILE lets in only whom you know."
        )
    return "\n".join(lines)
