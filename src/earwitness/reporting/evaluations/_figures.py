"""The house's style for figures: matplotlib's second door, for what evaluations draw.

``drawing`` does it all: it lays out a figure, lets a function paint on it, and gives PNG (150 dpi)
and SVG that are the same bytes for the same figures. Colours are those of ``reporting.plots``,
which colour-blind people can tell apart; nothing may rest on colour alone.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from earwitness import __version__
from earwitness.reporting.plots import BONA_FIDE, INK, SPOOF, SUSPICIOUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BONA_FIDE", "GRID", "INK", "PAPER", "SERIES", "SPOOF", "SUSPICIOUS", "Drawing", "as_png",
    "as_svg", "calm", "drawing", "house_style", "styled_figure",
]  # fmt: skip

WIDTH, HEIGHT, DPI = 7.0, 4.3, 150  # inches
GRID, PAPER, QUIET = "#DDDDDD", "#FFFFFF", "#666666"
# For several detectors in one figure: Okabe and Ito's, dark enough to be read as lines.
SERIES = (BONA_FIDE, SPOOF, "#009E73", "#CC79A7", "#56B4E9", "#8A6D00")
MARKERS = ("o", "s", "^", "D", "v", "P")

Paint: TypeAlias = "Callable[[Figure], None]"

_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10.0,
    "axes.labelsize": 9.5,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.09,
    "figure.constrained_layout.h_pad": 0.06,
    "text.parse_math": False,  # an attack may be called $x$
    "svg.hashsalt": "earwitness",  # the same figure is the same file
    "svg.fonttype": "path",  # looks alike everywhere
}


@dataclass(frozen=True)
class Drawing:
    """A figure as it goes into a page or a folder.

    Attributes:
        name: of its files ("det").
        title: of the figure, in a few words.
        told: what it shows, in words, for those who cannot see it and as the caption.
        png, svg: the files' bytes.
    """

    name: str
    title: str
    told: str
    png: bytes
    svg: bytes


def drawing(
    name: str,
    title: str,
    told: str,
    paint: Paint,
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
    note: str = "",
) -> Drawing:
    """Draw a figure once, for pages and for folders.

    Args:
        name: of its files.
        title: of the figure; ``paint`` need not write it.
        told: what it shows, in words.
        paint: gets an empty figure of the house's style and draws on it.
        width: in inches.
        height: in inches.
        note: what it rests on, in small letters at the foot: detector, data, trials.
    """
    with house_style():
        figure = styled_figure(width, height)
        figure.suptitle(title, x=0.012, ha="left", size=12, weight="bold")
        if note:
            figure.supxlabel(note, x=0.012, ha="left", size=7.5, color=QUIET)
        paint(figure)
        _settle(figure)
        return Drawing(name, title, told, as_png(figure, told=told), as_svg(figure, told=told))


@contextmanager
def house_style() -> Iterator[None]:
    """Set the house's style for as long as figures are laid out and written."""
    import matplotlib

    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def styled_figure(width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """Give an empty figure; call it inside of ``house_style``.

    Args:
        width: in inches; a page shows up to 7 without shrinking.
        height: in inches.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def as_png(figure: Figure, *, told: str = "") -> bytes:
    """Give the PNG at 150 dpi, with its words as metadata and without a date."""
    return _saved(figure, "png", {"Software": f"Earwitness {__version__}", "Description": told})


def as_svg(figure: Figure, *, told: str = "") -> bytes:
    """Give the SVG, with its words as metadata and without a date."""
    words = {"Creator": f"Earwitness {__version__}", "Description": told, "Date": None}
    return _saved(figure, "svg", words)


def calm(axes: Axes, *, along: str = "y") -> None:
    """Leave only the lines that help to read values along one axis.

    Args:
        axes: of a figure.
        along: "y" for horizontal lines, "x" for vertical ones, "both", or "neither".
    """
    axes.grid(visible=False)
    if along != "neither":
        axes.grid(visible=True, axis=along)  # type: ignore[arg-type]
    axes.tick_params(length=3)


def _settle(figure: Figure) -> None:
    """Lay a figure out once and round where its axes stand.

    The last bits of a layout differ from run to run, and names inside the SVG are made of them.
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(float(n), 6) for n in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))


def _saved(figure: Figure, form: str, words: dict[str, str | None]) -> bytes:
    with house_style():
        file = io.BytesIO()
        figure.savefig(file, format=form, dpi=DPI, metadata=words)
    return file.getvalue()
