"""What is written can be read back: exactly where the format is lossless, else closely."""

import io
import os

import numpy as np
import pytest
from pictures import moving_square
from PIL import Image, ImageSequence

from vidgen.media import (
    MediaError,
    encode_gif,
    encode_png,
    encode_webp,
    sheet_bytes,
    sheet_grid,
    write_file,
)

PICTURES = {"gif": encode_gif, "webp": encode_webp, "png": encode_png}
NOTE = '{"vidgen":1,' + '"long":"' + "x" * 3000 + '"}'


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


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_png_sheet_is_lossless(channels, scale):
    clip = moving_square(11, 32, 48, channels)
    sheet = np.asarray(Image.open(io.BytesIO(encode_png(clip, 8, scale))))
    shown = cells(sheet, 4, 3, 11)
    assert shown.shape == (11, 32 * scale, 48 * scale, 3)
    for row in range(scale):
        for column in range(scale):
            assert np.array_equal(
                shown[:, row::scale, column::scale], np.broadcast_to(clip, (11, 32, 48, 3))
            )


def animation(data):
    """Read the frames [T, H, W, 3] and the durations (ms) of an animated picture."""
    with Image.open(io.BytesIO(data)) as picture:
        frames, durations = [], []
        for frame in ImageSequence.Iterator(picture):
            frames.append(np.asarray(frame.convert("RGB")))
            durations.append(frame.info["duration"])
        assert picture.info["loop"] == 0  # for ever
    return np.stack(frames), durations


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_webp_is_lossless_and_keeps_time(channels, scale):
    clip = moving_square(channels=channels)
    frames, durations = animation(encode_webp(clip, 12.5, scale))
    large = clip.repeat(scale, 1).repeat(scale, 2)
    assert np.array_equal(frames, np.broadcast_to(large, (*large.shape[:3], 3)))
    assert durations == [80] * 16


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("channels", [1, 3])
def test_gif_keeps_colours_and_does_not_drift(channels, scale):
    clip = moving_square(channels=channels)
    frames, durations = animation(encode_gif(clip, 16, scale))
    assert frames.shape == (16, 64 * scale, 64 * scale, 3)
    small = frames[:, ::scale, ::scale]
    assert np.array_equal(small.repeat(scale, 1).repeat(scale, 2), frames)
    assert np.abs(small.astype(int) - clip).max() <= 12  # a grey of 256 levels, two colours
    assert set(durations) == {60, 70}  # a GIF counts in 10 ms
    assert sum(durations) == 1000


@pytest.mark.parametrize("kind", PICTURES)
def test_a_note_goes_where_the_format_has_a_place_and_changes_no_pixel(kind):
    clip = moving_square(8)
    with Image.open(io.BytesIO(PICTURES[kind](clip, 8, note=NOTE))) as picture:
        place = {"gif": picture.info.get("comment"), "png": picture.info.get("Comment"),
                 "webp": picture.getexif().get(0x010E)}[kind]  # fmt: skip
        assert (place.decode() if isinstance(place, bytes) else place) == NOTE
        noted = np.asarray(picture.convert("RGB"))
    with Image.open(io.BytesIO(PICTURES[kind](clip, 8))) as picture:
        assert np.array_equal(noted, np.asarray(picture.convert("RGB")))


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "clip.gif"
    path.write_bytes(b"what was there before")
    write_file(path, b"new")
    assert path.read_bytes() == b"new" and [*tmp_path.iterdir()] == [path]


def test_a_missing_folder_is_said_in_one_line(tmp_path):
    with pytest.raises(MediaError, match=r"clip.gif can't be written") as caught:
        write_file(tmp_path / "nowhere" / "clip.gif", b"new")
    assert "\n" not in str(caught.value)


def test_a_failed_write_keeps_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "clip.gif"
    path.write_bytes(b"what was there before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
    with pytest.raises(MediaError, match="disk full"):
        write_file(path, b"new")
    assert path.read_bytes() == b"what was there before"
    assert [item.name for item in tmp_path.iterdir()] == [path.name]
