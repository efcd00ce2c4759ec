"""The page as people meet it: in a real Chromium, on loopback, with every request watched."""

from __future__ import annotations

import json
import shutil
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import uvicorn
from fastapi import FastAPI

from chromium import Tab, chromium
from earwitness.apps.web.mounting import mount
from earwitness.apps.web.settings import PageSettings
from earwitness.audio.read import open_recording

pytestmark = [pytest.mark.slow, pytest.mark.serve]

HUMAN, MACHINE = "bonafide_pocketsphinx_librivox_1.flac", "spoof_flite_rms.flac"
OTHERS = ("bonafide_pocketsphinx_librivox_2.mp3", "bonafide_asterisk_it_2.flac")
READY = "document.querySelector('#ew-files input[type=file]')"
DONE = "document.querySelector('.ew-verdict') && !document.querySelector('.ew-working')"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = FastAPI()
    mount(app, PageSettings(folder=tmp_path_factory.mktemp("uploads"), most_files=4, most_mb=20))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Iterator[Tab]:
    folder = tmp_path_factory.mktemp("chromium")
    spoken = folder / "spoken.wav"
    soundfile.write(spoken, samples_of(examples / HUMAN), 16000)
    profile = folder / "profile"
    profile.mkdir()
    with chromium(profile, f"--use-file-for-fake-audio-capture={spoken}") as tab:
        tab.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
        tab.downloads = folder
        yield tab
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def tab(browser: Tab, address: str) -> Iterator[Tab]:
    """The page, freshly opened on a laptop; at the end no request may have left the machine."""
    browser.look(width=1400)
    browser.go(address)
    browser.until(READY)
    yield browser
    assert browser.foreign() == []
    assert browser.said == []


@pytest.fixture(scope="module")
def spliced(tmp_path_factory: pytest.TempPathFactory, examples: Path) -> Path:
    """A minute and a half of people, and a machine from second 40 on, for six seconds."""
    people = [samples_of(examples / name) for name in (HUMAN, *OTHERS)]
    whole = np.concatenate([*people, *people, samples_of(examples / MACHINE), *people, *people])
    file = tmp_path_factory.mktemp("made") / "spliced call.flac"
    soundfile.write(file, whole, 16000)
    return file


def samples_of(file: Path) -> np.ndarray:
    with open_recording(file, sample_rate=16000) as recording:
        return np.concatenate(list(recording.blocks()))


def hear(tab: Tab, *files: Path) -> None:
    upload(tab, "#ew-files", *files)
    tab.click("#ew-listen")
    tab.until(DONE, seconds=120)


def upload(tab: Tab, where: str, *files: Path) -> None:
    tab.choose(f"{where} input[type=file]", *files)
    tab.until(f"document.querySelectorAll('{where} .file-preview tr').length >= {len(files)}")


def tab_called(tab: Tab, name: str) -> None:
    tab.run(
        "[...document.querySelectorAll('[role=tab]')]"
        f".find(one => one.innerText.trim() === {name!r}).click()"
    )


def text(tab: Tab, selector: str) -> str:
    return tab.run(f"document.querySelector({selector!r}).innerText")


def downloaded(tab: Tab, selector: str, name: str) -> str:
    file = tab.downloads / name
    file.unlink(missing_ok=True)
    tab.until(f"document.querySelector('{selector}')")
    tab.click(selector)
    end = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < end, f"{name} was not downloaded"
        time.sleep(0.1)
    time.sleep(0.2)
    return file.read_text("utf-8")


def test_an_uploaded_spoof_is_told_in_words_with_its_llr_and_what_that_means(
    tab: Tab, examples: Path
) -> None:
    hear(tab, examples / MACHINE)
    assert text(tab, ".ew-headline") == "Spoof: sounds like synthetic or altered speech"
    assert "times as likely from a spoof as from bona fide speech" in text(tab, ".ew-meaning")
    assert "LLR -" in text(tab, ".ew-scale")
    assert "Not covered: replay" in text(tab, ".ew-caution")
    assert MACHINE in text(tab, "#ew-live") or tab.run(
        f"document.querySelector('#ew-live').textContent.includes({MACHINE!r})"
    )


