"""The lists of the ASVspoof challenges, as they are released and as people unpack them."""

import os
from pathlib import Path

import pytest

from corpus_miniatures import MINIATURES, lines, write
from earwitness.errors import ProtocolError
from earwitness.protocols import PROTOCOLS

LA19 = PROTOCOLS.get("asvspoof2019_la")()
LA21 = PROTOCOLS.get("asvspoof2021_la")()
DF21 = PROTOCOLS.get("asvspoof2021_df")()
ASV5 = PROTOCOLS.get("asvspoof5")()
EVAL19 = "LA/ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.eval.trl.txt"


def metas(trials) -> dict[str, dict[str, str]]:
    return {trial.id: dict(trial.meta) for trial in trials}


def test_2019_knows_speaker_and_attack(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2019_la"].make(tmp_path)
    assert metas(LA19.trials(root, "eval")) == {
        "LA_E_2834763": {"speaker": "LA_0039", "attack": "A11"},
        "LA_E_8877452": {"speaker": "LA_0014", "attack": "-"},
    }


@pytest.mark.parametrize("below", ["LA", "LA/ASVspoof2019_LA_cm_protocols", EVAL19])
def test_2019_finds_its_audio_from_anywhere_inside(below: str, tmp_path: Path) -> None:
    MINIATURES["asvspoof2019_la"].make(tmp_path)
    assert all(trial.path.is_file() for trial in LA19.trials(tmp_path / below, "eval"))


def test_2019_finds_lists_beside_the_folder_la(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2019_la"].make(tmp_path)
    os.rename(root / "LA" / "ASVspoof2019_LA_cm_protocols", root / "protocols")
    assert all(trial.path.is_file() for trial in LA19.trials(root, "dev"))


def test_a_list_given_by_itself_has_the_partition_of_its_ids(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2019_la"].make(tmp_path)
    assert LA19.partitions(root / EVAL19) == ("eval",)
    with pytest.raises(ProtocolError, match=r"trl\.txt: there is no partition 'dev'\. Use eval\."):
        LA19.trials(root / EVAL19, "dev")


def test_two_copies_of_a_list_are_not_chosen_between(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2019_la"].make(tmp_path)
    MINIATURES["asvspoof2019_la"].make(tmp_path / "copy")
    with pytest.raises(ProtocolError, match=r"holds several lists: .*eval.* and .*copy.*eval"):
        LA19.trials(root, "eval")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("LA_0039 LA_E_1 - A11", r"eval\.trl\.txt, line 3: 4 columns, where 5 are expected"),
        ("LA_0039 LA_E_1 - A11 fake?", r"line 3: label 'fake\?' is neither 'bonafide' nor 'spoof'"),
        ("LA_0039 LA_E_1 - A11 1", r"line 3: label '1' does not say which of the two it is"),
        ("LA_1 LA_E_2834763 - - bonafide", r"line 3: 'LA_E_2834763' is on line 1 already"),
    ],
    ids=["columns", "label", "number", "twice"],
)
def test_faults_of_a_list_are_told_with_file_and_line(
    line: str, fault: str, tmp_path: Path
) -> None:
    root = MINIATURES["asvspoof2019_la"].make(tmp_path)
    first, *_ = (root / EVAL19).read_text().splitlines()
    write(root / EVAL19, lines(first, "", line))
    with pytest.raises(ProtocolError, match=fault):
        LA19.trials(root, "eval")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("LA_0039 LA_E_1 - A11\n", r"line 1: 4 columns, where 5 are expected"),
        ("a b c d spoof\n", r"line 1: the id 'b' begins with none of LA_T_, LA_D_, LA_E_"),
    ],
)
def test_a_file_that_is_no_list_is_told(text: str, fault: str, tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=fault):
        LA19.trials(write(tmp_path / "list.txt", text), "eval")


