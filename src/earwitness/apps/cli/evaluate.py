"""``earwitness evaluate``: a data set in, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from earwitness.apps.cli import options
from earwitness.apps.cli._evaluating_options import claim_options, data_options, score_options

if TYPE_CHECKING:
    from earwitness.apps.cli._evaluating_wishes import Wishes


@click.command(short_help="Measure a detector, or scores, on a data set.")
@click.argument("dataset", type=click.Path(path_type=Path), required=False)
@data_options
@score_options
@claim_options
@options.json_option
@options.quiet_option
@click.pass_context
def evaluate(context: click.Context, /, **_: object) -> None:
    """Measure how well a detector tells bona fide speech from spoofs in DATASET.

    DATASET is a folder with a bona fide and a spoof folder in it (Real/ and Fake/, or alike), a
    corpus's root, or a CSV or TSV list with the columns path and label. What is measured on is its
    partition "eval" if there is one, else "dev".

    Scores of your own are measured with --scores and --key; whether a published EER and AUC fit
    together is said by --claim, without any data.

    With --out, a folder gets the report, the figures and the scores; stop the command, and it goes
    on from there. Without it nothing is written. Exit codes: 0 done, 3 done and some recordings
    could not be read, 6 the scores point the wrong way or the claim is impossible.
    """
    from earwitness.apps.cli._evaluating_wishes import Wishes

    wishes = Wishes(**context.params)
    wishes.check()
    raise click.exceptions.Exit(_run(wishes))


def _run(wishes: Wishes) -> int:
    """Do one of the things that can be asked for; a new one gets its branch here."""
    if wishes.claim is not None:
        from earwitness.apps.cli._evaluating_claim import of_claim

        return of_claim(wishes.claim, as_json=wishes.as_json)
    if wishes.scores is not None and wishes.key is not None:
        from earwitness.apps.cli._evaluating_scores import of_scores

        return of_scores(wishes, wishes.scores, wishes.key)
    if wishes.dataset is None:
        raise click.UsageError("Give a DATASET.")
    from earwitness.apps.cli._evaluating import of_data

    return of_data(wishes, wishes.dataset)
