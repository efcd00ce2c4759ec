"""What every corpus keeps to, whatever its lists look like: a new file is tested by its name."""

import re
from pathlib import Path

import pytest

from corpus_miniatures import MINIATURES
from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS, Protocol, recognise

every_protocol = pytest.mark.parametrize("name", PROTOCOLS.names())
every_list = pytest.mark.parametrize(
    "name", [name for name in PROTOCOLS.names() if PROTOCOLS.get(name)().key]
)


@pytest.fixture
def corpus(name: str, tmp_path: Path) -> Path:
    return MINIATURES[name].make(tmp_path)


@pytest.fixture
def protocol(name: str) -> Protocol:
    return PROTOCOLS.get(name)()


def test_every_protocol_has_a_miniature() -> None:
    assert sorted(MINIATURES) == PROTOCOLS.names()


@every_protocol
def test_a_corpus_is_recognised_as_what_it_is(name: str, corpus: Path) -> None:
    assert recognise(corpus) == name


@every_protocol
def test_the_partitions_that_are_there_are_listed_in_order(
    name: str, corpus: Path, protocol: Protocol
) -> None:
    assert set(protocol.partitions(corpus)) == set(MINIATURES[name].trials)
    order = ["train", "dev", "eval", "progress", "hidden"]
    assert list(protocol.partitions(corpus)) == sorted(protocol.partitions(corpus), key=order.index)


@every_protocol
def test_each_partition_has_its_trials_with_the_right_labels(
    name: str, corpus: Path, protocol: Protocol
) -> None:
    for partition, expected in MINIATURES[name].trials.items():
        found = list(protocol.trials(corpus, partition))
        assert {trial.id: trial.label.value for trial in found} == expected
        assert len(found) == len(expected)
        assert {trial.partition for trial in found} == {partition}


@every_protocol
def test_the_audio_of_every_trial_is_found(corpus: Path, protocol: Protocol) -> None:
    for partition in protocol.partitions(corpus):
        lost = [t.path for t in protocol.trials(corpus, partition) if not t.path.is_file()]
        assert lost == []


@every_protocol
def test_a_root_may_be_given_from_where_one_stands(
    corpus: Path, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = corpus if corpus.is_dir() else corpus.parent
    monkeypatch.chdir(here)
    root = corpus.relative_to(here)
    for partition in protocol.partitions(root):
        assert all(trial.path.is_file() for trial in protocol.trials(root, partition))


@every_protocol
def test_all_stands_for_every_partition(name: str, corpus: Path, protocol: Protocol) -> None:
    ids = [trial.id for trial in protocol.trials(corpus, "all")]
    expected = [one for trials in MINIATURES[name].trials.values() for one in trials]
    assert sorted(ids) == sorted(expected)


@every_list
def test_the_key_needs_no_audio(
    name: str, corpus: Path, protocol: Protocol, tmp_path: Path
) -> None:
    assert protocol.key is not None
    with_audio = [(t.id, t.label, t.partition) for t in protocol.trials(corpus, "all")]
    MINIATURES[name].silence(tmp_path)
    assert [(t.id, t.label, t.partition) for t in protocol.key(corpus)] == with_audio


@every_protocol
def test_a_partition_that_is_not_there_is_told_with_those_that_are(
    corpus: Path, protocol: Protocol
) -> None:
    there = " or ".join(protocol.partitions(corpus))
    with pytest.raises(ProtocolError, match=rf"no partition 'test1'\. Use {there}\."):
        protocol.trials(corpus, "test1")


@every_protocol
def test_a_corpus_whose_audio_is_all_gone_is_told_once_with_a_path(
    name: str, corpus: Path, protocol: Protocol, tmp_path: Path
) -> None:
    MINIATURES[name].silence(tmp_path)
    partition = protocol.partitions(corpus)[-1]
    with pytest.raises(ProtocolError, match=_gone(protocol, tmp_path)):
        protocol.trials(corpus, partition)


def _gone(protocol: Protocol, folder: Path) -> str:
    path = re.escape(str(folder))
    # Where no list says what there was, the folder that is empty is named.
    without_lists = rf"{path}.*no file in this folder has the name of an audio format"
    with_lists = rf"none of its \d recordings is there; the first was looked for at {path}"
    return without_lists if protocol.key is None else with_lists


@every_list
def test_one_recording_that_is_gone_is_listed_like_the_others(
    name: str, corpus: Path, protocol: Protocol, tmp_path: Path
) -> None:
    (tmp_path / MINIATURES[name].audio[0]).unlink()
    ids = {trial.id for trial in protocol.trials(corpus, "all")}
    assert ids == {one for trials in MINIATURES[name].trials.values() for one in trials}


@every_protocol
def test_kin_and_groups_are_columns_of_the_trials(corpus: Path, protocol: Protocol) -> None:
    columns = {column for t in protocol.trials(corpus, "all") for column in t.meta}
    if protocol.is_general:  # whoever made the data chose the columns
        assert set(protocol.kin) & columns
        assert set(protocol.groups) & columns
    else:
        assert set(protocol.kin) <= columns
        assert set(protocol.groups) - columns <= {"source_corpus", "original_format"}


@every_protocol
@pytest.mark.parametrize("what", ["empty", "missing", "noise", "prose"])
def test_what_is_no_corpus_has_no_partitions_and_is_refused(
    what: str, protocol: Protocol, tmp_path: Path
) -> None:
    root = tmp_path / what
    if what == "empty":
        root.mkdir()
    elif what != "missing":
        root.write_bytes(bytes(range(256)) * 40 if what == "noise" else b"Once upon a time,\n")
    assert protocol.partitions(root) == ()
    with pytest.raises(ProtocolError, match=re.escape(str(root))):
        protocol.trials(root, "eval")


@every_protocol
def test_a_whole_corpus_leaves_nothing_to_remark(corpus: Path, protocol: Protocol) -> None:
    assert protocol.remarks(corpus) == ()


@every_protocol
def test_it_is_described(protocol: Protocol) -> None:
    assert 10 < len(protocol.title) < 80
    assert set(protocol.complete) <= {"train", "dev", "eval", "progress", "hidden"}
    assert 10 < len(protocol.looks_for) < 110
    assert "\n" not in protocol.title + protocol.looks_for
