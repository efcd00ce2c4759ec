"""Options that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

import click

Channel: TypeAlias = Literal["mix", "each"] | int
F = TypeVar("F", bound=Callable[..., Any])

model_option = click.option(
    "--model",
    metavar="NAME",
    help="Detector: a name from `earwitness models`, the path of a detector's folder or of a file "
    "of weights, or hf:owner/name.",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Threads for the network.",
)
device_option = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "mps"]),
    help="Where the network runs.  [default: auto, an accelerator if there is one]",
)
precision_option = click.option(
    "--precision",
    type=click.Choice(["auto", "fp32", "bf16"]),
    help="Of large products; bf16 is for XLS-R and alike, run by torch.  [default: auto, as the "
    "detector's card says]",
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Recordings that are listened to at the same time.",
)
quiet_option = click.option(
    "--quiet", is_flag=True, help="No progress bar and no remarks: results and errors only."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
out_option = click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the results to FILE, which appears when it is complete.",
)


def _picture_of_a_kind_we_draw(
    ctx: click.Context, param: click.Parameter, file: Path | None
) -> Path | None:
    from earwitness.reporting.plots import SUFFIXES

    if file is not None and file.suffix.lower() not in SUFFIXES:
        *most, last = SUFFIXES
        allowed = f"{', '.join(most)} or {last}"
        raise click.BadParameter(f"'{file}' must end in {allowed}.", ctx, param)
    return file


plot_option = click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=_picture_of_a_kind_we_draw,
    help="Draw the timeline of one recording, too: FILE.png, .svg or .pdf.",
)


WORDS: tuple[Literal["mix"], Literal["each"]] = ("mix", "each")


class ChannelType(click.ParamType[Channel]):
    """``mix``, ``each``, or the number of a channel, counted from 0."""

    name = "channel"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Channel:
        """Read one of them."""
        for word in WORDS:
            if value == word:
                return word
        if str(value).isdecimal():
            return int(str(value))
        return self.fail(f"'{value}' is none of mix, each, 0, 1, 2 …", param, ctx)


def form_options(*names: str) -> Callable[[F], F]:
    """Give a command one flag for each form of report; the chosen name arrives as ``form``."""

    def decorate(command: F) -> F:
        for name in reversed(names):
            command = click.option(
                f"--{name}", cls=FormFlag, is_flag=True, expose_value=False, callback=_choose_form
            )(command)
        return command

    return decorate


class FormFlag(click.Option):
    """A flag whose help is the first line of the form's own docstring, read when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Read the form's docstring, then do as every option does."""
        from earwitness.reporting import FORMS

        form = FORMS.get(f"as_{self.name}")
        self.help = (form.__doc__ or "").partition("\n")[0]
        return super().get_help_record(ctx)


def _choose_form(ctx: click.Context, param: click.Parameter, is_given: bool) -> None:
    chosen = ctx.params.setdefault("form", None)
    if is_given and chosen:
        raise click.UsageError(f"Choose one of --{chosen} and --{param.name}.")
    if is_given:
        ctx.params["form"] = param.name
