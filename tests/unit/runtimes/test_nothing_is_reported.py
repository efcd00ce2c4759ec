"""Nothing is sent anywhere, by guests neither: onnxruntime would, unless it is told not to."""

import os
import subprocess
import sys
from pathlib import Path


def test_hearing_a_recording_leaves_no_trace_of_telemetry(tmp_path: Path, examples: Path) -> None:
    # onnxruntime 1.32 leaves .ses, a device's number and a database of events, before it sends any.
    home, place = tmp_path / "home", tmp_path / "tmp"
    home.mkdir()
    place.mkdir()
    script = "import sys; from earwitness import load; print(load().detect(sys.argv[1]).answer)"
    quiet = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(examples / "music.ogg")],
        env=quiet | {"HOME": str(home), "TMPDIR": str(place), "XDG_CACHE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "inconclusive\n", done.stderr
    assert [path.name for path in (*home.rglob("*"), *place.rglob("*"))] == []
