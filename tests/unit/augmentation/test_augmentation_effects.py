"""Each effect does what its name says."""

import numpy as np
import pytest

from earwitness.augmentation import chain, effect
from earwitness.augmentation.bandwidth import BandwidthDraw
from earwitness.augmentation.bandwidth import apply as cut_band
from earwitness.augmentation.codec import CodecDraw
from earwitness.augmentation.codec import apply as send_through
from earwitness.augmentation.gain import GainDraw
from earwitness.augmentation.gain import apply as scale
from earwitness.augmentation.masking import MaskingDraw
from earwitness.augmentation.masking import apply as mask
from earwitness.augmentation.noise import COLOURS, NoiseDraw
from earwitness.augmentation.noise import apply as add_noise
from earwitness.augmentation.quantise import QuantiseDraw
from earwitness.augmentation.quantise import apply as quantise
from earwitness.augmentation.reverb import ReverbDraw
from earwitness.augmentation.reverb import apply as reverberate
from earwitness.augmentation.trim import TrimDraw
from earwitness.augmentation.trim import apply as trim
from earwitness.errors import SettingsError
from earwitness.records import Samples

RATE = 16_000


@pytest.fixture
def white() -> Samples:
    return 0.1 * np.random.default_rng(0).standard_normal(32_000).astype(np.float32)


