"""The game's parts: time stamps, loops, augmentation, the average, and what each player sees."""

from dataclasses import replace
from typing import get_args

import pytest
import torch
from torch import nn

import train.trainer
from train.augment import augment
from train.config import CriticConfig, CriticKind, TrainConfig
from train.critics import build_critic
from train.critics.growing import GrowingCritic
from train.data.digits import Digits
from train.ema import ema_decay, update_ema
from train.losses import LOSSES
from train.penalties import batch_penalty
from train.presets import PRESETS
from train.schedules import anneal, coarse_at, gamma_at, grown_at
from train.stamps import draw_frames, draw_loops, draw_stamps
from train.trainer import STATISTICS, Trainer
from vidgen.config import ClipShape, ConfigError
from vidgen.families import FrameganConfig

INDICES = torch.arange(4000)


@pytest.mark.parametrize("frames", [3, 6])
def test_stamps_are_sorted_inside_the_clip_and_of_every_kind(frames):
    times = draw_stamps(0, 5, INDICES, frames)
    gaps = torch.diff(times, dim=1)
    assert times.min() >= 0
    assert times.max() <= 64
    assert (gaps >= 0).all()
    even = (gaps - gaps[:, :1]).abs().amax(dim=1) < 1e-4
    assert even.float().mean().item() == pytest.approx(0.75, abs=0.05)
    seen_most = even & (times[:, -1] <= 15 + 1e-4) & (gaps[:, 0] >= 1 - 1e-4)
    assert seen_most.float().mean().item() == pytest.approx(0.5, abs=0.06)
    assert times[seen_most].max() > 14.5, "the whole of what is seen most"
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


def test_finer_waves_come_in_for_a_quarter_of_the_coarse_steps():
    coarse = [coarse_at(step, 100) for step in (0, 99, 100, 104, 119, 124, 900)]
    assert coarse == pytest.approx([1, 1, 0.96, 0.8, 0.2, 0, 0])
    assert coarse_at(0, 0) == 0


def test_stages_fade_in_for_half_of_their_steps():
    grown = [grown_at(step, 100) for step in (0, 99, 100, 125, 150, 199, 200, 225, 250, 900)]
    assert grown == [0, 0, 0, 0.5, 1, 1, 1, 1.5, 2, 8]


def test_a_coarse_run_draws_and_sees_half_the_side_at_first(digits_root):
    trainer = smoke(digits_root, coarse_steps=1)
    trainer.grow()
    real = trainer.dealer.real(trainer.draw)
    whole = trainer.source.render(0, 0, trainer.indices, real.times).clips
    torch.testing.assert_close(real.clips.mean(dim=(-1, -2)), whole.mean(dim=(-1, -2)))
    assert real.clips.shape == trainer.dealer.fakes(trainer.draw, real).shape == (4, 3, 1, 32, 32)
    trainer.step()
    trainer.grow()
    real = trainer.dealer.real(trainer.draw)
    assert real.clips.shape == trainer.dealer.fakes(trainer.draw, real).shape == (4, 3, 1, 64, 64)


def test_frames_are_drawn_without_repeats_and_in_order():
    chosen = draw_frames(0, 3, INDICES, 16, 4)
    assert (torch.diff(chosen, dim=1) > 0).all()
    counts = torch.bincount(chosen.flatten(), minlength=16) / len(INDICES)
    assert counts.tolist() == pytest.approx([4 / 16] * 16, abs=0.03)


SHAPE = ClipShape(16, 3, 32, 32)
CRITICS = {
    kind: CriticConfig(kind, (8, 8, 8), 1.0, 0.1, frames={"frame": 2, "moments": 3}.get(kind, 16))
    for kind in get_args(CriticKind)
}


def speaking(kind):
    """A critic whose tails do not start silent."""
    torch.manual_seed(0)
    critic = build_critic(SHAPE, 4, CRITICS[kind])
    for layer in critic.modules():
        if isinstance(layer, nn.Conv2d | nn.Conv3d):
            nn.init.normal_(layer.weight, std=0.1)
    return critic.requires_grad_(False)


def judged(kind, clips, times, labels):
    return speaking(kind)(clips, times, labels)


