"""Characters are put together exactly, close their loops, and stay in their split."""

import os

import numpy as np
import pytest
import torch
from PIL import Image

from train.data import DataError, open_source
from train.data.sprites import (
    COLUMNS,
    DARKEST,
    LAYERS,
    LIGHTEST,
    PERIOD,
    ROWS,
    SIDE,
    Sprites,
    is_held_out,
)
from train.levels import to_levels

SPLITS = ("train", "held-out")
needs_art = pytest.mark.skipif(
    not os.environ.get("VIDGEN_SPRITES"), reason="VIDGEN_SPRITES names no folder with the art"
)


@pytest.fixture(scope="module")
def sprites(sprites_root):
    return Sprites(sprites_root)


def line(frames, batch, first=0.0):
    return (first + torch.arange(frames, dtype=torch.float32)).expand(batch, -1)


def every_class(sprites, frames=PERIOD, split="train", first=0.0, step=0):
    labels = torch.arange(len(sprites.classes))
    return sprites.render(3, step, labels, line(frames, len(labels), first), labels, split)


def shown(batch):
    """The sheets of each clip's character, in the order of the layers."""
    parts = torch.stack([batch.params[layer] for layer in LAYERS], dim=1)
    return [tuple(map(int, row)) for row in parts]


def test_contract(sprites):
    batch = sprites.render(0, 3, torch.arange(40), line(16, 40))
    assert batch.clips.shape == (40, 16, 3, SIDE, SIDE)
    assert batch.clips.dtype == torch.float32
    assert batch.clips.min() >= -1
    assert batch.clips.max() <= 1
    torch.testing.assert_close(batch.motion.norm(dim=1), torch.ones(40))
    assert len(sprites.classes) == len({name.en for name in sprites.classes}) == 21
    assert len({name.zh for name in sprites.classes}) == 21


def test_every_class_comes_up_and_shows_something_that_moves(sprites):
    drawn = sprites.render(0, 0, torch.arange(2100), torch.zeros(2100, 1)).labels
    assert (torch.bincount(drawn, minlength=21) - 100).abs().max() < 45
    for split in SPLITS:
        clips = every_class(sprites, split=split).clips
        for clip in clips:
            figure = (clip != clip[:, :, :1, :1]).any(dim=1).float().mean()
            assert 0.02 < figure < 0.6
            assert len({frame.numpy().tobytes() for frame in clip}) >= 4


def test_loops_close_exactly(sprites):
    for split in SPLITS:
        long = every_class(sprites, 4 * PERIOD, split).clips
        assert torch.equal(long[:, :PERIOD].repeat(1, 4, 1, 1, 1), long)


def test_between_two_frames_the_nearest_is_shown(sprites):
    whole = every_class(sprites).clips
    assert torch.equal(every_class(sprites, first=0.25).clips, whole)
    assert torch.equal(every_class(sprites, first=0.75).clips, torch.roll(whole, -1, dims=1))


def test_a_clip_depends_on_seed_step_and_index_alone(sprites):
    many = sprites.render(0, 3, torch.arange(8), line(4, 8))
    one = sprites.render(0, 3, torch.tensor([5]), line(4, 1))
    assert torch.equal(one.clips[0], many.clips[5])
    for seed, step in ((0, 4), (1, 3)):
        other = sprites.render(seed, step, torch.tensor([5]), line(4, 1))
        assert not torch.equal(other.clips, one.clips)


def test_no_character_is_in_both_splits_and_every_part_is_in_both(sprites):
    seen = {}
    for split in SPLITS:
        batch = sprites.render(0, 0, torch.arange(1500), torch.zeros(1500, 1), split=split)
        seen[split] = set(shown(batch))
        assert all(is_held_out(parts) == (split == "held-out") for parts in seen[split])
        for layer, count in LAYERS.items():
            assert set(batch.params[layer].int().tolist()) == set(range(count))
    assert len(seen["held-out"]) > 400
    assert not seen["train"] & seen["held-out"]


def test_a_tenth_of_all_characters_is_held_out():
    every = np.ndindex(*LAYERS.values())
    share = np.mean([is_held_out(parts) for parts in every])
    assert 0.08 < share < 0.12


def test_nothing_is_worn_where_it_is_not_drawn(sprites):
    # Shirt and trousers 5 have no thrust and no bow: worn there, they would vanish in the action.
    labels = torch.arange(21).repeat(100)
    batch = sprites.render(0, 1, torch.arange(len(labels)), torch.zeros(len(labels), 1), labels)
    for layer in ("bottomwear", "topwear"):
        worn = set(labels[batch.params[layer] == 5].tolist())
        assert {sprites.classes[label].en.split(" (")[0] for label in worn} == {
            "Walk", "Cast a spell", "Slash", "Fall and rise",
        }  # fmt: skip


