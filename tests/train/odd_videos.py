"""Videos as people have them: every container and oddity, made with ffmpeg in a second or two."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import imageio_ffmpeg
from PIL import Image

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
# Red at the left and blue at the right of the upper half, black below: shows turns and mirrors.
FLAG = (
    "color=black:s=96x64:r=16:d=3,geq=r='255*lt(X,W/2)*lt(Y,H/2)':g=0:b='255*gte(X,W/2)*lt(Y,H/2)'"
)
CODECS = {
    "mp4": "-c:v libx264 -pix_fmt yuv420p", "avi": "-c:v mpeg4", "mov": "-c:v mjpeg",
    "mkv": "-c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=none",
    "webm": "-c:v libvpx-vp9 -deadline realtime -cpu-used 8", "gif": "", "mpg": "-c:v mpeg2video",
    "3gp": "-c:v libx264 -pix_fmt yuv420p -c:a aac", "mts": "-c:v libx264 -pix_fmt yuv420p",
    "ts": "-c:v mpeg2video", "wmv": "-c:v wmv2", "flv": "-c:v flv -ar 44100",
    "vob": "-c:v mpeg2video", "ogv": "-c:v libtheora -c:a libvorbis",
}  # fmt: skip


def film(path: Path, words: str = "", source: str = FLAG, after: str = "") -> Path:
    """Make a video of a lavfi source with ffmpeg."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [FFMPEG, "-v", "error", "-y", "-f", "lavfi", "-i", source, *words.split()]
    subprocess.run([*command, *after.split(), f"file:{os.fsdecode(path)}"], check=True)
    return path


def make_ordinary(root: Path) -> None:
    """The same three seconds in every container, with sound where it can have some."""
    for suffix, codec in CODECS.items():
        sound = "" if suffix == "gif" else "-f lavfi -i sine=d=3 -shortest "
        rate = "-r 25 " if suffix in ("mpg", "ts", "vob") else ""
        film(root / f"{suffix}.{suffix}", sound + rate + codec)


