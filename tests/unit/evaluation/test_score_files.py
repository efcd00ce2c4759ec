"""Score files as the field writes them, and as we do."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus_miniatures import MINIATURES, lines, write
from earwitness.errors import ProtocolError
from earwitness.evaluation.records import Scored, Unread
from earwitness.evaluation.score_files import (
    COLUMNS,
    join,
    read_key,
    read_rows,
    read_scores,
    score_rows,
)
from earwitness.records import Answer, Label, Reason, Trial


def trial(name: str, label: Label = Label.SPOOF) -> Trial:
    return Trial(name, Path(name), label, "eval")


TRIALS = [trial("a/1.wav", Label.BONA_FIDE), trial("a/2.wav"), trial("b 3.wav")]
RESULTS = [
    Scored(
        TRIALS[0],
        1.25,
        0.1 + 0.2,
        Answer.BONA_FIDE,
        (Reason.TRUNCATED, Reason.POOR_QUALITY),
        4.0375,
        3.2,
    ),
    Unread(TRIALS[1], "audio.unreadable", "a/2.wav: no decoder\tmade sense\nof it."),
    Scored(TRIALS[2], None, 0.0, Answer.INCONCLUSIVE, (Reason.NO_SPEECH,), 2.0, 0.0),
]


def written(results: Sequence[Scored | Unread], folder: Path) -> Path:
    return write(folder / "scores.tsv", "".join(score_rows(results)))


@pytest.mark.parametrize(
    "text",
    [
        lines("filename\tcm-score", "u1\t0.5", "u2\t-1.5e0"),
        lines("filename\tcm-score\tasv-score", "u1\t0.5\t9", "u2\t-1.5\t9"),
        lines("spk\tfilename\tcm-score", "s\tu1\t0.5", "s\tu2\t-1.5"),
        lines("filename,cm-score", "u1,0.5", "u2,-1.5"),
        lines("ID,Score,Label", "u1,0.5,real", "u2,-1.5,fake"),
        lines("filename cm-score", "u1 0.5", "u2 -1.5"),
        lines("trialID score", "u1 0.5", "u2 -1.5"),
        lines("u1 0.5", "u2 -1.5"),
        lines("u1\t0.5", "u2\t-1.5"),
        lines("u1,0.5", "u2,-1.5"),
        lines("u1 - bonafide 0.5", "u2 A07 spoof -1.5"),
        "u1 0.5\r\n\r\nu2 -1.5\r\n",
        "\ufefffilename\tcm-score\nu1\t0.5\nu2\t-1.5",
    ],
    ids=[
        *("ASVspoof 5", "more columns", "SASV", "CSV", "AntiDeepfake", "blanks", "2021"),
        *("id score", "tabs", "commas", "AASIST", "Windows", "byte order mark"),
    ],
)
def test_the_forms_of_the_field_are_read(text: str, tmp_path: Path) -> None:
    assert read_scores(write(tmp_path / "s.txt", text)) == {"u1": 0.5, "u2": -1.5}


def test_labels_are_read_where_they_stand(tmp_path: Path) -> None:
    rows = read_rows(write(tmp_path / "s.txt", lines("u1 - bonafide 0.5", "u2 A07 spoof 1")))
    assert [row.label for row in rows] == [Label.BONA_FIDE, Label.SPOOF]


def test_ids_may_hold_blanks(tmp_path: Path) -> None:
    two = lines("fake/en/OpenAI TTS-1 HD/1.wav -1.5", "u2 0.5")
    four = lines("fake/en/OpenAI TTS-1 HD/1.wav tts spoof -1.5", "u2 - bonafide 0.5")
    for text in (two, four):
        found = read_scores(write(tmp_path / "s.txt", text))
        assert found == {"fake/en/OpenAI TTS-1 HD/1.wav": -1.5, "u2": 0.5}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("u1 0.5\nu2 1\nu1 0.5\n", r"s\.txt, line 3: 'u1' was scored on line 1 already\. Were two"),
        ("u1 0.5\nu2 1_000\n", r"line 2: the score '1_000' is no finite number"),
        ("u1 0.5\nu2 nan\n", r"s\.txt, line 2: the score 'nan' is no finite number"),
        ("filename\tcm-score\nu1\tinf\n", r"line 2: the score 'inf' is no finite number"),
        ("u1,0.5\n,\nu2,x\n", r"line 3: the score 'x' is no finite number"),
        ("u1 0.5\n\nu2 x\n", r"line 3: the score 'x' is no finite number\. One number a trial"),
        ('ID,Score,Label\nu1,"[0.1, 0.9]",1\n', r"line 2: the score '\[0\.1, 0\.9\]' is no"),
        ("u1 x\nu2 1\n", r"s\.txt, line 1: neither 'u1 x' names a column for the id \(filename"),
        ("u1 0.5\nu2\n", r"line 2: expected id and score, but got 'u2'\."),
        ("u1 - bonafide 1\nu2 - 2\n", r"line 2: expected id, attack, key and score, but got"),
        ("u1 - bonafide 1\nu2 - what 2\n", r"line 2: expected id, attack, key and score"),
        ("filename\tcm-score\nu1\n", r"line 2: 1 columns, where the header has 2"),
        (
            "ID_audio,label,score_class0\nu1,1,0.3\n",
            r"line 1: neither 'ID_audio,label,score_class0'",
        ),
        ("", r"s\.txt: holds no score"),
        ("filename\tcm-score\n", r"s\.txt: holds no score"),
        ('u1\t"' + "a" * 140_000 + "\n", r"is no table \(field larger .* mark open\?"),
    ],
)
def test_faults_are_told_with_file_and_line(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=fault):
        read_scores(write(tmp_path / "s.txt", text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"s\.txt: cannot be read \(No such file"):
        read_scores(tmp_path / "s.txt")


def test_what_we_write_has_a_header_and_one_row_a_trial_in_order(tmp_path: Path) -> None:
    head, *rows = csv.reader(io.StringIO("".join(score_rows(RESULTS))), delimiter="\t")
    assert head == list(COLUMNS)
    first = ["a/1.wav", "0.30000000000000004", "bonafide", "bonafide", "1.25", "4.0375", "3.2"]
    assert rows == [
        [*first, "truncated poor_quality", ""],
        ["a/2.wav", "", "spoof", "", "", "", "", "", f"{RESULTS[1].code}: {RESULTS[1].message}"],
        ["b 3.wav", "0.0", "spoof", "inconclusive", "", "2.0", "0.0", "no_speech", ""],
    ]


def test_columns_of_the_data_set_stand_behind_ours_under_a_name_that_no_key_has(
    tmp_path: Path,
) -> None:
    told = [trial("u1", Label.BONA_FIDE), trial("u2")]
    told = [replace(one, meta={"page": f"p\t{one.id}", "x": "y"}) for one in told]
    results = [Scored(told[0], 1.0, None), Unread(told[1], "audio.empty", "none")]
    path = write(tmp_path / "s.tsv", "".join(score_rows(results, columns=("page", "codec"))))
    header, first, second = csv.reader(io.StringIO(path.read_text("utf-8")), delimiter="\t")
    assert header == [*COLUMNS, "meta:page", "meta:codec"]
    assert (first[-2:], second[-2:]) == (["p\tu1", ""], ["p\tu2", ""])
    assert read_rows(path)[0].more["meta:page"] == "p\tu1"
    assert list(join(path, told)) == results


def test_llrs_that_came_from_a_file_come_back_as_llrs(tmp_path: Path) -> None:
    results = [Scored(TRIALS[0], None, 2.5), Scored(TRIALS[1], -0.5, None)]
    assert list(join(written(results, tmp_path), TRIALS[:2])) == results


def test_a_trial_that_was_not_read_has_no_score(tmp_path: Path) -> None:
    assert read_scores(written(RESULTS, tmp_path)) == {"a/1.wav": 0.1 + 0.2, "b 3.wav": 0.0}


def test_what_we_write_comes_back(tmp_path: Path) -> None:
    assert list(join(written(RESULTS, tmp_path), TRIALS)) == RESULTS


def test_raw_scores_come_back_as_raw(tmp_path: Path) -> None:
    results = [Scored(TRIALS[0], 2.5, None, Answer.UNCALIBRATED, (), 1.0, 1.0)]
    assert list(join(written(results, tmp_path), TRIALS[:1])) == results
    plain = write(tmp_path / "s.txt", "a/1.wav 2.5\n")
    assert list(join(plain, TRIALS[:1])) == [Scored(TRIALS[0], 2.5, None)]


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_id_and_any_score_come_back_to_the_last_bit(tmp_path_factory, pairs) -> None:
    trials = [trial(name) for name, _ in pairs]
    results = [Scored(t, s, None) for t, (_, s) in zip(trials, pairs, strict=True)]
    path = written(results, tmp_path_factory.mktemp("s"))
    assert read_scores(path) == dict(pairs)


def test_names_of_files_that_are_no_text_come_back(tmp_path: Path) -> None:
    names = ["bad\udcff\udcfe.wav", "cr\rhere.wav", 'tab\t"quoted".wav', "new\nline.wav"]
    path = tmp_path / "s.tsv"
    results = [Scored(trial(name), float(at), None) for at, name in enumerate(names)]
    path.write_bytes("".join(score_rows(results)).encode(errors="surrogateescape"))
    assert read_scores(path) == {name: at for at, name in enumerate(names)}
    path.write_bytes(path.read_bytes().replace(b"\t0.0\t", b"\t7\t").replace(b"\n", b"\r\n"))
    assert read_scores(path)[names[0]] == 7.0  # an editor of Windows was here
    foreign = write(tmp_path / "s.txt", "")
    foreign.write_bytes("Müller.wav 1\n".encode("latin-1"))
    with pytest.raises(ProtocolError, match=r"is not UTF-8 \(byte 1\)"):
        read_scores(foreign)


def test_a_line_that_was_changed_by_hand_is_told(tmp_path: Path) -> None:
    path = written(RESULTS, tmp_path)
    write(path, path.read_text().replace("\tinconclusive\t", "\tmaybe\t"))
    with pytest.raises(ProtocolError, match=r"line of 'b 3\.wav' is not as Earwitness .*'maybe'"):
        join(path, TRIALS)


def test_more_or_fewer_trials_than_the_key_are_refused_with_counts_and_ids(tmp_path: Path) -> None:
    path = write(tmp_path / "s.txt", lines("a/1.wav 1", *(f"x{i} 0" for i in range(5))))
    with pytest.raises(
        ProtocolError,
        match=r"s\.txt: scores 6 trials, where the key has 3\. 2 have no score: a/2\.wav, "
        r"b 3\.wav\. 5 are not in the key: x0, x1, x2, …\.",
    ):
        join(path, TRIALS)
    assert join(path, TRIALS, partial=True) == (Scored(TRIALS[0], 1.0, None),)


def test_too_few_trials_alone_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "s.txt", "a/1.wav 1\n")
    with pytest.raises(ProtocolError, match=r"the key has 3\. 2 have no score: a/2\.wav, b 3\.wav"):
        join(path, TRIALS)


def test_files_that_share_no_trial_are_refused_even_if_partial(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"3 have no score: .* 1 are not in the key: 1\.wav\."):
        join(write(tmp_path / "s.txt", "1.wav 1\n"), TRIALS, partial=True)


def test_a_label_that_the_key_tells_otherwise_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "s.txt", "a/1.wav A07 spoof 1\n")
    with pytest.raises(ProtocolError, match=r"'a/1\.wav' is spoof here, and bonafide in the key"):
        join(path, TRIALS[:1])


def test_the_package_of_asvspoof5_reads_what_we_write(tmp_path: Path) -> None:
    """Its rule, in other words: tables with tabs and a header, joined by the column filename.

    Score and key must have the same file names, no column but that one may stand in both, and
    ``cm-score`` and ``cm-label`` (which becomes ``cm_label``) are taken from the joined rows.
    """
    trials = [trial("E_1", Label.BONA_FIDE), trial("E_2"), trial("E_3")]
    results = [Scored(t, s, None) for t, s in zip(trials, (1.5, -2.0, 0.25), strict=True)]
    key = lines("filename\tcm-label", "E_3\tspoof", "E_1\tbonafide", "E_2\tspoof")
    scores, labels = (
        {row["filename"]: row for row in csv.DictReader(io.StringIO(text), delimiter="\t")}
        for text in ("".join(score_rows(results)), key)
    )
    assert set(scores) == set(labels)
    key_columns = {name.replace("cm-label", "cm_label") for name in labels["E_1"]} - {"filename"}
    assert not key_columns & set(COLUMNS)
    joined = [(float(scores[name]["cm-score"]), labels[name]["cm-label"]) for name in scores]
    assert joined == [(1.5, "bonafide"), (-2.0, "spoof"), (0.25, "spoof")]
    full_key = {"spk", "asv_label", "cm_label", "attack_anon", "codec", "track_2_tag"}
    assert not full_key & set(COLUMNS)


def test_a_key_of_asvspoof5_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "key.tsv", lines("filename\tcm-label", "E_1\tbonafide", "E_2\tspoof"))
    assert [(t.id, t.label.value) for t in read_key(path)] == [
        ("E_1", "bonafide"),
        ("E_2", "spoof"),
    ]


@pytest.mark.parametrize(
    "name", ["asvspoof2019_la", "asvspoof2021_la", "asvspoof2021_df", "asvspoof5", "manifest"]
)
def test_a_list_of_a_corpus_is_a_key(name: str, tmp_path: Path) -> None:
    miniature = MINIATURES[name]
    miniature.make(tmp_path)
    miniature.silence(tmp_path)
    for listing, text in miniature.lists.items():
        asked = tmp_path / listing
        for protocol in (None, name):
            ids = [t.id for t in read_key(asked, protocol)]
            assert ids
            assert all(one in text for one in ids)


def test_a_whole_corpus_is_a_key_with_or_without_lists(tmp_path: Path) -> None:
    root = MINIATURES["fake_or_real"].make(tmp_path)
    assert {t.partition for t in read_key(root)} == {"train", "dev", "eval"}
    assert len(read_key(root)) == 6


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "key.txt", lines("LA_E_1 bonafide", "LA_E_2 spoof"))
    with pytest.raises(ProtocolError, match=r"key\.txt: is no list of trials .*'LA_E_1 bonafide'"):
        read_key(path)


def test_the_score_of_an_id_is_finite_or_not_there(tmp_path: Path) -> None:
    assert all(math.isfinite(s) for s in read_scores(written(RESULTS, tmp_path)).values())
