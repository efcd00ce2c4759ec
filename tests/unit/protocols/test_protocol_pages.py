from collections import Counter
from pathlib import Path

import pytest

from earwitness.errors import ProtocolError
from earwitness.protocols.pages import owner, protocol, trials
from earwitness.records import Label

HEADER = "path\tsplit\tlabel\tattack_type\tsystem\tpage\tlanguage"
LINES = [
    "audio/train/1.flac\ttrain\tbonafide\t-\t-\tann/demo\ten",
    "audio/train/2.flac\ttrain\tspoof\ttts\tVITS\tann/demo\ten",
    "audio/dev/3.flac\tdev\tspoof\tvc\tFreeVC\tbob/pages\tzh",
    "audio/dev/4.flac\tdev\tbonafide\t-\t-\tbob/pages\tzh",
    'audio/train/5.flac\ttrain\tspoof\ttts\t"quoted\tcy/x\tit',
]


def corpus(folder: Path, *lines: str, header: str = HEADER) -> Path:
    (folder / "manifest.tsv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return folder


def test_a_partition_is_listed_in_the_manifests_order(tmp_path: Path) -> None:
    found = list(trials(corpus(tmp_path, *LINES), "train"))
    assert [trial.id for trial in found] == [f"audio/train/{i}.flac" for i in (1, 2, 5)]
    assert [trial.label for trial in found] == [Label.BONA_FIDE, Label.SPOOF, Label.SPOOF]
    assert {trial.partition for trial in found} == {"train"}


def test_a_trial_knows_where_its_audio_lies_and_what_else_the_manifest_says(tmp_path: Path) -> None:
    trial = next(trials(corpus(tmp_path, *LINES), "dev"))
    assert trial.path == tmp_path / "audio" / "dev" / "3.flac"
    assert trial.meta == {
        "attack_type": "vc",
        "system": "FreeVC",
        "page": "bob/pages",
        "language": "zh",
    }


def test_a_quotation_mark_is_a_letter_like_any_other(tmp_path: Path) -> None:
    assert list(trials(corpus(tmp_path, *LINES), "train"))[2].meta["system"] == '"quoted'


def test_empty_lines_and_foreign_line_ends_do_not_matter(tmp_path: Path) -> None:
    root = corpus(tmp_path, *LINES[:2], "", LINES[4], "")
    (root / "manifest.tsv").write_bytes(
        (root / "manifest.tsv").read_bytes().replace(b"\n", b"\r\n")
    )
    assert len(list(trials(root, "train"))) == 3


def test_the_owner_is_the_first_part_of_the_page(tmp_path: Path) -> None:
    assert [owner(trial) for trial in trials(corpus(tmp_path, *LINES), "dev")] == ["bob", "bob"]


def test_a_missing_manifest_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"manifest\.tsv: cannot be read \(No such file"):
        list(trials(tmp_path, "train"))


def test_a_manifest_that_is_no_text_is_told_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "manifest.tsv").write_bytes(b"path\xff\xfe")
    with pytest.raises(ProtocolError, match=r"manifest\.tsv: is not UTF-8 \(byte 4\)"):
        list(trials(tmp_path, "train"))


@pytest.mark.parametrize("column", ["path", "split", "label", "attack_type", "system", "page"])
def test_a_missing_column_is_named(tmp_path: Path, column: str) -> None:
    root = corpus(tmp_path, *LINES, header=HEADER.replace(column, "other"))
    with pytest.raises(ProtocolError, match=f"manifest.tsv: the header has no column '{column}'"):
        list(trials(root, "train"))


@pytest.mark.parametrize("line", ["audio/train/6.flac\ttrain", LINES[0] + "\tmore"])
def test_a_line_with_too_few_or_too_many_columns_is_named(tmp_path: Path, line: str) -> None:
    root = corpus(tmp_path, *LINES[1:], "", line)  # the empty line counts
    with pytest.raises(
        ProtocolError, match=r"manifest\.tsv, line 7: (2|8) columns, where the header has 7"
    ):
        list(trials(root, "train"))


def test_a_manifest_with_a_fault_is_still_a_manifest(tmp_path: Path) -> None:
    """So that the fault is told, and not that nothing fits."""
    assert protocol().partitions(corpus(tmp_path, "audio/1.flac")) == ("train", "dev")


def test_an_unknown_label_is_told_with_file_and_line(tmp_path: Path) -> None:
    root = corpus(tmp_path, LINES[0], LINES[1].replace("spoof", "fake"))
    with pytest.raises(
        ProtocolError,
        match=r"manifest\.tsv, line 3: label 'fake' is neither 'bonafide' nor 'spoof'",
    ):
        list(trials(root, "train"))


def test_a_path_that_is_there_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    root = corpus(tmp_path, *LINES, LINES[0].replace("train", "dev", 2).replace("dev", "train", 1))
    with pytest.raises(ProtocolError, match=r"line 7: 'audio/train/1\.flac' is on line 2 already"):
        list(trials(root, "train"))


def test_an_unknown_partition_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"no partition 'eval'\. Use train or dev"):
        list(trials(corpus(tmp_path, *LINES), "eval"))


def test_a_manifest_without_trials_has_no_partition(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"no partition 'train'\. Use nothing: there"):
        list(trials(corpus(tmp_path), "train"))


def test_the_real_corpus_is_read_whole(shared: Path) -> None:
    root = shared / "corpus"
    parts = {name: list(trials(root, name)) for name in ("train", "dev")}
    lines = (root / "manifest.tsv").read_text(encoding="utf-8").splitlines()
    assert sum(map(len, parts.values())) == len(lines) - 1
    for name, part in parts.items():
        assert all(trial.path.is_file() for trial in part[:50])
        labels = Counter(trial.label for trial in part)
        told = Counter(line.split("\t")[2] for line in lines[1:] if line.split("\t")[1] == name)
        assert labels == told
