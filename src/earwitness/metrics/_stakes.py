"""What the stakes of the tandem metrics must be."""

from __future__ import annotations

from collections.abc import Sequence

from earwitness.errors import SettingsError


def check_stakes(
    *,
    prior_target: float,
    prior_nontarget: float,
    prior_spoof: float,
    prices: Sequence[float],
) -> None:
    """Refuse priors and prices that no cost can be made of.

    Raises:
        SettingsError: the priors do not sum to 1, no target or no spoof is ever met, or a mistake
            is free.

    Example:
        >>> check_stakes(prior_target=0.5, prior_nontarget=0.0, prior_spoof=0.5, prices=[1, 10])
    """
    total = prior_target + prior_nontarget + prior_spoof
    if min(prior_target, prior_spoof) <= 0 or prior_nontarget < 0 or abs(total - 1) > 1e-10:
        raise SettingsError(
            f"The priors of target, nontarget and spoof must sum to 1, and only that of nontarget "
            f"may be 0, but they are {prior_target:g}, {prior_nontarget:g} and {prior_spoof:g}."
        )
    if min(prices) <= 0:
        raise SettingsError(
            f"The prices of mistakes must lie above 0, but they are "
            f"{', '.join(f'{price:g}' for price in prices)}."
        )
