"""A corpus made of the examples: speech, and the same speech damaged in a way that is easy to hear.

Every fourth sample of a spoof is held, so that images of its spectrum stand above 2 kHz.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from earwitness.audio.read import open_recording

RATE = 16_000
CLIPS = 24
SPEECH = (
    "bonafide_pocketsphinx_numbers.wav",
    "bonafide_pocketsphinx_librivox_1.flac",
    "bonafide_asterisk_it_2.flac",
    "bonafide_asterisk_ru_2.wav",
)
_HEADER = "path\tsplit\tlabel\tattack_type\tsystem\tpage"
_PIECES = 3
_SECONDS = 6


def make_corpus(root: Path, examples: Path) -> Path:
    """Write ``manifest.tsv``, ``folds.tsv`` (two folds) and ``audio/``: 24 clips, half spoofs.

    The one row of its dev partition has no sound: opening it would be an error.
    """
    (root / "audio").mkdir(parents=True)
    rows = [_HEADER, "audio/gone.wav\tdev\tspoof\ttts\tX\towner/gone"]
    folds = ["path\tfold"]
    for number, name in enumerate(SPEECH):
        with open_recording(examples / name, sample_rate=RATE) as recording:
            sound = np.concatenate(list(recording.blocks()))[: _SECONDS * RATE]
        for piece, part in enumerate(np.array_split(sound, _PIECES)):
            held = np.repeat(part[::4], 4)
            for label, samples in (("bonafide", part), ("spoof", held)):
                path = f"audio/{number}{piece}{label}.wav"
                soundfile.write(root / path, samples, RATE)
                kind = "-\t-" if label == "bonafide" else f"vocoded\tHold {number}"
                rows.append(f"{path}\ttrain\t{label}\t{kind}\towner{number}/page")
                folds.append(f"{path}\t{number % 2}")
    (root / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (root / "folds.tsv").write_text("\n".join(folds) + "\n", encoding="utf-8")
    return root
