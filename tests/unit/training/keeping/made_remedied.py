"""Small real networks, and a plain loop that teaches them something with remedies."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from earwitness.models.backends.aasist import Aasist, AasistSettings
from earwitness.models.backends.ssl_aasist import SMALL as SMALL_BACK
from earwitness.models.backends.ssl_aasist import SslAasist
from earwitness.models.branches import Branches, BranchSettings
from earwitness.models.countermeasure import Countermeasure
from earwitness.models.frontends.sinc import SincBands, SincSettings
from earwitness.models.frontends.ssl import SMALL as SMALL_FRONT
from earwitness.models.frontends.ssl import SslEncoder
from earwitness.training import keeping
from earwitness.training.keeping import Remedy
from earwitness.training.outputs import outputs_of

WHISPER = BranchSettings(
    "whisper",
    "moments",
    {"width": 64, "layers": 2, "positions": 100},
    {"layers": 3, "width": 64, "hidden": 8, "heads": 1, "dropout": 0.0},
)
SPECTRUM = BranchSettings(
    "spectrum",
    "statistics",
    {"size": 64, "hop": 64, "cepstra": 4},
    {"rows": 200, "power_rows": 33, "hidden": 8, "heads": 1, "dropout": 0.0},
)


def branches(seed: int = 0) -> Branches:
    """The embedded detector's kind, small."""
    torch.manual_seed(seed)
    return Branches((WHISPER, SPECTRUM)).eval()


NARROW = AasistSettings(first_width=6, width=8, graph_width=8)


def aasist(seed: int = 0) -> Countermeasure:
    """AASIST, narrow: batch norms, and a front end without weights."""
    torch.manual_seed(seed)
    return Countermeasure(SincBands(SincSettings()), Aasist(NARROW)).eval()


def xlsr(seed: int = 0) -> Countermeasure:
    """The kind of XLS-R and AASIST, small."""
    torch.manual_seed(seed)
    return Countermeasure(SslEncoder(SMALL_FRONT), SslAasist(SMALL_BACK)).eval()


def batch(
    number: int, *, seed: int = 5, samples: int = 8_000, rows: int = 4
) -> tuple[Tensor, Tensor]:
    """Noise whose colour tells its label."""
    chance = torch.Generator().manual_seed(1000 * seed + number)
    noise = torch.randn(rows, samples, generator=chance)
    targets = torch.arange(rows).remainder(2).float()
    dull = functional.avg_pool1d(noise[:, None], 5, 1, 2).squeeze(1)
    return torch.where(targets[:, None] > 0, noise, dull) * 0.1, targets


def keep(number: int) -> tuple[Tensor, Tensor]:
    """Noise of another colour: what was known before."""
    samples, targets = batch(number, seed=9)
    return samples.diff(dim=1, append=samples[:, -1:]), 1.0 - targets


def learn(
    network: nn.Module,
    remedies: Sequence[Remedy],
    *,
    steps: int = 3,
    rate: float = 1e-2,
    with_keep: bool = True,
) -> nn.Module:
    """Teach a network in place, Adam and cross-entropy, and give it folded."""
    penalty = keeping.penalty(network, remedies, keep if with_keep else None)
    keeping.adapt(network, remedies)
    trained = [weight for weight in network.parameters() if weight.requires_grad]
    adam = torch.optim.Adam(trained, lr=rate)
    for step in range(steps):
        network.train()
        samples, targets = batch(step)
        outputs = outputs_of(network, samples)
        loss = functional.cross_entropy(outputs.logits, targets.long())
        if penalty is not None:
            loss = loss + penalty(network, samples, outputs, step)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return keeping.folded(network.eval(), remedies)


def distance(one: nn.Module, other: nn.Module) -> float:
    """How far two networks' weights lie apart, together."""
    theirs = dict(other.named_parameters())
    return (
        float(
            sum(
                (weight - theirs[name]).detach().square().sum()
                for name, weight in one.named_parameters()
            )
        )
        ** 0.5
    )
