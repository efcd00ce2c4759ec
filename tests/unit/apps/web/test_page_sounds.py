"""One uploaded file: the verdict of the library, a picture of the sound, and what plays it."""

import os
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness import Answer, detector
from earwitness.apps.web.following import Stopped, followed
from earwitness.apps.web.hearing import Ask, hear
from earwitness.apps.web.keeping import Room
from earwitness.apps.web.looking import MOST_COLUMNS, ROWS, SoundMeter
from earwitness.errors import SettingsError, UnknownName
from earwitness.records import Failure, Verdict
from earwitness.reporting.verdicts.sound import Sound

RATE = 16_000


def tone(hz: float, seconds: float) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype("f4")


def looked_at(sound: np.ndarray, *, block: int = RATE) -> tuple[np.ndarray, Sound]:
    meter = SoundMeter(RATE)
    for at in range(0, len(sound), block):
        meter.hear(sound[at : at + block])
    seen = meter.look()
    picture = np.frombuffer(seen.spectrum, np.uint8).reshape(seen.rows, len(seen.peaks))
    return picture, seen


def nothing(share: float | None) -> None:
    del share


def test_the_page_hears_what_the_library_hears(examples: Path, tmp_path: Path) -> None:
    file = examples / "spoof_flite_rms.flac"
    shares: list[float | None] = []
    heard = hear(file, Ask("call.flac", playable=tmp_path / "x.wav"), shares.append)
    alone = detector.load().detect(file)
    assert isinstance(heard.found, Verdict)
    assert heard.found.llr == pytest.approx(alone.llr, abs=1e-6)
    assert heard.found.facts.source == "call.flac"
    assert shares[-1] == pytest.approx(1.0, abs=0.01)
    with wave.open(str(tmp_path / "x.wav")) as played:
        assert played.getparams()[:3] == (1, 2, RATE)
        assert played.getnframes() / RATE == pytest.approx(alone.facts.duration_s, abs=0.01)


def test_another_operating_point_changes_the_answer_and_not_the_llr(examples: Path) -> None:
    file = examples / "bonafide_asterisk_ru_1.ogg"
    balanced = hear(file, Ask("a"), nothing).found
    screening = hear(file, Ask("a", operating_point="screening"), nothing).found
    assert isinstance(balanced, Verdict)
    assert isinstance(screening, Verdict)
    assert balanced.llr == screening.llr
    assert (balanced.answer, screening.answer) == (Answer.BONA_FIDE, Answer.SPOOF)


def test_an_operating_point_that_is_not_there_is_refused(examples: Path) -> None:
    with pytest.raises(UnknownName, match="nowhere"):
        hear(examples / "music.ogg", Ask("a", operating_point="nowhere"), nothing)


def test_a_file_that_cannot_be_read_is_a_failure_that_names_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "stored-under-another-name"
    file.write_bytes(b"nothing to hear")
    heard = hear(file, Ask("holiday.mp3"), nothing)
    assert isinstance(heard.found, Failure)
    assert heard.found.message.startswith("holiday.mp3: ")
    assert str(tmp_path) not in heard.found.message
    assert heard.sound is None


def test_what_is_too_long_is_refused_while_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    soundfile.write(file, tone(200, 30), RATE)
    heard = hear(file, Ask("long.wav", most_s=12), nothing)
    assert isinstance(heard.found, Failure)
    assert "is longer than the 0.2 minutes that are heard here" in heard.found.message


def test_a_tone_stands_in_the_picture_at_its_height() -> None:
    picture, seen = looked_at(tone(1000, 2))
    row = int(picture.sum(axis=1).argmax())
    assert (ROWS - 1 - row) / ROWS * seen.top_hz == pytest.approx(1000, abs=100)
    assert max(seen.peaks) == pytest.approx(0.5, abs=0.01)


def test_silence_is_an_empty_picture() -> None:
    picture, seen = looked_at(np.zeros(RATE, np.float32))
    assert picture.max() == 0
    assert max(seen.peaks) == 0