def power_db(samples: Samples, low_hz: float, high_hz: float) -> float:
    """Mean power of the bins in a band, in dB."""
    bins = np.abs(np.fft.rfft(samples.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(len(samples), 1 / RATE)
    return float(10 * np.log10(bins[(hz >= low_hz) & (hz < high_hz)].mean() + 1e-20))


# gain


def test_a_gain_of_6_db_doubles_the_samples() -> None:
    out = scale(np.array([0.1, -0.2], np.float32), GainDraw(6.0206, 1.0), RATE)
    np.testing.assert_allclose(out, [0.2, -0.4], rtol=1e-4)


def test_what_exceeds_full_scale_is_cut_off() -> None:
    out = scale(np.array([0.1, -0.9], np.float32), GainDraw(20.0, 1.0), RATE)
    np.testing.assert_allclose(out, [1.0, -1.0])


def test_clipping_on_purpose_cuts_peaks_at_a_share_of_the_highest() -> None:
    out = scale(np.array([0.1, 0.3, -0.4], np.float32), GainDraw(0.0, 0.5), RATE)
    np.testing.assert_allclose(out, [0.1, 0.2, -0.2], rtol=1e-6)


def test_clipping_is_drawn_as_often_as_it_was_told() -> None:
    draw, rng = effect("gain", {"clip_share": 0.4}).draw, np.random.default_rng(2)
    clipped = sum(draw(rng).clip_level < 1 for _ in range(500))
    assert clipped / 500 == pytest.approx(0.4, abs=0.07)


# noise


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("snr_db", [0.0, 12.0, 40.0])
def test_noise_has_the_ratio_that_was_drawn(white: Samples, colour: str, snr_db: float) -> None:
    noise = add_noise(white, NoiseDraw(colour, snr_db, 3), RATE) - white
    measured = 20 * np.log10(np.linalg.norm(white) / np.linalg.norm(noise))
    assert measured == pytest.approx(snr_db, abs=0.05)


@pytest.mark.parametrize(("colour", "fall_db"), [("white", 0.0), ("pink", 3.0), ("brown", 6.0)])
def test_noise_falls_with_the_slope_of_its_colour(
    white: Samples, colour: str, fall_db: float
) -> None:
    noise = add_noise(white, NoiseDraw(colour, 0.0, 5), RATE) - white
    octave = power_db(noise, 500, 1000) - power_db(noise, 1000, 2000)
    assert octave == pytest.approx(fall_db, abs=0.6)


def test_speech_shaped_noise_lies_where_the_sound_lies(white: Samples) -> None:
    dark = cut_band(white, BandwidthDraw(0.0, 2000.0, 0.01), RATE)
    noise = add_noise(dark, NoiseDraw("speech", 10.0, 5), RATE) - dark
    assert power_db(noise, 0, 1900) - power_db(noise, 2200, 8000) > 40


# reverb


def room(**changed: float) -> ReverbDraw:
    told = {"rt60_s": 0.4, "direct_db": 0.0, "gap_s": 0.01, "damping_hz": 50_000.0, "seed": 1}
    return ReverbDraw(**{**told, **changed})  # type: ignore[arg-type]


def click() -> Samples:
    samples = np.zeros(16_000, np.float32)
    samples[1000] = 1
    return samples


def test_a_click_is_heard_first_and_then_a_gap_and_then_the_room() -> None:
    out = reverberate(click(), room(), RATE)
    assert np.abs(out[:1000]).max() < 1e-4
    assert out.argmax() == 1000
    assert np.abs(out[1001:1150]).max() < 0.02 * out[1000]
    assert np.abs(out[1160:2000]).max() > 0.02 * out[1000]


@pytest.mark.parametrize("rt60_s", [0.2, 0.6])
def test_the_tail_falls_by_60_db_in_the_time_that_was_drawn(rt60_s: float) -> None:
    out = reverberate(click(), room(rt60_s=rt60_s), RATE)[1160:]
    half = round(rt60_s / 2 * RATE)
    early, late = out[:800], out[half : half + 800]
    fall_db = 20 * np.log10(np.linalg.norm(early) / np.linalg.norm(late))
    assert fall_db == pytest.approx(30, abs=1.5)


def test_the_direct_sound_stands_above_the_tail_as_drawn() -> None:
    out = reverberate(click(), room(direct_db=9.0), RATE)
    ratio_db = 20 * np.log10(out[1000] / np.linalg.norm(out[1100:]))
    assert ratio_db == pytest.approx(9, abs=0.5)


def test_a_room_keeps_the_loudness(white: Samples) -> None:
    out = reverberate(white, room(direct_db=-5.0), RATE)
    assert np.linalg.norm(out) == pytest.approx(np.linalg.norm(white), rel=1e-3)


def test_damping_makes_the_tail_dark() -> None:
    tail = reverberate(click(), room(damping_hz=1000.0), RATE)[1150:]
    assert power_db(tail, 100, 800) - power_db(tail, 5000, 8000) > 10


# bandwidth


def test_nothing_is_left_above_the_band(white: Samples) -> None:
    out = cut_band(white, BandwidthDraw(0.0, 4000.0, 0.05), RATE)
    assert power_db(out, 0, 3800) == pytest.approx(power_db(white, 0, 3800), abs=0.1)
    assert power_db(out, 4200, 8000) < power_db(white, 4200, 8000) - 30


def test_a_telephone_has_no_bottom_either(white: Samples) -> None:
    out = cut_band(white, BandwidthDraw(300.0, 3400.0, 0.05), RATE)
    assert power_db(out, 10, 200) < power_db(white, 10, 200) - 30
    assert power_db(out, 400, 3200) == pytest.approx(power_db(white, 400, 3200), abs=0.1)


def test_the_upper_end_is_drawn_within_its_range() -> None:
    draw, rng = effect("bandwidth", {"high_hz": [3000, 5000]}).draw, np.random.default_rng(2)
    ends = [draw(rng).high_hz for _ in range(300)]
    assert 3000 <= min(ends) < 3050
    assert 4950 < max(ends) <= 5000


# codec


def test_a_telephone_codec_takes_away_the_top(white: Samples) -> None:
    out = send_through(white, CodecDraw("g711a", None), RATE)
    assert power_db(out, 4200, 8000) < power_db(white, 4200, 8000) - 30


def test_codecs_and_bit_rates_are_drawn_within_what_was_asked() -> None:
    draw, rng = effect("codec", {"codecs": ["opus", "gsm"]}).draw, np.random.default_rng(1)
    drawn = [draw(rng) for _ in range(200)]
    assert {one.codec for one in drawn} == {"opus", "gsm"}
    assert {one.bit_rate for one in drawn if one.codec == "gsm"} == {None}
    rates = [one.bit_rate for one in drawn if one.codec == "opus"]
    assert 8000 <= min(rates) < 10_000
    assert 40_000 < max(rates) <= 48_000


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(SettingsError, match="codec: codecs: 'mp4' is none of mp3, aac"):
        chain([{"name": "codec", "codecs": ["mp4"]}])


def test_an_empty_list_of_codecs_is_refused() -> None:
    with pytest.raises(SettingsError, match="codecs: is empty; choose from mp3, aac"):
        chain([{"name": "codec", "codecs": []}])


# quantise


@pytest.mark.parametrize("bits", [8, 12])
def test_few_bits_leave_few_levels(white: Samples, bits: int) -> None:
    out = quantise(white, QuantiseDraw(bits, None, 0), RATE)
    steps = out * 2 ** (bits - 1)
    np.testing.assert_array_equal(steps, np.round(steps))
    assert np.abs(out - white).max() <= 2.0**-bits * 1.001


def test_dither_lets_a_sound_below_the_lowest_step_through() -> None:
    at = np.arange(RATE) / RATE
    faint = (0.0015 * np.sin(2 * np.pi * 500 * at)).astype(np.float32)
    without = quantise(faint, QuantiseDraw(8, None, 0), RATE)
    dithered = quantise(faint, QuantiseDraw(8, 5, 0), RATE)
    assert not without.any()
    assert power_db(dithered, 495, 505) > power_db(dithered, 600, 1000) + 10


def test_a_detour_over_11025_hz_takes_away_the_top(white: Samples) -> None:
    out = quantise(white, QuantiseDraw(16, None, 11_025), RATE)
    assert power_db(out, 5800, 8000) < power_db(white, 5800, 8000) - 40
    assert power_db(out, 0, 4500) == pytest.approx(power_db(white, 0, 4500), abs=0.1)


# masking


def test_a_time_mask_is_zeros_from_where_it_was_drawn(white: Samples) -> None:
    out = mask(white, MaskingDraw(times=((0.5, 0.1),), bands=()), RATE)
    assert not out[16_000:17_600].any()
    np.testing.assert_array_equal(out[:16_000], white[:16_000])
    np.testing.assert_array_equal(out[17_600:], white[17_600:])


def test_a_frequency_mask_is_a_hole_in_the_spectrum(white: Samples) -> None:
    out = mask(white, MaskingDraw(times=(), bands=((1000.0, 2000.0),)), RATE)
    assert power_db(out, 1100, 1900) < power_db(white, 1100, 1900) - 30
    assert power_db(out, 3000, 8000) == pytest.approx(power_db(white, 3000, 8000), abs=0.1)


def test_as_many_holes_are_drawn_as_were_allowed() -> None:
    draw = effect("masking", {"time_masks": 3, "frequency_masks": 1}).draw
    drawn = [draw(np.random.default_rng(seed)) for seed in range(100)]
    assert {len(one.times) for one in drawn} == {0, 1, 2, 3}
    assert {len(one.bands) for one in drawn} == {0, 1}


def test_fewer_than_no_holes_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"time_masks \(-1\) .* must not be below 0"):
        chain([{"name": "masking", "time_masks": -1}])


# trim


def test_digital_silence_at_the_ends_goes_and_the_rest_repeats() -> None:
    samples = np.array([0, 0, 1, 0, 2, 0, 0, 0], np.float32)
    out = trim(samples, TrimDraw(0.0, 0.0, 0.0), RATE)
    np.testing.assert_array_equal(out, [1, 0, 2, 1, 0, 2, 1, 0])


def test_the_drawn_bits_are_cut_off_at_both_ends() -> None:
    samples = np.arange(1, 101, dtype=np.float32)
    out = trim(samples, TrimDraw(0.1, 0.2, 0.0), 100)
    np.testing.assert_array_equal(out, np.resize(samples[10:80], 100))


def test_ends_fade_from_and_to_nothing() -> None:
    out = trim(np.ones(100, np.float32), TrimDraw(0.0, 0.0, 0.1), 100)
    np.testing.assert_allclose(out[:10], np.arange(10) / 10, rtol=1e-6)
    np.testing.assert_allclose(out[-10:], np.arange(10)[::-1] / 10, rtol=1e-6)
    assert (out[10:90] == 1).all()


def test_a_sound_shorter_than_the_cut_is_not_cut() -> None:
    samples = np.arange(1, 11, dtype=np.float32)
    np.testing.assert_array_equal(trim(samples, TrimDraw(1.0, 1.0, 0.0), 10), samples)


# settings


@pytest.mark.parametrize(
    ("name", "table", "message"),
    [
        ("noise", {"snr_db": [30, 5]}, r"snr_db \(30.0, 5.0\) must run upwards"),
        ("noise", {"colours": ["green"]}, "colours: 'green' is none of white, pink"),
        ("gain", {"clip_level": [0.5, 1.5]}, r"clip_level \(0.5, 1.5\) .* within 0.01 and 1"),
        ("gain", {"clip_share": 2}, r"clip_share \(2.0\) must lie between 0 and 1"),
        ("reverb", {"rt60_s": [0, 1]}, r"rt60_s \(0.0, 1.0\) must run upwards"),
        ("bandwidth", {"high_hz": [10, 4000]}, r"high_hz \(10.0, 4000.0\) .* 500"),
        ("quantise", {"bits": [3]}, "bits: 3 is none of 4, 5"),
        ("trim", {"cut_s": [-1, 0]}, r"cut_s \(-1.0, 0.0\) must run upwards"),
        ("rawboost", {"algorithms": [9]}, "algorithms: 9 is none of 0, 1"),
        ("rawboost", {"powers": 0}, r"bands \(5\) and powers \(0\) must be at least 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    name: str, table: dict[str, object], message: str
) -> None:
    with pytest.raises(SettingsError, match=message):
        effect(name, table)
