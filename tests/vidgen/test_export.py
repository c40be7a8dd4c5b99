"""Each format shows the frames it was given, at the size asked for, in the same bytes each time."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pictures import moving_square
from PIL import Image, ImageSequence
from standin import ROWS

from vidgen.export import FORMATS, MAX_PIXELS, export, format_of, plan, read_format
from vidgen.legal import RequestError
from vidgen.media import MediaError
from vidgen.request import from_form
from vidgen.video import read_video

CLIP = from_form({"class": "1", "seed": "5", "frames": "8"}, ROWS)
LONG = from_form({"class": "1", "seed": "5", "frames": "64"}, ROWS)


def make(clips):
    """Draw the clips: each darker than the one before."""
    return [moving_square(clip.frames) // (k + 1) for k, clip in enumerate(clips)]


def decoded(name: str, data: bytes, folder: Path) -> np.ndarray:
    """Read the frames [T, H, W, 3] of an exported file; a sheet is one frame."""
    if FORMATS[name].video:
        path = folder / f"clip.{name}"
        path.write_bytes(data)
        return read_video(path, 512)
    with Image.open(io.BytesIO(data)) as picture:
        return np.stack([np.asarray(f.convert("RGB")) for f in ImageSequence.Iterator(picture)])


@pytest.mark.parametrize("scale", [1, 2, 8])
@pytest.mark.parametrize("name", ["mp4", "webm", "gif", "webp"])
def test_clips_come_one_after_the_other_with_each_pixel_a_square(tmp_path, name, scale):
    recipe = plan(name, ROWS[0], [CLIP, CLIP, CLIP], scale)
    shown = decoded(name, export(name, recipe, make), tmp_path)
    assert shown.shape == (24, 64 * scale, 64 * scale, 3)
    middles = shown[:, scale // 2 :: scale, scale // 2 :: scale].astype(int)
    assert np.abs(middles - np.concatenate(make([CLIP] * 3))).mean() < (3 if scale > 1 else 5)


def test_without_a_scale_a_video_is_large_enough_for_a_player_and_a_picture_is_as_made(tmp_path):
    for name in ("mp4", "webm", "gif", "webp"):
        shown = decoded(name, export(name, plan(name, ROWS[0], [CLIP]), make), tmp_path)
        assert shown.shape[1] == (256 if FORMATS[name].video else 64)
    many = plan("mp4", ROWS[0], [LONG] * 7)  # 4 times as large would be too much
    assert decoded("mp4", export("mp4", many, make), tmp_path).shape == (448, 192, 192, 3)


def test_a_sheet_and_a_frame_are_lossless(tmp_path):
    frames = make([CLIP])[0]
    sheet = decoded("png", export("png", plan("png", ROWS[0], [CLIP], 2), make), tmp_path)[0]
    assert sheet.shape == (3 * 128, 3 * 128, 3)
    assert np.array_equal(sheet[128:256:2, 128:256:2], frames[4])
    for frame, shown in ((None, frames[0]), (0, frames[0]), (7, frames[7])):
        recipe = plan("frame", ROWS[0], [CLIP], 3, frame)
        picture = decoded("frame", export("frame", recipe, make), tmp_path)[0]
        assert np.array_equal(picture, shown.repeat(3, 0).repeat(3, 1))


def test_the_document_needs_no_frames():
    def refuse(clips):
        raise AssertionError("nobody asked for frames")

    data = export("json", plan("json", ROWS[0], [CLIP]), refuse)
    assert json.loads(data)["release"] == "first"


PROBE = """
import hashlib, json, sys
sys.path[:0] = json.loads(sys.argv[1])
from standin import ROWS
from test_export import CLIP, FORMATS, export, make, plan
print(json.dumps({name: hashlib.sha256(export(name, plan(name, ROWS[0], [CLIP], 2), make))
                  .hexdigest() for name in FORMATS}))
"""


def test_the_same_request_gives_the_same_bytes_in_another_process(tmp_path):
    mine = {
        name: hashlib.sha256(export(name, plan(name, ROWS[0], [CLIP], 2), make)).hexdigest()
        for name in FORMATS
    }
    house = Path(__file__).parents[2]
    folders = json.dumps([str(house), str(house / "tests"), str(house / "tests" / "vidgen")])
    other = {**os.environ, "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    said = subprocess.run(
        [sys.executable, "-c", PROBE, folders],
        cwd=tmp_path, env=other, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(said.stdout) == mine
    assert len({*mine.values()}) == len(FORMATS)


@pytest.mark.parametrize(
    ("name", "options", "field", "legal"),
    [
        ("mp4", {"scale": 0}, "scale", "1 to 8"),
        ("mp4", {"scale": 9}, "scale", "1 to 8"),
        ("gif", {"scale": 1.5}, "scale", "a whole number"),
        ("frame", {"frame": 8}, "frame", "from 0 to 7"),
        ("frame", {"frame": -1}, "frame", "from 0 to 7"),
    ],
)
def test_what_is_out_of_range_is_refused(name, options, field, legal):
    with pytest.raises(RequestError) as caught:
        plan(name, ROWS[0], [CLIP], **options)
    assert caught.value.field == field and legal in caught.value.legal


def test_what_is_too_large_is_refused_with_what_fits():
    plan("mp4", ROWS[0], [LONG], 8)
    plan("mp4", ROWS[0], [LONG] * 4, 4)
    with pytest.raises(RequestError) as caught:
        plan("mp4", ROWS[0], [LONG] * 4, 5)
    assert str(caught.value).startswith("scale is 5; legal is 1 to 4: 256 x 64 x 64 pixels")
    assert str(MAX_PIXELS) in caught.value.text("zh-CN")
    plan("frame", ROWS[0], [LONG], 8, 63)  # one frame of it


@pytest.mark.parametrize("name", ["png", "frame"])
def test_one_picture_has_no_place_for_many_clips(name):
    with pytest.raises(RequestError, match="legal is mp4, webm, gif, webp, json"):
        plan(name, ROWS[0], [CLIP, CLIP])


def test_a_format_is_known_by_its_name_or_by_the_suffix_of_a_file():
    assert [read_format(name) for name in FORMATS] == [*FORMATS]
    with pytest.raises(RequestError, match="format is exe; legal is mp4, webm"):
        read_format("exe")
    named = {f"clip{each.suffix.upper()}": format_of(Path(f"clip{each.suffix.upper()}"))
             for each in FORMATS.values()}  # fmt: skip
    assert [*named.values()] == ["mp4", "webm", "gif", "webp", "png", "json"]
    assert format_of(Path("clip.png"), 3) == "frame" and format_of(Path("clip.gif"), 3) == "gif"
    with pytest.raises(MediaError, match=r"clip\.mkv .* legal are \.mp4, \.webm, .*\.json"):
        format_of(Path("clip.mkv"))
