"""Every container and oddity gives clips, or a line that says why not; nothing crashes or hangs."""

from __future__ import annotations

import io
import os
import sys
import threading
from pathlib import Path

import numpy as np
import odd_videos
import pytest

from train.__main__ import main
from train.data import decode, decoding
from train.data.decode import Settings
from train.data.scan import Found, scan
from train.data.store import Manifest, map_frames, read_manifest

PLAIN = Settings(64, 8.0, "center", 60.0, 8.0)
RED, BLUE, BLACK = (255, 0, 0), (0, 0, 255), (0, 0, 0)
FLAG = (RED, BLUE, BLACK, BLACK)  # what the corners' middles show: top left, top right, bottom ...


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("odd") / "videos"
    for name in ("ordinary", "usable", "short", "useless"):
        (root / name).mkdir(parents=True)
        getattr(odd_videos, f"make_{name}")(root / name)
    return root


@pytest.fixture(scope="module")
def prepared(root) -> tuple[Path, str]:
    """The folder of the result, and all that was said."""
    out = root.parent / "out"
    with pytest.MonkeyPatch.context() as patch:
        said = io.TextIOWrapper(io.BytesIO(), "ascii")  # a terminal that knows nothing else
        patch.setattr(sys, "stdout", said)
        assert main(["prepare", str(root), "--out", str(out), "--short", "ping-pong"]) == 0
        said.seek(0)
        return out, said.read()


@pytest.fixture(scope="module")
def store(prepared) -> tuple[Manifest, dict[str, np.ndarray]]:
    """The manifest, and each video's frames by its name."""
    manifest = read_manifest(prepared[0])
    frames = map_frames(prepared[0], manifest)
    return manifest, {v.source: frames[v.first : v.first + v.count] for v in manifest.videos}


def shows(frames: np.ndarray, corners: tuple[tuple[int, int, int], ...], slack: int = 40) -> bool:
    seen = frames[:, [16, 16, 48, 48], [16, 48, 16, 48]].astype(int)  # [N, 4, 3]
    return bool(np.abs(seen - np.array(corners)).max() <= slack)


@pytest.mark.parametrize("suffix", odd_videos.CODECS)
def test_every_container_gives_its_three_seconds(store, suffix):
    frames = store[1][f"ordinary/{suffix}.{suffix}"]
    assert 23 <= len(frames) <= 25 and shows(frames, FLAG)


@pytest.mark.parametrize(
    ("name", "corners"),
    [
        ("turned.mov", (BLUE, BLACK, RED, BLACK)),
        ("oblong pixels.mp4", FLAG),
        ("odd size.mkv", FLAG),
        ("tiny.mkv", FLAG),
        ("late start.mkv", FLAG),
        ("cover.mp4", FLAG),
        ("fast.mp4", FLAG),
        ("cut short.mkv", FLAG),
        ("clear.gif", (RED, BLACK, BLACK, BLACK)),
        ("clear.mov", (RED, BLACK, BLACK, BLACK)),
        ("clear.webm", (RED, BLACK, BLACK, BLACK)),
        ("one pixel high.mkv", (BLUE,) * 4),
        ("one pixel wide.mkv", (BLACK,) * 4),
    ],
)
def test_what_is_odd_looks_as_in_a_player(store, name, corners):
    assert shows(store[1][f"usable/{name}"], corners)


def test_names_in_any_script_are_names(store, prepared):
    names = [name for name in store[1] if name.startswith("usable/")]
    assert {"usable/-y.mp4", "usable/%03d.mp4", "usable/🎬.mp4", "usable/two\nlines.mp4"} <= {
        *names
    }
    assert any("\udce9" in name for name in names) == (os.uname().sysname == "Linux")
    assert "two\nlines" not in prepared[1]


def test_time_is_real_where_the_rate_varies(store):
    light = store[1]["usable/uneven.mkv"].mean(axis=(1, 2, 3))
    seconds = (light - light[0]) / 60
    wanted = np.arange(len(light)) / 8
    assert len(light) >= 18
    assert np.abs(seconds - wanted)[9:15].max() < 0.1  # in the fast second
    assert np.abs(seconds - wanted).max() <= 0.51  # half a second stands between two frames


def test_fields_are_parted(store):
    frames = store[1]["usable/interlaced.mpg"].astype(int)
    grey = ((frames > 90) & (frames < 165)).mean()
    assert grey < 0.03  # combed, the bar had grey stripes of a quarter of its width


def test_what_is_damaged_or_short_is_said(store):
    notes = {v.source: " ".join(v.notes) for v in store[0].videos}
    assert "damaged" in notes["usable/cut short.mkv"]
    short = {v.source: (v.count, v.short) for v in store[0].videos if v.short}
    assert short == {
        "short/one.mp4": (1, "ping-pong"), "short/one.gif": (1, "ping-pong"),
        "short/three.webm": (3, "ping-pong"), "short/blink.mkv": (1, "ping-pong"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("b copy.mp4", "same content"), ("a.mp4", "same content"), ("empty.mp4", "is empty"),
        ("text.mp4", "no video"), ("zeros.avi", "no video"), ("cut.mp4", "no video"),
        ("sound.mp4", "no moving picture"), ("list.mp4", "not read"), ("stream.mp4", "no video"),
        ("web.mp4", "no video"), ("dash.mp4", "no video"), ("bomb.mp4", "larger"),
        ("bomb.gif", "larger"), ("no strip.png", "multiple"), ("no picture.jpg", "can't be read"),
        ("bomb.png", "pixels"), ("pipe.mp4", "no plain file"), ("nowhere.mp4", "can't be opened"),
        ("self.mp4", "can't be opened"), ("round", "same folder"),
    ],
)  # fmt: skip
def test_what_is_useless_is_named_in_one_line(prepared, name, reason):
    (line,) = [line for line in prepared[1].splitlines() if f" useless/{name}: " in line]
    assert reason in line


