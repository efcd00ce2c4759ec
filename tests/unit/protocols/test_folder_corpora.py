"""Corpora whose labels are folder names: two folders, Fake-or-Real, WaveFake, MLAAD."""

import os
import shutil
from pathlib import Path

import pytest

from corpus_miniatures import MINIATURES, lines, write
from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS
from earwitness.protocols import _folders as folders_module

FOLDER = PROTOCOLS.get("folder")()
FOR = PROTOCOLS.get("fake_or_real")()
WAVEFAKE = PROTOCOLS.get("wavefake")()
MLAAD = PROTOCOLS.get("mlaad")()


def pair(root: Path, bona_fide: str = "Real", spoof: str = "Fake") -> Path:
    write(root / bona_fide / "1.wav", "x")
    write(root / spoof / "1.wav", "x")
    return root


def ids(trials) -> list[str]:
    return [trial.id for trial in trials]


@pytest.mark.parametrize("word", ["real", "BonaFide", "bona-fide", "bona_fide", "Bona Fide"])
@pytest.mark.parametrize("spoof", ["FAKE", "spoof", "Spoofed", "synthetic", "Deepfake"])
def test_labels_go_by_many_names(word: str, spoof: str, tmp_path: Path) -> None:
    found = list(FOLDER.trials(pair(tmp_path, word, spoof), "eval"))
    assert [(t.id, t.label.value) for t in found] == [
        (f"{word}/1.wav", "bonafide"),
        (f"{spoof}/1.wav", "spoof"),
    ]


@pytest.mark.parametrize(
    ("one", "other"), [("genuine", "generated"), ("human", "fake"), ("original", "spoof")]
)
def test_labels_go_by_more_names(one: str, other: str, tmp_path: Path) -> None:
    found = ids(FOLDER.trials(pair(tmp_path, one, other), "eval"))
    assert found == [f"{one}/1.wav", f"{other}/1.wav"]


def test_what_is_no_audio_or_hidden_is_left_alone(tmp_path: Path) -> None:
    pair(tmp_path)
    for name in ("Real/notes.txt", "Real/.2.wav", "Fake/.git/3.wav", ".Real/4.wav"):
        write(tmp_path / name, "x")
    assert ids(FOLDER.trials(tmp_path, "eval")) == ["Real/1.wav", "Fake/1.wav"]


def test_a_subfolder_is_the_source(tmp_path: Path) -> None:
    write(pair(tmp_path) / "Fake" / "tts" / "b" / "2.opus", "x")
    assert [dict(t.meta) for t in FOLDER.trials(tmp_path, "eval")] == [{}, {}, {"source": "tts/b"}]


@pytest.mark.parametrize(
    ("gone", "fault"),
    [("Real", r"has no folder of bona fide .* recordings"), ("Fake", r"has no folder of spoof")],
)
def test_a_missing_folder_is_told(gone: str, fault: str, tmp_path: Path) -> None:
    shutil.rmtree(pair(tmp_path) / gone)
    assert FOLDER.partitions(tmp_path) == ("eval",)
    with pytest.raises(ProtocolError, match=fault):
        FOLDER.trials(tmp_path, "eval")


def test_two_folders_of_one_label_are_told(tmp_path: Path) -> None:
    write(pair(tmp_path) / "synthetic" / "2.wav", "x")
    with pytest.raises(ProtocolError, match=r"both 'Fake' and 'synthetic' are folders of spoof"):
        FOLDER.trials(tmp_path, "eval")


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (pair(tmp_path) / "Real" / "1.wav").rename(tmp_path / "Real" / "1.txt")
    with pytest.raises(ProtocolError, match=r"Real: no file in this folder has the name of an aud"):
        FOLDER.trials(tmp_path, "eval")


def test_recordings_outside_of_both_folders_are_told(tmp_path: Path) -> None:
    pair(tmp_path)
    assert FOLDER.remarks(tmp_path) == ()
    for name in ("0.wav", "unsure/a.wav", "unsure/b.wav", "unsure/c.wav"):
        write(tmp_path / name, "x")
    (remark,) = FOLDER.remarks(tmp_path)
    assert remark == (
        "4 recordings lie outside of the folders of bona fide and spoofed recordings, and are "
        "left out: 0.wav, unsure/a.wav, unsure/b.wav, …"
    )
    assert len(list(FOLDER.trials(tmp_path, "eval"))) == 2


def test_pairs_may_lie_in_folders_called_like_partitions(tmp_path: Path) -> None:
    for name in ("Train", "val", "test"):
        pair(tmp_path / name)
    assert FOLDER.partitions(tmp_path) == ("train", "dev", "eval")
    assert ids(FOLDER.trials(tmp_path, "dev")) == ["val/Real/1.wav", "val/Fake/1.wav"]
    assert len(list(FOLDER.trials(tmp_path, "all"))) == 6
    write(tmp_path / "Train" / "loose.wav", "x")
    (remark,) = FOLDER.remarks(tmp_path)
    assert remark.endswith("left out: Train/loose.wav")


