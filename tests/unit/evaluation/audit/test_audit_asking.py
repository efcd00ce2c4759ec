"""Columns, folds, cross-validated AUCs, and what chance does."""

import numpy as np
import pytest

from earwitness.evaluation.audit.asking import chance
from earwitness.evaluation.audit.asking.columns import (
    NONE,
    OTHERS,
    Kind,
    midranks,
    of_numbers,
    of_words,
)
from earwitness.evaluation.audit.asking.crossval import NOTHING, auc_within, by_order, by_value
from earwitness.evaluation.audit.asking.joint import Discriminant, design
from earwitness.evaluation.audit.asking.judging import judge
from earwitness.evaluation.audit.asking.records import JOINT, Level, Way
from earwitness.evaluation.audit.asking.task import FOLDS, task
from earwitness.metrics.eer import auc
from earwitness.metrics.intervals import bootstrap


def asked(key, kin=None, partitions=None, seed=1):
    partitions = partitions or ["eval"] * len(key)
    return task(np.asarray(key), partitions, kin, rng=np.random.default_rng(seed))


def halves(count):
    return np.arange(count) < count // 2


def numbers(values, name="level_dbfs"):
    return of_numbers(name, Kind.SOUND, list(values))


def words(values, name="codec", kind=Kind.FILE):
    return of_words(name, kind, list(values))


def judged(columns, question, seed=3):
    return judge(columns, question, np.random.default_rng(seed))


# Columns


def test_frequent_numbers_stand_by_themselves_and_ranges_ascend() -> None:
    rng = np.random.default_rng(0)
    values = [*rng.uniform(0, 10, 300), *[4.2] * 100, *[None] * 20]
    column = numbers(values)
    assert "4.2" in column.values
    assert NONE in column.values
    assert column.values[0].startswith("below ")
    least = [min(v for v, c in zip(values[:400], column.codes, strict=False) if c == code)
             for code in range(len(column.values)) if column.values[code] != NONE]  # fmt: skip
    assert least == sorted(least)


def test_what_differs_by_rounding_is_one_value() -> None:
    column = numbers([0.1 + 0.2, 0.3] * 10)
    assert column.is_constant


def test_a_column_of_nothing_is_constant() -> None:
    column = numbers([None] * 10)
    assert column.is_constant
    assert column.values == (NONE,)


def test_rare_words_are_put_together() -> None:
    column = words(["wav"] * 20 + ["mp3"] * 20 + ["a", "b"])
    assert column.values == ("mp3", OTHERS, "wav")
    assert column.order is None


def test_ranks_are_shared_and_counted_within_groups() -> None:
    ranks = midranks(np.array([3.0, 1.0, 3.0, 9.0]), np.array([0, 0, 0, 1]))
    assert ranks.tolist() == [2.5, 1.0, 2.5, 1.0]


# Folds


def test_folds_keep_groups_together_and_hold_both_labels() -> None:
    kin = [f"page{n % 23}" for n in range(400)]
    question = asked(halves(400)[::-1], kin)
    for page in set(kin):
        assert len({int(f) for f, p in zip(question.folds, kin, strict=True) if p == page}) == 1
    for fold in range(FOLDS):
        held = question.key[question.folds == fold]
        assert 20 < held.sum() < 60
        assert 20 < (~held).sum() < 60


def test_fewer_than_ten_groups_are_no_groups() -> None:
    assert asked(halves(90), [f"{n % 9}" for n in range(90)]).groups is None
    assert asked(halves(90), [f"{n % 10}" for n in range(90)]).groups is not None


# AUC


def test_the_direction_is_learnt_elsewhere_so_a_reversed_leak_is_as_strong() -> None:
    rng = np.random.default_rng(0)
    key = halves(400)
    values = rng.standard_normal(400) + 1.0 * key
    for sign in (1, -1):
        found = auc_within(by_order(numbers(sign * values), asked(key)), asked(key))
        assert found.value == pytest.approx(auc(values, key), abs=0.02)
        assert found.low < found.value < found.high


def test_noise_has_an_auc_of_one_half_and_not_above() -> None:
    rng = np.random.default_rng(0)
    key = halves(100)
    found = [auc_within(by_order(numbers(rng.random(100)), q), q).value
             for q in (asked(key, seed=seed) for seed in range(200))]  # fmt: skip
    assert 0.44 < np.mean(found) < 0.505
    found = [auc_within(by_value(words(rng.integers(0, 4, 100)), q), q).value
             for q in (asked(key, seed=seed) for seed in range(200))]  # fmt: skip
    assert 0.44 < np.mean(found) < 0.51


