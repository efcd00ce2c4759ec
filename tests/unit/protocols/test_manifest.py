"""Lists of one's own, in every spelling that people bring."""

from pathlib import Path

import pytest

from corpus_miniatures import lines, write
from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS
from earwitness.records import Label, Trial

MANIFEST = PROTOCOLS.get("manifest")()
IN_THE_WILD = PROTOCOLS.get("in_the_wild")()


def key(text: str, tmp_path: Path, name: str = "mine.csv") -> list[Trial]:
    assert MANIFEST.key is not None
    return list(MANIFEST.key(write(tmp_path / name, text)))


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
@pytest.mark.parametrize("path", ["path", "file", "filename", "File_Name", "Audio-Path"])
@pytest.mark.parametrize("label", ["label", "KEY", "class", "cm-label"])
def test_columns_go_by_many_names(mark: str, path: str, label: str, tmp_path: Path) -> None:
    text = lines(f"{path}{mark}{label}", f"a.wav{mark}bonafide", f"b.wav{mark}spoof")
    assert [(t.id, t.label, t.partition) for t in key(text, tmp_path)] == [
        ("a.wav", Label.BONA_FIDE, "eval"),
        ("b.wav", Label.SPOOF, "eval"),
    ]


def test_the_key_of_asvspoof5_is_one_with_tabs_or_blanks(tmp_path: Path) -> None:
    tabs = lines("filename\tcm-label", "E_000001\tbonafide", "E_000002\tspoof")
    blanks = lines("trial_anon cm-label attack_anon codec", "E_000001 spoof A17 C01")
    assert [trial.id for trial in key(tabs, tmp_path)] == ["E_000001", "E_000002"]
    assert dict(key(blanks, tmp_path)[0].meta) == {"attack_anon": "A17", "codec": "C01"}


@pytest.mark.parametrize("word", ["train", "Training", "TRAIN"])
def test_partitions_go_by_many_names(word: str, tmp_path: Path) -> None:
    rows = (f"a,real,{word}", "b,fake,validation", "", "c,fake,mine", "d,real,-")
    text = lines("path,label,split", *rows)
    assert [trial.partition for trial in key(text, tmp_path)] == ["train", "dev", "mine", "eval"]
    assert MANIFEST.partitions(tmp_path / "mine.csv") == ("train", "dev", "eval", "mine")


def test_further_columns_are_kept_under_plain_names(tmp_path: Path) -> None:
    text = lines("Path,Label,Attack,Speaker ID,Language", 'a.wav,spoof,A01,"Obama, B.", en ')
    (trial,) = key(text, tmp_path)
    assert trial.meta == {"attack": "A01", "speaker_id": "Obama, B.", "language": "en"}


def test_a_cell_may_hold_line_ends_and_quotation_marks(tmp_path: Path) -> None:
    text = 'path,label,text\r\na.wav,real,"one\r\n""two"""\r\nb.wav,fake,three\r\n'
    first, second = key(text, tmp_path)
    assert first.meta["text"] == 'one\n"two"'
    assert second.id == "b.wav"


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    (trial,) = key("\ufeff" + lines("path;label", "a.wav;real"), tmp_path)
    assert trial.id == "a.wav"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("a/1.wav", "a/1.wav"),
        ("./a/1.wav", "a/1.wav"),
        ("a\\1.wav", "a/1.wav"),
        ("$ROOT/a/1.wav", "a/1.wav"),
        ("${ROOT}/a/1.wav", "a/1.wav"),
        ("../b/1.wav", "../b/1.wav"),
        ("/elsewhere/1.wav", "/elsewhere/1.wav"),
    ],
)
def test_a_path_is_spelled_in_one_way(told: str, name: str, tmp_path: Path) -> None:
    (trial,) = key(lines("path,label", f"{told},real"), tmp_path)
    assert trial.id == name
    assert trial.path == tmp_path / name


