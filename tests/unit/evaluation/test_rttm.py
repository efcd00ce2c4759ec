"""Reference segments: what is read, and how it is told what cannot be meant."""

from pathlib import Path

import pytest

from earwitness.errors import ProtocolError
from earwitness.evaluation.rttm import mark, read_rttm
from earwitness.metrics.localisation import Region
from earwitness.records import Label, Trial

GOOD = "SPEAKER a 1 0.5 1.25 <NA> <NA> spoof <NA> <NA>"


def written(folder: Path, *lines: str) -> Path:
    path = folder / "REF.rttm"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def trial(name: str, label: Label = Label.SPOOF) -> Trial:
    return Trial(name, Path(name), label, "eval")


def test_a_line_says_from_when_and_for_how_long(tmp_path: Path) -> None:
    (turn,) = read_rttm(written(tmp_path, GOOD)).turns["a"]
    assert turn.region == Region(0.5, 1.75)
    assert (turn.label, turn.channel, turn.line) == (Label.SPOOF, "1", 1)


@pytest.mark.parametrize(
    ("word", "label"),
    [
        *((word, Label.BONA_FIDE) for word in ("bonafide", "bona-fide", "Bona_Fide", "REAL")),
        *((word, Label.BONA_FIDE) for word in ("genuine", "human", "original")),
        *((word, Label.SPOOF) for word in ("spoof", "Spoof", "FAKE", "synthetic", "deepfake")),
    ],
)
def test_labels_have_many_spellings(tmp_path: Path, word: str, label: Label) -> None:
    (turn,) = read_rttm(written(tmp_path, GOOD.replace("spoof", word))).turns["a"]
    assert turn.label is label


def test_what_says_nothing_is_passed_over(tmp_path: Path) -> None:
    path = written(
        tmp_path, ";; made by hand", "", "# so it is", "SPKR-INFO a 1 <NA> <NA> <NA> unknown a",
        GOOD, "SPEAKER b 1 0 1 <NA> <NA> real <NA>",
    )  # fmt: skip
    assert [len(turns) for turns in read_rttm(path).turns.values()] == [1, 1]


def test_a_byte_order_mark_and_foreign_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "REF.rttm"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n" + GOOD.encode() + b"\r\n")
    assert len(read_rttm(path).turns["a"]) == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a 1 0.5 1.25", r"REF\.rttm, line 2: begins with 'a', where SPEAKER is expected"),
        ("SPEAKER a 1 0.5 1.25 spoof", "line 2: 6 fields, where RTTM has 10"),
        (GOOD.replace(" a ", " my file "), "line 2: 11 fields.*a name must not hold blanks"),
        (GOOD.replace("0.5", "half"), "line 2: 'half' is no time in seconds"),
        (GOOD.replace("0.5", "-0.5"), "line 2: '-0.5' is no time in seconds"),
        (GOOD.replace("1.25", "nan"), "line 2: 'nan' is no time in seconds"),
        (GOOD.replace("1.25", "inf"), "line 2: 'inf' is no time in seconds"),
        (GOOD.replace("1.25", "0.000"), "line 2: lasts 0.000 s"),
        (GOOD.replace("spoof", "speaker_1"), "line 2: label 'speaker_1' is neither bona fide nor"),
        (GOOD.replace("spoof", "suspicious_stretch"), "'suspicious_stretch' is neither"),
        (GOOD.replace("spoof", "0"), "label '0' is neither bona fide nor spoof"),
        (GOOD.replace(" 1 ", " 2 "), "line 2: 'a' has channel 2 here and 1 on line 1"),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        read_rttm(written(tmp_path, GOOD, line))


def test_what_is_no_reference_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"gone\.rttm: cannot be read"):
        read_rttm(tmp_path / "gone.rttm")
    with pytest.raises(ProtocolError, match="there is no SPEAKER line in it"):
        read_rttm(written(tmp_path, ";; nothing"))
    (tmp_path / "REF.rttm").write_bytes(b"RIFF\xff\xfe")
    with pytest.raises(ProtocolError, match=r"is not UTF-8 \(byte 4\)"):
        read_rttm(tmp_path / "REF.rttm")


@pytest.mark.parametrize("name", ["eval/my_clip.1.wav", "eval/my_clip.1", "my_clip.1.wav"])
def test_a_name_may_lack_folder_or_ending_and_blanks_are_underscores(
    tmp_path: Path, name: str
) -> None:
    reference = read_rttm(written(tmp_path, GOOD.replace(" a ", f" {name} ")))
    marked = mark(reference, [trial("eval/my clip.1.wav"), trial("eval/b.wav", Label.BONA_FIDE)])
    assert marked.spoof == {"eval/my clip.1.wav": (Region(0.5, 1.75),), "eval/b.wav": ()}
    assert marked.others == ()


def test_the_stem_alone_will_do(tmp_path: Path) -> None:
    reference = read_rttm(written(tmp_path, GOOD))
    assert mark(reference, [trial("x/y/a.flac")]).spoof["x/y/a.flac"] == (Region(0.5, 1.75),)


def test_time_that_no_line_speaks_of_is_bona_fide_and_spoofs_that_touch_are_one(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path, GOOD, "SPEAKER a 1 1.75 1 <NA> <NA> fake <NA> <NA>",
        "SPEAKER a 1 5 1 <NA> <NA> real <NA> <NA>", "SPEAKER a 1 8 1 <NA> <NA> fake <NA> <NA>",
    )  # fmt: skip
    marked = mark(read_rttm(path), [trial("a")])
    assert marked.spoof["a"] == (Region(0.5, 2.75), Region(8.0, 9.0))


def test_a_bona_fide_trial_needs_no_line(tmp_path: Path) -> None:
    marked = mark(read_rttm(written(tmp_path, GOOD)), [trial("a"), trial("b", Label.BONA_FIDE)])
    assert marked.spoof["b"] == ()


def test_names_of_other_partitions_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, GOOD.replace(" a ", " other "))
    assert mark(read_rttm(path), [trial("a")]).others == ("other",)


@pytest.mark.parametrize(
    ("lines", "trials", "message"),
    [
        (
            [GOOD],
            [trial("a", Label.BONA_FIDE)],
            "line 1: there is spoof in 'a', whose key says bon",
        ),
        ([GOOD], [trial("a"), trial("b")], "no spoof in 'b', whose key says spoof"),
        ([GOOD.replace("spoof", "real")], [trial("a")], "no spoof in 'a', whose key says spoof"),
        ([GOOD], [trial("real/a.wav"), trial("fake/a.wav")], "line 1: 'a' may be 'real/a.wav' or"),
        (
            [GOOD],
            [trial("b")],
            "none of its 1 recordings is among the 1 trials.*'a', theirs is 'b'",
        ),
        ([GOOD], [], "no trials to find its segments in"),
        (
            [GOOD, GOOD.replace(" a ", " a.wav ")],
            [trial("a.wav")],
            "line 2: 'a.wav' and 'a' both name the trial 'a.wav'",
        ),
    ],
)
def test_what_contradicts_the_trials_is_refused(
    tmp_path: Path, lines: list[str], trials: list[Trial], message: str
) -> None:
    with pytest.raises(ProtocolError, match=message):
        mark(read_rttm(written(tmp_path, *lines)), trials)
