"""``earwitness``: the group of all commands, each imported when it is asked for."""

from __future__ import annotations

from difflib import get_close_matches

import click

from earwitness import __version__
from earwitness.apps.cli import command_names, load_command
from earwitness.apps.cli._exits import told_in_one_line


class Commands(click.Group):
    """A group that finds its commands by file name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands, as files spell them."""
        del ctx
        return command_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; dashes and underscores are the same."""
        del ctx
        name = cmd_name.replace("-", "_")
        return load_command(name) if name in command_names() else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was asked for, or tell which one may be meant."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], command_names(), n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There are: {_listed()}."
            ctx.fail(f"There is no command '{args[0]}'. {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for."""
        with told_in_one_line():
            return super().invoke(ctx)


def _listed() -> str:
    return ", ".join(command_names())


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """Tell bona fide speech from spoofed speech, and say how sure it is.

    Start with: earwitness detect RECORDING
    """
