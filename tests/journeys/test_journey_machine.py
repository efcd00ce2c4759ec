"""models and doctor tell, as processes of their own, what is on this machine."""

import json

from street import earwitness, told

import earwitness as library


def test_models_tell_licence_data_rate_windows_and_quality_of_the_default() -> None:
    text = earwitness("models").stdout
    assert "(default)" in text.splitlines()[0]
    for label in ("licence", "trained on", "sample rate", "windows", "calibration", "quality"):
        assert f"\n  {label}" in text
    for point in ("screening", "balanced", "accusation"):
        assert f"\n  {point}" in text
    assert all(len(line) <= 100 for line in text.splitlines() if "folder" not in line)


def test_models_as_json_hold_the_card_of_the_default() -> None:
    card = library.load().card
    (line,) = [one for one in told(earwitness("models", "--json")) if one["default"]]
    assert (line["name"], line["licence"], line["sha256"]) == (
        card.name,
        card.licence,
        card.sha256,
    )
    assert set(line["operating_points"]) == {"screening", "balanced", "accusation"}


def test_the_doctor_finds_everything_well_here() -> None:
    done = earwitness("doctor", "--json")
    assert done.returncode == 0, done.stdout
    checks = {check["what"]: check for check in json.loads(done.stdout)}
    assert "answers a second of noise with: inconclusive" in checks["default detector"]["found"]
    assert [what for what, check in checks.items() if check["is_well"] is False] == []
    assert earwitness("doctor").stdout.startswith("ok  earwitness ")
