"""WaveFake: ``generated_audio`` with a folder a generator, and the corpora it was made from.

The generators are called ``ljspeech_melgan``, ``jsut_parallel_wavegan``,
``common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech`` … The release holds spoofs only:
the bona fide recordings are LJ Speech (``LJSpeech-1.1/wavs``) and, for the Japanese generators,
JSUT (``jsut_ver1.1/basic5000/wav``), beside ``generated_audio`` or in ``real_audio``. The column
"source" is the utterance, ``LJ001-0001``, which a recording shares with all that was made from it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol
from earwitness.protocols._checks import checked
from earwitness.protocols._folders import folders_in, searched
from earwitness.protocols._labels import no_such_partition
from earwitness.records import Label, Trial

_NAME, _GENERATED = "wavefake", "generated_audio"
_LANGUAGES = {"ljspeech_": "en", "jsut_": "ja", "common_voices_prompts_": "en"}
_REFERENCES = {
    "en": ("LJSpeech-1.1/wavs", "LJSpeech/wavs"),
    "ja": ("jsut_ver1.1/basic5000/wav", "jsut/basic5000/wav"),
}
_NAMES = {"en": "LJ Speech (LJSpeech-1.1/wavs)", "ja": "JSUT (jsut_ver1.1/basic5000/wav)"}
_PLACES = ("", "real_audio")
_ENDINGS = ("_gen", "_generated")
_PARTITION = "eval"


@PROTOCOLS.add
def protocol() -> Protocol:
    """Describe the corpus."""
    return Protocol(
        trials=checked(_listed, partitions),
        partitions=partitions,
        kin=("source",),
        groups=("attack", "language"),
        remarks=_lacking,
        title="WaveFake, with LJ Speech and JSUT",
        looks_for=f"{_GENERATED} with folders like ljspeech_melgan, beside LJSpeech-1.1/wavs",
        complete=(_PARTITION,),
    )


def partitions(root: Path) -> tuple[str, ...]:
    """Say that there is one partition, "eval", if this is the corpus."""
    return (_PARTITION,) if _generators(_top(root)) else ()


def _listed(root: Path, partition: str) -> Iterator[Trial]:
    top = _top(root)
    generators = _generators(top)
    if not generators:
        raise ProtocolError(f"{root}: has no {_GENERATED} with folders like ljspeech_melgan.")
    if partition != _PARTITION:
        raise no_such_partition(root, partition, (_PARTITION,))
    references = _references(top)
    if not references:
        raise ProtocolError(
            f"{root}: holds spoofs only. Put the bona fide recordings into {top}: "
            f"{_NAMES['en']}, {_NAMES['ja']}."
        )
    for language, folder in references.items():
        yield from _trials(folder, top, Label.BONA_FIDE, language)
    for folder in generators:
        yield from _trials(folder, top, Label.SPOOF, _language(folder))


def _trials(folder: Path, top: Path, label: Label, language: str) -> Iterator[Trial]:
    attack = folder.name if label is Label.SPOOF else "-"
    for path in searched(folder):
        meta = {"attack": attack, "language": language, "source": _utterance(path)}
        yield Trial(path.relative_to(top).as_posix(), path, label, _PARTITION, meta)


def _top(root: Path) -> Path:
    """Start from the folder above, if ``generated_audio`` itself was given."""
    return root.parent if root.name == _GENERATED else root


def _generators(top: Path) -> list[Path]:
    tops = [top, *(one for one in folders_in(top) if one.name.casefold() == _NAME)]
    places = [place for one in tops for place in (one, one / _GENERATED)]
    folders = [folder for place in places for folder in folders_in(place)]
    return [folder for folder in folders if folder.name.startswith(tuple(_LANGUAGES))]


def _language(generator: Path) -> str:
    return next(word for head, word in _LANGUAGES.items() if generator.name.startswith(head))


def _references(top: Path) -> dict[str, Path]:
    """Find the bona fide recordings of each language that something was generated in."""
    found = {}
    for language in dict.fromkeys(map(_language, _generators(top))):
        places = [top / place / name for place in _PLACES for name in _REFERENCES[language]]
        folder = next((one for one in places if os.path.isdir(one)), None)
        if folder is not None:
            found[language] = folder
    return found


def _lacking(root: Path) -> tuple[str, ...]:
    top = _top(root)
    there = _references(top)
    languages = dict.fromkeys(map(_language, _generators(top)))
    return tuple(
        f"{_NAMES[language]} is not there, so its generators are compared with bona fide "
        "recordings of another speaker and language."
        for language in languages
        if there and language not in there
    )


def _utterance(path: Path) -> str:
    name = path.stem
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name