def test_one_partition_in_two_folders_is_read_from_both(tmp_path: Path) -> None:
    pair(tmp_path / "val")
    pair(tmp_path / "validation")
    assert FOLDER.partitions(tmp_path) == ("dev",)
    assert len(list(FOLDER.trials(tmp_path, "dev"))) == 4


def test_a_folder_that_cannot_be_searched_is_told(tmp_path: Path, monkeypatch) -> None:
    def closed(folder: str, *, onerror) -> list[str]:
        onerror(PermissionError(13, "Permission denied", folder))
        return []

    monkeypatch.setattr(folders_module, "audio_files", closed)
    with pytest.raises(ProtocolError, match=r"Real: cannot be searched \(Permission denied\)"):
        FOLDER.trials(pair(tmp_path), "eval")


def test_a_link_to_the_data_is_followed(tmp_path: Path) -> None:
    pair(tmp_path / "disk")
    (tmp_path / "set").mkdir()
    for name in ("Real", "Fake"):
        os.symlink(tmp_path / "disk" / name, tmp_path / "set" / name)
    assert ids(FOLDER.trials(tmp_path / "set", "eval")) == ["Real/1.wav", "Fake/1.wav"]


def test_base_names_that_collide_have_ids_of_their_own(tmp_path: Path) -> None:
    root = MINIATURES["fake_or_real"].make(tmp_path)
    trials = list(FOR.trials(root, "train"))
    assert len({trial.path.name for trial in trials}) == 1
    assert len(set(ids(trials))) == 2


@pytest.mark.parametrize(
    ("below", "variant"),
    [
        ("for-2sec/for-2seconds", "2sec"),
        ("for-norm", "norm"),
        ("for-norm/for-norm", "norm"),
        ("FoR/for-original", "original"),
        ("for-rerec/for-rerecorded", "rerecorded"),
        ("renamed", "unknown"),
    ],
)
def test_the_variant_of_fake_or_real_is_named(below: str, variant: str, tmp_path: Path) -> None:
    for part in ("training", "validation", "testing"):
        pair(tmp_path / below / part, "real", "fake")
    trials = list(FOR.trials(tmp_path / below, "eval"))
    assert ids(trials) == ["testing/real/1.wav", "testing/fake/1.wav"]
    assert {trial.meta["variant"] for trial in trials} == {variant}


def test_a_variant_is_found_below_the_root(tmp_path: Path) -> None:
    pair(tmp_path / "for-norm" / "for-norm" / "testing", "real", "fake")
    assert FOR.partitions(tmp_path) == ("eval",)
    assert ids(FOR.trials(tmp_path, "eval")) == ["testing/real/1.wav", "testing/fake/1.wav"]


def test_several_variants_are_not_mixed(tmp_path: Path) -> None:
    for name in ("for-norm", "for-original"):
        pair(tmp_path / name / "testing", "real", "fake")
    with pytest.raises(
        ProtocolError, match=r"in several variants \(for-norm, for-original\)\. Give the folder"
    ):
        FOR.trials(tmp_path, "eval")


def test_generators_of_wavefake_are_attacks_and_utterances_tie_copies_to_originals(
    tmp_path: Path,
) -> None:
    trials = list(WAVEFAKE.trials(MINIATURES["wavefake"].make(tmp_path), "eval"))
    sources = {trial.id: trial.meta["source"] for trial in trials}
    assert sorted(sources.values()) == ["BASIC5000_0001"] * 2 + ["LJ001-0001"] * 3 + ["gen_0"]
    assert {(t.meta["attack"], t.meta["language"]) for t in trials} == {
        ("-", "en"),
        ("-", "ja"),
        ("jsut_parallel_wavegan", "ja"),
        ("ljspeech_hifiGAN", "en"),
        ("ljspeech_melgan", "en"),
        ("common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech", "en"),
    }
    assert WAVEFAKE.remarks(tmp_path) == ()


@pytest.mark.parametrize("place", ["", "WaveFake", "wavefake/generated_audio"])
def test_generators_of_wavefake_may_lie_on_other_levels(place: str, tmp_path: Path) -> None:
    write(tmp_path / place / "ljspeech_melgan" / "LJ1_gen.wav", "x")
    write(tmp_path / "LJSpeech-1.1" / "wavs" / "LJ1.wav", "x")
    assert len(list(WAVEFAKE.trials(tmp_path, "eval"))) == 2


def test_the_folder_of_generators_itself_may_be_given(tmp_path: Path) -> None:
    root = MINIATURES["wavefake"].make(tmp_path)
    assert len(list(WAVEFAKE.trials(root / "generated_audio", "eval"))) == 6


