"""``hf:owner/name``: detectors in repositories of the Hugging Face hub, and in its cache here.

The only door to a network in the whole package, and it opens only for such a name. With
``EARWITNESS_OFFLINE=1`` (or the hub's own ``HF_HUB_OFFLINE=1``) it stays shut, and the cache on
this machine answers.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from earwitness.errors import MissingExtra, WeightsMissing
from earwitness.weights.cards import CARD, CHECKPOINTS, read_card

PREFIX = "hf:"
OFFLINE = "EARWITNESS_OFFLINE"
_FORM = f"{PREFIX}owner/name, {PREFIX}owner/name@revision or {PREFIX}owner/name/FILE"
_PART = r"[A-Za-z0-9][\w.-]*"
_NAME = re.compile(rf"({_PART}/{_PART})((?:/[\w.-]+)*)(?:@([\w./-]+))?", re.ASCII)
_PATIENCE_S, _DOWN = 10.0, 500
_BESIDE = ("LICENSE*", "NOTICE*")
_UNREACHABLE = {"TransportError", "ConnectionError", "Timeout"}  # of whichever HTTP client it uses


@dataclass(frozen=True)
class Address:
    """Where in the hub something lies.

    Attributes:
        repository: ``owner/name``.
        file: one file of it; empty where the repository says which.
        revision: branch, tag or commit; None for the newest.
    """

    repository: str
    file: str = ""
    revision: str | None = None

    def __str__(self) -> str:
        file = f"/{self.file}" if self.file else ""
        return f"{PREFIX}{self.repository}{file}" + (f"@{self.revision}" if self.revision else "")


def is_address(model: str | Path | None) -> bool:
    """Say whether this names a repository of the hub.

    Example:
        >>> is_address("hf:owner/name"), is_address("aasist")
        (True, False)
    """
    return model is not None and str(model).startswith(PREFIX)


def address(text: str) -> Address:
    """Read ``hf:owner/name[/FILE][@revision]``.

    Raises:
        WeightsMissing: it has another form.

    Example:
        >>> address("hf:owner/name@v2")
        Address(repository='owner/name', file='', revision='v2')
    """
    found = _NAME.fullmatch(text.removeprefix(PREFIX))
    if not text.startswith(PREFIX) or not found or ".." in text:
        raise WeightsMissing(f"'{text}' names nothing in the hub. Expected {_FORM}.")
    repository, file, revision = found.groups()
    return Address(repository, file.lstrip("/"), revision)


def is_offline() -> bool:
    """Say whether the user forbids a network."""
    return os.environ.get(OFFLINE, "").strip().lower() not in ("", "0", "false", "no")


def fetch(text: str) -> Path:
    """Find what a name means: the folder of a detector, or a checkpoint; fetched if need be.

    Raises:
        MissingExtra: huggingface_hub is not installed.
        SettingsError: the card of its detector does not fit.
        WeightsMissing: there is no such repository, it cannot be reached and is not in the cache,
            or it does not hold exactly one detector.
    """
    wanted = address(text)
    with _told(wanted):
        files = () if is_offline() else _listed(wanted)
        return _chosen(_downloaded(wanted, files) if files else _cached(wanted), wanted)


def _listed(wanted: Address) -> Sequence[str]:
    """Ask the hub which files there are; none where no network answers."""
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(wanted.repository, revision=wanted.revision, timeout=_PATIENCE_S)
    except Exception as exc:
        if not _is_no_answer(exc):
            raise
        return ()
    return [one.rfilename for one in info.siblings or ()]


def _is_no_answer(error: Exception) -> bool:
    """Tell a network or a hub that is down from a hub that says no."""
    status = getattr(getattr(error, "response", None), "status_code", 0)
    names = {kind.__name__ for kind in type(error).__mro__}
    return status >= _DOWN or bool(names & _UNREACHABLE)


def _downloaded(wanted: Address, files: Sequence[str]) -> Path:
    """Bring over what a detector needs, and nothing else of the repository."""
    if CARD in files and not wanted.file:
        card = read_card(_snapshot(wanted, [CARD]) / CARD)
        return _snapshot(wanted, [CARD, card.network, *_BESIDE])
    return _snapshot(wanted, [_the_one(files, wanted)])


def _cached(wanted: Address) -> Path:
    return _snapshot(wanted, [wanted.file or CARD], is_local=True)


def _snapshot(wanted: Address, files: Sequence[str], *, is_local: bool = False) -> Path:
    from huggingface_hub import snapshot_download

    found = snapshot_download(
        wanted.repository,
        revision=wanted.revision,
        allow_patterns=list(files),
        local_files_only=is_local,
    )
    return Path(found)


def _chosen(folder: Path, wanted: Address) -> Path:
    if (folder / CARD).is_file() and not wanted.file:
        return folder
    there = (p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return folder / _the_one(sorted(there), wanted)


def _the_one(files: Sequence[str], wanted: Address) -> str:
    """Find the one file of weights, or the one that was asked for.

    Raises:
        WeightsMissing: it is not there, there are several, or there is none.
    """
    weights = [name for name in files if PurePosixPath(name).suffix in CHECKPOINTS]
    if wanted.file:
        if wanted.file in files:
            return wanted.file
        told = ", ".join(weights) or "none"
        raise WeightsMissing(f"{wanted}: has no such file. Files of weights in it: {told}.")
    if len(weights) == 1:
        return weights[0]
    if weights:
        raise WeightsMissing(
            f"{wanted}: holds several files of weights ({', '.join(weights)}) and no {CARD}. "
            f"Name one of them: {PREFIX}{wanted.repository}/{weights[0]}."
        )
    networks = [name for name in files if name.endswith(".onnx")]
    if networks:
        raise WeightsMissing(
            f"{wanted}: holds {networks[0]} and no {CARD}, which says how to feed it."
        )
    raise WeightsMissing(
        f"{wanted}: holds no {CARD} and no file of weights ({', '.join(CHECKPOINTS)})."
    )


@contextmanager
def _told(wanted: Address) -> Iterator[None]:
    """Say in our words what huggingface_hub says in its own."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import errors
    except ModuleNotFoundError as exc:
        raise MissingExtra("A detector from the hub", extra="hub") from exc
    try:
        with _quiet():
            yield
    except errors.GatedRepoError as exc:
        raise WeightsMissing(
            f"{wanted}: is gated. Ask for access on its page, and set HF_TOKEN."
        ) from exc
    except errors.RepositoryNotFoundError as exc:
        raise WeightsMissing(
            f"{wanted}: the hub has no such repository, or it is private. Look at the spelling; "
            "for a private one, set HF_TOKEN."
        ) from exc
    except errors.RevisionNotFoundError as exc:
        raise WeightsMissing(f"{wanted}: has no revision '{wanted.revision}'.") from exc
    except errors.LocalEntryNotFoundError as exc:
        raise WeightsMissing(_not_here(wanted)) from exc
    except (errors.HfHubHTTPError, OSError, ValueError) as exc:
        first = str(exc).partition("\n")[0]
        raise WeightsMissing(f"{wanted}: cannot be fetched ({first}).") from exc


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the hub's own words and bars to itself; on a terminal, a long download shows its bar."""
    from huggingface_hub.utils import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    log, is_to_hide = logging.getLogger("huggingface_hub"), not sys.stderr.isatty()
    before, hidden = log.level, are_progress_bars_disabled()
    log.setLevel(logging.CRITICAL)
    if is_to_hide and not hidden:
        disable_progress_bars()
    try:
        yield
    finally:
        log.setLevel(before)
        if is_to_hide and not hidden:
            enable_progress_bars()


def _not_here(wanted: Address) -> str:
    where = f"{wanted}: is not in the cache of this machine"
    if is_offline():
        return (
            f"{where}, and {OFFLINE} forbids to fetch it. Take {OFFLINE} away once, or copy the "
            "folder of the cache from a machine that has it (HF_HUB_CACHE says where it lies)."
        )
    return f"{where}, and the hub cannot be reached. Try again where there is a network."