def test_an_id_in_two_partitions_is_refused_where_both_are_asked_for(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2019_la"].make(tmp_path)
    train = root / EVAL19.replace("eval.trl", "train.trn")
    write(train, train.read_text() + "LA_1 LA_E_2834763 - - bonafide\n")
    with pytest.raises(ProtocolError, match=r"'LA_E_2834763' is in train and in eval\. Ask for on"):
        LA19.trials(root, "all")
    assert len(list(LA19.trials(root, "train"))) == 3


def test_2021_la_knows_codec_transmission_and_trim(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2021_la"].make(tmp_path)
    assert metas(LA21.trials(root, "hidden"))["LA_E_5464494"] == {
        "speaker": "LA_0030",
        "codec": "gsm",
        "transmission": "mad_tx",
        "attack": "A07",
        "trim": "trim",
    }


def test_2021_df_knows_vocoder_and_source(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof2021_df"].make(tmp_path)
    assert metas(DF21.trials(root, "eval"))["DF_E_2000013"] == {
        "speaker": "TEF2",
        "codec": "low_m4a",
        "source": "vcc2020",
        "attack": "Task1-team20",
        "trim": "notrim",
        "vocoder": "neural_vocoder_nonautoregressive",
        "task": "Task1",
        "team": "team20",
        "gender_pair": "FF",
        "language": "E",
    }


def test_2021_df_reads_keys_of_eight_columns_too(tmp_path: Path) -> None:
    keys = write(
        tmp_path / "keys" / "CM" / "trial_metadata.txt",
        lines("LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim progress"),
    )
    write(tmp_path / "flac" / "DF_E_2000011.flac", "x")
    (trial,) = DF21.trials(tmp_path, "progress")
    assert trial.meta["trim"] == "notrim"
    assert DF21.partitions(keys) == ("progress",)


def test_both_tracks_of_2021_may_lie_under_one_root(tmp_path: Path) -> None:
    MINIATURES["asvspoof2021_la"].make(tmp_path)
    root = MINIATURES["asvspoof2021_df"].make(tmp_path)
    assert len(list(LA21.trials(root, "all"))) == len(list(DF21.trials(root, "all"))) == 6


def test_the_old_name_of_the_hidden_subset_is_understood(tmp_path: Path) -> None:
    keys = lines("LA_0030 LA_E_1 gsm mad_tx A07 spoof trim hidden_track")
    write(tmp_path / "trial_metadata.txt", keys)
    assert LA21.partitions(tmp_path) == ("hidden",)


def test_audio_without_keys_is_told(tmp_path: Path) -> None:
    write(tmp_path / "ASVspoof2021_LA_eval" / "ASVspoof2021.LA.cm.eval.trl.txt", "LA_E_1\n")
    with pytest.raises(ProtocolError, match=r"has no trial_metadata\.txt of the LA track.*downloa"):
        LA21.trials(tmp_path, "eval")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a LA_E_2 gsm tx A07 spoof trim evil", r"line 2: subset 'evil' is none of eval, progress"),
        ("a LA_E_2 gsm tx A07 spoof", r"line 2: 6 columns, where 8 are expected"),
    ],
)
def test_faults_of_2021_keys_are_told_with_file_and_line(
    line: str, fault: str, tmp_path: Path
) -> None:
    good = "LA_0009 LA_E_1 alaw ita_tx A07 spoof notrim eval"
    write(tmp_path / "trial_metadata.txt", lines(good, line))
    assert "eval" in LA21.partitions(tmp_path)
    with pytest.raises(ProtocolError, match=fault):
        LA21.trials(tmp_path, "eval")


def test_asvspoof5_knows_all_its_columns(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof5"].make(tmp_path)
    assert metas(ASV5.trials(root, "eval"))["E_0009538969"] == {
        "speaker": "E_1607",
        "gender": "M",
        "codec": "C08",
        "codec_quality": "2",
        "coded_from": "E_0001226468",
        "attack_tag": "AC3",
        "attack": "A32",
    }


def test_asvspoof5_is_read_with_blanks_and_with_tabs(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof5"].make(tmp_path)
    text = (root / "ASVspoof5.eval.track_1.tsv").read_text()
    assert "\t" in text
    tabbed = metas(ASV5.trials(root, "eval"))
    write(root / "ASVspoof5.eval.track_1.tsv", text.replace("\t", " "))
    assert metas(ASV5.trials(root, "eval")) == tabbed


def test_a_recording_that_is_in_none_of_several_folders_is_listed_all_the_same(
    tmp_path: Path,
) -> None:
    root = MINIATURES["asvspoof5"].make(tmp_path)
    (root / "flac_E_ab" / "flac_E_eval" / "E_0009538970.flac").rename(
        root / "flac_E_ab" / "flac_E_eval" / "other.flac"
    )
    paths = {trial.id: trial.path for trial in ASV5.trials(root, "eval")}
    assert paths["E_0009538969"].is_file()
    assert not paths["E_0009538970"].exists()


def test_links_that_lead_nowhere_or_to_themselves_do_not_matter(tmp_path: Path) -> None:
    root = MINIATURES["asvspoof5"].make(tmp_path)
    os.symlink("loop", root / "loop")
    os.symlink("gone", root / "ASVspoof5.copy.tsv")
    assert ASV5.partitions(root) == ("train", "dev", "eval")


def test_folders_full_of_audio_are_not_searched_for_lists(tmp_path: Path) -> None:
    for folder in ("flac_T", "wavs", "Real", ".git"):
        write(tmp_path / folder / "ASVspoof5.train.tsv", "T_1 T_1 F - - - AC1 A05 spoof -\n")
    assert ASV5.partitions(tmp_path) == ()


def test_a_search_does_not_go_on_for_ever(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*"abcdef")
    write(deep / "ASVspoof5.train.tsv", "T_1 T_1 F - - - AC1 A05 spoof -\n")
    assert ASV5.partitions(tmp_path) == ()
    assert ASV5.partitions(tmp_path / "a" / "b") == ("train",)
