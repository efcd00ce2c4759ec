"""An audit in words: the verdict, the table of all columns, and how to read them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from earwitness.evaluation.audit.asking.columns import Kind
from earwitness.evaluation.audit.asking.records import Level, Telling
from earwitness.evaluation.audit.records import AuditReport, CopySet
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._audit_advice import (
    listed,
    plain_value,
    share,
    short_value,
    title,
    unitless,
)
from earwitness.reporting.evaluations._numbers import decimal, plain
from earwitness.reporting.evaluations._remarks import Said
from earwitness.reporting.evaluations._tables import BLANK, Grid

HEAD = ("what is known of a clip", "AUC [95 %]", "bona fide", "spoof", "finding")
NUMBERS = (1,)
CAPTION = "Medians; with %, the shares of both labels that have the value that differs most."
FINDINGS = {
    Level.LEAK: "leak",
    Level.WARNING: "these clips only?",
    Level.NOTE: "certain, small",
    None: BLANK,
}
_NAMED = 4

HOW_TO_READ = (
    "AUC: how often the column puts a bona fide and a spoof clip into the right order, when which "
    "way round it speaks was learnt on other clips{held}. 0.5 is chance, 1 tells the labels apart "
    "without fail. Clips are compared within a partition. In brackets the 95 % interval{counted}.",
    "A leak is an AUC of 0.60 or more that chance does not explain: the key was shuffled "
    "{rounds:,} times, and the strongest answer that any column gave to a shuffled key is what has "
    "to be beaten. So at most one audit in a hundred has a false alarm, over all columns together. "
    '"Certain, small": beyond chance, but below 0.60.{few}',
    "All together: a linear discriminant on all columns of sound and file, not those of the "
    "manifest, fitted on four folds of five and tried on the fifth.",
    "A leak does not say that a detector uses it, only that it could: figures measured on such "
    "clips, and detectors trained on them, may rest on it. What is not measured here (room, "
    "microphone, topic, speaker's voice) is not ruled out by a clean audit.",
)


def heading(report: AuditReport) -> str:
    """Name what was audited."""
    return f"Audit of {visible(Path(report.setup.data).name or report.setup.data)}"


def basis(report: AuditReport) -> str:
    """Tell what it rests on."""
    setup = report.setup
    parts = [
        f"{setup.protocol}, {', '.join(setup.partitions)}",
        f"{setup.n_bona_fide:,} bona fide + {setup.n_spoof:,} spoof",
        f"{setup.heard_s / 3600:.1f} h"
        if setup.heard_s >= 3600
        else f"{setup.heard_s / 60:.1f} min",
    ]
    if setup.grouped_by:
        parts.append(f"{setup.groups:,} values of {visible(setup.grouped_by)}")
    return ", ".join(parts)


def verdict(report: AuditReport) -> Said:
    """Say in a few words whether these clips can be trusted."""
    telling = [one for one in report.asked() if one.level is Level.LEAK]
    ours = [one for one in telling if one.kind is not Kind.MANIFEST]
    bad = [one for one in report.copies if one.level is Level.LEAK]
    if ours:
        return _leaking(ours, bad)
    if bad:
        return Said("bad", "Leaks: the same recordings stand where they must not", _of_copies(bad))
    if telling:
        named = listed([f"'{visible(one.name)}' {decimal(one.auc)}" for one in telling[:3]])
        return Said(
            "doubt",
            "Sound and files do not leak, but what the manifest says goes with the label",
            f"AUC of {named}",
        )
    return _nothing(report)


def _leaking(ours: Sequence[Telling], bad: Sequence[CopySet]) -> Said:
    named = listed([f"{unitless(one.name)} {decimal(one.auc)}" for one in ours[:_NAMED]])
    more = f", and {len(ours) - _NAMED} more" if len(ours) > _NAMED else ""
    more += f". The same recordings: {_of_copies(bad)}" if bad else ""
    found = "Leaks: the label is given away without a voice being heard"
    return Said("bad", found, f"AUC of {named}{more}")


def _nothing(report: AuditReport) -> Said:
    setup = report.setup
    on = f"n = {setup.n_bona_fide:,} bona fide + {setup.n_spoof:,} spoof"
    if setup.detectable is None:
        return Said(
            "doubt",
            f"Too few clips to say: {on}",
            "Not even a column that tells the labels apart without fail could be told from chance",
        )
    has_more = report.level in (Level.LEAK, Level.WARNING)
    single = ", were all clips unrelated" if setup.grouped_by else ""
    return Said(
        "doubt" if has_more else "note",
        f"No leak was found that this audit can see ({on})",
        f"A single column with an AUC of {plain(setup.detectable, 2)} or more would have been "
        f"found four times in five{single}{'. Read the remarks below' if has_more else ''}",
    )


def grid(report: AuditReport) -> Grid:
    """Lay all columns out, the most telling first."""
    rows = tuple(
        (title(one.name), decimal(one.auc), *contrast(one), FINDINGS[one.level])
        for one in report.asked()
    )
    return Grid(HEAD, rows, NUMBERS, CAPTION)


def contrast(told: Telling) -> tuple[str, str]:
    """Tell how the labels differ, a cell for each."""
    one = told.contrast
    if one is None:
        return BLANK, BLANK
    if not one.value:
        return plain_value(one.bona_fide), plain_value(one.spoof)
    return f"{short_value(one.value)}: {share(one.bona_fide)}", share(one.spoof)


def how_to_read(report: AuditReport) -> list[str]:
    """Explain the figures."""
    setup = report.setup
    kin = visible(setup.grouped_by) if setup.grouped_by else ""
    values = {
        "held": f" with another {kin}" if kin else "",
        "counted": f", for which all clips of a {kin} are one draw" if kin else "",
        "rounds": setup.rounds,
        "few": (
            f' "These clips only?": beyond chance among clips, but not when all clips of a {kin} '
            f"are turned round together; it may be a matter of which values of {kin} are here."
            if kin
            else ""
        ),
    }
    return [paragraph.format(**values) for paragraph in HOW_TO_READ]


def facts(report: AuditReport) -> list[tuple[str, str]]:
    """List what was asked."""
    setup = report.setup
    kin = f"{setup.grouped_by}, {setup.groups:,} values" if setup.grouped_by else "single clips"
    return [
        ("Data", setup.data),
        ("Protocol, partitions", f"{setup.protocol}, {', '.join(setup.partitions)}"),
        ("n", f"{setup.n_bona_fide:,} bona fide + {setup.n_spoof:,} spoof"),
        ("Length", f"{setup.heard_s / 3600:.2f} h"),
        ("Drawn and held out together", kin),
        ("Shuffled keys", f"{setup.rounds:,}"),
        ("False alarms", f"at most {100 * setup.chance:g} in a hundred audits"),
        ("Command", setup.command or BLANK),
        ("Date, version", f"{setup.date or BLANK}, Earwitness {setup.version}"),
    ]


def _of_copies(bad: Sequence[CopySet]) -> str:
    across = sum(one.crosses_labels for one in bad)
    parted = sum(one.crosses_partitions for one in bad)
    told = [f"{across:,} under both labels"] if across else []
    told += [f"{parted:,} in more than one partition"] if parted else []
    return listed(told)
