"""The options of ``evaluate``, in three groups: of a data set, of a score file, of a claim."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from earwitness.apps.cli import options

F = TypeVar("F", bound=Callable[..., Any])

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

_DATA = (
    click.option("--protocol", metavar="NAME", help="What kind of data set it is.  [found out]"),
    click.option(
        "--partition",
        metavar="NAME",
        help="train, dev, eval … or all.  [default: eval, else dev, else the only one]",
    ),
    options.model_option,
    click.option(
        "--operating-point",
        metavar="NAME",
        help="Where the line is drawn: screening, balanced or accusation.  [default: balanced]",
    ),
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="Write report, figures and scores there; the same command goes on after a stop.",
    ),
    click.option(
        "--no-audio",
        is_flag=True,
        help="Do not put recordings into the report: it may be passed on, they may not.",
    ),
    click.option(
        "--restart", is_flag=True, help="Forget what --out holds of an evaluation, and begin again."
    ),
    click.option(
        "--by",
        metavar="COLUMN",
        multiple=True,
        help="Break figures down by a column of the data set, too; can be given again.",
    ),
    click.option(
        "--segments",
        type=_FILE,
        metavar="REF.rttm",
        help="Where in each recording the spoof is: measure how well that is located, too.",
    ),
    click.option(
        "--accept-inverted",
        is_flag=True,
        help="Scores that point the wrong way are meant: keep that decision, and end with 0.",
    ),
    click.option(
        "--workers",
        type=click.IntRange(min=1),
        help="Recordings that are listened to at the same time.  [default: 1]",
    ),
    click.option(
        "--threads", type=click.IntRange(min=1), help="Threads for the network.  [default: 1]"
    ),
    options.device_option,
    options.precision_option,
)
_SCORES = (
    click.option(
        "--scores", type=_FILE, metavar="FILE", help="Measure these scores; no detector listens."
    ),
    click.option(
        "--key",
        type=click.Path(exists=True, path_type=Path),
        metavar="FILE",
        help="The labels of --scores: a key, protocol or list, or the folder of a data set.",
    ),
    click.option(
        "--llr", is_flag=True, help="The scores are LLRs (natural log, positive for bona fide)."
    ),
    click.option(
        "--threshold",
        type=float,
        metavar="T",
        help="Bona fide from T up, chosen before these trials were seen.  [with --llr: 0]",
    ),
    click.option(
        "--partial", is_flag=True, help="Measure what fits where scores and key do not cover all."
    ),
    click.option(
        "--asv-scores",
        type=_FILE,
        metavar="FILE",
        help="Speaker verification scores, '… key score' a line, for t-DCF, a-DCF and t-EER.",
    ),
)
_CLAIM = (
    click.option(
        "--claim",
        metavar="eer=E,auc=A,n=B+S",
        help="Say whether a published EER and AUC can both be true; needs no data.",
    ),
)


def _group(decorators: tuple[Callable[[F], F], ...]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for one in reversed(decorators):
            command = one(command)
        return command

    return decorate


data_options = _group(_DATA)
score_options = _group(_SCORES)
claim_options = _group(_CLAIM)
