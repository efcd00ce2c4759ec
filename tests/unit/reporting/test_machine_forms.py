"""JSON, CSV, RTTM and Audacity: what programs read is complete, valid and harmless."""

import csv
import io
import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import earwitness
from earwitness.records import Answer, Failure, Provenance, QualityNotes, Reason, Stretch
from earwitness.reporting import FORMS, Finding, Part, as_csv, as_json
from schema_faults import faults
from verdicts import PROVENANCE, verdict, window

SCHEMA = as_json.schema()
FAILURE = Failure("bad.wav", "audio.unreadable", "bad.wav: no decoder makes sense of it.")
UNCALIBRATED = verdict(
    answer=Answer.UNCALIBRATED, llr=None, threshold=None, prior=None,
    segments=(window(0, None), window(2, None)),
)  # fmt: skip
SILENT = verdict(
    answer=Answer.INCONCLUSIVE, llr=None, raw_score=None, speech_s=0.0, segments=(),
    reasons=(Reason.NO_SPEECH,), provenance=Provenance(),
    quality=QualityNotes(-math.inf, 0.0, 0.0, None, None, 0.0),
)  # fmt: skip
SPLICED = verdict(
    reasons=(Reason.SUSPICIOUS_STRETCH, Reason.TRUNCATED),
    segments=(window(0, 3.0), window(2, -4.0), window(4, -5.0), window(12, 2.0)),
    stretches=(Stretch(2.0, 8.0, -4.5),),
)
FINDINGS = [
    Finding(verdict()),
    Finding(UNCALIBRATED),
    Finding(SILENT),
    Finding(SPLICED, Part("call.wav", 1, 2.5, 20.0)),
    Finding(FAILURE),
    Finding(FAILURE, Part("bad.wav", 0, 1.0)),
]
ISSUE_KEYS = {
    "schema_version", "source", "sha256", "verdict", "llr", "raw_score", "speech_s", "duration_s",
    "segments", "reasons", "model", "settings_hash", "operating_point", "threshold", "prior",
    "version",
}  # fmt: skip


def rows(findings: list[Finding]) -> list[dict[str, str]]:
    text = "\n".join(as_csv.lines(findings))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_form_is_a_stream_of_lines() -> None:
    for name in FORMS.names():
        told = list(FORMS.get(name)(iter(FINDINGS)))
        assert told, name
        assert all("\n" not in line for line in told), name


def test_every_json_line_fits_the_shipped_schema() -> None:
    for line in as_json.lines(FINDINGS):
        assert faults(json.loads(line), SCHEMA) == []


def test_the_schema_refuses_what_is_not_promised() -> None:
    good = as_json.table(Finding(SPLICED))
    for key in good:
        assert faults({k: v for k, v in good.items() if k != key}, SCHEMA), key
    assert faults({**good, "verdict": "fake"}, SCHEMA)
    assert faults({**good, "schema_version": 2}, SCHEMA)
    assert faults({**good, "error": {}}, SCHEMA)
    assert faults({**good, "prior": 1.5}, SCHEMA)
    assert faults({**good, "a key of a later version": 1}, SCHEMA) == []


def test_a_json_line_has_the_keys_of_the_issue_and_those_of_the_schema() -> None:
    told = as_json.table(Finding(verdict()))
    assert set(told) >= ISSUE_KEYS
    assert list(told) == SCHEMA["$defs"]["verdict"]["required"]
    assert list(as_json.table(Finding(FAILURE))) == SCHEMA["$defs"]["failure"]["required"]


def test_json_knows_no_nan_and_no_infinity() -> None:
    strange = verdict(
        raw_score=math.nan,
        quality=QualityNotes(-math.inf, 1.0, 0.0, math.inf, math.nan, 0.0),
        segments=(replace(window(0, 1.0), raw_score=-math.inf),),
    )
    line = next(as_json.lines([Finding(strange)]))
    assert "NaN" not in line
    assert "Infinity" not in line
    told = json.loads(line)
    assert told["raw_score"] is None
    assert told["quality"]["level_dbfs"] is None
    assert told["segments"][0]["raw_score"] is None


def test_json_carries_scores_to_the_last_digit() -> None:
    llr = -1.2345678901234567
    told = json.loads(next(as_json.lines([Finding(verdict(llr=llr))])))
    assert told["llr"] == llr
    assert told["segments"][1] == {"start_s": 2.5, "end_s": 6.5, "llr": 3.0, "raw_score": 1.5}


def test_json_is_ascii_whatever_the_file_is_called() -> None:
    line = next(as_json.lines([Finding(verdict("Привет\udcff\n.wav"))]))
    assert line.isascii()
    assert json.loads(line)["source"] == "Привет\udcff\n.wav"


def test_json_tells_which_part_was_asked_about() -> None:
    told = as_json.table(Finding(verdict(), Part("-", "mix", 0.0, 20.0)))
    assert (told["source"], told["channel"], told["range_s"]) == ("-", "mix", [0.0, 20.0])
    assert as_json.table(Finding(FAILURE, Part("x", 1, 3.0)))["range_s"] == [3.0, None]
    assert as_json.table(Finding(verdict()))["range_s"] is None


