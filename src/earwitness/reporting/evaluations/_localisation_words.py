"""Localisation in words: what each figure is called, what it rests on, and what it says."""

from __future__ import annotations

from collections.abc import Iterator

from earwitness.evaluation.located import Kind, Localisation, Located
from earwitness.evaluation.records import Measure
from earwitness.reporting._words import length, visible
from earwitness.reporting.evaluations._numbers import not_given, percent, places, plain
from earwitness.reporting.evaluations._remarks import Said, said

RATE = "false_stretches_an_hour"
TITLES = {
    "segment_eer_20ms": "Segment EER, 20 ms frames",
    "segment_eer_160ms": "Segment EER, 160 ms frames",
    "range_eer": "Range-based EER",
    "found_regions": "Spoofed regions found",
    RATE: "False stretches an hour",
    "spoofed_suspicion": "Suspicious time that is spoofed",
}
HEAD = ("measure", "value", "95 % interval", "rests on")
HOW = (
    "The score of an instant is the mean score of the windows that cover it. A frame is spoof if "
    "any spoof lies in it, and has the lowest score inside it (the convention of PartialSpoof). "
    "The range-based EER (Zhang et al. 2023) weighs by seconds instead of frames, and is exact: "
    "all thresholds were tried. Time that no window covers has no score and is left out of all "
    "EERs. 0 % is perfect, 50 % is a coin toss.",
    "A spoofed region is found where suspicious stretches cover at least half of it. A stretch is "
    "false where it touches no spoof; an hour is an hour of bona fide sound, pauses included.",
)
_SAME = 0.5  # an EER of a coin toss


def heading(told: Localisation) -> str:
    """Name the report."""
    return f"{told.setup.model}: localisation"


def basis(told: Localisation) -> str:
    """Say what was measured on."""
    regions = f"{told.regions:,} spoofed region{_s(told.regions)}"
    each = f" of {length(told.spoof_s / told.regions)} on average" if told.regions else ""
    return (
        f"{told.recordings:,} recordings, {told.spoofed:,} of them with spoof in them: "
        f"{regions}{each}, {_lasting(told.spoof_s)} in {_lasting(told.bona_fide_s + told.spoof_s)}"
    )


def headline(told: Localisation) -> str:
    """Say in a sentence or two how well spoof is located."""
    ranges = told.figure("range_eer").measure
    if ranges.value is None:
        first = f"Nothing can be said of how well spoof is located: {ranges.why_not}."
    else:
        first = f"The range-based EER is {percent(ranges)}: {against_chance(ranges)}."
    return " ".join([first, *_of_stretches(told)])


def against_chance(measure: Measure) -> str:
    """Compare an EER with a coin toss, by its interval.

    Example:
        >>> against_chance(Measure("range_eer", 0.31, 0.24, 0.39))
        'the scores locate spoof better than chance would'
        >>> against_chance(Measure("range_eer", 0.46, 0.38, 0.53))
        'no better than chance, as far as these recordings can tell'
    """
    if measure.high is not None and measure.high < _SAME:
        return "the scores locate spoof better than chance would"
    if measure.low is not None and measure.low > _SAME:
        return "worse than chance, for spoofed time scores above bona fide time"
    return "no better than chance, as far as these recordings can tell"


def row(located: Located) -> tuple[str, str, str, str]:
    """Write one figure: name, value, interval, what it rests on."""
    measure = located.measure
    title = TITLES.get(measure.name, measure.name)
    if measure.value is None:
        return title, not_given(measure), "–", _rests_on(located)
    scale, shown, unit = (
        (1, _decimals(measure), "") if measure.name == RATE else (100, places(measure), " %")
    )
    value = f"{plain(scale * measure.value, shown)}{unit}"
    if measure.low is None or measure.high is None:
        return title, value, "–", _rests_on(located)
    low, high = plain(scale * measure.low, shown), plain(scale * measure.high, shown)
    return title, value, f"{low} to {high}{unit}", _rests_on(located)


def kind_head(told: Localisation) -> tuple[str, ...]:
    """Name the columns of the table of kinds."""
    return (
        visible(told.column), "recordings", "regions found", "false stretches an hour", "bona fide",
    )  # fmt: skip


