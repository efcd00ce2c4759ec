"""What a reader must know beside the figures, in words: one entry for each code of a ``Remark``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from earwitness.evaluation.records import Remark
from earwitness.reporting._words import visible
from earwitness.reporting.evaluations._audit_advice import plain_value, title

Kind: TypeAlias = Literal["bad", "doubt", "note"]
Facts: TypeAlias = Mapping[str, Any]
_CHANCE = 0.5


@dataclass(frozen=True)
class Said:
    """A remark as people read it.

    Attributes:
        kind: "bad" where the figures cannot be used as they are, "doubt" where they have to be
            read with care, "note" for what is to be known.
        title: in a few words.
        text: what it means, and what to do; may be empty.
    """

    kind: Kind
    title: str
    text: str = ""

    def __str__(self) -> str:
        return " ".join(f"{part}." for part in (self.title, self.text) if part).replace("?.", "?")


def said(remark: Remark) -> Said:
    """Put a remark into words; one that is not known here is told by its code and facts.

    Example:
        >>> print(said(Remark("unread", {"n": 2, "of": 40})))
        2 of 40 recordings could not be read. They are in no figure; scores.tsv lists them.
        >>> print(said(Remark("new", {"a": 1})))
        new. a: 1.
    """
    words = _WORDS.get(remark.code, _unknown)
    facts = {key: visible(v) if isinstance(v, str) else v for key, v in remark.facts.items()}
    if words is _unknown:
        return _unknown({"code": remark.code, **facts})
    return words(facts)


def _unknown(facts: Facts) -> Said:
    told = ", ".join(f"{key}: {value}" for key, value in facts.items() if key != "code")
    return Said("note", str(facts["code"]).replace("_", " "), told)


def _overlap(facts: Facts) -> Said:
    return Said(
        "bad",
        f"OVERLAP: this detector was trained on {facts['trained_on']}",
        f"What is measured here ({facts['protocol']}, {facts['partition']}) was part of its "
        "training, so these figures say how well it remembers, not how well it does on new "
        "recordings. Do not report them as results",
    )


def _calibrated_on_these(facts: Facts) -> Said:
    by_name = " (names and labels are the same)" if facts["by"] == "names" else ""
    return Said(
        "bad",
        f"CALIBRATED ON THESE: {facts['n']:,} of {facts['of']:,} trials{by_name}",
        f"The calibration and the thresholds of this detector were fitted on them "
        f"({facts['fitted_on']}). EER, AUC and the least costs do not depend on that; Cllr, the "
        "actual costs, the answers and their error rates look better here than on new recordings",
    )


def _inverted(facts: Facts) -> Said:
    return Said(
        "bad",
        "INVERTED: the scores point the wrong way",
        f"The AUC is {facts['auc']:.3f}, and its whole 95 % interval lies below 0.5. Turned round "
        f"it would be {facts['mirrored_auc']:.3f}. Most likely the labels are swapped, the scores "
        "have the other sign, or labels and scores stand in different orders. Nothing was turned "
        "round here. If it is meant so, say so with --accept-inverted",
    )


def _inverted_accepted(facts: Facts) -> Said:
    return Said(
        "doubt",
        "Inverted, and accepted",
        f"The AUC is {facts['auc']:.3f}, with its whole 95 % interval below 0.5, and whoever ran "
        "this decided that the scores are meant so (--accept-inverted)",
    )


def _doubtful(facts: Facts) -> Said:
    return Said(
        "doubt",
        f"The AUC is {facts['auc']:.3f}: no better than chance",
        "It lies below 0.5, though its interval reaches 0.5. Either the detector hears nothing "
        "here, or labels or scores are the wrong way round: check one clip of each label by hand",
    )


def _unread(facts: Facts) -> Said:
    title = f"{facts['n']:,} of {facts['of']:,} recordings could not be read"
    return Said("doubt", title, "They are in no figure; scores.tsv lists them")


def _unscored(facts: Facts) -> Said:
    return Said(
        "doubt",
        f"{facts['n']:,} of {facts['of']:,} trials have no score",
        "There was no speech to score in them, and a detector without a calibration has no honest "
        "answer to that. They are in no figure",
    )


def _inconclusive(facts: Facts) -> Said:
    return Said(
        "note",
        f"{facts['n']:,} of {facts['of']:,} answers are inconclusive",
        "Their LLRs count in the EER, the costs and Cllr. Misses and false alarms are given on "
        "answered trials, and with each inconclusive answer as half an error",
    )


def _ties(facts: Facts) -> Said:
    title = f"{_share(facts['share'])} of the trials have a score that others have, too"
    text = f"There are {facts['distinct']:,} different scores. "
    if not facts["across"]:
        text += "No trial shares its score with one of the other label, so no EER depends on it"
        return Said("note", title, text)
    text += (
        f"{_share(facts['across'])} of the trials share theirs with a trial of the other label, "
        "and ways to read an EER differ on that. Were scores rounded, capped, or turned into "
        "probabilities?"
    )
    return Said("doubt", title, text)


def _eer_definitions_differ(facts: Facts) -> Said:
    names = {"eer": "interpolated", "eer_asvspoof": "ASVspoof", "eer_rocch": "convex hull"}
    told = ", ".join(f"{100 * facts[key]:.2f} % {name}" for key, name in names.items())
    why = "Few trials or ties make them differ"
    if facts["eer"] > _CHANCE:
        why += ", and that of the convex hull is 50 % at most"
    return Said(
        "note",
        "The three ways to read an EER differ by more than 0.1 point",
        f"{told}. {why}; the first one is the headline",
    )


def _partial(facts: Facts) -> Said:
    return Said(
        "doubt",
        f"Partial: {facts['missing']:,} of {facts['of']:,} trials of the key have no score",
        "The figures rest on the others, and cannot be compared with those of the whole key",
    )


def _foreign(facts: Facts) -> Said:
    if facts["n"] == 1:
        return Said("doubt", "1 score belongs to no trial of the key", "It is left out")
    return Said(
        "doubt", f"{facts['n']:,} scores belong to no trial of the key", "They are left out"
    )


def _small_n(facts: Facts) -> Said:
    return Said(
        "note",
        f"Few trials: {facts['bona_fide']:,} bona fide, {facts['spoof']:,} spoof",
        "With less than a hundred of a label, an EER is uncertain by several points: read the "
        "intervals",
    )


def _few_clusters(facts: Facts) -> Said:
    return Said(
        "doubt",
        f"Only {facts['clusters']} value{'s' * (facts['clusters'] != 1)} of '{facts['column']}'",
        "That is too few to resample them as a whole, so trials were resampled one by one, as if "
        "they had nothing in common: the intervals are too narrow",
    )


def _left_out(facts: Facts) -> Said:
    return Said("note", str(facts["says"]))


def _leak(facts: Facts) -> Said:
    name, _, unit = title(str(facts["column"])).partition(", ")
    of_unit = f" {unit}" if unit else ""
    found = (
        f"LEAK: {name} alone tells the labels apart, AUC {facts['auc']:.2f} "
        f"[{facts['low']:.2f}, {facts['high']:.2f}]"
    )
    one, other = facts["bona_fide"], facts["spoof"]
    if facts["value"] == "":
        ours, theirs = (f"{plain_value(value)}{of_unit}" for value in (one, other))
        told = f"Its median is {ours} for bona fide and {theirs} for spoofs"
    else:
        told = (
            f"It is {facts['value']}{of_unit} in {_share(one)} of bona fide, {_share(other)} of "
            "spoofs"
        )
    return Said(
        "doubt",
        found,
        f"{told}. A detector may have used it instead of the voice; earwitness audit says more",
    )


def _same_bytes(facts: Facts) -> Said:
    text = f"For example {facts['one']} and {facts['other']}"
    if facts["across_labels"]:
        text += f". {facts['across_labels']:,} of these sets have both labels: one of them is wrong"
    title = f"{facts['clips']:,} files have copies among the others, byte for byte"
    return Said("doubt", title, text)


def _same_names(facts: Facts) -> Said:
    return Said(
        "note",
        f"{facts['across_labels']:,} file names stand under both labels",
        f"For example {facts['one']} and {facts['other']}. They are kept apart by their path here; "
        "other tools may take them for one",
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


_WORDS: dict[str, Callable[[Facts], Said]] = {
    "overlap": _overlap,
    "calibrated_on_these": _calibrated_on_these,
    "inverted": _inverted,
    "inverted_accepted": _inverted_accepted,
    "doubtful": _doubtful,
    "unread": _unread,
    "unscored": _unscored,
    "partial": _partial,
    "foreign": _foreign,
    "leak": _leak,
    "same_bytes": _same_bytes,
    "same_names": _same_names,
    "left_out": _left_out,
    "inconclusive": _inconclusive,
    "ties": _ties,
    "eer_definitions_differ": _eer_definitions_differ,
    "few_clusters": _few_clusters,
    "small_n": _small_n,
}