def test_an_error_line_has_the_stable_code_and_the_sentence() -> None:
    told = json.loads(next(as_json.lines([Finding(FAILURE)])))
    assert told["error"] == {"code": "audio.unreadable", "message": FAILURE.message}
    assert told["version"] == earwitness.__version__
    assert told["schema_version"] == 1


def test_csv_has_one_row_a_finding_under_a_fixed_header() -> None:
    told = rows(FINDINGS)
    assert len(told) == len(FINDINGS)
    assert tuple(told[0]) == as_csv.HEADER
    assert told[0]["verdict"] == "bonafide"
    assert float(told[0]["llr"]) == pytest.approx(3.1)
    assert told[0]["c2pa"] == "no"
    assert told[2]["llr"] == told[2]["raw_score"] == ""
    assert told[3]["reasons"] == "suspicious_stretch truncated"
    assert told[3]["stretches"] == "0:02 to 0:08"
    assert (told[3]["channel"], told[3]["from_s"], told[3]["to_s"]) == ("1", "2.5", "20")


def test_csv_gives_a_failure_a_row_with_its_message() -> None:
    failed = rows(FINDINGS)[4]
    assert failed["source"] == "bad.wav"
    assert failed["verdict"] == ""
    assert failed["error_code"] == "audio.unreadable"
    assert "no decoder" in failed["error_message"]


@pytest.mark.parametrize(
    "name",
    ["=cmd|' /C calc'!A0.wav", "+1.wav", "-2.wav", "@SUM(A1).wav", "\t=1.wav", "  =1.wav",
     "＝1.wav", "\r=1.wav", "|x.wav", "%x.wav"],
)  # fmt: skip
def test_a_spreadsheet_runs_no_file_name_as_a_formula(name: str) -> None:
    tagged = replace(PROVENANCE, encoder="=HYPERLINK(1)")
    told = rows([Finding(verdict(name, provenance=tagged))])[0]
    assert told["source"] == f"'{name}"
    assert told["encoder"] == "'=HYPERLINK(1)"


def test_numbers_below_zero_stay_numbers_in_csv() -> None:
    told = rows([Finding(verdict(llr=-2.5, answer=Answer.SPOOF))])[0]
    assert told["llr"] == "-2.5"


@given(st.text(st.characters(exclude_characters="\x00"), min_size=1))
def test_csv_gives_back_any_name(name: str) -> None:
    line = list(as_csv.lines([Finding(verdict(name))]))[1]
    told = next(csv.reader(io.StringIO(line, newline="")))
    assert told[0].removeprefix("'") == name.removeprefix("'") or told[0] == name


def test_rttm_turns_do_not_overlap_and_cover_the_windows() -> None:
    told = [line.split() for line in FORMS.get("as_rttm")([Finding(SPLICED)])]
    assert {line[0] for line in told} == {"SPEAKER"}
    assert {len(line) for line in told} == {10}
    turns = [
        (float(at), float(at) + float(length), label)
        for _, _, _, at, length, _, _, label, *_ in told
    ]
    assert turns == [
        (0.0, 3.0, "bonafide"), (3.0, 8.0, "spoof"), (12.0, 16.0, "bonafide"),
        (2.0, 8.0, "suspicious_stretch"),
    ]  # fmt: skip


def test_rttm_keeps_ten_fields_whatever_the_file_is_called() -> None:
    told = list(FORMS.get("as_rttm")([Finding(verdict("my call\t1.wav"), Part(channel=1))]))
    assert told[0].split()[1:3] == ["my_call_1.wav", "2"]
    assert all(len(line.split()) == 10 for line in told)


def test_rttm_of_an_uncalibrated_detector_names_no_side() -> None:
    told = list(FORMS.get("as_rttm")([Finding(UNCALIBRATED)]))
    assert [line.split()[7] for line in told] == ["uncalibrated"]


def test_rttm_and_audacity_have_nothing_for_a_file_that_was_not_read() -> None:
    for name in ("as_rttm", "as_audacity"):
        assert list(FORMS.get(name)([Finding(FAILURE), Finding(SILENT)])) == []


def test_audacity_labels_are_three_columns_with_the_stretch_first() -> None:
    told = [line.split("\t") for line in FORMS.get("as_audacity")([Finding(SPLICED)])]
    assert told[0] == ["2.000000", "8.000000", "SUSPICIOUS -4.5"]
    assert told[2] == ["2.000000", "6.000000", "-4.0 speaks moderately for a spoof"]
    assert len(told) == 1 + len(SPLICED.segments)


def test_audacity_labels_of_a_channel_carry_its_number() -> None:
    told = list(FORMS.get("as_audacity")([Finding(UNCALIBRATED, Part(channel=1))]))
    assert told[0].endswith("\tchannel 1: raw score 0.500")
