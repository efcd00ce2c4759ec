"""Which corpus lies there, and what is said where it is none or more than one."""

from pathlib import Path

import pytest

from corpus_miniatures import MINIATURES, lines, write
from earwitness.errors import ProtocolError, UnknownName
from earwitness.protocols import PROTOCOLS, recognise


def test_a_protocol_is_found_by_its_file_name() -> None:
    assert PROTOCOLS.get("in-the-wild") is PROTOCOLS.get("in_the_wild")
    with pytest.raises(UnknownName, match=r"no protocol called 'page'\. Did you mean pages"):
        PROTOCOLS.get("page")


def test_nothing_at_the_root_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"gone: there is no such file or folder"):
        recognise(tmp_path / "gone")


def test_a_folder_that_fits_nothing_is_told_with_where_to_look(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", "x")
    with pytest.raises(ProtocolError, match=r"no folders Real and Fake.*`earwitness protocols`"):
        recognise(tmp_path)


def test_a_file_that_fits_nothing_is_told_with_its_first_line(tmp_path: Path) -> None:
    text = write(tmp_path / "mine.csv", lines("wav;duration", "a.wav;2"))
    with pytest.raises(ProtocolError, match=r"mine\.csv: is no list .*first line.*'wav;duration'"):
        recognise(text)


def test_two_corpora_in_one_folder_are_not_chosen_between(tmp_path: Path) -> None:
    MINIATURES["asvspoof2021_la"].make(tmp_path)
    MINIATURES["asvspoof2019_la"].make(tmp_path)
    with pytest.raises(
        ProtocolError, match=r"could be asvspoof2019_la or asvspoof2021_la\. Say which with --proto"
    ):
        recognise(tmp_path)


@pytest.mark.parametrize("name", ["asvspoof2019_la", "asvspoof2021_la", "asvspoof2021_df"])
def test_a_list_is_recognised_by_itself_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    MINIATURES[name].make(tmp_path)
    listing = next(iter(MINIATURES[name].lists))
    renamed = (tmp_path / listing).rename(tmp_path / "key.txt")
    assert recognise(renamed) == name


def test_a_corpus_of_its_own_wins_over_what_fits_anything(tmp_path: Path) -> None:
    """MLAAD is two folders called fake and original, and its meta.csv is a table with paths."""
    root = MINIATURES["mlaad"].make(tmp_path)
    assert PROTOCOLS.get("folder")().partitions(root) == ("eval",)
    assert recognise(root) == "mlaad"
    meta = MINIATURES["in_the_wild"].make(tmp_path / "itw") / "release_in_the_wild" / "meta.csv"
    assert PROTOCOLS.get("manifest")().partitions(meta) == ("eval",)
    assert recognise(meta) == "in_the_wild"


def test_the_corpus_beside_the_repository_is_recognised(shared: Path) -> None:
    assert recognise(shared / "corpus") == "pages"
    assert PROTOCOLS.get("pages")().partitions(shared / "corpus") == ("train", "dev")