def test_values_tell_what_the_order_does_not() -> None:
    rng = np.random.default_rng(0)
    key = halves(600)
    middle = np.where(key, rng.normal(0, 3, 600), rng.normal(0, 0.5, 600))
    column, question = numbers(middle), asked(key)
    assert auc_within(by_order(column, question), question).value < 0.58
    assert auc_within(by_value(column, question), question).value > 0.75


def test_words_have_no_order() -> None:
    with pytest.raises(TypeError, match="codec holds words"):
        by_order(words(["a", "b"]), asked([True, False]))


def test_the_interval_is_that_of_a_bootstrap() -> None:
    rng = np.random.default_rng(5)
    kin = np.repeat(np.arange(60), 6)
    key = rng.random(360) < 0.5
    scores = rng.standard_normal(360) + 0.8 * key + 0.7 * rng.standard_normal(60)[kin]
    question = asked(key, kin.astype(str))
    ours = auc_within(scores, question)
    theirs = bootstrap(auc, scores, key, kin.astype(str), rng=rng, rounds=600)
    assert ours.value == pytest.approx(theirs.value, abs=0.02)
    assert ours.high - ours.low == pytest.approx(theirs.high - theirs.low, rel=0.3)


def test_no_error_is_not_certainty() -> None:
    key = halves(40)
    found = auc_within(key.astype(float), asked(key))
    assert found.value == 1.0
    assert 0.8 < found.low < 0.9
    assert found.high == 1.0


def test_clips_are_compared_within_their_partition() -> None:
    """Loud partitions with other shares of spoof are no leak."""
    rng = np.random.default_rng(0)
    key = np.concatenate([rng.random(300) < 0.8, rng.random(300) < 0.2])
    level = np.concatenate([rng.normal(0, 1, 300), rng.normal(5, 1, 300)])
    apart = asked(key, partitions=["train"] * 300 + ["eval"] * 300)
    assert auc_within(by_order(numbers(level), apart), apart).value < 0.56
    assert judged([numbers(level)], apart).tellings[0].level is None
    assert judged([numbers(level)], asked(key)).tellings[0].level is Level.LEAK


def test_without_a_pair_nothing_is_known() -> None:
    question = asked([True, True, False], partitions=["a", "a", "b"])
    assert auc_within(np.zeros(3), question) == NOTHING


# All together


def test_many_weak_columns_are_strong_together() -> None:
    rng = np.random.default_rng(0)
    key = halves(400)
    columns = [numbers(rng.standard_normal(400) + 0.35 * key, f"c{n}") for n in range(8)]
    question = asked(key)
    found = judged(columns, question)
    assert found.joint is not None
    assert found.joint.name == JOINT
    assert found.joint.way is Way.JOINT
    assert (found.joint.auc.value or 0) > max(one.auc.value or 0 for one in found.tellings) + 0.03
    assert found.joint.level is Level.LEAK


def test_the_discriminant_sees_the_middle_against_both_ends() -> None:
    rng = np.random.default_rng(0)
    key = halves(400)
    column = numbers(np.where(key, rng.normal(0, 3, 400), rng.normal(0, 0.5, 400)))
    question = asked(key)
    scores = Discriminant(design([column]), question).held_out(question.residuals[:, None])[:, 0]
    assert auc_within(scores.astype(float), question).value > 0.7


def test_the_held_out_clips_teach_nothing() -> None:
    """A column that names every clip cannot be learnt."""
    key = halves(100)
    question = asked(key)
    names = words([f"clip{n // 5}" for n in np.random.default_rng(0).permutation(100)])
    scores = Discriminant(design([names]), question).held_out(question.residuals[:, None])[:, 0]
    assert auc_within(scores.astype(float), question).value < 0.62


def test_no_column_has_no_terms() -> None:
    assert design([]).shape == (0, 0)
    assert judged([], asked(halves(20))).joint is None


# Chance


def test_shuffled_keys_pass_as_often_as_they_should() -> None:
    rng = np.random.default_rng(0)
    columns = [numbers(rng.standard_normal(60), f"{n}") for n in range(4)]
    questions = chance.questions(columns)
    passed = 0
    for draw in range(100):
        key = rng.permutation(halves(60))
        question = asked(key, seed=draw)
        found = chance.compare(
            questions, question.residuals, chance.among_clips(question, rng), share=0.1, rounds=99
        )
        passed += min(found.p) <= 0.1
    assert 2 <= passed <= 20  # 10 of 100 are due


