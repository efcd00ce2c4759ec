"""Noise, music and babble behind a voice: how loud they are, and whether they are what they say."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from earwitness.audio.music import MusicMeter
from earwitness.audio.spectra import Framer
from earwitness.augmentation import Effect, effect
from earwitness.augmentation._recordings import Piece, heard
from earwitness.augmentation.babble import BabbleDraw, Talker
from earwitness.augmentation.babble import apply as add_babble
from earwitness.augmentation.music import MusicDraw, composed
from earwitness.augmentation.music import apply as add_music
from earwitness.errors import AudioError, SettingsError
from earwitness.records import Samples

RATE = 16_000
BACKGROUNDS = ("noise", "music", "babble")


@pytest.fixture(scope="module")
def speech(examples: Path) -> Samples:
    """Four seconds of a living person."""
    sound, rate = soundfile.read(examples / "bonafide_asterisk_ru_2.wav", dtype="float32")
    return np.resize(sound[:: rate // RATE] if rate > RATE else sound, 4 * RATE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings at other rates, one of them in stereo, and a text that is none."""
    place = tmp_path_factory.mktemp("recordings")
    (place / "deeper").mkdir()
    at = np.arange(3 * 44_100) / 44_100
    for name, hz in (("a.wav", 300.0), ("deeper/b.flac", 600.0)):
        tone = 0.3 * np.sin(2 * np.pi * hz * at)
        soundfile.write(place / name, np.stack([tone, tone], axis=1), 44_100)
    brief = 0.3 * np.sin(2 * np.pi * 900 * np.arange(4_000) / 8_000)
    soundfile.write(place / "short.wav", brief, 8_000)
    (place / "notes.txt").write_text("no sound")
    return place


def ratio_db(sound: Samples, added: Samples) -> float:
    return float(20 * np.log10(np.linalg.norm(sound) / np.linalg.norm(added - sound)))


def loudest_hz(samples: Samples) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * RATE / len(samples))


@pytest.mark.parametrize("name", BACKGROUNDS)
@pytest.mark.parametrize("snr_db", [0.0, 12.0, 30.0])
def test_it_is_as_loud_as_was_drawn(speech: Samples, name: str, snr_db: float) -> None:
    behind = effect(name, {"snr_db": [snr_db, snr_db]})
    out = behind.apply(speech, behind.draw(np.random.default_rng(1)), RATE)
    assert ratio_db(speech, out) == pytest.approx(snr_db, abs=0.05)


# music


def music(*, tempo: float = 120.0, seed: int = 1, seconds: int = 8) -> Samples:
    return composed(MusicDraw(0.0, tempo, seed), seconds * RATE, RATE)


@pytest.mark.parametrize("seed", range(6))
def test_tones_are_those_of_the_tempered_scale(seed: int) -> None:
    sound = music(seed=seed)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.arange(1, len(power)) * RATE / len(sound)
    semitones = 12 * np.log2(hz / 440)
    is_heard = (hz > 200) & (hz < 600)
    is_in_tune = np.abs(semitones - np.round(semitones)) < 0.15  # 30 % of all places
    in_tune, heard_at_all = power[1:][is_heard & is_in_tune], power[1:][is_heard]
    assert in_tune.sum() > 0.8 * heard_at_all.sum()


@pytest.mark.parametrize("tempo", [80.0, 140.0])
def test_its_loudness_repeats_with_the_beat(tempo: float) -> None:
    sound = music(tempo=tempo, seconds=12)
    level = np.sqrt(np.square(sound.reshape(-1, 160)).mean(axis=1))
    rises = np.maximum(0, np.diff(level))
    rises -= rises.mean()
    alike = np.correlate(rises, rises, "full")[len(rises) - 1 :]
    beat = round(60 / tempo * 100)
    near = alike[beat - 2 : beat + 3].max()
    between = alike[round(1.2 * beat) : round(1.35 * beat)].max()
    assert near > 2 * max(between, 0)
    assert near > 0.2 * alike[0]


def test_our_own_meter_hears_music_in_it_and_none_in_speech(speech: Samples) -> None:
    def share(sound: Samples) -> float:
        meter = MusicMeter()
        framer = Framer(RATE)
        meter.hear(framer.powers(framer.frames(sound)))
        return meter.share()

    shares = [share(music(seed=seed, seconds=12)) for seed in range(6)]
    assert np.mean(shares) > 0.3
    assert share(speech) < 0.05


def test_pieces_differ_by_seed_and_begin_anywhere_in_a_bar() -> None:
    assert not np.allclose(music(seed=1), music(seed=2))
    assert len({round(float(np.abs(music(seed=s)[:400]).max()), 4) for s in range(8)}) == 8


# babble


