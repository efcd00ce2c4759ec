"""The known layouts together: whose networks they are, and how far each was compared."""

import pytest

from earwitness.models.layouts import LAYOUTS

pytestmark = pytest.mark.torch

PROOFS = {
    "AASIST": "scores",
    "AASIST (cosines)": "structure only",
    "AASIST-L": "scores",
    "AASIST-L (cosines)": "structure only",
    "Early Whisper + fine spectrum": "scores",
    "RawGAT-ST": "scores",
    "XLS-R + AASIST": "code",
    "XLS-R + AASIST (cosines)": "structure only",
    "XLS-R + Conformer-TCM": "structure only",
    "XLS-R + Nes2Net-X": "structure only",
    "XLS-R + SLS": "structure only",
    "RawNet2": "structure only",
    "LFCC-LCNN": "structure only",
    "LFCC-LCNN with P2SGrad": "structure only",
}


def test_every_network_says_how_far_it_was_compared_with_the_published_one() -> None:
    layouts = [LAYOUTS.get(name)() for name in LAYOUTS.names()]
    assert {network: one.proof for one in layouts for network in one.networks} == PROOFS


def test_no_two_layouts_claim_one_network() -> None:
    networks = [network for name in LAYOUTS.names() for network in LAYOUTS.get(name)().networks]
    assert len(networks) == len(set(networks))