def test_what_was_resampled_is_said(tab: Tab, examples: Path) -> None:
    hear(tab, examples / "spoof_hibari_heart_1.wav")
    assert "Resampled from 24 kHz to 16 kHz" in text(tab, ".ew-notes")


def test_a_suspicious_stretch_is_played_when_it_is_clicked_in_the_picture(
    tab: Tab, spliced: Path
) -> None:
    hear(tab, spliced)
    assert "suspicious stretch" in text(tab, ".ew-headline")
    start, end = tab.run(
        "(b => [Number(b.dataset.from), Number(b.dataset.to)])(document.querySelector('.ew-band'))"
    )
    assert 30 < start < 45 < end < 60
    tab.until("document.querySelector('.ew-verdict audio').readyState >= 1")
    tab.click(".ew-band")
    tab.until("!document.querySelector('.ew-verdict audio').paused")
    tab.until(f"document.querySelector('.ew-verdict audio').currentTime > {start + 0.3}")
    assert tab.run("document.querySelector('.ew-verdict audio').currentTime") < end
    assert tab.run("document.querySelector('.ew-play').classList.contains('is-playing')")
    assert "LLR" in text(tab, ".ew-readout")
    tab.run(f"document.querySelector('.ew-verdict audio').currentTime = {end - 0.2}")
    tab.until("document.querySelector('.ew-verdict audio').paused", seconds=15)


def test_a_click_in_the_waveform_plays_from_there_and_the_keyboard_can_do_it_too(
    tab: Tab, examples: Path
) -> None:
    hear(tab, examples / MACHINE)
    audio = "document.querySelector('.ew-verdict audio')"
    tab.until(f"{audio}.readyState >= 1")
    length = tab.run(f"{audio}.duration")
    tab.click(".ew-wave")
    tab.until(f"!{audio}.paused")
    assert abs(tab.run(f"{audio}.currentTime") - length / 2) < 1.5
    tab.run(f"{audio}.pause(); document.querySelector('.ew-lanes').focus()")
    tab.press("Home")
    tab.press("ArrowRight")
    assert tab.run(f"{audio}.currentTime") == pytest.approx(1.0, abs=0.05)
    assert "LLR" in tab.run("document.querySelector('.ew-lanes').getAttribute('aria-valuetext')")
    tab.press("Enter")
    tab.until(f"!{audio}.paused")
    tab.run(f"{audio}.pause()")


def test_a_recording_from_the_microphone_is_heard(tab: Tab) -> None:
    tab.click("#ew-voice .record-button")
    tab.until("document.querySelector('#ew-voice .stop-button')?.offsetParent")
    time.sleep(4)
    tab.click("#ew-voice .stop-button")
    tab.until("document.querySelector('#ew-voice .play-pause-button')")  # it is uploaded
    tab.click("#ew-listen")
    tab.until(DONE, seconds=120)
    assert text(tab, ".ew-name") == "Your recording"
    assert "bona fide" in text(tab, ".ew-verdict").lower()


def test_reports_are_downloaded_as_json_and_as_a_page_that_loads_nothing(
    tab: Tab, examples: Path
) -> None:
    hear(tab, examples / MACHINE)
    told = json.loads(downloaded(tab, "#ew-json", "earwitness-verdict.json"))
    assert (told["source"], told["verdict"]) == (MACHINE, "spoof")
    page = downloaded(tab, "#ew-report", "earwitness-verdict.html")
    assert "Spoof: sounds like synthetic or altered speech" in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page


def test_a_file_that_is_no_recording_is_refused_in_one_clear_sentence(
    tab: Tab, tmp_path: Path
) -> None:
    file = tmp_path / "holiday.mp3"
    file.write_bytes(np.random.default_rng(1).bytes(3000))
    hear(tab, file)
    assert text(tab, ".ew-headline") == "This file could not be read"
    assert "Is it an audio file" in text(tab, ".ew-notes")
    assert str(tmp_path) not in text(tab, "body")
    assert tab.run("document.querySelector('.ew-notes').getAttribute('role')") == "alert"


