"""Level, clipping, noise, bandwidth and music, of sounds that are known."""

import numpy as np
import pytest
from recordings import babble, encode, hear, tone, wav_bytes

from earwitness.audio.quality import QualityMeter
from earwitness.audio.resample import resample
from earwitness.audio.spectra import Framer
from earwitness.records import QualityNotes, Waveform

RATES = [8000, 11025, 16000, 22050, 44100, 48000, 96000]


def measure(sound, rate=16000) -> QualityNotes:
    return hear(Waveform(sound, rate), rate).notes


def noise(seconds, rate=16000, *, level_db=-20.0, seed=1):
    wave = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    return (10 ** (level_db / 20) * wave).astype(np.float32)


def chords(seconds, rate):
    """Play four chords of three notes with six partials each, half a second a chord."""
    at = np.arange(round(seconds * rate)) / rate
    out = np.zeros(len(at))
    for beat in range(int(seconds * 2)):
        part = (at >= beat / 2) & (at < beat / 2 + 0.5)
        root = 220 * 2 ** ((0, 5, 7, 3)[beat % 4] / 12)
        for note in (1, 5 / 4, 3 / 2):
            for partial in range(1, 7):
                wave = np.sin(2 * np.pi * root * note * partial * at[part])
                out[part] += wave / partial * np.exp(-2 * (at[part] - beat / 2))
    return (0.7 * out / np.abs(out).max()).astype(np.float32)


def test_the_level_of_a_sine_is_3_db_below_its_peak():
    notes = measure(tone(440, level=0.5))
    assert notes.level_dbfs == pytest.approx(20 * np.log10(0.5) - 3.01, abs=0.01)
    assert notes.peak == pytest.approx(0.5, abs=1e-3)


def test_silence_has_no_level_no_bandwidth_and_no_music():
    notes = measure(np.zeros(32000, np.float32))
    assert notes == QualityNotes(
        level_dbfs=-np.inf, peak=0, clipped_share=0, snr_db=None, bandwidth_hz=None, music_share=0
    )


@pytest.mark.parametrize("gain", [0.5, 2.0, 8.0])
def test_clipping_is_counted_where_the_wave_is_cut_flat(gain):
    wave = np.clip(gain * tone(440, level=1.0), -1, 1)
    expected = 1 - 2 / np.pi * np.arcsin(min(1, 1 / gain))
    assert measure(wave).clipped_share == pytest.approx(expected, abs=0.02)


def test_clipping_in_one_channel_is_seen_though_the_other_is_quiet():
    stereo = np.stack([np.sign(tone(440)), 0.01 * tone(440)], axis=1)
    assert measure(stereo).clipped_share == pytest.approx(0.5, abs=0.01)
    assert hear(Waveform(stereo, 16000), channel=1).notes.clipped_share == 0


@pytest.mark.parametrize("snr_db", [0, 10, 20, 30])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_speech_over_noise_is_told_to_within_3_db(snr_db, rate):
    bursts = noise(8, rate, level_db=-15, seed=2)
    bursts *= np.arange(len(bursts)) // (rate // 2) % 2  # half a second on, half a second off
    notes = measure(bursts + noise(8, rate, level_db=-15 - snr_db), rate)
    with_noise = 10 * np.log10(1 + 10 ** (snr_db / 10))  # what is loud holds the noise as well
    assert notes.snr_db == pytest.approx(with_noise, abs=3)


def test_digital_silence_between_the_words_is_not_taken_for_a_low_noise():
    noisy = noise(4, level_db=-20, seed=2) * np.where(np.arange(64000) % 16000 < 8000, 1.0, 0.3)
    padded = np.concatenate([np.zeros(32000), noisy, np.zeros(32000)]).astype(np.float32)
    assert measure(padded).snr_db == pytest.approx(measure(noisy.astype("f4")).snr_db, abs=1)


def test_half_a_second_is_needed_to_tell_loud_from_quiet():
    assert measure(noise(0.4)).snr_db is None
    assert measure(noise(0.6)).snr_db is not None


@pytest.mark.parametrize("rate", RATES)
def test_white_noise_fills_the_whole_band(rate):
    assert measure(noise(2, rate), rate).bandwidth_hz == pytest.approx(rate / 2, rel=0.01)


