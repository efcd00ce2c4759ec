"""Published detectors whose weights do not come with the package: ``known/NAME.toml`` each.

Their authors gave the weights away without saying that others may pass them on, or they are too
large. So their whereabouts are told, and whoever has the file adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from earwitness import config
from earwitness.errors import SettingsError, UnknownName

KNOWN = Path(__file__).parent / "known"
NONE_STATED = "none stated"


@dataclass(frozen=True)
class Figure:
    """An EER that somebody published.

    Attributes:
        data: on which set and which part of it.
        percent: the EER.
        by: who measured it.
        mean_percent: over several trainings, where that was published beside the best one.
    """

    data: str
    percent: float
    by: str
    mean_percent: float | None = None

    def __str__(self) -> str:
        mean = "" if self.mean_percent is None else f" (mean {self.mean_percent:g} %)"
        return f"{self.percent:g} %{mean} on {self.data}, by {self.by}; not re-measured here"


@dataclass(frozen=True)
class Publication:
    """What is known of weights that somebody published.

    Attributes:
        title: one line for people.
        repository: where the code lies, as ``owner/name``.
        place: where the weights lie, in words.
        file: what they are called there; empty where that is not known for sure.
        code_licence: of the code; weights_licence: of the weights, which may be another.
        training_data: in words.
        trained_on: the same for programs.
        network: as the layout calls it; empty where no network here runs these weights.
        layout: of the file; empty where there is none.
        proof: how far the network here was compared with the published one.
        size_mb: of the file, in million bytes.
        size_is: how that is known.
        sha256: of the file; empty where nobody here has seen it.
        note: what else is to be known, in a sentence or two.
        figures: published EERs.
        name: the file's name.
    """

    title: str
    repository: str
    place: str
    code_licence: str
    weights_licence: str
    training_data: str
    trained_on: tuple[str, ...]
    file: str = ""
    network: str = ""
    layout: str = ""
    proof: str = ""
    size_mb: float | None = None
    size_is: str = ""
    sha256: str = ""
    note: str = ""
    figures: tuple[Figure, ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        if bool(self.network) != bool(self.layout) or bool(self.network) != bool(self.proof):
            raise SettingsError("network, layout and proof are told together, or none of them.")

    @property
    def is_runnable(self) -> bool:
        """Say whether there is a network here that runs these weights."""
        return bool(self.network)

    def what_to_do(self) -> str:
        """Say how to come by the weights and what to do then."""
        if not self.is_runnable:
            return f"No network here runs them. {self.note}".strip()
        what = self.file or "the file of weights"
        where = f"{self.repository} ({self.place})"
        return f"Get {what} from {where}, then: earwitness models add FILE --as {self.name}"

    def origin(self) -> str:
        """Say where the weights come from, for a card."""
        file = f", {self.file}" if self.file else ""
        return f"{self.repository}{file}; licence of the code: {self.code_licence}"


@cache
def known() -> Mapping[str, Publication]:
    """Read what is known, by name.

    Raises:
        SettingsError: a file does not fit.
    """
    found = {}
    for path in sorted(KNOWN.glob("*.toml")):
        table = config.read_toml(path) | {"name": path.stem}
        found[path.stem] = config.settings(Publication, table, where=str(path))
    return MappingProxyType(found)


def publication(name: str) -> Publication:
    """Find a publication by name; dashes and underscores are the same.

    Raises:
        UnknownName: there is none of this name.
    """
    found = known().get(name.replace("-", "_"))
    if found is None:
        listed = ", ".join(known())
        raise UnknownName(f"No published detector is known as '{name}'. There are: {listed}.")
    return found


def published_as(sha256: str) -> Publication | None:
    """Find the publication whose file has this SHA-256."""
    return next((one for one in known().values() if sha256 and one.sha256 == sha256), None)
