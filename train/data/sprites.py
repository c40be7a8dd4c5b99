"""Game characters in six actions and four directions, put together from pixel art."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from train.data import ClipBatch, DataError, Split
from train.data.draws import uniform
from train.levels import from_levels
from vidgen.config import ClassName, ClipShape

SIDE = 64  # of a cell of a sheet, in pixels
ROWS, COLUMNS = 21, 13  # of a sheet, in cells
PERIOD = 16  # frames after which every action begins again
# Sheets by layer, the lowest first.
LAYERS = {"body": 7, "shoes": 3, "bottomwear": 7, "topwear": 7, "hair": 10}
DARKEST, LIGHTEST = 120, 208  # level of each channel of the background

# Name, first row of the sheet, and the column that each of 16 frames shows, as a hexadecimal digit.
# A walk's column 0 stands, so it is left out, and the rest close by themselves; so does the raising
# of arms. The others are drawn one way: they go back as they came, a bow by its first columns.
ACTIONS = (
    (ClassName("Walk", "行走"), 8, "1122334455667788"),
    (ClassName("Cast a spell", "施法"), 0, "0001122334455566"),
    (ClassName("Slash", "挥砍"), 12, "0001223455543221"),
    (ClassName("Thrust", "刺击"), 4, "0001233455567721"),
    (ClassName("Shoot a bow", "射箭"), 16, "0123456789abc321"),
    (ClassName("Fall and rise", "倒下又起身"), 20, "0000123455554321"),
)
# As the viewer sees it, with the row's place in its action; in this order a character turns round.
DIRECTIONS = (
    (ClassName("front", "正面"), 2),
    (ClassName("left", "朝左"), 1),
    (ClassName("back", "背面"), 0),
    (ClassName("right", "朝右"), 3),
)
_CLASSES = tuple(
    (ClassName(f"{action.en} ({direction.en})", f"{action.zh}·{direction.zh}"), columns,
     row if row == 20 else row + below)  # the last row stands alone, and looks to the front
    for action, row, columns in ACTIONS
    for direction, below in (DIRECTIONS[:1] if row == 20 else DIRECTIONS)
)  # fmt: skip
_HELD_OUT = 10  # one character in so many
_AT_ONCE = 16  # clips that are put together at a time: 64 at once took four times as long a clip
_VERSION = "sprites-1"  # raise when any clip would change


class Sprites:
    """The Sprites of Li and Mandt (2018, arXiv 1803.02991), but with all their art and actions.

    A character is a body, shoes, bottomwear, topwear and hair: 10,290 in all. A hash of these five
    holds one in ten out, so training shows every body and every garment but never that character;
    most held-out ones differ from some training character in one part alone. What is drawn in other
    actions only (a pair of trousers and a shirt lack the thrust and the bow) is not worn in these.

    A pose is held for one to four frames, and at a time between two frames the nearest one's is
    shown, because the art has nothing between. A clip begins anywhere in its action. Alpha is
    composited in levels, each layer rounded, over one colour; each channel of it is uniform in 120
    to 208. Of every sheet three pixels in ten or more (white trousers: their folds and lights) are
    out of that range by 20 levels, so that nothing is lost on any background.
    """

    name = "sprites"
    title = ("Game characters", "游戏角色")
    classes = tuple(name for name, _, _ in _CLASSES)
    clip_shape = ClipShape(frames=16, channels=3, height=SIDE, width=SIDE)
    fps = 12.0
    licence = "CC-BY-SA-3.0"
    credits = (
        "Liberated Pixel Cup (LPC) character art, by the LPC artists (lpc.opengameart.org, "
        "Universal-LPC-spritesheet), CC BY-SA 3.0 or GPL 3.0; chosen by Yingzhen Li and Stephan "
        "Mandt, Sprites"
    )

    def __init__(self, root: Path, device: torch.device | str = "cpu") -> None:
        digest = hashlib.sha256(_VERSION.encode())
        shown = [[row * COLUMNS + int(c, 16) for c in columns] for _, columns, row in _CLASSES]
        used = sorted(set(itertools.chain(*shown)))
        self._art = []  # of each layer uint8 [sheets, cells that are used, 4, SIDE, SIDE]
        worn = []  # of each layer: does a sheet show anything in a class? [sheets, classes]
        for layer, count in LAYERS.items():
            sheets = torch.stack([_read_sheet(root, f"{layer}/{i}.png") for i in range(count)])
            digest.update(sheets.numpy().tobytes())
            there = sheets[:, :, 3].flatten(2).any(dim=2)  # [sheets, cells]
            worn.append(there[:, torch.tensor(shown)].any(dim=2))
            self._art.append(sheets[:, used].to(device))
        self.fingerprint = digest.hexdigest()
        places = [[used.index(cell) for cell in cells] for cells in shown]
        self._cells = torch.tensor(places, device=device)  # [classes, PERIOD]
        self._drawn = {
            split: _drawn_characters(split, worn, device) for split in ("train", "held-out")
        }

    def render(
        self,
        seed: int,
        step: int,
        indices: Tensor,
        times: Tensor,
        labels: Tensor | None = None,
        split: Split = "train",
    ) -> ClipBatch:
        """Make clips; see ``ClipSource.render``. Motion is where in its action a clip begins.

        It is a point on the unit circle, [B, 2]; params say the same in frames, and the parts.
        """
        draws = uniform(seed, step, indices, 6, stream=0)  # [B, 6]
        if labels is None:
            labels = (draws[:, 0] * len(self.classes)).long()
        characters, counts = self._drawn[split]
        parts = characters[labels, (draws[:, 1] * counts[labels]).long()]  # [B, layers]
        begin = (draws[:, 2] * PERIOD).floor()
        moment = torch.remainder((times + begin[:, None] + 0.5).floor(), PERIOD).long()
        cells = self._cells[labels[:, None], moment]  # [B, T]
        colour = (DARKEST + draws[:, 3:] * (LIGHTEST - DARKEST)).round()
        levels = colour[:, None, :, None, None].repeat(1, times.shape[1], 1, SIDE, SIDE)
        together = (each.split(_AT_ONCE) for each in (levels, parts, cells))
        for some, worn, poses in zip(*together, strict=True):
            for art, part in zip(self._art, worn.unbind(dim=1), strict=True):
                _lay_over(some, art[part[:, None], poses])
        turn = begin * (2 * torch.pi / PERIOD)
        motion = torch.stack([torch.cos(turn), torch.sin(turn)], dim=1)
        params = dict(zip(LAYERS, parts.float().unbind(dim=1), strict=True)) | {"begin": begin}
        return ClipBatch(from_levels(levels), labels, times, motion, params)


def is_held_out(parts: tuple[int, ...]) -> bool:
    """Is this character, its sheets in the order of ``LAYERS``, one that training never shows?"""
    digest = hashlib.sha256("-".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:4], "big") % _HELD_OUT == 0


def _drawn_characters(
    split: Split, worn: list[Tensor], device: torch.device | str
) -> tuple[Tensor, Tensor]:
    """A split's characters by class, those first whose every part is drawn there, and how many.

    Returns:
        int64 [classes, N, layers] and int64 [classes].
    """
    every = itertools.product(*map(range, LAYERS.values()))
    parts = torch.tensor(
        [p for p in every if is_held_out(p) == (split == "held-out")]
    )  # [N, layers]
    whole = torch.stack([worn[i][parts[:, i]] for i in range(len(worn))]).all(dim=0)  # [N, classes]
    order = torch.argsort(whole.int(), dim=0, descending=True, stable=True)
    return parts[order.T].to(device), whole.sum(dim=0).to(device)


def _lay_over(levels: Tensor, art: Tensor) -> None:
    """Composite art uint8 [..., 4, H, W] over opaque levels [..., 3, H, W] in place, and round.

    Levels are whole numbers before and after. No tie has to be rounded: 255 is odd.
    """
    alpha = art[..., 3:, :, :] / 255
    levels.add_((art[..., :3, :, :] - levels).mul_(alpha)).round_()


def _read_sheet(root: Path, name: str) -> Tensor:
    """Read a sheet as its cells, row by row: uint8 [ROWS * COLUMNS, 4, SIDE, SIDE]."""
    try:
        with Image.open(root / name) as sheet:
            if sheet.size != (COLUMNS * SIDE, ROWS * SIDE):
                raise DataError(f"{root / name} is {sheet.size}; legal is a sheet of 832 x 1344")
            pixels = np.array(sheet.convert("RGBA"))
    except FileNotFoundError as error:
        raise DataError(
            f"no sprites under {root}: {name} is missing. `git clone "
            "https://github.com/YingzhenLi/Sprites` fetches them; name its folder, which holds "
            "body/, shoes/, bottomwear/, topwear/ and hair/, with --data-root"
        ) from error
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{root / name} can't be read: {error}") from error
    cells = pixels.reshape(ROWS, SIDE, COLUMNS, SIDE, 4).transpose(0, 2, 4, 1, 3)
    return torch.from_numpy(cells.reshape(ROWS * COLUMNS, 4, SIDE, SIDE))
