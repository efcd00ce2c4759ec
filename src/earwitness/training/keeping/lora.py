"""LoRA: small matrices of low rank learn beside the layers of an encoder, which stay. By PEFT.

Hu et al. 2022, "LoRA: low-rank adaptation of large language models". Adapters go to the attention
projections of self-supervised encoders and to all four products of our Whisper layers. When weights
are written they are added to the layers' own, so that the file has the layout of the start and
nobody needs PEFT to load it. PEFT's door.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from earwitness.errors import MissingExtra, SettingsError
from earwitness.training.keeping import REMEDIES, Remedy
from earwitness.training.keeping._distance import by_adapters
from earwitness.training.keeping._freezing import freeze_outside
from earwitness.training.keeping._ranges import inside

# Of self-supervised encoders by transformers, and of frontends.whisper.
TARGETS = ("q_proj", "k_proj", "v_proj", "out_proj", "qkv", "o", "f1", "f2")


@dataclass(frozen=True)
class LoraSettings:
    """Where adapters go, and how large they are.

    Attributes:
        rank: of the two matrices.
        alpha: what they add is multiplied by ``alpha / rank``.
        dropout: of what enters an adapter.
        targets: last parts of the names of the linear layers that get one.
        layers: ranges that these must lie in, as ``_ranges`` names them.
        beside: ranges that are trained in full beside the adapters; nothing if empty.
        seed: of the adapters' start; their product starts at zero.
    """

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.0
    targets: tuple[str, ...] = TARGETS
    layers: tuple[str, ...] = ("frontend",)
    beside: tuple[str, ...] = ("head",)
    seed: int = 1

    def __post_init__(self) -> None:
        if self.rank < 1:
            raise SettingsError(f"rank ({self.rank}) must be at least 1.")
        if not 0.0 <= self.dropout < 1.0:
            raise SettingsError(f"dropout ({self.dropout}) must lie between 0 and 1.")


def adapt(network: nn.Module, settings: LoraSettings) -> None:
    """Put adapters in, and freeze all but them and what is trained beside them.

    Raises:
        SettingsError: nothing in this network may have one.
        MissingExtra: PEFT is not installed.
    """
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as exc:
        raise MissingExtra("LoRA", extra="train") from exc
    names = list(adaptable(network, settings))
    if not names:
        raise SettingsError(
            f"lora: this network has no linear layer called {', '.join(settings.targets)} in "
            f"{', '.join(settings.layers)}. Name others in 'targets', or leave lora out."
        )
    beside = inside(network, settings.beside)
    trained = {name for name, weight in network.named_parameters() if weight.requires_grad}
    config = LoraConfig(
        r=settings.rank, lora_alpha=settings.alpha, lora_dropout=settings.dropout,
        target_modules=names,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        inject_adapter_in_model(config, network)
    for name, weight in network.named_parameters():  # PEFT froze them all
        if name.replace(".base_layer", "") in trained:
            weight.requires_grad = True
    freeze_outside(network, beside)


def adaptable(network: nn.Module, settings: LoraSettings) -> Iterator[str]:
    """List the linear layers that may have an adapter, by their names in the network."""
    try:
        is_meant = inside(network, settings.layers)
    except SettingsError:
        if settings.layers != LoraSettings.layers:
            raise
        return  # the default, of a network whose front end has no weights
    for name, module in network.named_modules():
        is_target = name.rpartition(".")[2] in settings.targets
        if isinstance(module, nn.Linear) and is_target and is_meant(f"{name}.weight"):
            yield name


def fold(network: nn.Module) -> None:
    """Add what adapters learnt to the layers' own weights, and take the adapters out."""
    for name, module in list(network.named_modules()):
        if not hasattr(module, "lora_A"):
            continue
        layer = module.base_layer
        with torch.no_grad():
            layer.weight += by_adapters(module).to(layer.weight)
        parent, _, own = name.rpartition(".")
        setattr(network.get_submodule(parent), own, layer)
    if hasattr(network, "peft_config"):
        del network.peft_config


@REMEDIES.add
def build(settings: LoraSettings) -> Remedy:
    """Build the remedy."""
    return Remedy(adapt=partial(adapt, settings=settings), fold=fold)