def test_listening_to_nothing_says_what_is_missing(tab: Tab) -> None:
    tab.click("#ew-listen")
    tab.until("document.querySelector('.ew-alert')")
    assert "There is no recording yet" in text(tab, ".ew-alert")


def test_several_recordings_are_told_in_a_table_and_one_that_is_broken_stops_nobody(
    tab: Tab, examples: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF\0\0\0\0WAVE")
    hear(tab, broken, examples / HUMAN, examples / "music.ogg")
    rows = text(tab, ".ew-summary")
    assert "could not be read" in rows
    assert "Bona fide" in rows
    assert "Inconclusive" in rows


def test_too_many_recordings_are_refused(tab: Tab, examples: Path) -> None:
    upload(tab, "#ew-files", *sorted(examples.glob("*.flac")), examples / "music.ogg")
    tab.click("#ew-listen")
    tab.until("document.querySelector('.ew-alert')")
    assert "5 recordings are more than the 4" in text(tab, ".ew-alert")


def test_a_file_that_is_too_large_is_refused_before_it_is_heard(tab: Tab, tmp_path: Path) -> None:
    file = tmp_path / "huge.wav"
    soundfile.write(file, np.zeros(12_000_000, np.int16), 16000)
    tab.choose("#ew-files input[type=file]", file)
    tab.until("document.querySelector('.toast-wrap')?.innerText.includes('20')")
    assert not tab.run("document.querySelector('#ew-files .file-preview')")


def test_what_takes_long_can_be_stopped(tab: Tab, tmp_path: Path, spliced: Path) -> None:
    samples = np.tile(samples_of(spliced), 5)
    soundfile.write(tmp_path / "long.flac", samples, 16000)
    upload(tab, "#ew-files", tmp_path / "long.flac")
    tab.click("#ew-listen")
    tab.until("document.querySelector('.ew-working progress[value]')")
    tab.click("#ew-stop")
    tab.until("document.body.innerText.includes('Stopped.')")
    time.sleep(1)
    assert not tab.run("document.querySelector('.ew-working')")


def test_an_example_is_heard_with_one_click(tab: Tab) -> None:
    tab.click(".ew-examples button")
    tab.until(DONE, seconds=120)
    assert text(tab, ".ew-headline").startswith("Bona fide")


def test_another_operating_point_draws_another_line(tab: Tab, examples: Path) -> None:
    tab.click(".gr-accordion .label-wrap")
    tab.until("document.querySelector('input[type=radio][value=screening]')?.offsetParent")
    tab.click("input[type=radio][value=screening]")
    tab.until("document.body.innerText.includes('+1.6 up')")
    hear(tab, examples / "bonafide_asterisk_ru_1.ogg")
    assert text(tab, ".ew-headline").startswith("Spoof")
    assert "line is drawn at LLR +1.6" in text(tab, ".ew-notes")


def test_a_detector_without_calibration_gives_no_verdict(tab: Tab, examples: Path) -> None:
    tab.click(".gr-accordion .label-wrap")
    box = "[...document.querySelectorAll('input[role=combobox]')].find(i => i.offsetParent)"
    tab.until(box)
    tab.run(f"{box}.focus()")
    tab.until("document.querySelector('[role=option]')")
    option = (
        "[...document.querySelectorAll('[role=option]')]"
        ".find(o => o.innerText.includes('aasist_l'))"
    )
    tab.run(f"{option}.dispatchEvent(new MouseEvent('mousedown', {{bubbles: true}}))")
    tab.until("document.body.innerText.includes('it gives a raw score and no verdict')")
    hear(tab, examples / MACHINE)
    assert text(tab, ".ew-headline").startswith("No verdict")
    assert "Raw score" in text(tab, ".ew-meaning")


def test_two_recordings_are_set_side_by_side(tab: Tab, examples: Path) -> None:
    tab_called(tab, "Compare")
    upload(tab, "#ew-first", examples / HUMAN)
    upload(tab, "#ew-second", examples / MACHINE)
    tab.click("#ew-compare")
    tab.until("document.querySelector('.ew-pair')", seconds=120)
    assert "The first speaks" in text(tab, ".ew-big")
    assert "Whether the same person speaks is not examined." in text(tab, ".ew-then")
    assert tab.run("document.querySelectorAll('.ew-pair .ew-verdict').length") == 2


def test_an_archive_is_evaluated_and_its_report_shown(
    tab: Tab, examples: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "trial.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for name in (HUMAN, *OTHERS):
            packed.write(examples / name, f"trial/Real/{name}")
        for name in (MACHINE, "spoof_hibari_heart_2.m4a", "spoof_festival_slt_hts.flac"):
            packed.write(examples / name, f"trial/Fake/{name}")
    tab_called(tab, "Evaluate")
    upload(tab, "#ew-archive", archive)
    tab.click("#ew-evaluate")
    tab.until("document.querySelector('.ew-sheet')", seconds=180)
    assert "3 bona fide + 3 spoof" in text(tab, ".ew-big")
    page = downloaded(tab, "#ew-evaluation", "report.html")
    assert "embedded on trial" in page
    assert str(tmp_path) not in page


def test_an_archive_that_leads_out_of_itself_is_refused(tab: Tab, tmp_path: Path) -> None:
    archive = tmp_path / "evil.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("Real/a.wav", b"x")
        packed.writestr("../../Fake/b.wav", b"x")
    tab_called(tab, "Evaluate")
    upload(tab, "#ew-archive", archive)
    tab.click("#ew-evaluate")
    tab.until("document.querySelector('.ew-alert')")
    assert "which leads out of the archive" in text(tab, ".ew-alert")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_phone_nothing_is_wider_than_the_screen_and_dark_is_dark(
    tab: Tab, address: str, examples: Path, dark: bool
) -> None:
    tab.look(width=390, height=800, dark=dark)
    tab.go(address)
    tab.until(READY)
    hear(tab, examples / MACHINE)
    assert tab.run("document.documentElement.scrollWidth") <= 390
    assert tab.run("innerWidth") == 390
    shown = [
        tab.run(f"document.querySelector('[role=tab]:nth-of-type({n})').offsetParent !== null")
        for n in (1, 2, 3, 4)
    ]
    assert all(shown)
    paper = tab.run("getComputedStyle(document.querySelector('.ew-verdict')).backgroundColor")
    assert paper == ("rgb(23, 24, 26)" if dark else "rgb(255, 255, 255)")
    assert (
        tab.run("document.querySelector('.ew-play, .ew-lanes').getBoundingClientRect().top") < 9e3
    )


def test_everything_that_can_be_used_has_a_name_for_those_who_hear_the_page(
    tab: Tab, examples: Path
) -> None:
    hear(tab, examples / MACHINE)
    spoken = tab.spoken()
    usable = {"button", "slider", "combobox", "tab", "radio", "textbox", "listbox"}
    nameless = [role for role, name in spoken if role in usable and not name.strip()]
    assert nameless == []
    names = {name for _, name in spoken}
    assert "Choose recordings to be heard, or drop them here" in names
    assert "The recording, as the detector heard it" in names
    assert ("heading", "Earwitness") in spoken
    assert tab.run("document.querySelector('#ew-live').getAttribute('aria-live')") == "polite"
    assert tab.run("document.documentElement.lang") == "en"


def test_the_keyboard_reaches_everything_in_the_order_in_which_it_is_seen(tab: Tab) -> None:
    tab.run("document.body.focus()")
    reached = []
    for _ in range(12):
        tab.press("Tab")
        reached.append(
            tab.run(
                "(a => a.id || a.getAttribute('aria-label') || a.innerText.trim().split('\\n')[0])"
                "(document.activeElement)"
            )
        )
    order = [
        reached.index(next(one for one in reached if wanted in one))
        for wanted in ("Listen", "Choose recordings", "Record", "Detector", "ew-listen", "ew-stop")
    ]
    assert order == sorted(order), reached