@pytest.mark.parametrize("length", [1, 100, 511, 512, 700, RATE + 1])
def test_even_the_shortest_sound_has_a_picture(length: int) -> None:
    picture, seen = looked_at(np.ones(length, np.float32))
    assert seen.duration_s == length / RATE
    assert picture.shape == (ROWS, len(seen.peaks))
    assert max(seen.peaks) == 1


def test_a_long_recording_takes_no_more_columns_and_keeps_its_places() -> None:
    sound = np.zeros(RATE * 300, np.float32)
    sound[RATE * 150 : RATE * 155] = tone(500, 5)
    _, seen = looked_at(sound, block=RATE * 10 + 7)
    columns = len(seen.peaks)
    assert MOST_COLUMNS / 2 < columns <= 2 * MOST_COLUMNS
    loud = np.flatnonzero(np.array(seen.peaks) > 0.4)
    assert loud[0] / columns == pytest.approx(0.5, abs=0.01)
    assert loud[-1] / columns == pytest.approx(155 / 300, abs=0.01)


def test_how_blocks_are_cut_changes_nothing_in_the_picture() -> None:
    sound = np.random.default_rng(1).standard_normal(RATE * 3).astype(np.float32) / 5
    one, seen = looked_at(sound)
    other, again = looked_at(sound, block=1237)
    assert np.array_equal(one, other)
    assert seen == again


def test_work_is_followed_to_its_result() -> None:
    def work(tell: object) -> str:
        tell(0.5)
        return "done"

    results = []

    def waiting() -> Iterator[float | None]:
        results.append((yield from followed(work)))

    list(waiting())
    assert results == ["done"]


def test_a_mistake_in_work_reaches_whoever_waits() -> None:
    def work(tell: object) -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        list(followed(work))


def test_work_that_nobody_waits_for_ends_at_its_next_step() -> None:
    ended = []

    def work(tell: object) -> None:
        try:
            while True:
                tell(None)
        except Stopped:
            ended.append("yes")
            raise

    steps = followed(work)
    next(steps)
    steps.close()
    assert ended == ["yes"]


def test_a_room_forgets_what_is_old_and_keeps_what_is_new(tmp_path: Path) -> None:
    neighbour = tmp_path / "neighbour.wav"
    neighbour.write_bytes(b"x")
    room = Room(tmp_path, keep_s=100)
    old, new = room.place("old.wav"), room.place("new.wav")
    for file in (old, new):
        file.write_bytes(b"x")
    for path in (old, neighbour):
        os.utime(path, (1, 1))
    assert room.sweep() == 1
    os.utime(old.parent, (1, 1))
    assert room.sweep() == 0
    assert not old.parent.exists()
    assert new.exists()
    room.close()
    assert list(tmp_path.iterdir()) == [neighbour]


def test_a_room_of_a_process_that_was_killed_goes_with_the_next_start(tmp_path: Path) -> None:
    living = Room(tmp_path, keep_s=100)
    script = (
        "import os, sys; from pathlib import Path; from earwitness.apps.web.keeping import Room;"
        "room = Room(Path(sys.argv[1]), keep_s=9); room.place('a.wav').write_bytes(b'x');"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert len(list(tmp_path.rglob("a.wav"))) == 1
    new = Room(tmp_path, keep_s=100)
    assert sorted(tmp_path.iterdir()) == sorted([living.folder, new.folder])
    living.close()
    new.close()
    assert list(tmp_path.iterdir()) == []


def test_a_room_of_its_own_is_gone_when_it_is_closed_and_nobody_else_may_look_in() -> None:
    room = Room(None, keep_s=100)
    file = room.place("call.wav")
    file.write_bytes(b"x")
    assert room.folder.stat().st_mode & 0o077 == 0
    room.close()
    assert not room.folder.exists()


def test_a_room_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsError, match="cannot be used"):
        Room(tmp_path / "file", keep_s=1)