@pytest.mark.parametrize("edge", [2000, 3400, 4000, 7000])
@pytest.mark.parametrize("rate", [16000, 44100])
def test_the_bandwidth_is_where_the_sound_ends(edge, rate):
    notes = measure(babble(4, rate=rate, top_hz=edge), rate)
    assert notes.bandwidth_hz == pytest.approx(edge, rel=0.1)


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_telephone_sound_stays_telephone_sound_at_a_higher_rate(rate):
    call = noise(4, 8000)
    pcm = np.round(resample(call, 8000, rate) * 32767) / 32767  # with the rounding of 16 bits
    assert 3500 < measure(pcm.astype(np.float32), rate).bandwidth_hz < 4300


def test_rounding_to_16_bits_is_no_energy():
    murmur = 3e-5 * np.random.default_rng(0).integers(-1, 2, 64000)
    assert measure(murmur.astype(np.float32)).bandwidth_hz is None


@pytest.mark.parametrize("rate", RATES)
def test_chords_are_music(rate):
    assert measure(chords(6, rate), rate).music_share > 0.7


def test_the_example_of_music_is_music(examples):
    assert hear(examples / "music.ogg").notes.music_share > 0.9


def test_the_examples_of_speech_are_not_music(examples):
    clips = [clip for kind in ("bonafide_*", "spoof_*", "long_*") for clip in examples.glob(kind)]
    assert len(clips) >= 14
    assert {clip.name: hear(clip).notes.music_share for clip in clips} == {
        clip.name: 0.0 for clip in clips
    }


def test_the_example_of_silence_is_silence(examples):
    notes = hear(examples / "silence.wav").notes
    assert (notes.bandwidth_hz, notes.music_share) == (None, 0.0)
    assert notes.level_dbfs < -80


@pytest.mark.parametrize("top_hz", [1000, 2000, 3000, 8000])
def test_noise_is_not_music_wherever_its_band_ends(top_hz):
    assert measure(babble(6, top_hz=top_hz)).music_share == 0


def test_music_at_the_end_is_music_for_its_share_of_the_time(examples):
    speech = hear(examples / "bonafide_asterisk_ru_2.wav").samples
    both = np.concatenate([speech, 0.5 * chords(len(speech) / 16000, 16000)])
    assert measure(both).music_share == pytest.approx(0.5, abs=0.15)


def test_a_hum_in_the_pauses_does_not_count(examples):
    speech = hear(examples / "bonafide_asterisk_ru_2.wav").samples
    humming = np.concatenate([speech, np.zeros(64000, np.float32)])
    humming += tone(400, seconds=len(humming) / 16000, level=0.002)
    assert measure(humming).music_share == 0


def test_at_6_khz_and_below_nobody_can_tell_music():
    assert measure(chords(4, 6000), 6000).music_share == 0


def test_a_file_of_64_channels_is_measured_as_its_mix(tmp_path):
    each = np.repeat(tone(440)[:, None], 64, axis=1)
    heard = hear(wav_bytes(each, subtype="FLOAT"))
    assert heard.notes.level_dbfs == pytest.approx(measure(tone(440)).level_dbfs, abs=0.01)


def test_a_coded_file_tells_the_bandwidth_that_its_codec_left(tmp_path):
    path = encode(tmp_path / "c.amr", noise(4, 8000), 8000, codec="libopencore_amrnb",
                  container="amr", bit_rate=12200)  # fmt: skip
    assert hear(path).facts.provenance.bandwidth_hz == pytest.approx(3700, abs=350)


def test_ten_hours_of_meters_take_no_memory():
    meter = QualityMeter(8000)
    block = noise(10.24, 8000)[:, None]  # a whole number of windows
    meter.hear(block)
    before = _size(meter)
    for _ in range(20):
        meter.hear(block)
    assert _size(meter) == before


def test_a_frame_is_about_32_ms_and_a_bin_31_hz_at_every_rate():
    for rate in (1000, *RATES, 192000):
        length = Framer(rate).length
        assert length / rate == pytest.approx(0.032, rel=0.05)


def _size(thing) -> int:
    held = [
        thing,
        *vars(thing).values(),
        *vars(thing._music).values(),
        *vars(thing._framer).values(),
    ]
    return sum(part.nbytes for part in held if isinstance(part, np.ndarray))
