"""``earwitness doctor``: what works on this machine, and what an extra would add."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import click

from earwitness.apps.cli import options

CORE = ("numpy", "onnxruntime", "soundfile", "soxr", "av", "click", "rich", "matplotlib")
EXTRAS = {
    "torch": ("run, convert and export checkpoints", ("torch", "safetensors", "onnx")),
    "train": ("train a detector", ("torch", "safetensors", "onnx", "lightning", "tensorboard")),
    "hub": ("use --model hf:owner/name", ("huggingface_hub",)),
    "serve": ("serve the page and the API", ("fastapi", "uvicorn", "websockets", "gradio")),
    "docs": ("build the documentation", ("mkdocs", "material")),
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at; ``is_well`` is None where nothing depends on it."""

    what: str
    found: str
    is_well: bool | None = True


@click.command(short_help="Say what works on this machine.")
@options.json_option
def doctor(as_json: bool) -> None:
    """Say what works on this machine, and what each extra would add.

    Ends with exit code 4 if the default detector cannot answer.
    """
    checks = []
    for check in _checks():
        checks.append(check)
        if not as_json:
            mark = {True: "ok", False: "NO", None: "--"}[check.is_well]
            click.echo(f"{mark}  {check.what:<22}{check.found}")
    if as_json:
        click.echo(json.dumps([asdict(check) for check in checks]))
    raise click.exceptions.Exit(4 if any(check.is_well is False for check in checks) else 0)


def _checks() -> Iterator[Check]:
    yield Check("earwitness", version("earwitness"))
    yield Check("Python", f"{platform.python_version()} on {platform.platform()}")
    for name in CORE:
        yield _package(name)
    yield _tried("formats, in process", _sound_files)
    yield _tried("formats, by decoder", _decoder_process)
    yield _tried("default detector", _detector)
    for name, (what, packages) in EXTRAS.items():
        missing = [package for package in packages if find_spec(package) is None]
        hint = f"not installed: pip install 'earwitness[{name}]'" if missing else "installed"
        is_well = None if missing else True
        yield Check(f"extra [{name}]", f"to {what}; {hint}", is_well=is_well)


def _package(name: str) -> Check:
    try:
        return Check(name, version(name))
    except PackageNotFoundError:
        return Check(name, "is missing: install earwitness again", is_well=False)


def _tried(what: str, attempt: Callable[[], str]) -> Check:
    """Try it. Whatever happens is what the doctor has to tell, so no error goes further."""
    try:
        return Check(what, attempt())
    except Exception as error:
        return Check(what, f"{type(error).__name__}: {error}", is_well=False)


def _sound_files() -> str:
    from earwitness.audio.codecs import codecs_available

    return f"WAV, FLAC, MP3, OGG; codecs here: {', '.join(codecs_available())}"


def _decoder_process() -> str:
    """Have one second of sound, in a container that libsndfile is not asked for, decoded."""
    from earwitness.audio.read import open_recording

    header = b".snd" + b"".join(n.to_bytes(4, "big") for n in (24, 32000, 3, 16000, 1))
    with open_recording(header + bytes(32000), sample_rate=16000) as recording:
        heard = sum(len(block) for block in recording.blocks())
    return f"the decoder process answers: {heard} of 16000 samples"


def _detector() -> str:
    import numpy as np

    from earwitness.detector import load

    detector = load()
    rate = detector.sample_rate
    noise = 0.1 * np.random.default_rng(0).standard_normal(rate).astype(np.float32)
    verdict = detector.detect(noise, sample_rate=rate)
    return f"'{detector.card.name}' answers a second of noise with: {verdict.answer.value}"
