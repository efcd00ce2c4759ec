"""A journal gives back what was kept, whatever happened to the process that wrote it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from earwitness.errors import SettingsError
from earwitness.evaluation.journal import Asked, hash_of_trials, opened
from earwitness.evaluation.records import Scored, Unread
from earwitness.records import Answer, Label, Reason, Trial

ASKED = Asked("tiny", "settings", "trials")


@pytest.fixture
def trials(tmp_path: Path) -> list[Trial]:
    made = []
    for number, label in enumerate([Label.BONA_FIDE, Label.SPOOF, Label.SPOOF]):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(b"sound" * (number + 1))
        made.append(Trial(path.name, path, label, "eval", {"attack": "A07"}))
    return made


def outcomes(trials: list[Trial]) -> list[Scored]:
    return [
        Scored(trials[0], 0.1 + 0.2, 1 / 3, Answer.BONA_FIDE, (), 4.25, 3.5),
        Scored(trials[1], None, 0.0, Answer.INCONCLUSIVE, (Reason.NO_SPEECH,), 1.0, 0.0),
        Scored(trials[2], -7.5, None, Answer.UNCALIBRATED, (Reason.TRUNCATED,), 2.0, 2.0),
    ]


def kept(path: Path, found: list[Scored]) -> None:
    with opened(path, ASKED) as journal:
        for one in found:
            journal.keep(one)


def test_what_was_kept_comes_back_to_the_last_bit(tmp_path: Path, trials: list[Trial]) -> None:
    path = tmp_path / "run" / "journal.jsonl"
    kept(path, outcomes(trials))
    with opened(path, ASKED) as journal:
        assert [journal.recall(trial) for trial in trials] == outcomes(trials)


def test_an_answer_is_on_its_way_before_the_next_one_is_asked(
    tmp_path: Path, trials: list[Trial]
) -> None:
    path = tmp_path / "journal.jsonl"
    with opened(path, ASKED) as journal:
        journal.keep(outcomes(trials)[0])
        assert len(path.read_bytes().splitlines()) == 2


@pytest.mark.parametrize("torn", [1, 5, 40])
def test_a_torn_last_line_is_dropped_and_the_rest_stays(
    tmp_path: Path, trials: list[Trial], torn: int
) -> None:
    path = tmp_path / "journal.jsonl"
    kept(path, outcomes(trials))
    path.write_bytes(path.read_bytes()[:-torn])
    with opened(path, ASKED) as journal:
        assert [journal.recall(one) is None for one in trials] == [False, False, True]
        journal.keep(outcomes(trials)[2])
    with opened(path, ASKED) as journal:
        assert [journal.recall(one) for one in trials] == outcomes(trials)


@pytest.mark.parametrize("text", [b"", b'{"journal": 1, "mo'])
def test_a_journal_that_was_hardly_begun_is_begun_again(
    tmp_path: Path, trials: list[Trial], text: bytes
) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(text)
    kept(path, outcomes(trials)[:1])
    first, second = path.read_text("utf-8").splitlines()
    assert json.loads(first)["trials"] == "trials"
    assert json.loads(second)["id"] == "0.wav"


def test_a_recording_that_changed_is_heard_again(tmp_path: Path, trials: list[Trial]) -> None:
    path = tmp_path / "journal.jsonl"
    kept(path, outcomes(trials))
    trials[0].path.write_bytes(b"another sound")
    trials[1].path.unlink()
    with opened(path, ASKED) as journal:
        assert [journal.recall(one) is None for one in trials] == [True, True, False]


def test_a_recording_that_could_not_be_read_is_tried_again(
    tmp_path: Path, trials: list[Trial]
) -> None:
    path = tmp_path / "journal.jsonl"
    with opened(path, ASKED) as journal:
        journal.keep(Unread(trials[0], "audio.unreadable", "0.wav: is broken."))
    with opened(path, ASKED) as journal:
        assert journal.recall(trials[0]) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model": "other"}, r"another detector \(tiny, and now other\)"),
        ({"settings": "other"}, "another settings"),
        ({"trials": "other"}, "another list of trials"),
    ],
)
def test_the_journal_of_another_evaluation_is_refused_until_it_is_given_up(
    tmp_path: Path, trials: list[Trial], change: dict[str, str], says: str
) -> None:
    path = tmp_path / "journal.jsonl"
    kept(path, outcomes(trials))
    now = replace(ASKED, **change)
    with pytest.raises(SettingsError, match=rf"journal\.jsonl: .*{says}.*--restart"):
        opened(path, now).__enter__()
    with opened(path, now, restart=True) as journal:
        assert journal.recall(trials[0]) is None
    assert len(path.read_bytes().splitlines()) == 1


@pytest.mark.parametrize("line", [b"rubbish", b'{"id": "0.wav"}', b"7"])
def test_a_damaged_line_is_named(tmp_path: Path, trials: list[Trial], line: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    kept(path, outcomes(trials))
    first, _, *rest = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([first, line, *rest]) + b"\n")
    with pytest.raises(SettingsError, match="line 2: is no line of a journal"):
        opened(path, ASKED).__enter__()


@pytest.mark.parametrize("text", [b'["a", "list"]\n', b'{"an": "object"}\n', b"a text\n"])
def test_a_file_of_something_else_is_left_as_it_is(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(text)
    with pytest.raises(SettingsError, match="is no journal of an evaluation"):
        opened(path, ASKED).__enter__()
    assert path.read_bytes() == text


def test_two_evaluations_do_not_write_into_one_journal(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    path = tmp_path / "journal.jsonl"
    with opened(path, ASKED), pytest.raises(SettingsError, match="another evaluation is writing"):
        opened(path, ASKED).__enter__()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"journal\.jsonl: cannot be written"):
        opened(tmp_path / "file" / "journal.jsonl", ASKED).__enter__()


def test_a_disk_that_takes_no_more_is_told(tmp_path: Path, trials: list[Trial]) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(tmp_path / "journal.jsonl", ASKED) as journal:
        journal.keep(outcomes(trials)[0])
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            with pytest.raises(SettingsError, match=r"journal\.jsonl: cannot be written"):
                journal.keep(outcomes(trials)[1])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_the_hash_of_a_list_knows_names_labels_and_order(trials: list[Trial]) -> None:
    one = hash_of_trials(trials)
    turned = [replace(trials[0], label=Label.SPOOF), *trials[1:]]
    assert hash_of_trials([replace(t, meta={}) for t in trials]) == one
    assert len({one, hash_of_trials(trials[::-1]), hash_of_trials(trials[1:]),
                hash_of_trials(turned)}) == 4  # fmt: skip
