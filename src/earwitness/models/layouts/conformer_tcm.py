"""The layout of github.com/ductuantruong/tcm_add: XLS-R and a conformer with head tokens."""

from __future__ import annotations

import re

from earwitness.models.backends.conformer_tcm import ConformerTcm, ConformerTcmSettings
from earwitness.models.frontends.ssl import SslSettings
from earwitness.models.layouts import LAYOUTS, Layout
from earwitness.models.layouts._fairseq import BehindXlsr

_PARTS = (
    (r"project\.", "LL."),
    (r"norm\.", "first_bn."),
    (r"places$", "conformer.positional_emb"),
    (r"token$", "conformer.class_token"),
    (r"out\.", "conformer.fc5."),
)
_BLOCK = re.compile(r"blocks\.(\d+)\.(.+)")
_IN_A_BLOCK = (
    (r"first\.norm\.", "ff1.fn.norm."),
    (r"first\.widen\.", "ff1.fn.fn.net.0."),
    (r"first\.narrow\.", "ff1.fn.fn.net.3."),
    (r"second\.norm\.", "ff2.fn.norm."),
    (r"second\.widen\.", "ff2.fn.fn.net.0."),
    (r"second\.narrow\.", "ff2.fn.fn.net.3."),
    (r"attention\.norm\.", "attn.norm."),
    (r"attention\.qkv\.", "attn.fn.qkv."),
    (r"attention\.out\.", "attn.fn.proj."),
    (r"attention\.token\.", "attn.fn.ht_proj."),
    (r"attention\.token_norm\.", "attn.fn.ht_norm."),
    (r"attention\.token_places$", "attn.fn.pos_embed"),
    (r"convolution\.norm\.", "conv.net.0."),
    (r"convolution\.enter\.", "conv.net.2."),
    (r"convolution\.over_time\.", "conv.net.4.conv."),
    (r"convolution\.inner_norm\.", "conv.net.5."),
    (r"convolution\.leave\.", "conv.net.7."),
    (r"norm\.", "post_norm."),
)


def back_end(settings: SslSettings) -> ConformerTcm:
    """Build the back end behind this encoder."""
    return ConformerTcm(ConformerTcmSettings(features=settings.width))


def back_end_key(our: str) -> str:
    """Translate one key of ``backends.conformer_tcm`` into the published one."""
    block = _BLOCK.fullmatch(our)
    prefix = f"conformer.encoder_blocks.{block[1]}." if block else ""
    inner = block[2] if block else our
    for pattern, theirs in _IN_A_BLOCK if block else _PARTS:
        if re.match(pattern, inner):
            return prefix + re.sub(f"^{pattern}", theirs, inner)
    raise KeyError(our)


# Trained and scored on 66,800 samples (4.175 s) instead of the usual 64,600.
NETWORK = BehindXlsr("XLS-R + Conformer-TCM", back_end, back_end_key, window=66_800)


@LAYOUTS.add
def layout() -> Layout:
    """Describe the layout."""
    return NETWORK.layout(proof="structure only")
