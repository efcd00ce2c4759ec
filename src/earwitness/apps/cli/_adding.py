"""``models add`` and ``convert``: what is said of a file of weights, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from earwitness.errors import MissingExtra, SettingsError
from earwitness.weights import publications
from earwitness.weights.store import CATALOG, installed, refuse_no_weights, sha256_of

if TYPE_CHECKING:
    from earwitness.export.converting import Added, Way

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--as", "known", metavar="KNOWN", help="What it is: a name of `models --known`."),
    click.option("--title", help="One line for people, for the card."),
    click.option("--licence", help="Of the weights.  [default: as known, else not stated]"),
    click.option("--origin", help="Who made the weights, and where they were published."),
    click.option("--training-data", help="What they were trained on."),
    click.option(
        "--trained-on",
        metavar="PROTOCOL/PARTITION",
        multiple=True,
        help="The same for `earwitness evaluate`, which warns of an overlap; can be given again.",
    ),
)
_PROOFS = {
    "scores": "was compared with scores that the published weights give",
    "code": "was compared with the published code on random weights, never with published weights",
    "structure only": "was compared with the published one by number of parameters, names and "
    "shapes only, never by scores",
}


def card_options(command: F) -> F:
    """Give a command the options that say what a file of weights is."""
    for one in reversed(_OPTIONS):
        command = one(command)
    return command


def proof_in_words(proof: str) -> str:
    """Say how far a network was compared with the published one."""
    return f"{proof}: the network here {_PROOFS[proof]}" if proof in _PROOFS else proof


def way(*, link: bool, convert: bool) -> Way:
    """Say how the weights come into the folder."""
    return "link" if link else "convert" if convert else "copy"


def made(file: Path, folder: Path, way: Way, known: str | None, said: Mapping[str, Any]) -> Added:
    """Make a detector's folder of a file of weights.

    Raises:
        MissingExtra: torch is needed.
        UnknownName: nothing is known by the name that was given.
    """
    publication = None if known is None else publications.publication(known)
    try:
        from earwitness.export.converting import Said, make_detector
    except ModuleNotFoundError as exc:
        raise MissingExtra("Reading a file of weights", extra="torch") from exc
    return make_detector(file, folder, way=way, said=Said(**said), publication=publication)


def name_for(file: Path, name: str | None, known: str | None) -> str:
    """Choose the name of a new detector, and refuse one that stands for another already.

    Raises:
        ModelError: the file is not there, or no file of weights.
        SettingsError: it is no name, or a detector of the package has it.
        UnknownName: nothing is known by the name that was given.
    """
    refuse_no_weights(file)
    if known is not None:
        known = publications.publication(known).name
    elif name is None and (found := publications.published_as(_hash(file))):
        known = found.name
    chosen = name or known or _plain(file.stem)
    if not re.fullmatch(r"\w[\w.-]*", chosen):
        raise SettingsError(
            f"'{chosen}' is no name for a detector. Take letters, digits, and _ - . between them."
        )
    if (CATALOG / chosen.replace("-", "_")).exists():
        raise SettingsError(
            f"'{chosen}' is a detector of the package, and would be hidden. Choose another --name."
        )
    return chosen


def _hash(file: Path) -> str:
    try:
        return sha256_of(file)
    except OSError:  # whoever reads it will say so
        return ""


def _plain(text: str) -> str:
    """Make a name of a file's name.

    Example:
        >>> _plain("Best LA model (1)")
        'best_la_model_1'
    """
    return re.sub(r"\W+", "_", text.lower(), flags=re.ASCII).strip("_") or "detector"


def table(added: Added) -> dict[str, object]:
    """Give what came of it, for programs."""
    return {
        "folder": str(added.folder),
        "name": added.card.name,
        "title": added.card.title,
        "network": added.network,
        "keys": added.keys,
        "parameters": added.card.parameters,
        "proof": added.card.proof,
        "licence": added.card.licence,
        "sha256": added.sha256,
        "network_sha256": added.card.sha256,
        "known_as": added.publication.name if added.publication else None,
        "is_known_file": added.is_known_file,
    }


def lines(added: Added, file: Path, *, model: str) -> Iterator[str]:
    """Say what the file is, how it was checked, and what to do now."""
    card = added.card
    yield f"{card.name}: {card.title}"
    yield (
        f"{file.name} holds {added.network}: all {added.keys:,} named tensors fit, none is missing "
        f"or left over; {card.parameters:,} parameters."
    )
    yield f"SHA-256 {added.sha256}{_known_by_hash(added)}"
    yield f"Licence of the weights: {card.licence}. Compared: {proof_in_words(card.proof)}."
    yield from (f"Note: {note}" for note in _notes(added, file))
    yield f"It lies in {added.folder}"
    yield (
        f"Use it with --model {model}. It answers with raw scores until it is calibrated: "
        f"earwitness calibrate {model} DATASET"
    )


def _known_by_hash(added: Added) -> str:
    if added.is_known_file and added.publication:
        return f", as is known of {added.publication.name}."
    return ", recorded in its card."


def _notes(added: Added, file: Path) -> Iterator[str]:
    same = [one.card.name for one in installed() if added.sha256 in one.card.origin]
    yield from (f"the same weights are here as {name}." for name in same if name != added.card.name)
    known = added.publication
    if known is None:
        yield from _hints(added, file)
    elif not known.sha256:
        yield (
            f"nobody here has seen the file of {known.name}, so its SHA-256 was not known before: "
            "names and shapes fit, and whether it is that file is your word."
        )


def _hints(added: Added, file: Path) -> Iterator[str]:
    alike = [p for p in publications.known().values() if p.network == added.network]
    by_name = [one.name for one in alike if one.file and one.file == file.name]
    if by_name and not any(one.sha256 for one in alike):
        yield f"by its name it may be {by_name[0]}: with --as {by_name[0]} its card says so."
    yield from (
        f"it is not the known file of {one.name}. {one.note}"
        for one in alike
        if one.sha256 and one.note
    )