@pytest.mark.parametrize("kind", CRITICS)
def test_a_critic_knows_the_class_and_treats_its_rows_apart(kind):
    frames = CRITICS[kind].frames
    clips = torch.randn(5, frames, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    labels, times = torch.arange(5) % 4, torch.arange(float(frames)).expand(5, -1)
    logits = judged(kind, clips, times, labels)
    assert logits.shape == (5,)
    torch.testing.assert_close(judged(kind, clips[2:3], times[:1], labels[2:3]), logits[2:3])
    assert (judged(kind, clips, times, (labels + 1) % 4) != logits).all()


@pytest.mark.parametrize("kind", CRITICS)
def test_all_critics_but_that_of_frames_see_the_order(kind):
    frames = CRITICS[kind].frames
    clips = torch.randn(3, frames, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    labels, times = torch.arange(3), torch.tensor([3.0, 4.0, 6.0])[:frames].repeat(3, 6)
    times = times[:, :frames]
    logits = judged(kind, clips, times, labels)
    same = torch.allclose(judged(kind, clips.flip(1), times, labels), logits, atol=1e-5)
    assert same == (kind == "frame")
    same = torch.allclose(judged(kind, clips, times * 2, labels), logits, atol=1e-5)
    assert same == (kind != "moments")


def test_a_growing_critic_is_blind_to_what_has_not_grown():
    critic = speaking("growing")
    assert isinstance(critic, GrowingCritic)
    clips = torch.randn(2, 16, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    times, labels = torch.zeros(2, 16), torch.zeros(2, dtype=torch.int64)
    # Means of 2x2 pixels and two frames: all that there is to see one stage before the end.
    small = nn.functional.avg_pool3d(clips.transpose(1, 2), 2)
    blurred = nn.functional.interpolate(small, scale_factor=2).transpose(1, 2)
    logits = {}
    for grown in (0, 1, 1.5, 2):
        critic.grow(grown)
        logits[grown] = critic(clips, times, labels)
        same = torch.allclose(logits[grown], critic(blurred, times, labels), atol=1e-5)
        assert same == (grown <= 1), grown
    critic.grow(1 + 1e-6)  # the new stage comes in without a step
    torch.testing.assert_close(critic(clips, times, labels), logits[1], atol=1e-4, rtol=1e-4)


def test_spectral_norms_are_one():
    critic = build_critic(SHAPE, 4, CRITICS["volume"], spectral=True)
    clips = torch.randn(2, 16, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    for _ in range(30):  # each look is a step of the power iteration
        logits = critic(clips, torch.zeros(2, 16), torch.zeros(2, dtype=torch.int64))
    assert torch.isfinite(logits).all()
    layers = [m for m in critic.modules() if isinstance(m, nn.Conv3d | nn.Linear | nn.Embedding)]
    assert any(isinstance(layer, nn.Embedding) for layer in layers), "the classes too"
    norms = [torch.linalg.matrix_norm(m.weight.flatten(1), 2).item() for m in layers]
    assert norms == pytest.approx([1.0] * len(norms), rel=0.1)


def smoke(digits_root, **changes):
    config = replace(PRESETS["smoke"], **changes)
    return Trainer(config, Digits(digits_root), torch.device("cpu"), bf16=False)


@pytest.mark.parametrize(
    "changes",
    [{"slope": slope, "penalty": penalty, "augment": 0.3}
     for slope in ("exact", "finite-difference") for penalty in ("R1+R2", "R1", "R2")]
    + [{"loss": loss, "penalty": "none", "spectral": True} for loss in LOSSES]
    + [{"loss": "wasserstein", "penalty": "between", "critic_steps": 3, "optimizer": "rmsprop"},
       {"coarse_steps": 1}],
)  # fmt: skip
def test_a_step_teaches_both_players(digits_root, changes):
    trainer = smoke(digits_root, **changes)
    modules = {"generator": trainer.generator, "average": trainer.average, **trainer.critics}
    before = {
        name: [p.detach().clone() for p in module.parameters()] for name, module in modules.items()
    }
    statistics = [trainer.step() for _ in range(2)][-1]
    assert set(STATISTICS) <= set(statistics)
    assert all(torch.isfinite(value) for value in statistics.values())
    for name, module in modules.items():
        pairs = zip(before[name], module.parameters(), strict=True)
        assert any(not torch.equal(old, new) for old, new in pairs), name
    assert not trainer.average.content_mean.any()


def weights_of(player):
    return torch.cat([p.detach().flatten() for p in player.parameters()])


def test_in_a_head_start_the_critics_alone_learn(digits_root):
    trainer = smoke(digits_root, head_start=1)
    generator, critics = (
        [p.detach().clone() for p in player.parameters()]
        for player in (trainer.generator, trainer.critics)
    )
    trainer.step()
    assert all(map(torch.equal, generator, trainer.generator.parameters()))
    assert not all(map(torch.equal, critics, trainer.critics.parameters()))
    trainer.step()
    assert not all(map(torch.equal, generator, trainer.generator.parameters()))


def test_each_half_of_a_step_teaches_its_own_player_alone(digits_root):
    trainer = smoke(digits_root)
    players = trainer.generator, trainer.critics, trainer.average
    changed = []
    for step in (lambda: trainer.critic_step(last=True), trainer.generator_step):
        before = [weights_of(player) for player in players]
        step()
        after = [weights_of(player) for player in players]
        changed.append([not torch.equal(*pair) for pair in zip(before, after, strict=True)])
    assert changed == [[False, True, False], [True, False, False]]


def test_both_halves_of_the_penalty_make_the_whole(digits_root):
    sums = []
    for penalty in ("R1+R2", "R1", "R2"):
        trainer = smoke(digits_root, penalty=penalty)
        sums.append(trainer.step()["penalty_frame"].item())
    assert sums[0] == pytest.approx(sums[1] + sums[2])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"loss": "wasserstein", "penalty": "between"}, (3 - 1) ** 2),
     ({"penalty": "R1+R2"}, 3**2), ({"penalty": "R1"}, 3**2 / 2)],
)  # fmt: skip
def test_a_penalty_is_the_same_for_the_same_critic_of_coarse_clips(digits_root, changes, expected):
    trainer = smoke(digits_root, coarse_steps=1, **changes)
    clip = trainer.config.model.clip
    critic = trainer.config.critics[1]
    elements = critic.frames * clip.channels * clip.height * clip.width

    def linear(clips):  # its slope by a whole clip is 3 long
        return clips.mean(dim=(1, 2, 3, 4)) * 3 * elements**0.5

    found, sides = [], []
    for step in (0, 1):
        trainer.step_number = step
        real = trainer.dealer.real(trainer.draw)
        both = torch.cat([real.clips, -real.clips]).requires_grad_(True)
        penalty = batch_penalty(trainer.config, 0, trainer.indices, linear, both, linear(both))
        found.append(penalty.item())
        sides.append(both.shape[-1])
    assert sides == [32, 64]
    assert found == pytest.approx([expected] * 2, rel=1e-4)


