"""Name → thing, by file name.

A registry watches one package: ``models/backends/aasist.py`` *is* the back end "aasist". Listing
reads the folder, not the modules; a module is imported when its name is asked for. Files that
start with ``_`` are shared blocks and are not listed. Outside packages may add names through an
entry-point group that is called like the watched package.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Generic, TypeVar

from earwitness.errors import SettingsError, UnknownName

T = TypeVar("T", bound=Callable[..., object])


class Registry(Generic[T]):
    """The things of one kind that live in one package, one a file.

    Args:
        kind: what they are, for messages ("back end").
        package: dotted name of the package to watch.
        aliases: old name → current name, so that a renamed file keeps old settings alive.
        prefix: how the names of its files start, in a package that has others, too.
    """

    def __init__(
        self,
        kind: str,
        *,
        package: str,
        aliases: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> None:
        self.kind = kind
        self.package = package
        self.aliases = dict(aliases or {})
        self.prefix = prefix
        self._things: dict[str, T] = {}

    def add(self, thing: T) -> T:
        """Register ``thing`` under the name of the file that defines it (a decorator)."""
        name = thing.__module__.rpartition(".")[2]
        if name in self._things and self._things[name] is not thing:
            raise SettingsError(f"{self.kind} '{name}': one file may register one thing only.")
        self._things[name] = thing
        return thing

    def names(self) -> list[str]:
        """List what there is, in alphabetical order, importing nothing."""
        return sorted({*self._files(), *self._guests()})

    def get(self, name: str) -> T:
        """Find a thing by name; dashes and underscores are the same.

        Raises:
            UnknownName: there is no such name; the near ones are listed.
        """
        wanted = name.replace("-", "_")
        wanted = self.aliases.get(wanted, wanted)
        if wanted not in self._things:
            self._load(wanted, asked_as=name)
        return self._things[wanted]

    def _load(self, name: str, *, asked_as: str) -> None:
        guests = self._guests()
        if name in self._files():
            importlib.import_module(f"{self.package}.{name}")
        elif name in guests:
            self._things[name] = guests[name]()
        else:
            raise UnknownName(self._no_such(asked_as))
        if name not in self._things:
            raise SettingsError(f"{self.kind} '{name}': its file registers nothing.")

    def _no_such(self, name: str) -> str:
        names = self.names()
        near = get_close_matches(name, names, n=3)
        hint = (
            f"Did you mean {' or '.join(near)}?"
            if near
            else f"There are: {', '.join(names) or 'none'}."
        )
        return f"There is no {self.kind} called '{name}'. {hint}"

    def _files(self) -> set[str]:
        spec = find_spec(self.package)
        paths = list(spec.submodule_search_locations or []) if spec else []
        names = {m.name for m in pkgutil.iter_modules(paths) if not m.name.startswith("_")}
        return {name for name in names if name.startswith(self.prefix)}

    def _guests(self) -> dict[str, Callable[[], T]]:
        return {point.name: point.load for point in entry_points(group=self.package)}
