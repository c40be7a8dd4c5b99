"""The game's parts: time stamps, loops, augmentation, the average, and what each player sees."""

import pytest
import torch
from torch import nn

from train.augment import augment
from train.config import PRESETS
from train.critics import ClipCritic, FrameCritic
from train.data.digits import Digits
from train.ema import ema_decay, update_ema
from train.stamps import draw_loops, draw_stamps
from train.trainer import Trainer, anneal

INDICES = torch.arange(4000)


def test_stamps_are_sorted_inside_the_clip_and_of_every_kind():
    times = draw_stamps(0, 5, INDICES, 3)
    gaps = torch.diff(times, dim=1)
    assert times.min() >= 0
    assert times.max() <= 64
    assert (gaps >= 0).all()
    even = (gaps[:, 0] - gaps[:, 1]).abs() < 1e-4
    assert even.float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert ((gaps[:, 0] - 1).abs() < 1e-4).float().mean().item() == pytest.approx(0.25, abs=0.05)
    span = times[:, -1] - times[:, 0]
    assert span.min() < 1
    assert span.max() > 50


def test_stamps_of_a_clip_do_not_depend_on_its_neighbours():
    assert torch.equal(draw_stamps(1, 2, INDICES[7:9], 3), draw_stamps(1, 2, INDICES, 3)[7:9])
    assert not torch.equal(draw_stamps(1, 3, INDICES, 3), draw_stamps(1, 2, INDICES, 3))


def test_loops_are_whole_frames_and_only_for_what_may_loop():
    may = INDICES % 2 == 0
    loops = draw_loops(0, 0, INDICES, may, share=0.5)
    assert (loops[~may] == 0).all()
    looping = loops[loops > 0]
    assert len(looping) / may.sum() == pytest.approx(0.5, abs=0.05)
    assert looping.min() >= 8
    assert looping.max() <= 64
    assert torch.equal(looping, looping.round())


def test_augmentation_is_the_same_for_all_frames_and_for_partners():
    still = torch.rand(6, 1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    clips = still.expand(-1, 4, -1, -1, -1)
    pair = torch.cat([clips, clips])
    changed = augment(pair, 0, 1, torch.arange(6).repeat(2), probability=1.0)
    assert torch.equal(changed[:6], changed[6:])
    assert (changed - changed[:, :1]).abs().max() == 0
    assert (changed[:6] - clips).abs().amax(dim=(1, 2, 3, 4)).min() > 0.05
    assert torch.equal(augment(pair, 0, 1, torch.arange(6).repeat(2), 0.0), pair)


def test_augmentation_passes_gradients():
    clips = torch.zeros(2, 2, 1, 16, 16, requires_grad=True)
    augment(clips, 0, 0, torch.arange(2), 0.9).sum().backward()
    assert clips.grad is not None
    assert clips.grad.abs().sum() > 0


def test_the_average_follows_with_its_half_life():
    model, average = nn.Linear(1, 1), nn.Linear(1, 1)
    nn.init.constant_(model.weight, 1.0)
    nn.init.constant_(average.weight, 0.0)
    for _ in range(500):
        update_ema(average, model, ema_decay(10**6, 500))
    assert average.weight.item() == pytest.approx(0.5, abs=1e-3)
    assert ema_decay(10, 500) < ema_decay(1000, 500) < ema_decay(10**6, 500)


def test_annealing_starts_and_ends_where_it_says():
    assert anneal(0, 100, 20.0, 2.0) == 20.0
    assert anneal(50, 100, 20.0, 2.0) == pytest.approx(11.0)
    assert anneal(100, 100, 20.0, 2.0) == anneal(999, 100, 20.0, 2.0) == 2.0


def test_the_clip_critic_sees_order_and_time_stamps_and_the_frame_critic_does_not():
    torch.manual_seed(0)
    clip_critic, frame_critic = ClipCritic(1, 4, 3, (8, 8, 8, 8)), FrameCritic(1, 4, (8, 8, 8, 8))
    clips, labels = torch.randn(5, 3, 1, 64, 64), torch.arange(5) % 4
    times = torch.tensor([[3.0, 4.0, 6.0]]).expand(5, -1)
    for change in ((clips.flip(1), times), (clips, times * 2)):
        assert not torch.allclose(clip_critic(*change, labels), clip_critic(clips, times, labels))
        torch.testing.assert_close(
            frame_critic(*change, labels), frame_critic(clips, times, labels)
        )
    for critic in (clip_critic, frame_critic):
        other = (labels + 1) % 4
        assert not torch.allclose(critic(clips, times, labels), critic(clips, times, other))


@pytest.mark.parametrize("penalty", ["exact", "finite-difference"])
def test_a_step_teaches_both_players_and_only_them(digits_root, penalty):
    from dataclasses import replace

    config = replace(PRESETS["smoke"], penalty=penalty, augment=0.3)
    trainer = Trainer(config, Digits(digits_root), torch.device("cpu"), bf16=False)
    modules = {"generator": trainer.generator, "average": trainer.average, **trainer.critics}
    before = {
        name: [p.detach().clone() for p in module.parameters()] for name, module in modules.items()
    }
    statistics = [trainer.step() for _ in range(2)][-1]
    assert all(torch.isfinite(value) for value in statistics.values())
    for name, module in modules.items():
        pairs = zip(before[name], module.parameters(), strict=True)
        assert any(not torch.equal(old, new) for old, new in pairs), name
    assert not trainer.average.content_mean.any()
