"""A file from a stranger calls nobody, opens no other file and runs nothing."""

import socket

import pytest
from recordings import babble, hear, lag, wav_bytes

from earwitness.audio.decoder import POOL
from earwitness.errors import UnreadableAudio

SOUND = babble(3.0)


@pytest.fixture(autouse=True)
def fresh_pool():
    POOL.close()


def test_no_module_of_the_folder_one_works_in_slips_into_the_process(m4a, tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.chdir(tmp_path)
    assert abs(lag(hear(m4a).samples, SOUND)) <= 2


def test_reading_opens_no_socket(m4a, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    for source in (m4a, m4a.read_bytes(), wav_bytes(SOUND), wav_bytes(SOUND, container="FLAC")):
        assert len(hear(source).samples) == pytest.approx(len(SOUND), abs=40)


PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/a.ts\n",
    "ffconcat": "ffconcat version 1.0\nfile http://127.0.0.1:{port}/a.wav\n",
    "sdp": "v=0\nc=IN IP4 127.0.0.1\nm=audio {port} RTP/AVP 0\n",
    "mpd": '<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:{port}/</BaseURL></MPD>',
}


@pytest.mark.parametrize("suffix", PLAYLISTS)
def test_a_playlist_does_not_make_the_process_call_anyone(tmp_path, suffix):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        path = tmp_path / f"list.{suffix}"
        path.write_text(PLAYLISTS[suffix].format(port=server.getsockname()[1]))
        with pytest.raises(UnreadableAudio, match="no decoder makes sense of it"):
            hear(path)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_playlist_does_not_open_other_files(tmp_path):
    (tmp_path / "other.wav").write_bytes(wav_bytes(SOUND))
    path = tmp_path / "list.ffconcat"
    path.write_text("ffconcat version 1.0\nfile other.wav\n")
    with pytest.raises(UnreadableAudio, match="no decoder makes sense of it"):
        hear(path)


@pytest.mark.parametrize(
    "name", ["http:clip.m4a", "concat:a|b.m4a", "-i.m4a", "%03d.m4a", "pipe:0"]
)
def test_a_strange_file_name_is_only_a_name(m4a, tmp_path, monkeypatch, name):
    (tmp_path / name).write_bytes(m4a.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert abs(lag(hear(name).samples, SOUND)) <= 2
