"""The files that ``models.py`` needs: ``python model_files.py NETWORK FOLDER`` makes a network's.

In a process of its own, which gives its memory back. What is there is not made again.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import numpy as np
from clips import CORPUS, corpus_files, example_pieces
from model_variants import WINDOW

CLIPS = 20
RATE = 16_000
SEED = 20_261_125
RECORDED = 8
GOLDEN = CORPUS.parent / "golden"
PUBLISHED = {
    "aasist": GOLDEN / "aasist" / "AASIST.pth",
    "aasist_l": GOLDEN / "aasist" / "AASIST-L.pth",
    "rawgat_st": GOLDEN / "rawgat_st" / "RawGAT_ST_mul.pth",
}


def write_clips(folder: Path) -> str:
    """Write 20 windows of real speech, of the corpus's training part or of the examples."""
    from earwitness.export.parity import read_clips

    files = list(corpus_files())
    if files:
        spread = files[:: len(files) // CLIPS][:CLIPS]
        rows = [clip.samples for clip in read_clips(spread, window=WINDOW, sample_rate=RATE)]
    else:
        pieces = (piece for piece, rate in example_pieces() if rate == RATE)
        rows = [np.resize(next(pieces), WINDOW) for _ in range(CLIPS)]
    np.save(folder / "clips.npy", np.stack(rows).astype(np.float32))
    return "corpus, train" if files else "examples"


def make(network: str, folder: Path) -> None:
    """Write what the variants of a network run."""
    if network == "xlsr_aasist":
        make_xlsr(folder)
        return
    published = PUBLISHED[network]
    if not published.exists():
        raise SystemExit(f"{published}: the published weights of {network} are needed.")
    export(published, folder / f"{published.stem}.onnx")
    shutil.copyfile(published, folder / published.name)


def make_xlsr(folder: Path) -> None:
    from earwitness.export.parity import made_clips
    from earwitness.export.quantising import quantise_file

    weights, whole, rounded = (
        folder / name for name in ("xlsr.pth", "xlsr.onnx", "xlsr_int8.onnx")
    )
    if not weights.exists():
        write_random_xlsr(weights)
    export(weights, whole)
    if not rounded.exists():
        unfinished = folder / "unfinished.onnx"
        shutil.copyfile(whole, unfinished)
        recorded = made_clips(window=WINDOW, sample_rate=RATE, count=RECORDED)
        quantise_file(unfinished, [clip.samples for clip in recorded])
        os.replace(unfinished, rounded)


def export(weights: Path, path: Path) -> None:
    from earwitness.export.to_onnx import write_onnx
    from earwitness.models import checkpoints

    if not path.exists():
        write_onnx(checkpoints.read(weights).network, path, window=WINDOW)


def write_random_xlsr(path: Path) -> None:
    """Draw XLS-R 300M + AASIST and save it as it is published: 674 keys, spelled by fairseq."""
    import torch

    from earwitness.models.countermeasure import Countermeasure
    from earwitness.models.frontends.ssl import XLSR_300M, SslEncoder
    from earwitness.models.layouts._fairseq import pretraining_shapes
    from earwitness.models.layouts.ssl_anti_spoofing import NETWORK

    torch.manual_seed(SEED)
    network = Countermeasure(SslEncoder(XLSR_300M), NETWORK.back_end(XLSR_300M))
    weights = {NETWORK.published_key(ours): w for ours, w in network.state_dict().items()}
    leftovers = pretraining_shapes(XLSR_300M, {})
    weights |= {key: 0.02 * torch.randn(shape) for key, shape in leftovers.items()}
    unfinished = path.with_suffix(".unfinished")
    torch.save(weights, unfinished)
    os.replace(unfinished, path)


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