def kind_row(kind: Kind) -> tuple[str, ...]:
    """Write one kind: its value, how many recordings, regions found, false stretches an hour."""
    found, false = kind.found, kind.false_an_hour
    _, an_hour, interval, _ = row(false)
    return (
        visible(kind.value) or "(none)",
        f"{kind.recordings:,}",
        "–" if found.of is None else f"{found.events:,} of {found.of:,}",
        an_hour if interval == "–" else f"{an_hour} [{interval.replace(' to ', ', ')}]",
        _hours(false.hours),
    )


def notes(told: Localisation) -> Iterator[str]:
    """Tell what must be known beside the figures."""
    left_out_s = told.figure("range_eer").left_out_s
    if left_out_s >= 0.05:
        whole_s = told.bona_fide_s + told.spoof_s
        yield (
            f"{_lasting(left_out_s)} ({100 * left_out_s / whole_s:.1f} %) lie under no window, for "
            f"no speech is heard there; {_lasting(told.unheard_spoof_s)} of that are spoof"
        )
    if not told.setup.is_calibrated:
        yield (
            "there are no suspicious stretches, because the detector has no calibration; the EERs "
            "are those of raw scores"
        )
    if told.others:
        yield (
            f"the reference speaks of {len(told.others):,} recording{_s(len(told.others))} that "
            f"this partition does not have (the first: {visible(told.others[0])})"
        )
    if told.unread:
        yield f"{len(told.unread):,} recording{_s(len(told.unread))} could not be read"


def remarks(told: Localisation) -> list[Said]:
    """Put into words what makes the figures less than they seem."""
    return [said(remark) for remark in told.remarks]


def intervals(told: Localisation) -> str:
    """Say what was resampled."""
    setup = told.setup
    if setup.clustered_by is None:
        return "95 % intervals by resampling recordings"
    column = visible(setup.clustered_by)
    return f"95 % intervals by resampling {setup.clusters:,} values of '{column}'"


def facts(told: Localisation) -> Iterator[tuple[str, str]]:
    """List what every figure is to be read with."""
    setup = told.setup
    yield "detector", setup.model
    yield "weights (SHA-256)", setup.weights_sha256 or "–"
    yield "settings", setup.settings_hash or "–"
    yield "data set", f"{setup.data} ({setup.protocol}, {setup.partition})"
    yield "reference", told.segments
    yield "windows", setup.windows
    yield "decoding", setup.decoding
    yield "intervals", intervals(told)
    yield "date", setup.date
    yield "version", setup.version
    yield "command", setup.command


def _of_stretches(told: Localisation) -> Iterator[str]:
    found, false = told.figure("found_regions"), told.figure(RATE)
    if found.measure.value is not None:
        yield (
            f"Suspicious stretches find {found.events:,} of {found.of:,} spoofed regions, "
            f"{percent(found.measure)}."
        )
    if false.measure.value is not None and false.events is not None:
        events, of = false.events, f"in {_hours(false.hours)} of it"
        if events < 2:
            yield f"{'One' if events else 'No'} suspicious stretch accuses bona fide sound, {of}."
        else:
            yield f"{events:,} suspicious stretches accuse bona fide sound, {of}."


def _rests_on(located: Located) -> str:
    name, measure = located.measure.name, located.measure
    if name == RATE:
        of = f"{located.events:,} of {located.of:,} stretches, " if located.of is not None else ""
        return f"{of}{_hours(located.hours)} of bona fide sound"
    if name == "found_regions":
        of = f"{located.events:,} of {located.of:,} regions, " if located.events is not None else ""
        return f"{of}{_hours(located.hours)} of spoof"
    if name == "spoofed_suspicion":
        return f"{_hours(located.hours)} of suspicious stretches"
    counted = f"{measure.n_bona_fide:,} bona fide + {measure.n_spoof:,}"
    what = "spoof frames" if name.startswith("segment") else "spoofed recordings"
    return f"{counted} {what}, {_hours(located.hours)}"


def _decimals(measure: Measure) -> int:
    """Say how many decimals a rate an hour carries: one, from a half width of a tenth up."""
    half = ((measure.high or 0.0) - (measure.low or 0.0)) / 2
    return 1 if half >= 0.1 else 2


def _hours(hours: float) -> str:
    return _lasting(3600 * hours)


def _lasting(seconds: float) -> str:
    """Write an amount of sound.

    Example:
        >>> _lasting(20.2), _lasting(84), _lasting(4100)
        ('20 s', '1.4 min', '1.14 h')
    """
    if seconds >= 3600:
        return f"{seconds / 3600:,.2f} h"
    return f"{seconds / 60:.1f} min" if seconds >= 60 else f"{seconds:.0f} s"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
