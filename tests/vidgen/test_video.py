"""What ffmpeg writes it reads back, and a stranger's file makes it do nothing else."""

import io
import os
import re
import sys

import imageio_ffmpeg
import numpy as np
import pytest
from pictures import moving_square
from PIL import Image

from vidgen.media import MediaError
from vidgen.process import run_limited
from vidgen.video import encode_mp4, encode_webm, read_video

VIDEOS = {"mp4": encode_mp4, "webm": encode_webm}
NOTE = '{"vidgen":1,"odd":"a=b;c#d\\\\e","long":"' + "x" * 20000 + '"}'


@pytest.mark.parametrize("kind", VIDEOS)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (48, 64), (31, 45)])
def test_a_video_comes_back_frame_by_frame_with_its_colours(
    tmp_path, height, width, channels, kind
):
    clip = moving_square(20, height, width, channels)
    path = tmp_path / f"clip.{kind}"
    path.write_bytes(VIDEOS[kind](clip, 16, 3))  # odd on purpose: 3 x 31 and 3 x 45 are padded
    back = read_video(path)
    assert back.shape == (20, 3 * height + height % 2, 3 * width + width % 2, 3)
    small = back[:, 1 : 3 * height : 3, 1 : 3 * width : 3]  # the middle of each enlarged pixel
    assert np.abs(small.astype(int) - clip).mean() < 4
    assert len(read_video(path, max_frames=5)) == 5


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "h264"), ("webm", "vp9")])
def test_a_video_is_of_the_kind_that_plays_everywhere(tmp_path, kind, codec):
    path = tmp_path / f"clip.{kind}"
    path.write_bytes(VIDEOS[kind](moving_square(8), 12.5, 2))
    reader = imageio_ffmpeg.read_frames(path)
    meta = next(reader)
    reader.close()
    assert meta["codec"] == codec and meta["pix_fmt"].startswith("yuv420p")
    assert (meta["size"], meta["fps"], meta["duration"]) == ((128, 128), 12.5, 0.64)


def test_an_mp4_begins_before_it_is_there_as_a_whole():
    data = encode_mp4(moving_square(8), 16)
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("kind", VIDEOS)
def test_the_only_tag_is_the_note_and_it_stands_in_one_piece(tmp_path, kind):
    path = tmp_path / f"clip.{kind}"
    path.write_bytes(VIDEOS[kind](moving_square(8), 16, note=NOTE))
    program = imageio_ffmpeg.get_ffmpeg_exe()
    asked = [program, "-nostdin", "-v", "error", "-i", str(path), "-f", "ffmetadata", "pipe:1"]
    told = re.sub(r"\\(.)", r"\1", run_limited(asked, b"", 60).decode()).splitlines()
    tags = {line.partition("=")[0].lower(): line.partition("=")[2] for line in told[1:]}
    brands = {"major_brand", "minor_version", "compatible_brands", "encoder"}
    assert {tag: tags[tag] for tag in tags if tag not in brands} == {"comment": NOTE}
    data = path.read_bytes()
    assert NOTE.encode() in data and str(tmp_path).encode() not in data


def test_without_ffmpeg_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MediaError, match="pip install imageio-ffmpeg"):
        encode_mp4(moving_square(8), 16)


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
    victim.write_bytes(encode_mp4(moving_square(8), 16))
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
