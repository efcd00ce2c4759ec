"""What each measure is called, and what it says in one sentence that a stranger understands.

"Genuine" is the public's word for bona fide; "the line" is the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """How a measure is told.

    Attributes:
        title: its name in a table.
        told: what it says, in one sentence.
        at_line: it depends on the threshold that was in use.
    """

    title: str
    told: str
    at_line: bool = False


MEANINGS = {
    "eer": Meaning(
        "EER (equal error rate)",
        "How often it errs if the line is drawn, afterwards, where both mistakes are equally "
        "frequent; 0 % is perfect, 50 % is a coin toss.",
    ),
    "eer_asvspoof": Meaning(
        "EER, ASVspoof definition",
        "The same by the script of the ASVspoof challenges, to compare with published figures; it "
        "takes equal scores one by one.",
    ),
    "eer_rocch": Meaning(
        "EER, convex hull",
        "The same on the convex hull of the ROC curve, as calibration tools give it; never above "
        "the EER.",
    ),
    "auc": Meaning(
        "AUC (area under the ROC curve)",
        "Of two recordings, one genuine and one spoof, how often the genuine one scores higher; 1 "
        "is always, 0.5 is a coin toss, below 0.5 is the wrong way round.",
    ),
    "min_dcf": Meaning(
        "minDCF (detection cost, best line)",
        "Mean cost of the mistakes with the line that is best afterwards; 1 is no better than not "
        "listening. The stakes are those of ASVspoof 5: 5 % of all recordings are spoofs, and "
        "accepting one costs ten times as much as rejecting genuine speech.",
    ),
    "act_dcf": Meaning(
        "actDCF (detection cost, own line)",
        "The same cost with the line where the LLRs themselves put it; what exceeds minDCF is the "
        "price of bad calibration.",
        at_line=True,
    ),
    "cllr": Meaning(
        "Cllr (cost of the LLRs, in bits)",
        "How good the LLRs are as statements of evidence; 0 is perfect, 1 is as good as always "
        "saying that one does not know, more is misleading.",
    ),
    "min_cllr": Meaning(
        "min Cllr",
        "What the Cllr would be after the best recalibration; the rest of the Cllr is bad "
        "calibration.",
    ),
    "miss_rate": Meaning(
        "Miss rate (genuine called fake)",
        "Share of genuine recordings that fall below the line that was set beforehand.",
        at_line=True,
    ),
    "false_alarm_rate": Meaning(
        "False alarm rate (fake called genuine)",
        "Share of spoofs that reach the line that was set beforehand.",
        at_line=True,
    ),
    "balanced_accuracy": Meaning(
        "Balanced accuracy",
        "Mean of the shares of genuine recordings and of spoofs that fall on the right side of "
        "that line; 50 % is a coin toss.",
        at_line=True,
    ),
    "miss_rate_all": Meaning(
        "Miss rate, with inconclusive answers",
        "The same over all genuine recordings, each inconclusive answer counted as half a mistake.",
        at_line=True,
    ),
    "false_alarm_rate_all": Meaning(
        "False alarm rate, with inconclusive answers",
        "The same over all spoofs, each inconclusive answer counted as half a mistake.",
        at_line=True,
    ),
    "balanced_accuracy_all": Meaning(
        "Balanced accuracy, with inconclusive answers",
        "The same over all recordings, each inconclusive answer counted as half a mistake.",
        at_line=True,
    ),
    "min_tdcf_2019": Meaning(
        "min t-DCF (ASVspoof 2019)",
        "Cost of a voice lock that this detector guards, with the prices of ASVspoof 2019.",
    ),
    "min_tdcf_2021": Meaning(
        "min t-DCF (ASVspoof 2021)",
        "Cost of a voice lock that this detector guards, with the prices of ASVspoof 2021.",
    ),
    "a_dcf": Meaning(
        "a-DCF of the voice lock alone",
        "Cost of the voice lock without this detector, its one score doing both jobs, with its "
        "best line.",
    ),
    "t_eer": Meaning(
        "t-EER",
        "Error rate of detector and voice lock together, where misses and both kinds of false "
        "acceptances are equally frequent.",
    ),
    "mean_score_bona_fide": Meaning(
        "Mean score of genuine recordings", "Must lie above that of spoofs."
    ),
    "mean_score_spoof": Meaning("Mean score of spoofs", "Must lie below that of genuine speech."),
}

# How a report groups them; what stands in none of these comes last.
GROUPS = (
    (
        "How well it tells them apart",
        ("eer", "auc", "min_dcf", "min_cllr", "mean_score_bona_fide", "mean_score_spoof"),
    ),
    (
        "How it does at the line that was set beforehand",
        (
            "miss_rate", "false_alarm_rate", "balanced_accuracy", "miss_rate_all",
            "false_alarm_rate_all", "balanced_accuracy_all",
        ),
    ),
    ("What its LLRs are worth", ("cllr", "act_dcf")),
    ("Other ways to read the EER", ("eer_asvspoof", "eer_rocch")),
    ("As the guard of a voice lock", ("min_tdcf_2019", "min_tdcf_2021", "a_dcf", "t_eer")),
)  # fmt: skip


def meaning(name: str) -> Meaning:
    """Say what a measure is called and what it says; the bare name for one that is not known.

    Example:
        >>> meaning("min_cllr").title, meaning("some_rate").title
        ('min Cllr', 'some rate')
    """
    return MEANINGS.get(name) or Meaning(name.replace("_", " "), "")
