"""What an audit found, one by one, in words: what it is, how the labels differ, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from earwitness.evaluation.audit.asking.columns import Kind
from earwitness.evaluation.audit.asking.records import Level, Telling, Way
from earwitness.evaluation.audit.records import AuditReport, CopySet, Shared
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._audit_advice import (
    advice,
    counted,
    listed,
    plain_value,
    share,
    short_value,
    unitless,
)
from earwitness.reporting.evaluations._numbers import decimal
from earwitness.reporting.evaluations._remarks import Kind as Grade
from earwitness.reporting.evaluations._remarks import Said

_EXAMPLES, _STRONGEST = 5, 3
_MATTERS = (Level.LEAK, Level.WARNING)


def remarks(report: AuditReport) -> Iterator[Said]:
    """Tell what was found, one by one, the worst first; each with what to do."""
    if report.joint is not None and report.joint.level in _MATTERS:
        yield _together(report.joint, report.tellings)
    yield from (_told(one) for one in report.tellings if one.level in _MATTERS)
    yield from _copies(report)
    yield from (_shared(one) for one in report.shared)
    yield from _collisions(report)
    yield from _retold(report)
    if report.unread:
        yield Said(
            "doubt",
            f"{counted(len(report.unread), 'clip')} could not be read",
            "They are in no figure. The first one: "
            + visible(report.unread[0].message.rstrip(".")),
        )
    yield from (Said("note", visible(one.rstrip("."))) for one in report.remarks)
    if report.setup.left_out:
        names = listed([f"'{visible(name)}'" for name in report.setup.left_out])
        yield Said(
            "note", f"Left out: {names}", "Empty for one label: the key in other words, and no leak"
        )


def _together(joint: Telling, tellings: Sequence[Telling]) -> Said:
    own = [one for one in tellings if one.kind is not Kind.MANIFEST]
    own = sorted(own, key=lambda one: -(one.auc.value or 0.0))[:_STRONGEST]
    named = listed([f"{unitless(one.name)} ({decimal(one.auc)})" for one in own])
    text = f"No voice was listened to. Alone, {named} tell most"
    if joint.level is Level.LEAK:
        found = "All columns of sound and file together tell the labels apart"
        return Said("bad", f"{found}: AUC {decimal(joint.auc)}", text)
    found = "All columns together tell the labels of these clips apart, and perhaps of no others"
    return Said("doubt", f"{found}: AUC {decimal(joint.auc)}", text)


def _told(one: Telling) -> Said:
    auc = decimal(one.auc)
    name = unitless(one.name)
    if one.kind is Kind.MANIFEST:
        subject = f"'{visible(one.name)}' of the manifest"
    else:
        subject = f"{name[:1].upper()}{name[1:]}"
    if one.level is Level.WARNING:
        found = f"{subject} tells the labels of these clips apart, and perhaps of no others"
        return Said("doubt", f"{found}: AUC {auc}", f"{_how(one)}. {advice(one)}")
    kind: Grade = "doubt" if one.kind is Kind.MANIFEST else "bad"
    return Said(kind, f"{subject} tells the labels apart: AUC {auc}", f"{_how(one)}. {advice(one)}")


def _how(one: Telling) -> str:
    found = one.contrast
    if found is None:
        return "It is told by all values"
    if not found.value:
        more = "more" if found.spoof > found.bona_fide else "less"
        return (
            f"Spoofs have {more} of it: median {plain_value(found.spoof)} against "
            f"{plain_value(found.bona_fide)} of bona fide clips"
        )
    by = "The value" if one.way is Way.VALUE else "It"
    return (
        f"{by} that differs most is {short_value(found.value)}: {share(found.bona_fide)} of bona "
        f"fide, {share(found.spoof)} of spoof clips"
    )


def _copies(report: AuditReport) -> Iterator[Said]:
    bad = [one for one in report.copies if one.level is Level.LEAK]
    rest = [one for one in report.copies if one.level is not Level.LEAK]
    across = [one for one in bad if one.crosses_labels]
    parted = [one for one in bad if one.crosses_partitions]
    if across:
        yield Said(
            "bad",
            f"{_sets(across)} stand{'s' * (len(across) == 1)} under both labels",
            "A label is wrong, one clip goes on where the other ends (a prompt continued), or one "
            f"is the other through a codec that keeps the waveform. {_examples(across)}. Listen, "
            "and keep one of each",
        )
    if parted:
        yield Said(
            "bad",
            f"{_sets(parted)} lie{'s' * (len(parted) == 1)} in more than one partition",
            "What is learnt by heart in one is asked in the other. "
            f"{_examples(parted)}. Keep it in one of them",
        )
    if rest:
        clips = sum(len(one.trials) for one in rest)
        yield Said(
            "note",
            f"{_sets(rest)} under one label, {clips:,} clips",
            f"They count as more than they are. {_examples(rest)}. Keep one of each",
        )


def _sets(found: Sequence[CopySet]) -> str:
    return "One recording" if len(found) == 1 else f"{len(found):,} recordings"


def _examples(found: Sequence[CopySet]) -> str:
    one, other = found[0].trials[:2]
    alike = "to the sample" if found[0].is_identical else f"correlation {found[0].likeness:.3f}"
    return f"For example {visible(one.id)} and {visible(other.id)} ({alike})"


def _shared(one: Shared) -> Said:
    first, second = one.partitions
    names = ", ".join(visible(value) for value in one.values[:_EXAMPLES])
    more = ", …" if len(one.values) > _EXAMPLES else ""
    count = f"{len(one.values):,} of {one.of:,} values of '{visible(one.column)}' in {second}"
    if one.level is Level.NOTE:
        text = f"{names}{more}. Figures for {second} say little of methods that nobody has heard"
        return Said("note", f"{count} are in {first}, too", text)
    text = (
        f"{names}{more}. What is known of them from {first} helps in {second}: part the two by it"
    )
    return Said("doubt", f"{count} are in {first}, too", text)


def _collisions(report: AuditReport) -> Iterator[Said]:
    across = [one for one in report.collisions if one.level is Level.WARNING]
    if across:
        stand = "stands" if len(across) == 1 else "stand"
        pair = f"{visible(across[0].ids[0])} and {visible(across[0].ids[-1])}"
        yield Said(
            "doubt",
            f"{counted(len(across), 'file name')} {stand} under both labels",
            f"For example {pair}. Keep scores by path: tools that go by the name take them for one",
        )
    elif report.collisions:
        is_there = "is" if len(report.collisions) == 1 else "are"
        yield Said(
            "note",
            f"{counted(len(report.collisions), 'file name')} {is_there} there more than once",
            f"For example {visible(report.collisions[0].name)}. Keep scores by path",
        )


def _retold(report: AuditReport) -> Iterator[Said]:
    found = report.retold
    if not found.pairs or found.example is None:
        return
    parts = [f"{found.across_labels:,} of bona fide and spoof"]
    parts += [f"{found.across_partitions:,} across partitions"] if found.across_partitions else []
    one, other = map(visible, found.example)
    yield Said(
        "note",
        f"{counted(found.pairs, 'pair')} of clips with the same words at the same pace, "
        "but another waveform",
        f"{listed(parts)}. Copy synthesis, most likely: for example {one} and {other}. That is no "
        "fault, but keep such pairs in one fold",
    )