def make_usable(root: Path) -> None:
    """Videos that are odd, but of which something can be made."""
    plain = film(root / "plain.mp4", "-pix_fmt yuv420p")
    # A second at 4, a second at 16, a second at 2 frames a second; the level is 60 a second.
    uneven = "select='if(lt(t,1),not(mod(n,4)),if(lt(t,2),1,not(mod(n,8))))'"
    ramp = "color=black:s=64x64:r=16:d=3,format=gray,geq=lum='20+60*T'"
    film(root / "uneven.mkv", "-fps_mode vfr -c:v ffv1", f"{ramp},{uneven}")
    command = [FFMPEG, "-v", "error", "-y", "-display_rotation", "90", "-i", str(plain)]
    subprocess.run([*command, "-c", "copy", str(root / "turned.mov")], check=True)
    film(root / "oblong pixels.mp4", "-pix_fmt yuv420p -vf scale=32:64,setsar=3/1")
    film(root / "odd size.mkv", "-c:v ffv1 -pix_fmt bgr0", FLAG.replace("96x64", "97x63"))
    film(root / "one pixel wide.mkv", "-c:v png -pix_fmt rgb24", FLAG.replace("96x64", "1x40"))
    film(root / "one pixel high.mkv", "-c:v png -pix_fmt rgb24", FLAG.replace("96x64", "4000x1"))
    film(root / "tiny.mkv", "-c:v png -pix_fmt rgb24", FLAG.replace("96x64", "2x2"))
    film(root / "grey.avi", "-c:v ffv1 -pix_fmt gray", "testsrc=s=64x64:r=16:d=3")
    clear = f"{FLAG},format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='255*lt(X,W/2)'"
    film(root / "clear.mov", "-c:v qtrle -pix_fmt argb", clear)
    film(root / "clear.webm", "-c:v libvpx-vp9 -pix_fmt yuva420p -deadline realtime", clear)
    film(root / "clear.gif", "", f"{clear},split[a][b];[a]palettegen[p];[b][p]paletteuse")
    # A bar that moves 16 pixels a field: combed where two fields are shown as one picture.
    bar = "color=black:s=320x240:r=50:d=3,format=gray,geq=lum='255*between(mod(X-16*N\\,320),0,64)'"
    film(root / "interlaced.mpg", "-c:v mpeg2video -flags +ildct+ilme -b:v 4M -pix_fmt yuv420p",
         f"{bar},interlace=lowpass=off")  # fmt: skip
    film(root / "late start.mkv", "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 3600")
    cover = root / "cover.png"
    film(cover, "-frames:v 1", "color=green:s=32x32")
    words = f"-map 0 -map 1 -c copy -disposition:v:0 attached_pic {root / 'cover.mp4'}".split()
    subprocess.run([FFMPEG, "-v", "error", "-i", cover, "-i", plain, *words], check=True)
    cover.unlink()
    film(root / "fast.mp4", "-pix_fmt yuv420p", FLAG.replace("r=16", "r=240"))
    whole = film(root / "whole.mkv", "-c:v libx264 -g 1 -pix_fmt yuv420p").read_bytes()
    (root / "whole.mkv").unlink()
    (root / "cut short.mkv").write_bytes(whole[: len(whole) * 3 // 4])
    for name in (
        "-y.mp4",
        "%03d.mp4",
        "a'b\"c;$(d).mp4",
        "新しい 動画.mp4",
        "فيديو.mp4",
        "🎬.mp4",
        "two\nlines.mp4",
    ):
        _stamped(plain, root / name)
    if os.name == "posix" and os.uname().sysname == "Linux":
        _stamped(plain, Path(os.fsdecode(os.fsencode(root) + b"/latin\xe91.mp4")))


def _stamped(source: Path, target: Path) -> None:
    """Copy a video with a free box at its end, so that no two have the same content."""
    note = os.fsencode(target.name)
    box = struct.pack(">I4s", 8 + len(note), b"free") + note
    target.write_bytes(source.read_bytes() + box)


def make_short(root: Path) -> None:
    """Videos of one frame, of three, and of less than a step of time."""
    film(root / "one.mp4", "-frames:v 1 -pix_fmt yuv420p")
    film(root / "one.gif", "-frames:v 1")
    film(root / "three.webm", "-frames:v 6 -c:v libvpx", FLAG)
    film(root / "blink.mkv", "-frames:v 2 -c:v ffv1", FLAG.replace("r=16", "r=100"))


def make_useless(root: Path) -> None:
    """Files that look like videos and give nothing, some of them on purpose."""
    plain = film(root / "a.mp4", "-pix_fmt yuv420p")
    shutil.copy(plain, root / "b copy.mp4")
    (root / "empty.mp4").touch()
    (root / "text.mp4").write_text("not a video\n" * 100)
    (root / "zeros.avi").write_bytes(bytes(10_000))
    (root / "cut.mp4").write_bytes(plain.read_bytes()[:2000])  # its index was at the end
    film(root / "sound.mp4", "-map 0:a", "sine=d=2")
    secret = film(root.parent / "secret.mkv", "-c:v libx264 -pix_fmt yuv420p")
    (root / "list.mp4").write_text(f"ffconcat version 1.0\nfile 'file:{secret}'\n")
    (root / "stream.mp4").write_text(f"#EXTM3U\n#EXTINF:3,\nfile://{secret}\n#EXT-X-ENDLIST\n")
    (root / "web.mp4").write_text("#EXTM3U\n#EXTINF:3,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")
    dash = "<MPD><Period><AdaptationSet><Representation><BaseURL>{}</BaseURL>"
    (root / "dash.mp4").write_text(dash.format(secret))
    (root / "bomb.mp4").write_bytes(_bomb(root.parent))
    (root / "bomb.gif").write_bytes(b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0, 0, 0)
                                    + b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
                                    + b"\x02\x02L\x01\x00;")  # fmt: skip
    Image.new("RGB", (30, 20)).save(root / "no strip.png")
    (root / "no picture.jpg").write_bytes(b"\xff\xd8\xff" + bytes(100))
    (root / "bomb.png").write_bytes(_png_bomb(60_000))
    os.mkfifo(root / "pipe.mp4")
    (root / "nowhere.mp4").symlink_to("gone.mp4")
    (root / "self.mp4").symlink_to("self.mp4")
    (root / "round").symlink_to(".")
    (root / "folder.mp4").mkdir()


def _bomb(folder: Path) -> bytes:
    """Twenty frames of 8192 x 8192 pixels, 4 GB as raw pixels, in 4 MB."""
    words = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -frames:v 1"
    path = film(folder / "bomb.mp4", words, "color=black:s=8192x8192:r=16")
    more = folder / "more.mp4"
    again = [FFMPEG, "-v", "error", "-stream_loop", "19", "-i", path, "-c", "copy", more]
    subprocess.run(again, check=True)
    data = more.read_bytes()
    path.unlink()
    more.unlink()
    return data


def _png_bomb(side: int) -> bytes:
    """A PNG whose pixels would take ten gigabytes, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6)))
        + chunk(b"IEND", b"")
    )  # fmt: skip
