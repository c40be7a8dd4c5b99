"""Laws that every family of generators keeps, on small models whose every path is awake."""

import dataclasses
import json
from typing import Any

import pytest
import torch

from vidgen.config import ClipShape, ConfigError
from vidgen.families import (
    CONFIGS,
    ConvgruConfig,
    FrameganConfig,
    MocoganConfig,
    ProgressiveConfig,
    StganConfig,
    VganConfig,
    read_model,
)
from vidgen.generators import FAMILIES, build, class_means
from vidgen.latent import tape_anchors

CLIP = ClipShape(8, 3, 32, 32)
PLAIN: dict[str, Any] = {"content_dim": 8, "latent": 16, "width": 16}
SMALL = [
    FrameganConfig(CLIP, 3, max_frames=8, **PLAIN),
    VganConfig(CLIP, 3, max_frames=8, **PLAIN),
    MocoganConfig(CLIP, 3, motion_dim=4, tape_dim=4, max_frames=24, **PLAIN),
    ConvgruConfig(CLIP, 3, motion_dim=4, max_frames=24, **PLAIN),
    ProgressiveConfig(CLIP, 3, max_frames=8, **PLAIN),
    StganConfig(
        CLIP, 3, canonical_width=8, groups=2, free_width=8, synthesis_width=8, latent=16,
        oscillators=4, content_dim=8, motion_dim=4,
    ),
]  # fmt: skip
families = pytest.mark.parametrize("config", SMALL, ids=lambda config: config.family)


def lively(config) -> Any:
    torch.manual_seed(0)
    model = build(config).eval().requires_grad_(False)
    for parameter in model.parameters():  # zero-initialised tails would hide their paths
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    return model


def noise(config, batch, seed=1):
    generator = torch.Generator().manual_seed(seed)
    anchors = tape_anchors(config.max_frames, config.tape_spacing)
    return [
        torch.randn(batch, config.content_dim, generator=generator),
        torch.randn(batch, config.motion_dim, generator=generator),
        torch.randn(batch, anchors, config.tape_dim, generator=generator),
        torch.eye(config.classes)[torch.arange(batch) % config.classes],
    ]


def codes(model, batch):
    content, motion, tape, classes = noise(model.config, batch)
    return model.map_content(content, classes), model.map_motion(motion), tape


def frames(count, batch):
    return torch.arange(float(count)).expand(batch, -1)


def test_the_tables_name_the_same_families():
    assert list(FAMILIES) == list(CONFIGS) == [config.family for config in SMALL]


@families
def test_a_config_is_read_back_from_json(config):
    data = json.loads(json.dumps(config.to_dict()))
    assert data["family"] == config.family
    assert read_model(data) == config


@pytest.mark.parametrize("data", [{}, {"family": "nosuch"}, {"family": ["vgan"]}])
def test_an_unknown_family_is_refused(data):
    with pytest.raises(ConfigError, match="legal are"):
        read_model(data)


@pytest.mark.parametrize(
    ("config", "change"),
    [
        (SMALL[0], {"max_frames": 16}),
        (SMALL[0], {"width": 12}),
        (SMALL[0], {"latent": 8}),
        (SMALL[1], {"clip": ClipShape(4, 3, 32, 32), "max_frames": 4}),
        (SMALL[1], {"clip": ClipShape(8, 3, 32, 16)}),
        (SMALL[2], {"continuous_time": True}),
        (SMALL[2], {"clip": ClipShape(8, 3, 48, 48)}),
        (SMALL[3], {"max_frames": 65}),
        (SMALL[4], {"clip": ClipShape(6, 3, 32, 32), "max_frames": 6}),
        (SMALL[5], {"groups": 3}),
    ],
)
def test_what_a_family_cannot_do_is_refused(config, change):
    with pytest.raises(ConfigError, match="legal"):
        dataclasses.replace(config, **change)


