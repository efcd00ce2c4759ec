"""metrics.json fits its schema, comes back as it was, and says what is wrong with a stranger."""

import json
import math
from dataclasses import replace

import pytest
from rendered import KINDS, rendered

from earwitness.errors import ProtocolError
from earwitness.evaluation.records import Measure
from earwitness.reporting.evaluations import as_metrics
from schema_faults import faults

SCHEMA = as_metrics.schema()


def recorded(kind: str = "calibrated") -> as_metrics.Recorded:
    return as_metrics.recorded(rendered(kind).evaluation, ["report.html", "metrics.json"])


@pytest.mark.parametrize("kind", KINDS)
def test_metrics_fit_the_shipped_schema_and_come_back_as_they_were(kind, tmp_path) -> None:
    run = recorded(kind)
    text = as_metrics.text(run)
    assert text.isascii()
    assert faults(json.loads(text), SCHEMA) == []
    file = tmp_path / "metrics.json"
    file.write_text(text, encoding="utf-8")
    assert as_metrics.read(file) == as_metrics.read(tmp_path) == run


def test_the_schema_refuses_what_is_not_promised() -> None:
    good = as_metrics.table(recorded())
    for key in good:
        assert faults({k: v for k, v in good.items() if k != key}, SCHEMA), key
    for section in ("setup", "counts", "guard"):
        for key in good[section]:
            lacking = {k: v for k, v in good[section].items() if k != key}
            assert faults({**good, section: lacking}, SCHEMA), (section, key)
    bad = {**good["measures"], "new": {"value": "0.1"}}
    assert faults({**good, "measures": bad}, SCHEMA)
    assert faults({**good, "a key of a later version": 1}, SCHEMA) == []


def test_counts_add_up_and_tell_why_there_was_no_answer() -> None:
    counts = recorded().counts
    assert counts.trials == counts.scored + counts.unscored + counts.unread == 601
    assert (counts.unread, counts.unscored) == (1, 0)
    assert counts.inconclusive["no_speech"] > 0
    assert sum(counts.inconclusive.values()) == (
        counts.inconclusive_bona_fide + counts.inconclusive_spoof
    )
    assert recorded("uncalibrated").counts.unscored > 0


def test_a_figure_that_is_no_number_becomes_null() -> None:
    run = recorded()
    strange = replace(run, measures=(Measure("eer", math.inf), Measure("auc", math.nan)))
    told = as_metrics.table(strange)["measures"]
    assert [told[name]["value"] for name in ("eer", "auc")] == [None, None]


def test_a_figure_is_found_by_its_name_and_a_missing_one_is_told() -> None:
    assert recorded().measure("eer") == rendered("calibrated").evaluation.measure("eer")
    with pytest.raises(KeyError, match="no_such"):
        recorded().measure("no_such")


def test_keys_of_a_later_version_are_passed_over(tmp_path) -> None:
    told = as_metrics.table(recorded())
    told["setup"]["mood"] = "good"
    told["measures"]["eer"]["colour"] = "blue"
    file = tmp_path / "metrics.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    assert as_metrics.read(file) == recorded()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[]", "this is not what 'earwitness evaluate --out' writes"),
        ("{", "this is not what"),
        ('{"schema_version": 1}', "this is not what"),
        ('{"schema_version": 2}', "schema version 2, but this Earwitness reads 1"),
    ],
)
def test_a_stranger_is_refused_with_what_it_is_not(content, words, tmp_path) -> None:
    file = tmp_path / "metrics.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ProtocolError, match=words):
        as_metrics.read(file)


def test_an_absent_file_is_told(tmp_path) -> None:
    with pytest.raises(ProtocolError, match=r"metrics\.json: cannot be read \(No such file"):
        as_metrics.read(tmp_path)