def test_keys_are_shuffled_within_their_partition() -> None:
    key = np.array([True] * 30 + [False] * 10 + [True] * 10 + [False] * 50)
    question = asked(key, partitions=["a"] * 40 + ["b"] * 60)
    keys = np.concatenate(list(chance.among_clips(question, np.random.default_rng(0))(7)), axis=1)
    assert keys.shape == (100, 7)
    assert keys[:40].sum(axis=0) == pytest.approx(0, abs=1e-4)
    assert sorted(keys[40:, 3].tolist()) == sorted(question.residuals[40:].astype("f4").tolist())


def test_groups_are_turned_round_as_wholes() -> None:
    question = asked(halves(60), [f"{n % 12}" for n in range(60)])
    assert question.groups is not None
    turn = chance.among_groups(question, question.groups, np.random.default_rng(0))
    keys = np.concatenate(list(turn(5)), axis=1)
    signs = keys[:, 2] / question.residuals
    for group in range(12):
        assert len({round(float(sign)) for sign in signs[question.groups == group]}) == 1


def test_many_values_are_asked_as_few_are(monkeypatch) -> None:
    rng = np.random.default_rng(0)
    codes = rng.permutation(np.arange(300) % 30)
    keys = rng.standard_normal((300, 4)).astype("f4")
    dense = chance.value_question(codes)(keys)
    monkeypatch.setattr(chance, "_MOST_DENSE", 5)
    assert chance.value_question(codes)(keys) == pytest.approx(dense, rel=1e-4)


def test_nothing_asked_is_nothing_found() -> None:
    found = chance.compare([], np.zeros(3), lambda rounds: iter(()), share=0.1)
    assert found.p == ()


# Judging


def test_a_leak_over_few_pages_may_be_a_matter_of_these_pages() -> None:
    """Each page has its own level and one label: clips differ for certain, pages by chance."""
    rng = np.random.default_rng(1)
    pages = np.repeat(np.arange(24), 30)
    called = rng.permutation(np.arange(24) % 2 == 0)[pages]
    loud = rng.standard_normal(24)[pages] * 2 + 0.1 * rng.standard_normal(720) + 1.1 * called
    alone = judged([numbers(loud)], asked(called)).tellings[0]
    held = judged([numbers(loud)], asked(called, pages.astype(str))).tellings[0]
    assert alone.level is Level.LEAK
    assert alone.p_groups is None
    assert held.level is Level.WARNING
    assert (held.auc.value or 0) < 0.75
    assert held.p_groups is not None
    assert held.p_groups > 0.01 >= held.p


def test_what_names_the_pages_is_asked_clip_by_clip() -> None:
    rng = np.random.default_rng(0)
    pages = np.repeat(np.arange(40), 20)
    key = rng.random(800) < np.where(pages % 2, 0.9, 0.1)
    page = words(pages, "page", Kind.MANIFEST)
    other = words(rng.integers(0, 3, 800), "language", Kind.MANIFEST)
    found = judged([page, other], asked(key, pages.astype(str)))
    told = {one.name: one for one in found.tellings}
    assert told["page"].level is Level.LEAK
    assert told["page"].p_groups is None
    assert (told["page"].auc.value or 0) > 0.8
    assert told["language"].level is None
    assert found.joint is None


def test_medians_are_told_of_what_has_more_and_values_of_what_has_not() -> None:
    rng = np.random.default_rng(0)
    key = halves(200)
    level = numbers(np.where(key, -20.0, -30.0) + rng.standard_normal(200))
    codec = words(np.where(key, "flac", "mp3"))
    told = {one.name: one for one in judged([level, codec], asked(key)).tellings}
    contrast = told["level_dbfs"].contrast
    assert contrast is not None
    assert (contrast.value, round(contrast.bona_fide), round(contrast.spoof)) == ("", -20, -30)
    assert [(s.value, s.bona_fide, s.spoof) for s in told["codec"].shares] == [
        ("flac", 1.0, 0.0), ("mp3", 0.0, 1.0),
    ]  # fmt: skip
    assert told["codec"].auc.value == 1.0


def test_of_many_values_those_that_differ_most_are_told() -> None:
    key = halves(800)
    page = words(np.arange(800) // 20, "page", Kind.MANIFEST)
    told = judged([page], asked(key)).tellings[0]
    assert len(told.shares) == 14