@families
def test_shape_and_liveliness(config):
    model = lively(config)
    clips = model(*noise(config, 6), frames(8, 6), torch.zeros(6))
    assert clips.shape == (6, 8, 3, 32, 32)
    assert torch.isfinite(clips).all()
    assert (clips[:, 1:] - clips[:, :-1]).abs().mean() > 1e-3, "it moves"
    assert (clips[0] - clips[3]).abs().mean() > 1e-2, "another seed is another clip"


@families
def test_fresh_weights_make_pictures_that_can_be_learned_from(config):
    """At full widths: neither silent nor saturated, and every parameter has a say."""
    clip = dataclasses.replace(CLIP, frames=16)
    config = CONFIGS[config.family](clip, 3)
    torch.manual_seed(0)
    model = build(config)
    clips = model(*noise(config, 3), frames(16, 3), torch.zeros(3))
    assert 0.1 < clips.std() < 2 and clips.mean().abs() < 0.5
    (clips * torch.linspace(-1, 1, clips.numel()).view_as(clips).cos()).sum().backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None]
    assert not silent, "every parameter is used"


@families
def test_neighbours_in_a_batch_change_nothing(config):
    model, inputs = lively(config), noise(config, 4)
    together = model(*inputs, frames(8, 4), torch.zeros(4))
    alone = [model(*(x[i : i + 1] for x in inputs), frames(8, 1), torch.zeros(1)) for i in range(4)]
    torch.testing.assert_close(together, torch.cat(alone), atol=2e-4, rtol=0)


@families
def test_a_frame_is_the_same_whatever_else_is_asked_for(config):
    model, inputs = lively(config), noise(config, 2)
    whole = model(*inputs, frames(8, 2), torch.zeros(2))
    for times in ([5.0], [7.0, 0.0], [2.0, 2.0, 3.0]):
        some = model(*inputs, torch.tensor(times).expand(2, -1), torch.zeros(2))
        torch.testing.assert_close(some, whole[:, [int(t) for t in times]], atol=2e-4, rtol=0)


@pytest.mark.parametrize("config", [c for c in SMALL if c.max_frames > 8], ids=lambda c: c.family)
def test_a_longer_clip_keeps_its_first_frames(config):
    model, inputs = lively(config), noise(config, 2)
    short = model(*inputs, frames(8, 2), torch.zeros(2))
    longer = model(*inputs, frames(24, 2), torch.zeros(2))
    torch.testing.assert_close(longer[:, :8], short, atol=2e-4, rtol=0)
    assert (longer[:, -1] - longer[:, -2]).abs().mean() > 1e-4, "and it still moves"


@families
def test_a_mix_of_one_class_is_that_class(config):
    model, content = lively(config), noise(config, 1)[0]
    one_hot, mix = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.0, 0.5, 0.0]]) * 2
    assert torch.equal(model.map_content(content, one_hot), model.map_content(content, mix))
    other = model.map_content(content, torch.tensor([[1.0, 0.0, 0.0]]))
    assert not torch.equal(other, model.map_content(content, one_hot))


@families
def test_class_means_are_the_means_of_w(config):
    model = lively(config)
    content = torch.randn(32, config.content_dim, generator=torch.Generator().manual_seed(3))
    w = model.map_content(content, torch.eye(3)[1].expand(32, -1))
    torch.testing.assert_close(class_means(model, content)[1], w.mean(dim=0))


@families
def test_the_class_shows_in_the_picture(config):
    model, (content, motion, tape, _) = lively(config), noise(config, 1)
    clips = [
        model(content, motion, tape, torch.eye(3)[k : k + 1], frames(8, 1), torch.zeros(1))
        for k in range(3)
    ]
    assert (clips[0] - clips[1]).abs().mean() > 1e-2
    assert (clips[1] - clips[2]).abs().mean() > 1e-2


