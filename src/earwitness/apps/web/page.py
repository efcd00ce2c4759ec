"""The page: three tabs and a fourth that says what a verdict does not cover."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earwitness.apps.web import pieces
from earwitness.apps.web.desk import Choice, Desk, Given, Reply, given
from earwitness.apps.web.offers import Clip, Offer, clips, offers
from earwitness.apps.web.quiet import gr
from earwitness.apps.web.settings import PageSettings
from earwitness.apps.web.stopping import Stops
from earwitness.reporting.verdicts import page as verdict_pieces

_SWEEP_S = 60
_RECORDING = "Your recording"
_EMPTY = "The verdict will stand here: in words, with the places to listen to again."


@dataclass(frozen=True)
class _Controls:
    """What is chosen in a tab."""

    model: Any
    point: Any


def build_page(settings: PageSettings, desk: Desk) -> Any:  # noqa: ANN401 - gradio's Blocks
    """Lay out the page.

    Args:
        settings: limits, and what is chosen at first.
        desk: answers.
    """
    there = offers(settings.model)
    with gr.Blocks(
        title="Earwitness: is this a person speaking?",
        analytics_enabled=False,
        delete_cache=(_SWEEP_S, settings.keep_s),
    ) as blocks:
        _html(str(pieces.top(keep_min=max(1, round(settings.keep_s / 60)))))
        with gr.Tabs():
            with gr.Tab("Listen"):
                _listen_tab(settings, desk, there)
            with gr.Tab("Compare"):
                _compare_tab(settings, desk, there)
            with gr.Tab("Evaluate"):
                _evaluate_tab(settings, desk, there)
            with gr.Tab("Limits"):
                _html(str(verdict_pieces.caveats()))
    blocks.queue(
        max_size=settings.most_waiting,
        default_concurrency_limit=settings.at_once,
        api_open=False,
    )
    return blocks


def _listen_tab(settings: PageSettings, desk: Desk, there: tuple[Offer, ...]) -> None:
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            files = gr.File(
                label="Recordings", file_count="multiple", elem_id="ew-files", height=150
            )
            voice = gr.Audio(
                label="Or record something",
                sources=["microphone"],
                type="filepath",
                elem_id="ew-voice",
                editable=False,
                buttons=[],
            )
            controls = _controls(settings, there)
            with gr.Row():
                listen = gr.Button("Listen", variant="primary", elem_id="ew-listen", scale=3)
                stop = gr.Button("Stop", elem_id="ew-stop", scale=1, min_width=90)
            found = clips(settings.examples)
            buttons = _examples(found)
        with gr.Column(scale=7, min_width=320):
            shown, downloads = _results(
                (("Verdict as JSON", "ew-json"), ("Report to keep (HTML)", "ew-report"))
            )
    outputs = [shown, *downloads]

    stops = Stops()

    def heard(
        paths: list[str] | None, spoken: str | None, model: str, point: str, request: gr.Request
    ) -> Iterator[Any]:
        everything = [given(path) for path in paths or []]
        if spoken:
            everything.append(given(spoken, name=_RECORDING))
        with stops.watching(str(request.session_hash)) as is_stopped:
            replies = desk.listen(everything, Choice(model, point), is_stopped)
            yield from _updates(replies, len(downloads))

    def trying(clip: Clip) -> Callable[..., Iterator[Any]]:
        def tried(model: str, point: str, request: gr.Request) -> Iterator[Any]:
            with stops.watching(str(request.session_hash)) as is_stopped:
                replies = desk.listen([given(clip.path)], Choice(model, point), is_stopped)
                yield from _updates(replies, len(downloads))

        return tried

    def stopped(request: gr.Request) -> None:
        stops.stop(str(request.session_hash))

    chosen = [controls.model, controls.point]
    _on(listen, heard, [files, voice, *chosen], outputs)
    for button, clip in zip(buttons, found, strict=True):
        _on(button, trying(clip), chosen, outputs)
    stop.click(stopped, None, None, show_progress="hidden", api_visibility="private")


def _compare_tab(settings: PageSettings, desk: Desk, there: tuple[Offer, ...]) -> None:
    _html(
        str(
            pieces.small(
                "For instance a recording in question, and one that is known to be of the person, "
                "made in the same way. Each gets its own verdict; whether the voice is the same is "
                "not examined."
            )
        )
    )
    with gr.Row(equal_height=True):
        first = gr.File(label="First recording", elem_id="ew-first", height=150, min_width=280)
        second = gr.File(label="Second recording", elem_id="ew-second", height=150, min_width=280)
    controls = _controls(settings, there)
    compare = gr.Button("Compare", variant="primary", elem_id="ew-compare")
    shown, downloads = _results(
        (("Both as JSON", "ew-both-json"), ("Report to keep (HTML)", "ew-both-report"))
    )

    def compared(one: str | None, other: str | None, model: str, point: str) -> Iterator[Any]:
        replies = desk.compare(_maybe(one), _maybe(other), Choice(model, point))
        yield from _updates(replies, len(downloads))

    _on(compare, compared, [first, second, controls.model, controls.point], [shown, *downloads])


def _evaluate_tab(settings: PageSettings, desk: Desk, there: tuple[Offer, ...]) -> None:
    _html(
        str(
            pieces.small(
                "How well does a detector do on recordings of which you know what they are? Give a "
                ".zip with a folder Real and a folder Fake in it: up to "
                f"{settings.most_trials:,} recordings, {settings.most_unpacked_mb:,} MB unpacked."
            )
        )
    )
    archive = gr.File(label="Archive (.zip)", elem_id="ew-archive", height=150)
    controls = _controls(settings, there)
    evaluate = gr.Button("Evaluate", variant="primary", elem_id="ew-evaluate")
    shown, downloads = _results(
        (("Report (HTML)", "ew-evaluation"), ("Report, scores and figures (.zip)", "ew-run"))
    )

    def measured(path: str | None, model: str, point: str) -> Iterator[Any]:
        replies = desk.evaluate(_maybe(path), Choice(model, point))
        yield from _updates(replies, len(downloads))

    _on(evaluate, measured, [archive, controls.model, controls.point], [shown, *downloads])


def _controls(settings: PageSettings, there: tuple[Offer, ...]) -> _Controls:
    first = there[0]
    chosen = first.point(settings.operating_point)
    with gr.Accordion("Detector and operating point", open=False):
        model = gr.Dropdown(
            choices=[(one.title, one.name) for one in there],
            value=first.name,
            label="Detector",
            filterable=False,
        )
        point = gr.Radio(
            choices=[one.name for one in first.points],
            value=chosen,
            label="Operating point: where the line is drawn. Choose it before you look.",
        )
        purpose = _html(str(pieces.small(first.purpose(chosen))))
    by_name = {one.name: one for one in there}

    def of_model(name: str, wanted: str | None) -> tuple[Any, str]:
        offer = by_name[name]
        value = offer.point(wanted or "")
        radio = gr.update(
            choices=[one.name for one in offer.points],
            value=value if offer.points else None,
            visible=bool(offer.points),
        )
        return radio, str(pieces.small(offer.purpose(value)))

    def of_point(name: str, wanted: str | None) -> str:
        return str(pieces.small(by_name[name].purpose(wanted or "")))

    hidden: dict[str, Any] = {
        "show_progress": "hidden",
        "queue": False,
        "api_visibility": "private",
    }
    model.input(of_model, [model, point], [point, purpose], **hidden)
    point.input(of_point, [model, point], purpose, **hidden)
    return _Controls(model, point)


def _examples(found: tuple[Clip, ...]) -> list[Any]:
    if not found:
        return []
    _html('<p class="ew-heading" id="ew-try">Nothing at hand? Try one of these:</p>')
    with gr.Column(elem_classes="ew-examples"):
        return [gr.Button(clip.title, size="sm") for clip in found]


def _results(names: tuple[tuple[str, str], ...]) -> tuple[Any, list[Any]]:
    shown = _html(str(pieces.empty(_EMPTY)), elem_classes="ew-results")
    with gr.Row():
        downloads = [
            gr.DownloadButton(label, elem_id=name, visible=False, size="md")
            for label, name in names
        ]
    return shown, downloads


def _html(text: str, **more: Any) -> Any:  # noqa: ANN401 - gradio's own class
    return gr.HTML(text, apply_default_css=False, **more)


def _on(
    button: Any,  # noqa: ANN401 - gradio's own class
    answer: Callable[..., Iterator[Any]],
    inputs: list[Any],
    outputs: list[Any],
) -> Any:  # noqa: ANN401 - the same
    return button.click(
        answer,
        inputs,
        outputs,
        show_progress="hidden",
        api_visibility="private",
        concurrency_id="ears",  # whoever asks, whatever for: all share the same few places
    )


def _updates(replies: Iterator[Reply], downloads: int) -> Iterator[list[Any]]:
    """Turn replies into what gradio wants: the text, and a button for each file."""
    for reply in replies:
        files = reply.files or (None,) * downloads
        buttons = [
            gr.update(value=None if file is None else str(file), visible=file is not None)
            for file in files
        ]
        yield [reply.html, *buttons]


def _maybe(path: str | Path | None) -> Given | None:
    return None if path is None else given(path)
