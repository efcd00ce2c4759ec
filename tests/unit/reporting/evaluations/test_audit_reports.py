"""Audits in words, tables, pages and figures."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rendered import Reader

from earwitness.evaluation.audit.asking.columns import Kind
from earwitness.evaluation.audit.asking.records import JOINT, Contrast, Level, Telling, Way
from earwitness.evaluation.audit.features import FEATURES
from earwitness.evaluation.audit.records import (
    COPIES,
    AuditReport,
    AuditSetup,
    Collision,
    CopySet,
    Retold,
    Shared,
)
from earwitness.evaluation.records import Measure, Unread
from earwitness.records import Label, Trial
from earwitness.reporting.evaluations import audits
from earwitness.reporting.evaluations._audit_advice import ADVICE, TITLES
from earwitness.reporting.evaluations._audit_remarks import remarks
from earwitness.reporting.evaluations._audit_words import how_to_read, verdict
from earwitness.reporting.evaluations._drawn_audit import drawings

NASTY = "<script>alert(1)</script>|\x1b[31m*"


def telling(name="level_dbfs", auc=0.81, level=Level.LEAK, **more):
    values = {
        "kind": Kind.SOUND, "way": Way.ORDER, "p": 0.0005, "p_groups": None,
        "contrast": Contrast("", -20.0, -26.5),
        "shares": (Contrast("below −25", 0.1, 0.7), Contrast("−25 or more", 0.9, 0.3)),
    }  # fmt: skip
    measure = Measure("auc", auc, auc - 0.04, min(1.0, auc + 0.04), 200, 300)
    return Telling(name=name, auc=measure, level=level, **(values | more))


def trial(name, label=Label.SPOOF, partition="eval"):
    return Trial(name, Path(name), label, partition)


def report(*tellings, joint=None, **more):
    setup = AuditSetup(
        data="data/voices", protocol="folder", partitions=("train", "eval"), n_bona_fide=200,
        n_spoof=300, grouped_by=None, groups=0, rounds=1999, chance=0.01, detectable=0.62,
        left_out=(), heard_s=1200.0, command="earwitness audit data/voices", date="2026-04-01",
        version="0.1.0",
    )  # fmt: skip
    setup = replace(setup, **{name: more.pop(name) for name in list(more) if hasattr(setup, name)})
    values = {
        "copies": (), "retold": Retold(0, 0, 0, None), "collisions": (), "shared": (), "unread": (),
    }  # fmt: skip
    return AuditReport(setup=setup, tellings=tellings, joint=joint, **(values | more))


NOTHING = report(
    telling(auc=0.52, level=None),
    joint=telling(JOINT, 0.51, None, contrast=None, shares=(), way=Way.JOINT),
)
ACROSS = CopySet(
    (trial("a", Label.BONA_FIDE), trial("b")), 0.97, is_identical=False, level=Level.LEAK
)
PARTED = CopySet(
    (trial("c"), trial("d", partition="train")), 1.0, is_identical=True, level=Level.LEAK
)
QUIET = CopySet((trial("e"), trial("f"), trial("g")), 0.9, is_identical=False, level=Level.NOTE)
EVERYTHING = report(
    telling(),
    telling("leading_silence_s", 0.7, Level.WARNING, p_groups=0.3, contrast=Contrast("", 0.1, 0.3)),
    telling("codec", 0.7, kind=Kind.FILE, way=Way.VALUE, contrast=Contrast("mp3", 0.0, 0.42)),
    telling("page", 0.72, kind=Kind.MANIFEST, way=Way.VALUE, contrast=Contrast("x/y", 0.3, 0.01)),
    telling("zero_share", 0.55, Level.NOTE),
    telling("peak_dbfs", 0.5, None),
    joint=telling(JOINT, 0.9, contrast=None, shares=(), way=Way.JOINT),
    grouped_by="page",
    groups=40,
    left_out=("attack",),
    copies=(ACROSS, PARTED, QUIET),
    retold=Retold(3, 2, 1, ("h", "i")),
    collisions=(Collision("a.wav", ("Real/a.wav", "Fake/a.wav"), Level.WARNING),),
    shared=(
        Shared("speaker", ("train", "eval"), tuple("abcdef"), 9, Level.WARNING),
        Shared("attack", ("train", "eval"), ("A1",), 4, Level.NOTE),
    ),
    unread=(Unread(trial("bad.wav"), "audio.unreadable", "bad.wav: no sound in it."),),
    remarks=("3 recordings lie outside.",),
)


def said(found):
    return " / ".join(str(one) for one in remarks(found))


def test_every_feature_has_a_title_and_advice() -> None:
    names = {feature.name for feature in FEATURES} | {COPIES}
    assert names <= set(TITLES)
    assert names <= set(ADVICE)


def test_nothing_found_is_told_with_n_and_what_could_have_been_found() -> None:
    told = str(verdict(NOTHING))
    assert told.startswith(
        "No leak was found that this audit can see (n = 200 bona fide + 300 spoof)"
    )
    assert "an AUC of 0.62 or more would have been found four times in five" in told
    assert verdict(NOTHING).kind == "note"
    assert said(NOTHING) == ""
    assert NOTHING.level is None


def test_the_verdict_names_what_leaks() -> None:
    told = str(verdict(EVERYTHING))
    assert "AUC of all together 0.900 [0.860, 0.940], level 0.810 [0.770, 0.850] and codec" in told
    assert "1 under both labels and 1 in more than one partition" in told
    many = report(*[telling(f"c{n}") for n in range(6)])
    assert str(verdict(many)).endswith("and 2 more.")


def test_copies_alone_are_a_leak() -> None:
    found = report(copies=(PARTED,))
    assert found.level is Level.LEAK
    assert str(verdict(found)).startswith("Leaks: the same recordings stand where they must not")


def test_the_manifest_alone_is_a_doubt() -> None:
    found = report(telling("page", kind=Kind.MANIFEST, way=Way.VALUE))
    assert verdict(found).kind == "doubt"
    assert "what the manifest says goes with the label" in str(verdict(found))


def test_too_few_clips_are_told_as_such() -> None:
    assert "Too few clips to say" in str(verdict(report(detectable=None)))


def test_warnings_leave_no_clean_verdict() -> None:
    found = report(telling(level=Level.WARNING, p_groups=0.4), grouped_by="page", groups=12)
    assert verdict(found).kind == "doubt"
    assert "four times in five, were all clips unrelated. Read the remarks below" in str(
        verdict(found)
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Level tells the labels apart: AUC 0.810 [0.770, 0.850]. Spoofs have less of it: median",
        "median −26.5 against −20 of bona fide clips. Bring both labels to the same level",
        "All columns of sound and file together tell the labels apart: AUC 0.900 [0.860, 0.940].",
        "Alone, level (0.810 [0.770, 0.850]), leading silence (0.700",
        "Leading silence tells the labels of these clips apart, and perhaps of no others",
        "Spoofs have more of it: median 0.3",
        "The value that differs most is mp3: 0 % of bona fide, 42 % of spoof clips. Code both",
        "'page' of the manifest tells the labels apart: AUC 0.720",
        "One recording stands under both labels",
        "For example a and b (correlation 0.970)",
        "One recording lies in more than one partition",
        "For example c and d (to the sample)",
        "One recording under one label, 3 clips",
        "6 of 9 values of 'speaker' in eval are in train, too. a, b, c, d, e, …",
        "1 of 4 values of 'attack' in eval are in train, too",
        "1 file name stands under both labels. For example Real/a.wav and Fake/a.wav",
        "3 pairs of clips with the same words at the same pace, but another waveform. 2 of",
        "2 of bona fide and spoof and 1 across partitions",
        "1 clip could not be read",
        "3 recordings lie outside",
        "Left out: 'attack'. Empty for one label",
    ],
)
def test_every_finding_is_told_with_its_figures(sentence) -> None:
    assert sentence in said(EVERYTHING)


def test_all_together_may_be_a_matter_of_these_clips_too() -> None:
    joint = telling(JOINT, 0.7, Level.WARNING, contrast=None, shares=(), way=Way.JOINT)
    assert "together tell the labels of these clips apart, and perhaps" in said(
        report(telling("dc_offset_dbfs"), joint=joint)
    )
    assert "DC offset tells the labels apart" in said(report(telling("dc_offset_dbfs")))


def test_names_that_only_repeat_are_a_note() -> None:
    found = report(collisions=(Collision("1.wav", ("a/1.wav", "b/1.wav"), Level.NOTE),))
    assert "1 file name is there more than once. For example 1.wav" in said(found)
    assert next(iter(remarks(found))).kind == "note"


def test_groups_change_how_the_figures_are_read() -> None:
    plain, grouped = (" ".join(how_to_read(one)) for one in (NOTHING, EVERYTHING))
    assert "These clips only?" not in plain
    assert "all clips of a page are one draw" in grouped
    assert "1,999" in plain


def test_lines_fit_a_terminal_and_keep_their_columns() -> None:
    lines = list(audits.as_lines(EVERYTHING))
    assert max(map(len, lines)) <= 100
    table = lines[lines.index("") + 4 :]
    head = next(line for line in lines if line.startswith("what is known"))
    row = next(line for line in lines if line.startswith("level, dBFS"))
    assert head.index("finding") == row.index("leak")
    assert any(line.startswith("!! ") for line in table)


def test_json_can_be_read_and_lacks_nothing() -> None:
    told = json.loads(audits.files(EVERYTHING)["audit.json"])
    assert told["level"] == "leak"
    assert [one["name"] for one in told["columns"]][:2] == ["level_dbfs", "leading_silence_s"]
    assert told["columns"][1]["p_groups"] == 0.3
    assert told["copies"][0]["clips"][1] == {"id": "b", "label": "spoof", "partition": "eval"}
    assert told["collisions"][0]["level"] == "warning"
    assert told["unread"] == [
        {"id": "bad.wav", "code": "audio.unreadable", "message": "bad.wav: no sound in it."}
    ]
    assert json.loads(audits.files(NOTHING)["audit.json"])["level"] is None
    assert audits.as_table(report())["all_together"] is None


@pytest.mark.parametrize("found", [EVERYTHING, NOTHING, report(copies=(QUIET,) * 90)])
def test_the_page_holds_what_was_found_and_closes_its_tags(found) -> None:
    files = audits.files(found)
    reader = Reader(files["audit.html"].decode())
    assert reader.unbalanced == []
    assert reader.open == []
    assert verdict(found).title in reader.shown
    for one in remarks(found):
        assert one.title in reader.shown
    text = files["audit.md"].decode()
    assert f"**{verdict(found).title}.**" in text
    assert text.count("\n## ") == len(set(text.split("\n## ")[1:]))


def test_what_comes_from_outside_is_text_and_never_markup() -> None:
    nasty = report(
        telling(NASTY, kind=Kind.MANIFEST, way=Way.VALUE, contrast=Contrast(NASTY, 0.1, 0.5)),
        data=NASTY, copies=(CopySet((trial(NASTY), trial("b")), 1.0, True, Level.NOTE),),
        left_out=(NASTY,),
    )  # fmt: skip
    files = audits.files(nasty)
    assert b"<script>" not in files["audit.html"]
    assert b"<script>" not in files["audit.md"]
    assert "\x1b" not in "".join(audits.as_lines(nasty))


def test_the_figures_show_all_columns_and_the_spread_of_those_that_leak() -> None:
    drawn = drawings(EVERYTHING)
    assert [one.name for one in drawn] == ["auc", "spreads"]
    assert "The highest bar is all together: 0.900" in drawn[0].told
    assert [one.name for one in drawings(NOTHING)] == ["auc"]
    assert drawings(report()) == ()
