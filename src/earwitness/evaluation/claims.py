"""A published pair of EER and AUC: can one set of scores have both?

Every ROC curve has (1 - EER)² <= AUC <= 1 - EER² (``metrics.bounds`` says why). A pair outside of
that was not computed from one list of scores and one list of labels. The usual reason is an AUC
that was computed with spoof as the positive class, or a list of labels in another order than the
scores; so the claim is read once more with one of the two turned round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from earwitness.errors import SettingsError
from earwitness.metrics.bounds import auc_interval, auc_range, eer_interval, gaussian_auc
from earwitness.metrics.intervals import Interval

FORM = "eer=0.1176,auc=0.0437,n=544+544"
_NUMBER = re.compile(r"(\d*\.?\d+)\s*(%?)")
_COUNT = re.compile(r"(\d+)\s*\+\s*(\d+)")


@dataclass(frozen=True)
class Published:
    """What somebody printed.

    Attributes:
        eer, auc: as fractions.
        eer_step, auc_step: half a unit of the last digit that was printed, as fractions.
        n_bona_fide, n_spoof: trials; None where it was not said.
    """

    eer: float
    auc: float
    eer_step: float = 0.0
    auc_step: float = 0.0
    n_bona_fide: int | None = None
    n_spoof: int | None = None


@dataclass(frozen=True)
class Reading:
    """One way to read a claim.

    Attributes:
        eer, auc: the pair.
        is_possible: one set of scores can have both, as far as rounding and so few trials allow.
        low, high: bounds of the AUC for this EER, as if it were exact.
    """

    eer: float
    auc: float
    is_possible: bool
    low: float
    high: float

    @property
    def lies_within(self) -> bool:
        """Say whether the AUC lies within the bounds as they stand."""
        return self.low <= self.auc <= self.high


@dataclass(frozen=True)
class Claim:
    """What can be said of a published pair.

    Attributes:
        published: the pair.
        as_printed: read as it stands.
        auc_mirrored: read with 1 - AUC, as if the AUC took the other class for positive.
        eer_mirrored: read with 1 - EER, as if all scores pointed the other way.
        gaussian_auc: AUC that two normal distributions of one width have at this EER; a hint.
        eer_interval, auc_interval: 95 %, for as many independent trials; None without a number.
    """

    published: Published
    as_printed: Reading
    auc_mirrored: Reading
    eer_mirrored: Reading
    gaussian_auc: float
    eer_interval: Interval | None
    auc_interval: Interval | None

    @property
    def is_possible(self) -> bool:
        """Say whether one set of scores can have both figures."""
        return self.as_printed.is_possible


def parse(text: str) -> Published:
    """Read a claim: ``eer=0.1176,auc=0.0437,n=544+544``; ``n`` may be left out, ``%`` is known.

    Raises:
        SettingsError: it is no claim, or a value is no fraction.

    Example:
        >>> found = parse("eer=11.76%, auc=0.9563, n=544+544")
        >>> found.eer, found.auc, found.n_bona_fide, found.n_spoof
        (0.1176, 0.9563, 544, 544)
    """
    parts = dict(_parts(text))
    for name in ("eer", "auc"):
        if name not in parts:
            raise SettingsError(f"--claim {text}: {name} is missing. Write {FORM}.")
    eer, eer_step = _fraction("eer", parts["eer"])
    auc, auc_step = _fraction("auc", parts["auc"])
    n_bona_fide, n_spoof = _trials(parts["n"]) if "n" in parts else (None, None)
    return Published(eer, auc, eer_step, auc_step, n_bona_fide, n_spoof)


def check_claim(published: Published) -> Claim:
    """Say whether a pair is possible, and which mirrored reading would be.

    Example:
        >>> claim = check_claim(parse("eer=0.1176,auc=0.0437,n=544+544"))
        >>> claim.is_possible, claim.auc_mirrored.is_possible
        (False, True)
    """
    eer, auc = published.eer, published.auc
    n = (published.n_bona_fide, published.n_spoof)
    return Claim(
        published,
        as_printed=_reading(eer, auc, published),
        auc_mirrored=_reading(eer, 1 - auc, published),
        eer_mirrored=_reading(1 - eer, auc, published),
        gaussian_auc=gaussian_auc(eer),
        eer_interval=eer_interval(eer, *n) if _is_known(n) else None,
        auc_interval=auc_interval(auc, *n) if _is_known(n) else None,
    )


def _reading(eer: float, auc: float, published: Published) -> Reading:
    """Read a pair, with all that rounding and a step of the curve may have added."""
    slack = published.eer_step + _step(published)
    lowest = auc_range(min(1.0, eer + slack)).low - published.auc_step
    highest = auc_range(max(0.0, eer - slack)).high + published.auc_step
    plain = auc_range(eer)
    return Reading(eer, auc, lowest <= auc <= highest, plain.low, plain.high)


def _is_known(n: tuple[int | None, int | None]) -> TypeGuard[tuple[int, int]]:
    return None not in n


def _step(published: Published) -> float:
    """Give half the step of the rarer label: so far apart are the field's ways to read an EER."""
    n = min(published.n_bona_fide or 0, published.n_spoof or 0)
    return 0.5 / n if n else 0.0


def _parts(text: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for part in text.split(","):
        name, mark, value = (piece.strip() for piece in part.partition("="))
        if not mark or name.lower() not in ("eer", "auc", "n"):
            raise SettingsError(
                f"--claim {text}: '{part.strip()}' is none of eer=, auc=, n=. Write {FORM}."
            )
        if name.lower() in seen:
            raise SettingsError(f"--claim {text}: {name} stands there twice.")
        seen.add(name.lower())
        yield name.lower(), value


def _fraction(name: str, text: str) -> tuple[float, float]:
    """Read a fraction or per cent, and half a unit of its last digit."""
    form = _NUMBER.fullmatch(text)
    if form is None:
        raise SettingsError(f"--claim: {name}={text} is no number. Write {FORM}.")
    digits, sign = form.groups()
    scale = 0.01 if sign else 1.0
    value, decimals = float(digits) * scale, len(digits.partition(".")[2])
    # A fraction without decimals is 0 or 1 as it stands: nobody rounds to whole ones.
    step = 0.5 * 10.0**-decimals * scale if decimals or sign else 0.0
    if not 0 <= value <= 1:
        hint = "" if sign or value > 100 else f" If it is in per cent, write {name}={digits}%."
        raise SettingsError(f"--claim: {name} lies from 0 to 1, but got {text}.{hint}")
    return round(value, 12), step


def _trials(text: str) -> tuple[int, int]:
    form = _COUNT.fullmatch(text)
    if form is None or not all(int(n) for n in form.groups()):
        raise SettingsError(
            f"--claim: n={text} is not BONA_FIDE+SPOOF, as in n=544+544, each at least 1."
        )
    return int(form[1]), int(form[2])
