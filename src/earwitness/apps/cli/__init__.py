"""The command line. One file a command, and the file's name is the command's name.

A command file defines a click command that is called like the file. Only the file that was asked
for is imported; what a command needs beyond click it imports when it runs. ``main`` and
``options`` are no commands, nor are files that start with ``_``.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

_NO_COMMANDS = {"main", "options"}


def command_names() -> list[str]:
    """List the commands in alphabetical order, importing nothing."""
    found = {module.name for module in iter_modules(__path__)} - _NO_COMMANDS
    return sorted(name for name in found if not name.startswith("_"))


def load_command(name: str) -> click.Command:
    """Import the command of this name, which must be one of ``command_names``."""
    command: click.Command = getattr(import_module(f"{__name__}.{name}"), name)
    return command
