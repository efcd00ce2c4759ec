"""The original study's figures: as they were printed, put right, and with the intervals they lack.

It fine-tuned XLS-R + AASIST on for-2seconds and reported an EER and an AUC for each of two data
sets, before and after. EERs and AUCs are as printed there; everything else is computed from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from earwitness.evaluation.claims import Claim, Published, check_claim
from earwitness.evaluation.records import Measure

TRAIN_LOSS, DEV_LOSS = 0.059, 0.103  # after its last epoch
TESTING_EACH, CUSTOM_EACH = 544, 150  # the second is assumed: it says 300 clips, and no more
DIGITS = 0.0005  # half a unit of the AUCs' last digit that are known here


@dataclass(frozen=True)
class Printed:
    """One row of the original study.

    Attributes:
        data: the data set.
        when: before or after fine-tuning.
        eer: as printed, a fraction.
        auc: as printed: one minus what it should have been.
        each: clips of each label.
    """

    data: str
    when: str
    eer: float
    auc: float
    each: int

    @property
    def auc_put_right(self) -> float:
        """Give the AUC with bona fide as the positive class, as its EER has it."""
        return round(1.0 - self.auc, 6)

    @property
    def claim(self) -> Claim:
        """Say whether the printed pair is possible."""
        return check_claim(Published(self.eer, self.auc, 0.00005, DIGITS, self.each, self.each))

    def eer_measure(self) -> Measure:
        """Give the EER with the interval that its number of clips allows."""
        return _measure("eer", self.eer, self.claim, self.each)

    def auc_measure(self) -> Measure:
        """Give the AUC, put right, with the interval that its number of clips allows."""
        right = Published(self.eer, self.auc_put_right, 0.00005, DIGITS, self.each, self.each)
        return _measure("auc", self.auc_put_right, check_claim(right), self.each)


ROWS = (
    Printed("custom set", "before", 0.307, 0.239, CUSTOM_EACH),
    Printed("for-2seconds, testing", "before", 0.3327, 0.246, TESTING_EACH),
    Printed("for-2seconds, testing", "after", 0.1176, 0.0437, TESTING_EACH),
    Printed("custom set", "after", 0.474, 0.432, CUSTOM_EACH),
)
ASSUMED = (
    "Of the custom set only the number of clips is known, 300: 150 of each label are assumed. "
    "Intervals hold for independent clips (EER: Wilson's, with as many trials as one label has; "
    "AUC: Hanley and McNeil's); clips of one speaker make them wider."
)
DEFECTS = (
    (
        "22.05 kHz into a 16 kHz model",
        "Its loader's default resampled every clip to 22,050 Hz, and the network, which was made "
        "for 16,000 Hz, was not told: all it heard was slower and lower in pitch by a factor of "
        "0.73, in training and in evaluation alike.",
    ),
    (
        "AUC from labels and scores that did not belong together",
        "For the AUC it kept labels in one order, one class first, and scores in the other. "
        "With as many clips of each class that turns the AUC into one minus itself, while the EER "
        "came from the right lists. An AUC of 0.04 beside an EER of 12 % is impossible; one minus "
        "it is not.",
    ),
    (
        "Training without shuffling",
        "Its list of clips has all of one label before all of the other, and the loader kept that "
        "order: nearly every batch of an epoch had a single label.",
    ),
)


def readings() -> Iterator[str]:
    """Say what the corrected figures mean, in sentences that follow from them."""
    by_place = {(row.data, row.when): row for row in ROWS}
    for data in dict.fromkeys(row.data for row in ROWS):
        before, after = by_place[data, "before"], by_place[data, "after"]
        points = 100 * (after.eer - before.eer)
        moved = "rose" if points > 0 else "fell"
        told = "worse" if points > 0 else "better"
        areas = f"{before.auc_put_right:.3f} to {after.auc_put_right:.3f}"
        yield (
            f"{data[:1].upper()}{data[1:]}: the EER {moved} by {abs(points):.1f} points, and the "
            f"AUC, put right, went from {areas}: {told}."
        )


def _measure(name: str, value: float, claim: Claim, each: int) -> Measure:
    interval = claim.eer_interval if name == "eer" else claim.auc_interval
    assert interval is not None
    return Measure(name, value, interval.low, interval.high, each, each)