def test_wavefake_without_bona_fide_recordings_is_told(tmp_path: Path) -> None:
    root = MINIATURES["wavefake"].make(tmp_path)
    shutil.rmtree(root / "real_audio")
    (remark,) = WAVEFAKE.remarks(root)
    assert remark.startswith("JSUT (jsut_ver1.1/basic5000/wav) is not there, so its generators")
    assert len(list(WAVEFAKE.trials(root, "eval"))) == 5
    shutil.rmtree(root / "LJSpeech-1.1")
    with pytest.raises(ProtocolError, match=r"holds spoofs only\. Put .* LJ Speech \(LJSpeech-1.1"):
        WAVEFAKE.trials(root, "eval")
    assert WAVEFAKE.remarks(root) == ()


def test_mlaad_knows_language_model_and_original(tmp_path: Path) -> None:
    trials = list(MLAAD.trials(MINIATURES["mlaad"].make(tmp_path), "eval"))
    spoof = next(t for t in trials if t.id.endswith("thorsten_vits/a_f1.wav"))
    assert spoof.meta == {
        "language": "de",
        "attack": "vits thorsten",
        "architecture": "vits",
        "source": "de_DE/by_book/female/eva_k/toten_seelen/wavs/a_f1.wav",
    }
    original = next(t for t in trials if t.id.endswith("wavs/a_f1.wav"))
    assert original.meta == {
        "language": "de",
        "attack": "-",
        "architecture": "-",
        "source": spoof.meta["source"],
    }
    copied = {t.meta["source"] for t in trials if t.meta["language"] == "en"}
    assert copied == {"en_US/by_book/male/x/y/wavs/c.wav"}


def test_the_folder_of_fakes_itself_may_be_given(tmp_path: Path) -> None:
    root = MINIATURES["mlaad"].make(tmp_path)
    assert len(list(MLAAD.trials(root / "fake", "eval"))) == 5


def test_mlaad_without_m_ailabs_is_told(tmp_path: Path) -> None:
    root = MINIATURES["mlaad"].make(tmp_path)
    shutil.rmtree(root / "original")
    with pytest.raises(ProtocolError, match=r"holds spoofs only\. Unpack M-AILABS.*/original\."):
        MLAAD.trials(root, "eval")


def test_a_model_folder_without_its_table_is_no_part_of_mlaad(tmp_path: Path) -> None:
    root = MINIATURES["mlaad"].make(tmp_path)
    write(root / "fake" / "en" / "other" / "1.wav", "x")
    write(root / "original" / "loose.wav", "x")
    trials = list(MLAAD.trials(root, "eval"))
    assert not any("other" in trial.id for trial in trials)
    loose = next(trial for trial in trials if trial.id == "original/loose.wav")
    assert loose.meta["language"] == "-"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("x/1.wav||en|m|a\nx/1.wav||en|m|a", r"meta\.csv, line 3: 'fake/en/m/x/1\.wav' is on line"),
        ("1.wav||en", r"meta\.csv, line 2: 3 columns, where the header has 5"),
    ],
)
def test_faults_of_a_table_of_mlaad_are_told_with_file_and_line(
    line: str, fault: str, tmp_path: Path
) -> None:
    write(tmp_path / "original" / "1.wav", "x")
    header = "path|original_file|language|model_name|architecture"
    write(tmp_path / "fake" / "en" / "m" / "meta.csv", lines(header, line))
    with pytest.raises(ProtocolError, match=fault):
        MLAAD.trials(tmp_path, "eval")


def test_an_original_that_is_not_told_ties_to_nothing(tmp_path: Path) -> None:
    write(tmp_path / "original" / "1.wav", "x")
    header = "path|original_file|language|model_name|architecture"
    write(tmp_path / "fake" / "en" / "m" / "meta.csv", lines(header, "1.wav||en|m|a"))
    spoof = list(MLAAD.trials(tmp_path, "eval"))[-1]
    assert "source" not in spoof.meta


def test_links_to_folders_are_not_followed_and_that_is_told(tmp_path: Path) -> None:
    write(tmp_path / "speakers" / "a" / "2.wav", "x")
    root = tmp_path / "set"
    for one in (pair(root), pair(tmp_path / "for-norm" / "testing")):
        (one / "Real" / "a").symlink_to(tmp_path / "speakers" / "a")
        (one / "Fake" / "up").symlink_to(one)
    for protocol, place, within in (
        (FOLDER, root, ""), (FOR, tmp_path / "for-norm", "testing/")
    ):  # fmt: skip
        assert ids(protocol.trials(place, "eval")) == [f"{within}Real/1.wav", f"{within}Fake/1.wav"]
        (told,) = protocol.remarks(place)
        assert told.startswith(
            "2 links to folders were not followed, and what lies there is left out "
            f"({within}Fake/up, {within}Real/a)."
        )


def test_a_root_that_is_itself_a_link_is_searched(tmp_path: Path) -> None:
    pair(tmp_path / "disk")
    (tmp_path / "set").symlink_to(tmp_path / "disk")
    assert ids(FOLDER.trials(tmp_path / "set", "eval")) == ["Real/1.wav", "Fake/1.wav"]
    assert FOLDER.remarks(tmp_path / "set") == ()