def test_nothing_is_lost_silently(root, store):
    files = {
        str(Path(folder, name).relative_to(root))
        for folder, _, names in os.walk(root)
        for name in names
    }
    manifest, kept = store
    assert files == ({*kept} | {name for name, _ in manifest.left_out}) - {
        "useless/round", "useless",
    }  # fmt: skip


def test_no_other_file_is_opened(root):
    """A playlist's own directory and target are readable, and are not what stops it."""
    for name in ("list", "stream", "dash"):
        found = Found(f"useless/{name}.mp4", "video", "useless", None, "", 1, 1)
        with pytest.raises(decoding.DecodeError):
            decode.decode(root, found, PLAIN, threading.Event())
    output = ["-map", "0:V:0", "-frames:v", "1", "-c:v", "ppm", "-f", "image2pipe"]
    data, _ = decoding.run_ffmpeg(root / "secret.mkv", output, 2**20, threading.Event())
    assert data.startswith(b"P6")


def test_a_file_that_grows_while_it_is_read_is_named(root, tmp_path, monkeypatch):
    path = tmp_path / "c" / "growing.mkv"
    path.parent.mkdir()
    path.write_bytes((root / "ordinary" / "mkv.mkv").read_bytes())
    real = decode._decode_video

    def grow(*words) -> decode.Decoded:
        with path.open("ab") as file:
            file.write(b"more")
        return real(*words)

    monkeypatch.setattr(decode, "_decode_video", grow)
    (found,) = scan(tmp_path).found
    with pytest.raises(decoding.DecodeError, match="changed while it was read"):
        decode.decode(tmp_path, found, PLAIN, threading.Event())


def test_ffmpeg_is_held_to_time_memory_and_output(root, monkeypatch):
    path, never = root / "ordinary" / "mp4.mp4", threading.Event()
    endless = ["-vf", "loop=-1:9", "-c:v", "ppm", "-f", "image2pipe"]
    data, _ = decoding.run_ffmpeg(path, endless, 10**6, never)
    assert len(data) == 10**6
    monkeypatch.setattr(decoding, "TIMEOUT_S", 0.7)
    silent = ["-vf", "loop=-1:9,select=0", "-c:v", "ppm", "-f", "image2pipe"]
    with pytest.raises(decoding.DecodeError, match="takes more than"):
        decoding.run_ffmpeg(path, silent, 10**6, never)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    monkeypatch.setattr(decoding, "TIMEOUT_S", 600.0)
    with pytest.raises(decoding.Stopped):
        decoding.run_ffmpeg(path, silent, 10**6, stop)
    hungry = ["-vf", "scale=4000:4000,loop=-1:500,reverse", "-c:v", "ppm", "-f", "image2pipe"]
    monkeypatch.setattr(decoding, "_MEMORY", 600 * 2**20)
    data, talk = decoding.run_ffmpeg(path, hungry, 10**6, never)
    assert "Cannot allocate memory" in talk and not data


def test_what_is_long_is_used_in_part(root, monkeypatch):
    found = Found("ordinary/mp4.mp4", "video", "ordinary", None, "", 1, 1)
    short = Settings(64, 8.0, "center", 1.0, 8.0)
    result = decode.decode(root, found, short, threading.Event())
    assert len(result.frames) == 8 and result.notes == ("used up to 1 s of 3",)
    monkeypatch.setattr(decode, "_HELD", 5 * 64 * 64 * 3)
    assert len(decode.decode(root, found, PLAIN, threading.Event()).frames) == 5


def test_crops(root):
    """A bar that moves at the right of a wide picture: smart finds it, fit shows all."""
    folder = root.parent / "crops" / "c"
    bar = "color=gray:s=240x80:r=16:d=2,geq=lum='if(between(X,200+8*sin(N),215+8*sin(N)),255,90)'"
    path = odd_videos.film(folder / "a.mp4", "-pix_fmt yuv420p", f"{bar}:cb=128:cr=128")
    found = scan(folder.parent).found[0]
    light = {}
    for crop in ("center", "fit", "smart"):
        settings = Settings(64, 8.0, crop, 60.0, 8.0)
        light[crop] = decode.decode(folder.parent, found, settings, threading.Event()).frames
    assert all(frames.shape == (16, 64, 64, 3) for frames in light.values()), path
    assert light["center"].max() < 140 and light["smart"].max() > 230
    assert light["fit"][:, :16].max() < 10 and light["fit"][:, 32].max() > 180