def test_gamma_is_the_weight_of_the_penalty_in_coarse_steps_too(digits_root, monkeypatch):
    losses = []
    for penalty in (0.0, 1.0):
        trainer = smoke(digits_root, coarse_steps=1)
        monkeypatch.setattr(train.trainer, "batch_penalty", lambda *_, p=penalty: torch.tensor(p))
        losses.append(trainer.critic_step(last=True)["loss_d"].item())
    gammas = [critic.gamma_start for critic in trainer.config.critics]
    assert losses[1] - losses[0] == pytest.approx(sum(gammas), rel=1e-4)


def test_rate_and_penalty_begin_anew_with_the_whole_side(digits_root):
    trainer = smoke(digits_root, steps=5, coarse_steps=2, restart=True, burn_in=2)
    rates = []
    for _ in range(5):
        trainer.step()
        rates.append(trainer.generator_optimizer.param_groups[0]["lr"])
    assert rates[0] == rates[2] == trainer.config.learning_rate
    assert rates[1] < rates[0] and rates[2] > rates[3] > rates[4]
    critic = trainer.config.critics[0]
    gammas = [gamma_at(trainer.config, critic, step) for step in range(5)]
    start, end = critic.gamma_start, critic.gamma_end
    assert gammas == [start, (start + end) / 2, start, (start + end) / 2, end]
    with pytest.raises(ConfigError, match="coarse_steps is 0; legal with restart are 1 to 4"):
        replace(trainer.config, coarse_steps=0)


def test_with_mismatch_real_clips_are_shown_under_other_names_too(digits_root, monkeypatch):
    trainer = smoke(digits_root, mismatch=0.5)
    shown, judge = [], trainer.judge

    def watched(critic, clips, times, labels):
        shown.append((critic.kind, clips.detach(), labels))
        return judge(critic, clips, times, labels)

    monkeypatch.setattr(trainer, "judge", watched)
    trainer.begin_step()
    real, fakes = trainer.draw_both(slopes=False)
    with_names = trainer.teach_critics(real, fakes)["loss_d"]
    for critic in trainer.config.critics:
        (both, named), (misnamed, wrong) = ((c, n) for kind, c, n in shown if kind == critic.kind)
        assert torch.equal(misnamed, both[: len(misnamed)]), "the real ones"
        assert torch.equal(named, real.labels)
        assert not (wrong == named).any()
    monkeypatch.setattr(trainer, "config", replace(trainer.config, mismatch=0.0))
    assert trainer.teach_critics(real, fakes)["loss_d"] < with_names