@families
def test_the_motion_seed_moves_what_it_may(config):
    model, inputs = lively(config), noise(config, 2)
    other = [inputs[0], *noise(config, 2, seed=2)[1:3], inputs[3]]
    clips, moved = (model(*x, frames(8, 2), torch.zeros(2)) for x in (inputs, other))
    assert (clips != moved).any() == config.moves_apart


@families
def test_one_class_is_enough(config):
    config = dataclasses.replace(config, classes=1)
    clips = lively(config)(*noise(config, 2), frames(8, 2), torch.zeros(2))
    assert clips.shape == (2, 8, 3, 32, 32)
    assert (clips[0] - clips[1]).abs().mean() > 1e-2


@pytest.mark.parametrize("side", [16, 32, 64])
@families
def test_sides(config, side):
    config = dataclasses.replace(config, clip=ClipShape(16, 1, side, side),
                                 max_frames=max(16, config.max_frames))  # fmt: skip
    clips = lively(config)(*noise(config, 1), frames(16, 1), torch.zeros(1))
    assert clips.shape == (1, 16, 1, side, side)


@families
def test_parts_are_clips_of_their_names(config):
    model = lively(config)
    parts = model.parts(*codes(model, 2), frames(8, 2), torch.zeros(2))
    assert tuple(parts) == config.parts
    assert all(part.shape == (2, 8, 3, 32, 32) for part in parts.values())
    assert all(torch.isfinite(part).all() for part in parts.values())


def test_vgans_streams_make_its_clip():
    model = lively(SMALL[1])
    w, m, tape = codes(model, 2)
    clip = model.synthesize(w, m, tape, frames(8, 2), torch.zeros(2))
    mask, foreground, background = model.parts(w, m, tape, frames(8, 2), torch.zeros(2)).values()
    share = (mask + 1) / 2
    assert (share >= 0).all() and (share <= 1).all() and share.std() > 1e-3
    torch.testing.assert_close(share * foreground + (1 - share) * background, clip)
    assert torch.equal(background, background[:, :1].expand_as(background)), "it stands still"


def test_mocogans_content_stands_still_and_its_motion_forgets_the_content():
    model = lively(SMALL[2])
    (w, m, tape), times, loop = codes(model, 4), frames(8, 4), torch.zeros(4)
    content = model.parts(w, m, tape, times, loop)["content"]
    assert torch.equal(content, content[:, :1].expand_as(content))
    torch.testing.assert_close(content[:, 0], model.synthesize(w, m, tape, times, loop)[:, 0])
    other = model.map_content(noise(model.config, 4, seed=5)[0], noise(model.config, 4)[3])
    motions = [model.parts(x, m, tape, times, loop)["motion"] for x in (w, other)]
    assert torch.equal(*motions)


@pytest.mark.parametrize("grown", [0.0, 0.5, 1.0, 1.3, 2.0])
def test_progressive_grows_without_a_jump(grown):
    model = lively(SMALL[4])
    (w, m, tape), times, loop = codes(model, 2), frames(8, 2), torch.zeros(2)
    model.grown.fill_(grown)
    clip = model.synthesize(w, m, tape, times, loop)
    assert clip.shape == (2, 8, 3, 32, 32)
    model.grown.fill_(grown + 1e-5)
    torch.testing.assert_close(model.synthesize(w, m, tape, times, loop), clip, atol=1e-3, rtol=0)


def test_progressive_starts_as_blocks_and_repeats_frames():
    model = lively(SMALL[4])
    (w, m, tape), times, loop = codes(model, 2), frames(8, 2), torch.zeros(2)
    model.grown.fill_(0)
    clip = model.synthesize(w, m, tape, times, loop)
    small = clip[:, ::4, :, ::4, ::4]  # 2 frames of 8x8
    whole = small.repeat_interleave(4, 1).repeat_interleave(4, 3).repeat_interleave(4, 4)
    assert torch.equal(clip, whole)
    assert torch.equal(clip, model.parts(w, m, tape, times, loop)["8"])
