"""A detector's network, opened to be trained on, and written back under the names that it has.

Checkpoints in every known layout, detectors' folders that hold one, and our own ONNX detectors. How
the names of a layout belong to those of the network is found out by building the network from
marked weights, so that no layout has to be written down twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from earwitness.errors import IncompatibleWeights
from earwitness.models import checkpoints
from earwitness.models.layouts import LAYOUTS, Layout, Published, Weights
from earwitness.weights import store
from earwitness.weights.cards import Card

Padding = Literal["tile", "zeros"]
State = Mapping[str, Tensor]
"""A network's ``state_dict()``."""


@dataclass(frozen=True)
class Learner:
    """A network that can be trained, and how it wants to be fed.

    Attributes:
        name: of the detector, or of the checkpoint's file.
        architecture: of the network ("AASIST-L").
        network: in eval mode; its tensors have memory of their own.
        window: samples of a row.
        sample_rate: in Hz.
        padding: how the detector fills up what is shorter.
        card: of the detector; None for a bare checkpoint.
        digest: of the weights' file.
        names: name in the network → name in the file.
        rest: what the file holds beside that, which goes through as it is.
    """

    name: str
    architecture: str
    network: nn.Module
    window: int
    sample_rate: int
    padding: Padding = "tile"
    card: Card | None = None
    digest: str = ""
    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    rest: Weights = field(default_factory=dict, repr=False)

    def published(self, state: State) -> Weights:
        """Give weights of the network the names of the file that it came from."""
        own = {self.names.get(name, name): value.detach().cpu() for name, value in state.items()}
        return {**self.rest, **own}

    def ours(self, weights: Weights) -> dict[str, Tensor]:
        """Give weights of such a file the names of the network."""
        theirs = {name: our for our, name in self.names.items()}
        return {theirs.get(name, name): w for name, w in weights.items() if name not in self.rest}


def open_learner(model: str | Path) -> Learner:
    """Open a network to train it.

    Args:
        model: a detector's name or folder, the path of a checkpoint, or hf:owner/name.

    Raises:
        ModelError: it is missing or corrupt, or no network that can be trained.
    """
    place = store.here(model)
    if store.is_checkpoint(place):
        return opened(checkpoints.read_weights(Path(str(place))), Path(str(place)))
    found = store.locate(place)
    found.check()
    return opened(_trainable(found), found.network, found.card)


def opened(weights: Weights, path: Path, card: Card | None = None) -> Learner:
    """Make a learner of weights in any known layout.

    Args:
        weights: as ``checkpoints.read_weights`` gives them.
        path: where they came from.
        card: of the detector that they belong to.

    Raises:
        IncompatibleWeights: they fit no known layout, or cannot be written back in it.
    """
    published = checkpoints.fitting(weights, path)
    state = published.network.state_dict()
    names = _names(published, weights, path)
    rest = {name: weights[name] for name in weights.keys() - names.values()}
    _take_memory(published.network)
    length_s = card.windows.get("length_s") if card else None
    rate = card.sample_rate if card else published.sample_rate
    network = published.network.float()
    assert state.keys() == names.keys()
    return Learner(
        name=card.name if card else path.stem,
        architecture=published.name,
        network=network,
        window=round(length_s * rate) if length_s else published.window,
        sample_rate=rate,
        card=card,
        digest=store.sha256_of(path) if path.is_file() else "",
        names=names,
        rest=rest,
    )


def _trainable(found: store.Found) -> Weights:
    try:
        return checkpoints.read_weights(found.network)
    except IncompatibleWeights as exc:
        raise IncompatibleWeights(
            f"'{found.card.name}' cannot be trained: its network is no file of weights that a "
            f"known layout fits. {exc}"
        ) from exc


def _names(published: Published, weights: Weights, path: Path) -> dict[str, str]:
    """Find out which weight of the file becomes which of the network.

    Each is replaced by its own number, and looked for where the network was built from those.
    """
    layout = _layout(published.name)
    marked: Weights = {
        name: torch.full((), number, dtype=torch.float32).expand(value.shape)
        for number, (name, value) in enumerate(weights.items())
    }
    network = layout.build(published.name, marked).network
    known = list(weights)
    names, real = {}, published.network.state_dict()
    for our, value in network.state_dict().items():
        number = int(value.flatten()[0]) if value.numel() else -1
        is_marked = bool((value == number).all()) and 0 <= number < len(known)
        theirs = known[number] if is_marked else ""
        if not is_marked or not torch.equal(real[our].float(), weights[theirs].float()):
            raise IncompatibleWeights(
                f"{path}: {published.name} cannot be trained: its '{our}' cannot be written back."
            )
        names[our] = theirs
    return names


def _layout(name: str) -> Layout:
    layouts = [LAYOUTS.get(one)() for one in LAYOUTS.names()]
    return next(layout for layout in layouts if name in layout.networks)


def _take_memory(network: nn.Module) -> None:
    """Copy what may lie in a file on the disk to memory, where torch puts it: sums depend on it."""
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data = torch.empty_like(tensor.data).copy_(tensor.data)
