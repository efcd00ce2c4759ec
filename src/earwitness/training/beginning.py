"""A network to train from scratch: random weights, around a pretrained encoder where it has one.

Weights are laid out as published files are, and opened like one, so that what is trained from
scratch is read, fine-tuned and exported by all that reads those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from torch import nn

from earwitness.errors import IncompatibleWeights, SettingsError
from earwitness.models import checkpoints
from earwitness.models.backends.aasist import AASIST, AASIST_L, Aasist, AasistSettings
from earwitness.models.backends.rawnet2 import RawNet2, RawNet2Settings
from earwitness.models.layouts import Weights, rawnet2, ssl_anti_spoofing
from earwitness.models.layouts._aasist_names import published_key as aasist_key
from earwitness.models.layouts._fairseq import SSL, encoder_key, encoder_shapes, settings_of
from earwitness.models.layouts._fitting import misfits
from earwitness.training.learner import Learner, opened

XLSR_AASIST = "XLS-R + AASIST"
_PREFIXES = (SSL, "wav2vec2.", "w2v_encoder.w2v_model.", "")
_OLD_NORM = {"original0": "weight_g", "original1": "weight_v"}  # of transformers below 4.30


def begin(network: str, *, seed: int, encoder: Path | None = None) -> Learner:
    """Build a network with random weights, ready to be trained.

    Args:
        network: its published name: AASIST, AASIST-L, RawNet2, XLS-R + AASIST.
        seed: of the weights.
        encoder: file of a pretrained XLS-R, in fairseq's or transformers' spelling.

    Raises:
        SettingsError: there is no such network, or it needs an encoder, or takes none.
        ModelError: the encoder is missing, corrupt, or something else.
    """
    plain: Mapping[str, Callable[[], Weights]] = {
        "AASIST": lambda: _aasist(AASIST),
        "AASIST-L": lambda: _aasist(AASIST_L),
        "RawNet2": _rawnet2,
    }
    if network not in (*plain, XLSR_AASIST):
        there = ", ".join((*plain, XLSR_AASIST))
        raise SettingsError(f"network: there is no '{network}' to train from scratch, but {there}.")
    if (network == XLSR_AASIST) != (encoder is not None):
        need = (
            "give the pretrained XLS-R with --encoder" if encoder is None else "it has no encoder"
        )
        raise SettingsError(f"network: {network} cannot be begun so: {need}.")
    torch.manual_seed(seed)
    weights = plain[network]() if encoder is None else _behind(encoder)
    return opened(weights, Path(network))


def _aasist(settings: AasistSettings) -> Weights:
    return {aasist_key(our): value for our, value in Aasist(settings).state_dict().items()}


def _rawnet2() -> Weights:
    state = RawNet2(RawNet2Settings()).state_dict()
    return {rawnet2.published_key(our): value for our, value in state.items()}


def _behind(path: Path) -> Weights:
    """Put a new AASIST behind a pretrained encoder."""
    found = checkpoints.read_weights(path)
    prefix = next((p for p in _PREFIXES if any(_is_of(name, p) for name in found)), None)
    if prefix is None:
        raise IncompatibleWeights(f"{path}: is no XLS-R or wav2vec 2.0, by the names of its keys.")
    named = {name.removeprefix(prefix): w for name, w in found.items() if name.startswith(prefix)}
    theirs = {f"{SSL}{_spelled(name)}": w for name, w in named.items()}
    settings = settings_of(theirs)
    shapes = encoder_shapes(settings)
    kept = {name: theirs[name] for name in shapes if name in theirs}
    problems = misfits(kept, shapes)
    if problems:
        raise IncompatibleWeights(f"{path}: is no XLS-R: {checkpoints.listed(problems)}.")
    back: nn.Module = ssl_anti_spoofing.back_end(settings)
    heads = {ssl_anti_spoofing.back_end_key(our): w for our, w in back.state_dict().items()}
    return {**kept, **heads}


def _is_of(name: str, prefix: str) -> bool:
    return name.startswith(f"{prefix}feature_extractor.conv_layers.")


def _spelled(name: str) -> str:
    """Give a key of transformers, of whatever age, the spelling of fairseq; keep fairseq's own."""
    for new, old in _OLD_NORM.items():
        name = name.replace(
            f"pos_conv_embed.conv.{old}", f"pos_conv_embed.conv.parametrizations.weight.{new}"
        )
    try:
        return encoder_key(name)
    except KeyError:
        return name
