"""What is written can be read back: exactly where the format is lossless, else closely."""

import io
import os
import sys

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image, ImageSequence

from vidgen.media import (
    WRITERS,
    MediaError,
    read_video,
    sheet_bytes,
    sheet_grid,
    write_clip,
    write_mp4,
    write_png_sheet,
)
from vidgen.process import run_limited


def moving_square(frames=16, height=64, width=64, channels=3):
    """A coloured square that moves over a dark ramp: sharp edges and saturated colours."""
    clip = np.zeros((frames, height, width, channels), np.uint8)
    clip += np.linspace(0, 60, width).astype(np.uint8)[None, None, :, None]
    for frame in range(frames):
        place = 2 + frame % (height // 2)
        clip[frame, place : place + 12, place : place + 12] = (230, 40, 90)[:channels]
    return clip


def cells(sheet, columns, rows, count):
    """Cut a sheet [rows * H, columns * W, C] into its first ``count`` cells."""
    height, width = sheet.shape[0] // rows, sheet.shape[1] // columns
    grid = sheet.reshape(rows, height, columns, width, -1).swapaxes(1, 2)
    return grid.reshape(rows * columns, height, width, -1)[:count]


@pytest.mark.parametrize("count", range(1, 65))
def test_a_sheet_holds_every_frame_and_is_nearly_square(count):
    columns, rows = sheet_grid(count)
    assert (rows - 1) * columns < count <= rows * columns
    assert 0 <= columns - rows <= 1


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("count", [8, 16, 23])
def test_the_sheet_shows_the_frames_in_reading_order(count, channels):
    clip = moving_square(count, channels=channels)
    data, columns, rows = sheet_bytes(clip)
    sheet = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    shown = cells(sheet, columns, rows, count)
    assert shown.shape == (count, 64, 64, 3)
    assert np.abs(shown.astype(int) - clip).mean() < 3  # far less than one frame from the next
    assert sheet_bytes(clip)[0] == data


def test_the_png_sheet_is_lossless(tmp_path):
    for channels in (1, 3):
        clip = moving_square(11, 32, 48, channels)
        write_png_sheet(clip, tmp_path / "sheet.png")
        sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
        expected = np.broadcast_to(clip, (11, 32, 48, 3))
        assert np.array_equal(cells(sheet, 4, 3, 11), expected)


def animation(path):
    """Read the frames [T, H, W, 3] and the durations (ms) of an animated picture."""
    with Image.open(path) as picture:
        frames, durations = [], []
        for frame in ImageSequence.Iterator(picture):
            frames.append(np.asarray(frame.convert("RGB")))
            durations.append(frame.info["duration"])
        assert picture.info["loop"] == 0  # for ever
    return np.stack(frames), durations


@pytest.mark.parametrize("channels", [1, 3])
def test_webp_is_lossless_and_keeps_time(tmp_path, channels):
    clip = moving_square(channels=channels)
    write_clip(clip, tmp_path / "clip.webp", 12.5)
    frames, durations = animation(tmp_path / "clip.webp")
    assert np.array_equal(frames, np.broadcast_to(clip, (*clip.shape[:3], 3)))
    assert durations == [80] * 16


@pytest.mark.parametrize("channels", [1, 3])
def test_gif_keeps_colours_and_does_not_drift(tmp_path, channels):
    clip = moving_square(channels=channels)
    write_clip(clip, tmp_path / "clip.gif", 16)
    frames, durations = animation(tmp_path / "clip.gif")
    assert frames.shape == (16, 64, 64, 3)
    assert np.abs(frames.astype(int) - clip).max() <= 12  # a grey of 256 levels, two colours
    assert set(durations) == {60, 70}  # a GIF counts in 10 ms
    assert sum(durations) == 1000


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 64), (31, 45)])
def test_mp4_comes_back_frame_by_frame_with_its_colours(tmp_path, height, width, channels):
    clip = moving_square(20, height, width, channels)
    path = tmp_path / "clip.mp4"
    write_mp4(clip, path, 16, scale=3)  # odd on purpose: 3 x 31 and 3 x 45 are padded
    back = read_video(path)
    assert back.shape == (20, 3 * height + height % 2, 3 * width + width % 2, 3)
    small = back[:, 1 : 3 * height : 3, 1 : 3 * width : 3]  # the middle of each enlarged pixel
    assert np.abs(small.astype(int) - clip).mean() < 4
    assert len(read_video(path, max_frames=5)) == 5


