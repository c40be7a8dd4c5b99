"""A thousand short clips: `train prepare` against a shell loop that runs ffmpeg, in one run."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import imageio_ffmpeg

ROOT = Path(__file__).resolve().parents[2]
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
LOOP = """find "$1" -name '*.mp4' -print0 | xargs -0 -P 2 -I{} sh -c '
"$0" -nostdin -v error -threads 1 -i "$1" -vf fps=8,scale=64:64 -pix_fmt rgb24 -f rawvideo \
-y "$2/$(basename "$1").raw"' "$0" {} "$2" """


def make_clips(root: Path, count: int) -> None:
    """Write clips of two seconds, 320x240 at 30 frames a second, no two the same bytes."""
    films = []
    for number in range(10):
        path = root / f"{number}.mp4"
        source = f"testsrc2=s=320x240:r=30:d=2,hue=h={36 * number},noise=alls=8"
        words = ["-v", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"]
        subprocess.run([FFMPEG, *words, str(path)], check=True)
        films.append(path.read_bytes())
        path.unlink()
    for number in range(count):
        folder = root / f"class {number % 4}"
        folder.mkdir(exist_ok=True)
        note = b"%08d" % number  # in a box that players skip
        (folder / f"{number}.mp4").write_bytes(films[number % 10] + b"\0\0\0\x10free" + note)


def measure(command: list[str]) -> dict[str, float]:
    """Run a command: its seconds, its most memory without children, and how that grows."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    seen: list[tuple[float, int]] = []

    def watch() -> None:
        while process.poll() is None:
            with contextlib.suppress(OSError, IndexError):
                pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
                seen.append((time.monotonic() - started, pages * os.sysconf("SC_PAGESIZE")))
            time.sleep(0.1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    if process.wait():
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    seconds = time.monotonic() - started
    watcher.join()
    middle = [rss for at, rss in seen if at > seconds / 4]
    flat = max(middle[len(middle) // 2 :]) / max(middle[: len(middle) // 2])
    return {"seconds": seconds, "most_mb": max(middle) / 1e6, "growth": flat}


def main() -> None:
    """Measure both in turn, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        videos = Path(folder, "videos")
        videos.mkdir()
        make_clips(videos, args.clips)
        rounds = []
        for number in range(args.rounds):
            raw, out = Path(folder, f"raw {number}"), Path(folder, f"out {number}")
            raw.mkdir()
            loop = measure(["sh", "-c", LOOP, FFMPEG, str(videos), str(raw)])
            words = ["prepare", str(videos), "--out", str(out), "--workers", "2"]
            ours = measure([sys.executable, "-m", "train", *words])
            assert len(list(raw.iterdir())) == args.clips
            ratio = ours["seconds"] / loop["seconds"]
            rounds.append({"loop": loop, "prepare": ours, "ratio": ratio})
    print(json.dumps({"clips": args.clips, "rounds": rounds}, indent=1))


if __name__ == "__main__":
    main()
