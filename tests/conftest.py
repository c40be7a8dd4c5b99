"""What all tests share: a closed network, one thread, an empty Hub cache, data, a Chromium."""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
_HOME = tempfile.mkdtemp(prefix="vidgen-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

# Before anything imports torch or huggingface_hub: both read their environment then. A test run
# must not depend on the account, the cache, the proxies or the settings of whoever starts it.
for _name in [*os.environ]:
    if _name.startswith(("HF_", "HUGGING", "GRADIO_", "VIDGEN_", "SPACE", "SYSTEM")) and (
        _name not in ("VIDGEN_DATA", "VIDGEN_SPRITES", "VIDGEN_CHROMIUM")
    ):
        del os.environ[_name]
    if _name.lower().endswith("_proxy"):
        del os.environ[_name]
os.environ.update(
    HF_HOME=_HOME,
    HF_HUB_DISABLE_TELEMETRY="1",
    GRADIO_ANALYTICS_ENABLED="False",
    GRADIO_TEMP_DIR=str(Path(_HOME, "gradio")),
    OMP_NUM_THREADS="1",
)

_strays: list[str] = []  # attempts to leave this machine


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:  # a name, which only a server elsewhere could resolve
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, args: tuple) -> None:
    """Refuse to leave this machine: an audit hook sees every socket of this process."""
    if event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if not _is_here(host):
        _strays.append(f"{event} {host!r}")
        raise ConnectionRefusedError(f"a test may not leave this machine: {event} {host!r}")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def closed_network():
    """Fail a test whose process tried to leave this machine, even where the code hid it."""
    _strays.clear()
    yield
    assert not _strays, f"this test tried to leave the machine: {_strays}"


def write_digits(root: Path) -> None:
    """Write 40 drawn digits as MNIST's four files: three of each to train, one of each to test."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    font = ImageFont.load_default(size=24)
    random = np.random.RandomState(0)
    for split, copies in (("train", 3), ("t10k", 1)):
        labels = bytes(range(10)) * copies
        images = b""
        for label in labels:
            image = Image.new("L", (28, 28))
            place = tuple(14 + random.uniform(-1.5, 1.5, 2))
            ImageDraw.Draw(image).text(place, str(label), 255, font, anchor="mm")
            images += image.rotate(random.uniform(-12, 12), Image.Resampling.BILINEAR).tobytes()
        # IDX: magic number 0x08 (unsigned byte) and the number of dimensions, then each of them.
        head = struct.pack(">4I", 0x803, len(labels), 28, 28)
        (raw / f"{split}-images-idx3-ubyte").write_bytes(head + images)
        head = struct.pack(">2I", 0x801, len(labels))
        (raw / f"{split}-labels-idx1-ubyte").write_bytes(head + labels)


@pytest.fixture(scope="session")
def digits_root(tmp_path_factory) -> Path:
    """A folder that torchvision's MNIST reads: VIDGEN_DATA if it is one, else 40 drawn digits."""
    named = Path(os.environ.get("VIDGEN_DATA", ""))
    if (named / "MNIST" / "raw" / "train-images-idx3-ubyte").exists():
        return named.resolve()
    root = tmp_path_factory.mktemp("digits")
    write_digits(root)
    return root


def write_sprites(root: Path) -> None:
    """Write 34 sheets of blocks as the Sprites art, see-through ones too, one block a cell."""
    from train.data.sprites import COLUMNS, LAYERS, ROWS, SIDE

    random = np.random.RandomState(0)
    for number, (layer, count) in enumerate(LAYERS.items()):
        (root / layer).mkdir(parents=True)
        for sheet in range(count):
            cells = np.zeros((ROWS, COLUMNS, SIDE, SIDE, 4), np.uint8)
            for row, column in np.ndindex(ROWS, COLUMNS):
                top, left = 12 + 8 * number + column % 3, 16 + 2 * (column % 7)
                block = cells[row, column, top : top + 12, left : left + 16]
                block[..., :3] = random.randint(0, 256, 3)
                block[..., 3] = random.choice([83, 230, 253, 255], block.shape[:2])
            if sheet == 5 and layer in ("bottomwear", "topwear"):  # as in the art: not drawn there
                cells[4:8] = cells[16:20] = 0
            pixels = cells.transpose(0, 2, 1, 3, 4).reshape(ROWS * SIDE, COLUMNS * SIDE, 4)
            Image.fromarray(pixels).save(root / layer / f"{sheet}.png", compress_level=1)


@pytest.fixture(scope="session")
def sprites_root(tmp_path_factory) -> Path:
    """A folder with sheets of characters: VIDGEN_SPRITES if it is one, else drawn blocks."""
    named = Path(os.environ.get("VIDGEN_SPRITES", ""))
    if (named / "body" / "0.png").exists():
        return named.resolve()
    root = tmp_path_factory.mktemp("sprites")
    write_sprites(root)
    return root


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium that starts."""
    from tools.chromium import REMEDY, find

    path = find()
    assert path, REMEDY
    return path
