"""Bytes of a live stream become blocks of sound, as they come."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from earwitness.audio.feeds import open_feed
from earwitness.audio.formats import Format
from earwitness.audio.live import LiveSound
from earwitness.audio.read import open_recording
from earwitness.errors import SettingsError, UnreadableAudio
from live_sound import opus, pcm16, pieces, sound_of

CLIP = "spoof_flite_rms.flac"


@pytest.mark.parametrize("container", ["webm", "ogg"])
def test_a_container_gives_the_samples_of_its_file(examples: Path, container: str) -> None:
    data = opus(*sound_of(examples / CLIP), container)
    feed = open_feed("container")
    threading.Thread(target=lambda: [*map(feed.push, pieces(data, 50)), feed.end()]).start()
    heard = np.concatenate(list(feed.blocks()))
    with open_recording(data, sample_rate=None) as recording:
        own = np.concatenate(list(recording.blocks()))
    assert heard.shape == (len(own), 1)
    if container == "webm":  # files of Ogg are read by libsndfile, which starts a little later
        assert np.abs(heard[:, 0] - own).max() < 1e-6
    assert feed.format().sample_rate == 48000
    assert not feed.broke_off


def test_a_container_that_is_cut_off_gives_what_is_there(examples: Path) -> None:
    data = opus(*sound_of(examples / CLIP), "webm")
    feed = open_feed("container")
    feed.push(data[: len(data) // 2])
    feed.end()
    seconds = sum(map(len, feed.blocks())) / feed.format().sample_rate
    assert 2 < seconds < 4


def test_bytes_that_are_no_container_are_refused_and_more_of_them_are_dropped() -> None:
    feed = open_feed("container")
    feed.push(b"no sound " * 5000)
    feed.end()
    with pytest.raises(UnreadableAudio, match=r"^stream: no decoder makes sense of it"):
        feed.format()
    feed.push(b"too late")


def test_a_container_that_is_abandoned_lets_the_listener_go(examples: Path) -> None:
    data = opus(*sound_of(examples / CLIP), "webm")
    feed = open_feed("container")
    feed.push(data[: len(data) // 2])
    blocks = feed.blocks()
    next(blocks)
    threading.Timer(0.2, feed.abandon).start()
    with pytest.raises(UnreadableAudio, match="the decoder was lost on it"):
        list(blocks)


def test_samples_in_odd_pieces_are_put_together_and_half_a_one_is_told() -> None:
    sound = np.arange(2000, dtype=np.float32) / 4000
    data = pcm16(sound)
    feed = open_feed("pcm_s16le", sample_rate=8000, channels=2)
    for piece in pieces(data + b"x", 7):
        feed.push(piece)
    feed.end()
    heard = np.concatenate(list(feed.blocks()))
    assert heard.shape == (1000, 2)
    assert np.abs(heard.reshape(-1) - sound).max() < 1e-4
    assert feed.broke_off
    assert feed.format() == Format(8000, 2, codec="pcm_s16le")


def test_who_pushes_faster_than_it_is_heard_has_to_wait() -> None:
    feed = open_feed("pcm_f32le")
    pushed = []

    def push() -> None:
        for number in range(50):
            feed.push(bytes(4000))
            pushed.append(number)

    pusher = threading.Thread(target=push)
    pusher.start()
    time.sleep(0.3)
    assert len(pushed) < 10
    feed.abandon()
    pusher.join(5)
    assert not pusher.is_alive()
    assert list(feed.blocks()) == []


def test_an_encoding_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingsError, match="'mp5' is none of pcm_s16le, pcm_f32le, container"):
        open_feed("mp5")  # type: ignore[arg-type]


@pytest.mark.parametrize(("rate", "channels"), [(10, 1), (2_000_000, 1), (16000, 0), (16000, 65)])
def test_a_form_that_no_sound_has_is_refused(rate: int, channels: int) -> None:
    with pytest.raises(SettingsError, match="are no sound"):
        LiveSound(Format(rate, channels), sample_rate=16000, source="stream")