def test_an_absolute_path_below_the_list_is_told_from_the_list(tmp_path: Path) -> None:
    (trial,) = key(lines("path,label", f"{tmp_path}/a/1.wav,real"), tmp_path)
    assert (trial.id, trial.path) == ("a/1.wav", tmp_path / "a" / "1.wav")


@pytest.mark.parametrize(
    ("column", "ones"),
    [
        ("is_bonafide", Label.BONA_FIDE),
        ("Is-Real", Label.BONA_FIDE),
        ("bonafide", Label.BONA_FIDE),
        ("is_spoof", Label.SPOOF),
        ("is fake", Label.SPOOF),
        ("deepfake", Label.SPOOF),
    ],
)
@pytest.mark.parametrize(("one", "zero"), [("1", "0"), ("True", "False"), ("yes", "no")])
def test_numbers_are_labels_where_the_column_says_which(
    column: str, ones: Label, one: str, zero: str, tmp_path: Path
) -> None:
    first, second = key(lines(f"path,{column}", f"a,{one}", f"b,{zero}"), tmp_path)
    assert first.label is ones
    assert second.label is not ones


@pytest.mark.parametrize("number", ["0", "1"])
def test_bare_numbers_are_refused_with_what_to_do(number: str, tmp_path: Path) -> None:
    text = lines("path,label", "a.wav,real", f"b.wav,{number}")
    with pytest.raises(
        ProtocolError,
        match=rf"mine\.csv, line 3: label '{number}' does not say which of the two it is: .*"
        r"Rename the column to 'is_bonafide' or 'is_spoof'",
    ):
        key(text, tmp_path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("path,label\na.wav,unsure\n", r"line 2: label 'unsure' is neither 'bonafide' nor 'spoof'"),
        ("path,label\n,real\n", r"line 2: the column 'path' is empty"),
        ("path,label,split\na,real,\n", r"line 2: the column 'split' is empty"),
        ("path,is_fake\na,maybe\n", r"line 2: 'maybe' in the column 'is_fake' is neither 0 nor 1"),
        ("path,label\na,real,1\n", r"line 2: 3 columns, where the header has 2"),
        ("path,label\na,real\n./a,fake\n", r"line 3: 'a' is on line 2 already"),
        ("path,label,Label\na,real,fake\n", r"the header names the column 'label' twice"),
        ("", r"mine\.csv: is empty\. Its first line must name the columns"),
        ("wav,label\na,real\n", r"no column 'path' \(it has: wav, label\)"),
        ("path,verdict\na,real\n", r"no column 'label' \(it has: path, verdict\)"),
        ('path,label\n"' + "a" * 140_000 + ",real\n", r"is no table \(field larger .* mark open\?"),
    ],
    ids=[
        *("label", "no path", "no split", "no number", "columns", "twice", "header twice"),
        *("empty", "no path column", "no label column", "open quotation mark"),
    ],
)
def test_faults_are_told_with_file_and_line(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=fault):
        key(text, tmp_path)


def test_a_list_with_a_fault_is_still_a_list(tmp_path: Path) -> None:
    """So that the fault is told, and not that nothing fits."""
    path = write(tmp_path / "mine.csv", lines("path,label", "a.wav,unsure"))
    assert MANIFEST.partitions(path) == ("eval",)


def test_two_ids_may_not_be_the_same(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"line 3: 'x' is on line 2 already"):
        key(lines("id,path,label", "x,a.wav,real", "x,b.wav,fake"), tmp_path)


def test_in_the_wild_names_faults_with_file_and_line(tmp_path: Path) -> None:
    header = "file,speaker,label"
    for line, fault in [
        ("0.wav,Ann,unsure", r"meta\.csv, line 2: label 'unsure'"),
        ("0.wav,Ann,spoof\n0.wav,Ann,spoof", r"meta\.csv, line 3: '0\.wav' is on line 2"),
        ("0.wav,spoof", r"meta\.csv, line 2: 2 columns, where the header has 3"),
    ]:
        write(tmp_path / "meta.csv", lines(header, line))
        with pytest.raises(ProtocolError, match=fault):
            IN_THE_WILD.trials(tmp_path, "eval")
