"""Each corpus in about six lines: what lies where, and which trials that makes.

The recordings are files of one byte: protocols never listen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

B, S = "bonafide", "spoof"


@dataclass(frozen=True)
class Miniature:
    """A corpus.

    Attributes:
        lists: path → text.
        audio: paths of recordings.
        trials: partition → id → label.
        root: what is asked about, below the folder that it is made in.
    """

    lists: dict[str, str]
    audio: tuple[str, ...]
    trials: dict[str, dict[str, str]]
    root: str = "."

    def make(self, folder: Path) -> Path:
        """Write it, and give its root."""
        for name, text in self.lists.items():
            write(folder / name, text)
        for name in self.audio:
            write(folder / name, "x")
        return folder / self.root

    def silence(self, folder: Path) -> None:
        """Take the recordings away."""
        for name in self.audio:
            (folder / name).unlink()


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def lines(*some: str) -> str:
    return "\n".join(some) + "\n"


def flac(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.flac" for name in names)


_LA19 = "LA/ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm"

MINIATURES = {
    "asvspoof2019_la": Miniature(
        lists={
            f"{_LA19}.train.trn.txt": lines(
                "LA_0079 LA_T_1138215 - - bonafide", "LA_0080 LA_T_1271820 - A01 spoof"
            ),
            f"{_LA19}.dev.trl.txt": lines(
                "LA_0069 LA_D_1047731 - - bonafide", "LA_0070 LA_D_1105538 - A04 spoof"
            ),
            f"{_LA19}.eval.trl.txt": lines(
                "LA_0039 LA_E_2834763 - A11 spoof", "LA_0014 LA_E_8877452 - - bonafide"
            ),
        },
        audio=(
            *flac("LA/ASVspoof2019_LA_train/flac", "LA_T_1138215", "LA_T_1271820"),
            *flac("LA/ASVspoof2019_LA_dev/flac", "LA_D_1047731", "LA_D_1105538"),
            *flac("LA/ASVspoof2019_LA_eval/flac", "LA_E_2834763", "LA_E_8877452"),
        ),
        trials={
            "train": {"LA_T_1138215": B, "LA_T_1271820": S},
            "dev": {"LA_D_1047731": B, "LA_D_1105538": S},
            "eval": {"LA_E_2834763": S, "LA_E_8877452": B},
        },
    ),
    "asvspoof2021_la": Miniature(
        lists={
            "keys/LA/CM/trial_metadata.txt": lines(
                "LA_0009 LA_E_9332881 alaw ita_tx A07 spoof notrim eval",
                "LA_0020 LA_E_7294490 g722 loc_tx bonafide bonafide notrim eval",
                "LA_0021 LA_E_4549457 none - bonafide bonafide notrim progress",
                "LA_0021 LA_E_4549458 opus sin_tx A10 spoof notrim progress",
                "LA_0030 LA_E_5464494 gsm mad_tx A07 spoof trim hidden",
                "LA_0031 LA_E_4759417 pstn mad_tx bonafide bonafide trim hidden",
            )
        },
        audio=flac(
            "ASVspoof2021_LA_eval/flac",
            *("LA_E_9332881", "LA_E_7294490", "LA_E_4549457"),
            *("LA_E_4549458", "LA_E_5464494", "LA_E_4759417"),
        ),
        trials={
            "eval": {"LA_E_9332881": S, "LA_E_7294490": B},
            "progress": {"LA_E_4549457": B, "LA_E_4549458": S},
            "hidden": {"LA_E_5464494": S, "LA_E_4759417": B},
        },
    ),
    "asvspoof2021_df": Miniature(
        lists={
            "DF-keys-full/keys/DF/CM/trial_metadata.txt": lines(
                "LA_0023 DF_E_2000011 nocodec asvspoof A14 spoof notrim progress "
                "traditional_vocoder - - - -",
                "LA_0024 DF_E_2000012 low_mp3 asvspoof bonafide bonafide notrim progress "
                "bonafide - - - -",
                "TEF2 DF_E_2000013 low_m4a vcc2020 Task1-team20 spoof notrim eval "
                "neural_vocoder_nonautoregressive Task1 team20 FF E",
                "TEF1 DF_E_2000014 high_ogg vcc2020 bonafide bonafide notrim eval bonafide - - - E",
                "VCC2SF1 DF_E_2000015 oggm4a vcc2018 - spoof trim hidden waveform - - - -",
                "LA_0025 DF_E_2000016 nocodec asvspoof bonafide bonafide trim hidden "
                "bonafide - - - -",
            )
        },
        audio=(
            *flac(
                "ASVspoof2021_DF_eval_part00/ASVspoof2021_DF_eval/flac",
                *("DF_E_2000011", "DF_E_2000012", "DF_E_2000013"),
            ),
            *flac(
                "ASVspoof2021_DF_eval_part01/ASVspoof2021_DF_eval/flac",
                *("DF_E_2000014", "DF_E_2000015", "DF_E_2000016"),
            ),
        ),
        trials={
            "eval": {"DF_E_2000013": S, "DF_E_2000014": B},
            "progress": {"DF_E_2000011": S, "DF_E_2000012": B},
            "hidden": {"DF_E_2000015": S, "DF_E_2000016": B},
        },
    ),
    "asvspoof5": Miniature(
        lists={
            "ASVspoof5.train.tsv": lines(
                "T_4850 T_0000000000 F - - - AC1 A05 spoof -",
                "T_0840 T_0000000022 F - - - - bonafide bonafide -",
            ),
            "ASVspoof5.dev.track_1.tsv": lines(
                "D_4461 D_0000000169 F - - - AC1 A14 spoof -",
                "D_0461 D_0000000190 M - - - - bonafide bonafide -",
            ),
            "ASVspoof5.eval.track_1.tsv": lines(
                "E_1607 E_0009538969 M C08 2 E_0001226468 AC3 A32 spoof -",
                "E_1608 E_0009538970 F C05 4 E_0001226469 - bonafide bonafide -",
            ).replace(" ", "\t"),
        },
        audio=(
            *flac("flac_T", "T_0000000000", "T_0000000022"),
            *flac("ASVspoof5_dev/flac_D", "D_0000000169", "D_0000000190"),
            *flac("flac_E_aa/flac_E_eval", "E_0009538969"),
            *flac("flac_E_ab/flac_E_eval", "E_0009538970"),
        ),
        trials={
            "train": {"T_0000000000": S, "T_0000000022": B},
            "dev": {"D_0000000169": S, "D_0000000190": B},
            "eval": {"E_0009538969": S, "E_0009538970": B},
        },
    ),
    "fake_or_real": Miniature(
        lists={},
        audio=(
            "for-2sec/for-2seconds/training/real/file1044.wav_16k.wav",
            "for-2sec/for-2seconds/training/fake/file1044.wav_16k.wav",
            "for-2sec/for-2seconds/validation/real/file2.wav",
            "for-2sec/for-2seconds/validation/fake/file3.wav",
            "for-2sec/for-2seconds/testing/real/file4.wav",
            "for-2sec/for-2seconds/testing/fake/file5.mp3",
        ),
        trials={
            "train": {
                "training/real/file1044.wav_16k.wav": B,
                "training/fake/file1044.wav_16k.wav": S,
            },
            "dev": {"validation/real/file2.wav": B, "validation/fake/file3.wav": S},
            "eval": {"testing/real/file4.wav": B, "testing/fake/file5.mp3": S},
        },
    ),
    "folder": Miniature(
        lists={"notes.txt": "no sound"},
        audio=("Real/1.wav", "Real/ann/1.mp3", "FAKE/1.wav", "FAKE/tts/deep/2.flac"),
        trials={
            "eval": {"Real/1.wav": B, "Real/ann/1.mp3": B, "FAKE/1.wav": S}
            | {"FAKE/tts/deep/2.flac": S}
        },
    ),
    "in_the_wild": Miniature(
        lists={
            "release_in_the_wild/meta.csv": lines(
                "file,speaker,label",
                "0.wav,Alec Guinness,spoof",
                '1.wav,"Guinness, Alec",spoof',
                "2.wav,Barack Obama,bona-fide",
                "3.wav,Barack Obama,bona-fide",
                "4.wav,Christopher Lee,bona-fide",
            )
        },
        audio=tuple(f"release_in_the_wild/{number}.wav" for number in range(5)),
        trials={"eval": {"0.wav": S, "1.wav": S, "2.wav": B, "3.wav": B, "4.wav": B}},
    ),
    "manifest": Miniature(
        lists={
            "lists/mine.csv": lines(
                "ID,Label,Duration,Path,Attack,Speaker,Proportion,Language",
                "ds-1,real,1.5,$ROOT/a/1.wav,-,ann,train,EN",
                "ds-2,fake,2.5,$ROOT/a/2.wav,vits,ann,train,EN",
                "ds-3,Bona-Fide,2.5,a/3.wav,-,bob,valid,EN",
                "ds-4,Spoofed,2.5,./a/4.wav,xtts,bob,test,DE",
                "ds-5,genuine,2.5,a\\5.wav,-,cy,test,DE",
            )
        },
        audio=tuple(f"lists/a/{number}.wav" for number in range(1, 6)),
        trials={
            "train": {"ds-1": B, "ds-2": S},
            "dev": {"ds-3": B},
            "eval": {"ds-4": S, "ds-5": B},
        },
        root="lists/mine.csv",
    ),
    "mlaad": Miniature(
        lists={
            "fake/de/tts_models_de_thorsten_vits/meta.csv": lines(
                "path|original_file|language|is_original_language|duration|training_data"
                "|model_name|architecture|transcript",
                "./fake/de/tts_models_de_thorsten_vits/a_f1.wav"
                "|de_DE/by_book/female/eva_k/toten_seelen/wavs/a_f1.wav"
                "|de|True|3.2|thorsten|vits thorsten|vits|Guten Tag",
                "./fake/de/tts_models_de_thorsten_vits/b_f2.wav"
                "|de_DE/by_book/female/eva_k/toten_seelen/wavs/b_f2.wav"
                '|de|True|3.2|thorsten|vits thorsten|vits|"Er sagte ""ja|nein""."',
            ),
            "fake/en/Cartesia.ai (Sonic-3)/meta.csv": lines(
                "path;original_file;language;model_name;architecture;transcript",
                "c 1.wav;original/en_US/by_book/male/x/y/wavs/c.wav;en;sonic;Sonic-3;Hi",
            ),
        },
        audio=(
            "fake/de/tts_models_de_thorsten_vits/a_f1.wav",
            "fake/de/tts_models_de_thorsten_vits/b_f2.wav",
            "fake/en/Cartesia.ai (Sonic-3)/c 1.wav",
            "original/de_DE/by_book/female/eva_k/toten_seelen/wavs/a_f1.wav",
            "original/en_US/by_book/male/x/y/wavs/c.wav",
        ),
        trials={
            "eval": {
                "original/de_DE/by_book/female/eva_k/toten_seelen/wavs/a_f1.wav": B,
                "original/en_US/by_book/male/x/y/wavs/c.wav": B,
                "fake/de/tts_models_de_thorsten_vits/a_f1.wav": S,
                "fake/de/tts_models_de_thorsten_vits/b_f2.wav": S,
                "fake/en/Cartesia.ai (Sonic-3)/c 1.wav": S,
            }
        },
    ),
    "pages": Miniature(
        lists={
            "manifest.tsv": lines(
                "path\tsplit\tlabel\tattack_type\tsystem\tpage\tlanguage",
                "audio/train/1.flac\ttrain\tbonafide\t-\t-\tann/demo\ten",
                "audio/train/2.flac\ttrain\tspoof\ttts\tVITS\tann/demo\ten",
                "audio/dev/3.flac\tdev\tspoof\tvc\tFreeVC\tbob/pages\tzh",
                "audio/dev/4.flac\tdev\tbonafide\t-\t-\tbob/pages\tzh",
            )
        },
        audio=("audio/train/1.flac", "audio/train/2.flac", "audio/dev/3.flac", "audio/dev/4.flac"),
        trials={
            "train": {"audio/train/1.flac": B, "audio/train/2.flac": S},
            "dev": {"audio/dev/3.flac": S, "audio/dev/4.flac": B},
        },
    ),
    "wavefake": Miniature(
        lists={"LJSpeech-1.1/metadata.csv": "LJ001-0001|Printing|Printing\n"},
        audio=(
            "LJSpeech-1.1/wavs/LJ001-0001.wav",
            "real_audio/jsut_ver1.1/basic5000/wav/BASIC5000_0001.wav",
            "generated_audio/jsut_parallel_wavegan/BASIC5000_0001_gen.wav",
            "generated_audio/ljspeech_hifiGAN/LJ001-0001_generated.wav",
            "generated_audio/ljspeech_melgan/LJ001-0001_gen.wav",
            "generated_audio/common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech/"
            "generated/gen_0.wav",
        ),
        trials={
            "eval": {
                "LJSpeech-1.1/wavs/LJ001-0001.wav": B,
                "real_audio/jsut_ver1.1/basic5000/wav/BASIC5000_0001.wav": B,
                "generated_audio/jsut_parallel_wavegan/BASIC5000_0001_gen.wav": S,
                "generated_audio/ljspeech_hifiGAN/LJ001-0001_generated.wav": S,
                "generated_audio/ljspeech_melgan/LJ001-0001_gen.wav": S,
                "generated_audio/common_voices_prompts_from_conformer_fastspeech2_pwg_ljspeech/"
                "generated/gen_0.wav": S,
            }
        },
    ),
}