def test_backgrounds_are_plain_and_within_their_range(sprites):
    batch = sprites.render(0, 2, torch.arange(400), line(2, 400))
    corners = to_levels(batch.clips[:, :, :, :4]).flatten(3)  # no art reaches the top
    assert torch.equal(corners, corners[:, :1, :, :1].expand_as(corners))
    levels = corners[:, 0, :, 0].float()
    assert levels.min() >= DARKEST
    assert levels.max() <= LIGHTEST
    assert (levels.amin(dim=0) < DARKEST + 5).all()
    assert (levels.amax(dim=0) > LIGHTEST - 5).all()


def test_compositing_is_pillows(sprites, sprites_root):
    columns = {"Walk": (8, "1122334455667788"), "Cast a spell": (0, "0001122334455566"),
               "Slash": (12, "0001223455543221"), "Thrust": (4, "0001233455567721"),
               "Shoot a bow": (16, "0123456789abc321"),
               "Fall and rise": (20, "0000123455554321")}  # fmt: skip
    rows = {"back": 0, "left": 1, "front": 2, "right": 3}
    for step in range(2):
        batch = every_class(sprites, step=step)
        pixels = to_levels(batch.clips).permute(0, 1, 3, 4, 2).numpy()
        for label, (name, parts) in enumerate(zip(sprites.classes, shown(batch), strict=True)):
            action, direction = name.en[:-1].split(" (")
            first, places = columns[action]
            row = first if action == "Fall and rise" else first + rows[direction]
            colour = (*map(int, pixels[label, 0, 0, 0]), 255)
            page = Image.new("RGBA", (COLUMNS * SIDE, SIDE), colour)
            box = (0, row * SIDE, COLUMNS * SIDE, (row + 1) * SIDE)
            for layer, part in zip(LAYERS, parts, strict=True):
                with Image.open(sprites_root / layer / f"{part}.png") as sheet:
                    page = Image.alpha_composite(page, sheet.convert("RGBA").crop(box))
            cells = np.array(page)[..., :3]
            for frame in range(PERIOD):
                place = places[(frame + int(batch.params["begin"][label])) % PERIOD]
                left = int(place, 16) * SIDE
                assert np.array_equal(pixels[label, frame], cells[:, left : left + SIDE])


@needs_art
def test_left_is_the_viewers_left(sprites):
    by_name = {name.en: label for label, name in enumerate(sprites.classes)}
    reach = {}
    for side in ("left", "right"):
        labels = torch.full((32,), by_name[f"Slash ({side})"])
        clips = sprites.render(0, 0, torch.arange(32), line(PERIOD, 32), labels).clips
        figure = (clips != clips[..., :1, :1]).flatten(0, 2).any(dim=0)  # [H, W]
        columns = figure.any(dim=0).nonzero()[:, 0]  # the arm that strikes reaches farthest
        reach[side] = {"left": 31.5 - columns.min().item(), "right": columns.max().item() - 31.5}
    assert reach["left"]["left"] > reach["left"]["right"] + 5
    assert reach["right"]["right"] > reach["right"]["left"] + 5


@needs_art
def test_every_sheet_shows_on_every_background(sprites_root):
    for layer, count in LAYERS.items():
        for number in range(count):
            with Image.open(sprites_root / layer / f"{number}.png") as sheet:
                pixels = np.array(sheet.convert("RGBA")).reshape(-1, 4).astype(int)
            colours = pixels[pixels[:, 3] > 200, :3]
            away = (colours < DARKEST - 20) | (colours > LIGHTEST + 20)
            assert away.any(axis=1).mean() > 0.3, (layer, number)


@needs_art
def test_no_two_sheets_of_a_layer_are_the_same(sprites_root):
    for layer, count in LAYERS.items():
        drawn = set()
        for number in range(count):
            with Image.open(sprites_root / layer / f"{number}.png") as sheet:
                pixels = np.array(sheet.convert("RGBA"))
            drawn.add(np.where(pixels[..., 3:] > 0, pixels, 0).tobytes())
        assert len(drawn) == count


def test_missing_sheets_say_what_to_fetch(tmp_path):
    with pytest.raises(DataError, match=r"body/0\.png.*github.com/YingzhenLi/Sprites.*--data-root"):
        Sprites(tmp_path)
    with pytest.raises(DataError, match=r"--data-root.*YingzhenLi/Sprites"):
        open_source("sprites-32", None, "cpu")


def test_damaged_sheets_are_refused(tmp_path):
    (tmp_path / "body").mkdir()
    sheet = tmp_path / "body" / "0.png"
    Image.new("RGBA", (64, 64)).save(sheet)
    with pytest.raises(DataError, match=r"832 x 1344"):
        Sprites(tmp_path)
    Image.new("RGBA", (COLUMNS * SIDE, ROWS * SIDE)).save(sheet)
    sheet.write_bytes(sheet.read_bytes()[:200])
    with pytest.raises(DataError, match="can't be read"):
        Sprites(tmp_path)
    sheet.write_text("a page of a web site")
    with pytest.raises(DataError, match="can't be read"):
        Sprites(tmp_path)
