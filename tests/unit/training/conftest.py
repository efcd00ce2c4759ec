"""A corpus of speech that more than one test of training asks for."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from made_runs import RATE

from earwitness.audio.read import open_recording

SPEECH = (
    "bonafide_pocketsphinx_numbers.wav", "bonafide_pocketsphinx_librivox_1.flac",
    "bonafide_asterisk_it_2.flac", "bonafide_asterisk_ru_2.wav",
)  # fmt: skip
PIECES = 3
HEADER = "path\tsplit\tlabel\tattack_type\tsystem\tpage"


@pytest.fixture(scope="session")
def corpus(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Speech as bona fide, and the same with every fourth sample held as a spoof.

    ``folds.tsv`` lies beside the manifest. The rows of its dev partition have no sound: opening
    one of them would be an error.
    """
    root = tmp_path_factory.mktemp("corpus")
    (root / "audio").mkdir()
    rows, folds = [HEADER, "audio/gone.wav\tdev\tspoof\ttts\tX\towner/gone"], ["path\tfold"]
    for number, name in enumerate(SPEECH):
        with open_recording(examples / name, sample_rate=RATE) as recording:
            sound = np.concatenate(list(recording.blocks()))
        for piece, part in enumerate(np.array_split(sound[: 6 * RATE], PIECES)):
            held = np.repeat(part[::4], 4)
            for label, samples in (("bonafide", part), ("spoof", held)):
                path = f"audio/{number}{piece}{label}.wav"
                soundfile.write(root / path, samples, RATE)
                kind, system = ("-", "-") if label == "bonafide" else ("vocoded", f"Hold {number}")
                rows.append(f"{path}\ttrain\t{label}\t{kind}\t{system}\towner{number}/page")
                folds.append(f"{path}\t{number % 2}")
    (root / "manifest.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (root / "folds.tsv").write_text("\n".join(folds) + "\n", encoding="utf-8")
    return root


@pytest.fixture(autouse=True)
def _as_torch_was():
    """Take back what a run sets for its whole process."""
    threads = torch.get_num_threads()
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)
