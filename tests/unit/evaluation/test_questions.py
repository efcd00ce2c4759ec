"""A data set as a user names it → trials, with the partition that results are reported on."""

from pathlib import Path

import pytest

from earwitness.errors import ProtocolError, UnknownName
from earwitness.evaluation.questions import default_partition, questions
from earwitness.records import Label

HEAD = "path\tsplit\tlabel\tattack_type\tsystem\tpage\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Real/a.wav", "Fake/a.wav", "Fake/b.wav"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound")
    return tmp_path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rows = []
    for split in ("train", "dev"):
        for label in ("bonafide", "spoof"):
            (tmp_path / f"{split}-{label}.wav").write_bytes(b"sound")
            rows.append(f"{split}-{label}.wav\t{split}\t{label}\t-\t-\towner/{split}\n")
    (tmp_path / "manifest.tsv").write_text(HEAD + "".join(rows), encoding="utf-8")
    return tmp_path


def test_two_folders_are_the_partition_eval(folder: Path) -> None:
    found = questions(folder)
    assert (found.protocol, found.partition, found.partitions) == ("folder", "eval", ("eval",))
    assert {(one.id, one.label) for one in found.trials} == {
        ("Real/a.wav", Label.BONA_FIDE), ("Fake/a.wav", Label.SPOOF), ("Fake/b.wav", Label.SPOOF),
    }  # fmt: skip


def test_a_corpus_without_eval_is_measured_on_dev(corpus: Path) -> None:
    found = questions(corpus)
    assert (found.protocol, found.partition) == ("pages", "dev")
    assert found.partitions == ("train", "dev")
    assert found.kin == ("page",)
    assert "attack_type" in found.groups


def test_a_partition_can_be_chosen(corpus: Path) -> None:
    found = questions(corpus, protocol="pages", partition="train")
    assert [one.partition for one in found.trials] == ["train", "train"]


def test_a_partition_that_is_not_there_is_told(corpus: Path) -> None:
    with pytest.raises(ProtocolError, match=r"no partition 'eval'\. Use train or dev"):
        questions(corpus, partition="eval")


def test_a_protocol_that_is_not_known_is_told(corpus: Path) -> None:
    with pytest.raises(UnknownName, match=r"no protocol called 'paegs'\. Did you mean pages"):
        questions(corpus, protocol="paegs")


def test_a_protocol_that_does_not_fit_says_what_it_looked_for(folder: Path) -> None:
    with pytest.raises(ProtocolError, match=r"no such data set\. Looked for: manifest\.tsv"):
        questions(folder, protocol="pages")


@pytest.mark.parametrize("protocol", [None, "folder", "pages"])
def test_a_place_that_is_not_there_is_told(tmp_path: Path, protocol: str | None) -> None:
    with pytest.raises(ProtocolError, match="gone: there is no such file or folder"):
        questions(tmp_path / "gone", protocol=protocol)


def test_one_label_is_not_enough(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("path,label\na.wav,real\nb.wav,real\n", encoding="utf-8")
    (tmp_path / "a.wav").write_bytes(b"sound")
    with pytest.raises(ProtocolError, match=r"2 bona fide and 0 spoof trials\. Both are needed"):
        questions(path)


@pytest.mark.parametrize(
    ("there", "chosen"),
    [
        (("train", "dev", "eval"), "eval"),
        (("train", "dev"), "dev"),
        (("progress",), "progress"),
        (("eval", "progress", "hidden"), "eval"),
    ],
)
def test_results_are_reported_on_eval_else_dev_else_the_only_one(
    there: tuple[str, ...], chosen: str
) -> None:
    assert default_partition(there, where="x", looks_for="y") == chosen


def test_of_several_others_none_is_guessed() -> None:
    with pytest.raises(ProtocolError, match=r"choose a --partition\. There are: train, hidden"):
        default_partition(("train", "hidden"), where="x", looks_for="y")
