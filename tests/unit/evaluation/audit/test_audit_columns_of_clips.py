"""What clips, headers and manifests become as columns; what names and partitions share."""

from pathlib import Path

import pytest

from earwitness.evaluation.audit.asking.columns import NONE, Kind
from earwitness.evaluation.audit.asking.records import Level
from earwitness.evaluation.audit.features import bit_rate, of_headers, of_manifest
from earwitness.evaluation.audit.hearing.glance import Glance
from earwitness.evaluation.audit.sharing import collisions, shared
from earwitness.records import Label, Trial


def trials(count=40, **columns):
    """Make trials, half of each label; a column is a function of number and label."""
    return [
        Trial(
            f"{n}", Path(f"{n}"), label, "train" if n < count // 2 else "eval",
            {name: str(value(n, label)) for name, value in columns.items()},
        )
        for n in range(count)
        for label in [Label.BONA_FIDE if n % 2 else Label.SPOOF]
    ]  # fmt: skip


def test_a_column_that_bona_fide_clips_do_not_have_is_the_key_in_other_words() -> None:
    attack = lambda n, label: "-" if label is Label.BONA_FIDE else f"A{n % 3}"  # noqa: E731
    found, left_out = of_manifest(trials(attack=attack, language=lambda n, _: ["en", "de"][n % 2]))
    assert left_out == ("attack",)
    assert [column.name for column in found] == ["language"]


def test_a_column_that_only_spoofs_lack_is_left_out_too() -> None:
    speaker = lambda n, label: "" if label is Label.SPOOF else f"s{n}"  # noqa: E731
    assert of_manifest(trials(speaker=speaker))[1] == ("speaker",)


def test_names_of_clips_and_measurements_are_no_columns() -> None:
    found, left_out = of_manifest(
        trials(
            400, file=lambda n, _: f"clip{n}", seconds=lambda n, _: n % 30 + 0.5, one=lambda n, _: 1
        )
    )
    assert (found, left_out) == ([], ())


def test_a_year_is_a_column_and_no_measurement() -> None:
    found, _ = of_manifest(trials(year=lambda n, _: 2020 + n % 4 if n % 5 else ""))
    assert found[0].kind is Kind.MANIFEST
    assert NONE in found[0].values


def test_headers_become_columns_where_they_differ() -> None:
    same = Glance("wav", "pcm_16", None, 16000, 16, 1, 2.0, 64_000)
    other = Glance("mp3", "mp3", "LAME", 16000, None, 1, 2.0, 16_000)
    names = [column.name for column in of_headers([same] * 10 + [other] * 10)]
    assert names == ["container", "codec", "bit_depth", "encoder", "bit_rate_kbps"]


def test_a_file_without_a_length_has_no_bit_rate() -> None:
    assert bit_rate(Glance(size=1000), None) is None


def test_base_names_that_both_labels_have_come_first() -> None:
    def clip(name, label):
        return Trial(name, Path(name), label, "eval")

    found = collisions(
        [
            clip("real/a.wav", Label.BONA_FIDE), clip("real/x/a.wav", Label.BONA_FIDE),
            clip("real/b.wav", Label.BONA_FIDE), clip("fake/b.wav", Label.SPOOF),
            clip("fake/c.wav", Label.SPOOF),
        ]
    )  # fmt: skip
    assert [(one.name, one.level) for one in found] == [
        ("b.wav", Level.WARNING), ("a.wav", Level.NOTE),
    ]  # fmt: skip
    assert found[0].ids == ("real/b.wav", "fake/b.wav")


def test_partitions_share_speakers_with_a_warning_and_generators_with_a_note() -> None:
    attack = lambda n, label: "-" if label is Label.BONA_FIDE else f"A{n % 3}"  # noqa: E731
    given = trials(attack=attack, speaker=lambda n, _: f"s{n % 25}", page=lambda n, _: n // 20)
    found = shared(given, ("speaker", "page"))
    assert [(one.column, one.level) for one in found] == [
        ("speaker", Level.WARNING), ("attack", Level.NOTE),
    ]  # fmt: skip
    assert found[0].partitions == ("train", "eval")
    assert (len(found[0].values), found[0].of) == (15, 20)
    assert found[1].values == ("A0", "A1", "A2")


@pytest.mark.parametrize("kin", [(), ("speaker",)])
def test_one_partition_shares_nothing(kin) -> None:
    given = [trial for trial in trials(speaker=lambda n, _: n % 3) if trial.partition == "eval"]
    assert shared(given, kin) == []