def test_another_class_may_be_any_other_one(digits_root):
    trainer = smoke(digits_root)
    draw = trainer.draw._replace(rows=torch.arange(3_000))
    labels = torch.full((3_000,), 7)
    real = replace(trainer.dealer.real(trainer.draw), labels=labels)
    counts = trainer.dealer.other_labels(draw, real).bincount(minlength=10)
    assert counts[7] == 0
    assert counts.sum() == 3_000
    assert counts[counts > 0].min() > 3_000 / 9 * 0.75
    assert (counts > 0).sum() == 9


def test_critics_see_fresh_clips_in_each_of_their_steps(digits_root, monkeypatch):
    trainer = smoke(digits_root, critic_steps=2)
    drawn = []
    render = trainer.source.render
    monkeypatch.setattr(
        trainer.source, "render", lambda *words: drawn.append(words[1]) or render(*words)
    )
    for _ in range(3):
        trainer.step()
    assert drawn == [0, 1, 2, 3, 4, 5]


def test_whole_clips_are_at_whole_times_and_partners_show_the_same_frames(digits_root):
    critics = (
        CriticConfig("sequence", (4, 4, 4, 4), 1, 1),
        CriticConfig("frame", (4,), 1, 1, frames=2),
    )
    trainer = smoke(digits_root, critics=critics)
    real = trainer.dealer.real(trainer.draw)
    assert torch.equal(real.times, torch.arange(16.0).expand(4, -1))
    both, times = trainer.dealer.shown(
        trainer.draw, critics[1], torch.cat([real.clips, real.clips + 1]), real.times
    )
    torch.testing.assert_close(both[:4] + 1, both[4:])
    rows = torch.arange(4)[:, None]
    assert torch.equal(both[:4], real.clips[rows, times.long()])
    assert trainer.dealer.shown(trainer.draw, critics[0], real.clips, real.times)[0] is real.clips


def test_the_critic_of_frames_sees_any_of_the_moments(digits_root):
    trainer = smoke(digits_root, batch=32)
    of_frames = trainer.config.critics[0]
    real = trainer.dealer.real(trainer.draw)
    _, times = trainer.dealer.shown(trainer.draw, of_frames, real.clips, real.times)
    assert {int(row) for row in (times == real.times).int().argmax(dim=1)} == {0, 1, 2}


def test_without_labels_nobody_is_told_a_class(digits_root):
    model = replace(PRESETS["smoke"].model, classes=1)
    trainer = smoke(digits_root, model=model, labels=False)
    assert not trainer.dealer.real(trainer.draw).labels.any()
    assert torch.isfinite(trainer.step()["loss_g"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loss": "least-squares"}, "loss is 'least-squares'; legal are minimax"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'"),
        ({"critics": ()}, "critics is empty"),
        ({"critics": PRESETS["smoke"].critics[:1] * 2}, "a kind twice"),
        ({"critics": (replace(PRESETS["smoke"].critics[0], kind="ear"),)}, "kind is 'ear'"),
        ({"penalty": "between", "slope": "finite-difference"}, "between"),
        ({"labels": False}, "classes is 10; legal without labels is 1"),
        (
            {"model": replace(PRESETS["smoke"].model, classes=1), "mismatch": 1.0},
            "mismatch is 1.0; legal for one class is 0",
        ),
        ({"growth": 10}, "growth is 10; legal for stgan is 0"),
        (
            {"model": FrameganConfig(ClipShape(16, 1, 64, 64), 10), "coarse_steps": 10},
            "coarse_steps is 10; legal for framegan is 0",
        ),
    ],
)
def test_a_config_that_cannot_be_trained_is_refused(changes, words):
    with pytest.raises(ConfigError, match=words):
        replace(PRESETS["smoke"], **changes)
    assert TrainConfig.from_dict(PRESETS["smoke"].to_dict()) == PRESETS["smoke"]


@pytest.mark.parametrize("changes", [{}, {"augment": 0.5, "augment_target": 0.2}])
def test_a_batch_in_parts_gives_the_gradients_of_the_whole(digits_root, changes):
    found = []
    for parts in (1, 2, 4):
        trainer = smoke(digits_root, critic_steps=2, **changes)
        trainer.split(parts)
        trainer.step()
        gradients = [
            torch.cat([p.grad.flatten() for p in player.parameters() if p.grad is not None])
            for player in (trainer.critics, trainer.generator)
        ]
        found.append([*gradients, weights_of(trainer.critics)])
    for others in found[1:]:
        for whole, part in zip(found[0], others, strict=True):
            assert torch.linalg.vector_norm(whole - part) < 1e-4 * torch.linalg.vector_norm(whole)


@pytest.mark.parametrize("parts", [0, 3, 8])
def test_a_batch_is_split_evenly_or_not_at_all(digits_root, parts):
    with pytest.raises(ConfigError, match=f"4 rows of a batch can't be split into {parts} parts"):
        smoke(digits_root).split(parts)