def test_copies_of_the_sound_have_pitches_of_their_own() -> None:
    tone = np.sin(2 * np.pi * 500 * np.arange(4 * RATE) / RATE).astype(np.float32)
    for speed in (0.8, 1.25):
        out = add_babble(tone, BabbleDraw(0.0, (Talker(speed, 0.3),)), RATE)
        assert loudest_hz(out - tone) == pytest.approx(500 * speed, abs=2)


def test_more_talkers_leave_fewer_gaps(speech: Samples) -> None:
    def gaps(talkers: int) -> float:
        babble = effect("babble", {"talkers": [talkers, talkers], "snr_db": [0, 0]})
        out = babble.apply(speech, babble.draw(np.random.default_rng(3)), RATE) - speech
        level = np.square(out[: len(out) // 320 * 320].reshape(-1, 320)).mean(axis=1)
        return float(np.std(10 * np.log10(level + 1e-9)))

    assert gaps(8) < 0.7 * gaps(1)


def test_the_copies_are_moved_so_that_none_is_an_echo_of_the_sound(speech: Samples) -> None:
    draw = effect("babble").draw(np.random.default_rng(5))
    out = add_babble(speech, draw, RATE) - speech
    alike = float(np.dot(out, speech) / np.linalg.norm(out) / np.linalg.norm(speech))
    assert abs(alike) < 0.1


def test_as_many_talk_as_was_allowed() -> None:
    draw, rng = effect("babble", {"talkers": [2, 4]}).draw, np.random.default_rng(4)
    assert {len(draw(rng).talkers) for _ in range(100)} == {2, 3, 4}


# folders


def built(name: str, folder: Path) -> Effect[object]:
    told: dict[str, object] = {"folder": str(folder), "snr_db": [0, 0]}
    return effect(name, told | ({"talkers": [1, 1]} if name == "babble" else {}))


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_recordings_of_a_folder_take_the_place_of_what_is_made(
    name: str, folder: Path, speech: Samples
) -> None:
    behind, rng = built(name, folder), np.random.default_rng(7)
    found = set()
    for _ in range(30):
        out = behind.apply(speech, behind.draw(rng), RATE)
        assert ratio_db(speech, out) == pytest.approx(0, abs=0.05)
        found.add(round(loudest_hz(out - speech), -1))
    assert found == {300, 600, 900}


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_draw_from_a_folder_can_be_played_again(name: str, folder: Path, speech: Samples) -> None:
    drawn = built(name, folder).draw(np.random.default_rng(8))
    first, second = (built(name, folder).apply(speech, drawn, RATE) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_place_in_a_long_recording_is_a_place_in_it(tmp_path: Path) -> None:
    ramp = np.linspace(-0.5, 0.5, 10 * RATE)
    soundfile.write(tmp_path / "ramp.wav", ramp, RATE, "FLOAT")
    for place in (0.0, 0.5, 1.0):
        out = heard(Piece(str(tmp_path / "ramp.wav"), place), 2 * RATE, RATE)
        assert out[0] == pytest.approx(-0.5 + 0.8 * place, abs=1e-3)


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_a_folder_without_recordings_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"{name}.*folder \(.*\) holds no recordings"):
        effect(name, {"folder": str(tmp_path)})
    with pytest.raises(SettingsError, match=r"folder \(.*absent'\) cannot be searched \(No such"):
        effect(name, {"folder": str(tmp_path / "absent")})


def test_a_recording_that_is_gone_is_named(tmp_path: Path) -> None:
    drawn = MusicDraw(0.0, 120.0, 1, Piece(str(tmp_path / "gone.wav"), 0.5))
    with pytest.raises(AudioError, match=r"gone\.wav"):
        add_music(np.ones(100, np.float32), drawn, RATE)


def test_a_recording_too_short_for_a_sample_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "click.wav", [0.5], 48_000)
    with pytest.raises(AudioError, match=r"click\.wav: gave no sound from 0\.00 s on"):
        heard(Piece(str(tmp_path / "click.wav"), 0.5), 100, RATE)


@pytest.mark.parametrize(
    ("name", "table", "message"),
    [
        ("music", {"tempo": [200, 100]}, r"tempo \(200\.0, 100\.0\) must run upwards"),
        ("babble", {"talkers": [5, 3]}, r"talkers \(5, 3\) must run upwards within 1 and 20"),
        ("babble", {"talkers": [0, 3]}, r"talkers \(0, 3\) must run upwards within 1 and 20"),
        ("babble", {"speed": [0.1, 1]}, r"speed \(0\.1, 1\.0\) must run upwards within 0\.5"),
    ],
)
def test_settings_of_backgrounds_that_make_no_sense_are_refused(
    name: str, table: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        effect(name, table)