def test_mp4_is_large_enough_for_a_player_and_begins_at_once(tmp_path):
    write_clip(moving_square(8), tmp_path / "clip.mp4", 16)
    assert read_video(tmp_path / "clip.mp4").shape == (8, 256, 256, 3)
    data = (tmp_path / "clip.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    assert str(tmp_path).encode() not in data


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_same_clip_gives_the_same_bytes_and_leaves_nothing_else(tmp_path, suffix):
    first, second = tmp_path / f"a{suffix}", tmp_path / f"b{suffix.upper()}"
    second.write_bytes(b"what was there before")
    for path in (first, second):
        write_clip(moving_square(8), path, 10)
    assert first.read_bytes() == second.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {first.name, second.name}


def test_an_unknown_suffix_names_the_legal_ones(tmp_path):
    with pytest.raises(MediaError, match=r"clip\.mkv .* legal are \.mp4, \.gif, \.webp, \.png"):
        write_clip(moving_square(8), tmp_path / "clip.mkv", 16)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_missing_folder_is_said_in_one_line(tmp_path, suffix):
    with pytest.raises(MediaError) as caught:
        write_clip(moving_square(8), tmp_path / "nowhere" / f"clip{suffix}", 16)
    assert "clip" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_failed_write_keeps_what_was_there(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"clip{suffix}"
    path.write_bytes(b"what was there before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(MediaError, match="disk full"):
        write_clip(moving_square(8), path, 16)
    assert path.read_bytes() == b"what was there before"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_without_ffmpeg_the_remedy_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MediaError, match="pip install imageio-ffmpeg"):
        write_clip(moving_square(8), tmp_path / "clip.mp4", 16)
    assert not list(tmp_path.iterdir())


def broken_videos():
    """Files that are called mp4 and hold no video that we would read."""
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nvictim.mp4\n#EXT-X-ENDLIST\n"
    concat = b"ffconcat version 1.0\nfile victim.mp4\n"
    still = io.BytesIO()
    Image.new("RGB", (64, 64)).save(still, "PNG")
    return {"empty": b"", "noise": os.urandom(5000), "playlist": playlist, "concat": concat,
            "picture": still.getvalue()}  # fmt: skip


@pytest.mark.parametrize("kind", ["empty", "noise", "playlist", "concat", "picture", "cut"])
def test_what_is_no_video_is_refused(tmp_path, kind):
    victim = tmp_path / "victim.mp4"
    write_clip(moving_square(8), victim, 16)
    data = broken_videos() | {"cut": victim.read_bytes()[:300]}
    (tmp_path / "video.mp4").write_bytes(data[kind])
    with pytest.raises(MediaError, match=r"video\.mp4"):
        read_video(tmp_path / "video.mp4")


def test_a_missing_video_is_refused(tmp_path):
    with pytest.raises(MediaError, match="No such file"):
        read_video(tmp_path / "nothing.mp4")


def test_huge_frames_are_refused_before_they_are_made(tmp_path):
    path = tmp_path / "huge.mp4"
    program = imageio_ffmpeg.get_ffmpeg_exe()
    source = "-v error -f lavfi -i color=s=4096x2048:r=1:d=1 -c:v libx264 -preset ultrafast"
    run_limited([program, *source.split(), str(path)], b"", 60)
    with pytest.raises(MediaError, match=r"huge\.mp4"):
        read_video(path)
