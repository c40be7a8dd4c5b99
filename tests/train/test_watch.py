"""What a run shows of itself: moments that stay few, and opinions that change nothing."""

import pytest
import torch
from bars import Bars

from train.config import CriticConfig, TrainConfig
from train.opinion import looks, opinions
from train.state import trainer_tensors
from train.trainer import Trainer
from train.watch import Watch, is_moment
from vidgen.families import StganConfig
from vidgen.moments import list_moments


@pytest.fixture(scope="module")
def trainer():
    """A trainer whose critics would take a step of spectral normalisation by being asked."""
    model = StganConfig(
        Bars.clip_shape, 4, canonical_width=8, groups=2, free_width=8, synthesis_width=8
    )
    config = TrainConfig(
        "bars", model, steps=40, batch=4, spectral=True,
        critics=(CriticConfig("frame", (8, 8), 1.0, 1.0),
                 CriticConfig("moments", (8, 8), 1.0, 1.0, frames=3)),
    )  # fmt: skip
    trainer = Trainer(config, Bars(), torch.device("cpu"), bf16=False)
    trainer.step()
    return trainer


def test_moments_are_few_and_lie_ever_farther_apart():
    kept = [step for step in range(100_001) if is_moment(step)]
    assert kept[:8] == [0, 16, 24, 32, 48, 64, 96, 128]
    assert len(kept) < 32


@pytest.mark.parametrize(("frames", "seen"), [(1, 16), (3, 6), (16, 1)])
def test_every_frame_of_a_clip_is_looked_at(frames, seen):
    taken = looks(CriticConfig("moments", (8, 8), 1.0, 1.0, frames=frames), 16)
    assert len(taken) == seen and {len(look) for look in taken} == {frames}
    assert {frame for look in taken for frame in look} == set(range(16))


def test_asking_the_critics_changes_nothing(trainer):
    before = {name: value.clone() for name, value in trainer_tensors(trainer).items()}
    state = torch.get_rng_state()
    times = torch.arange(16.0).expand(8, -1)
    told = opinions(trainer, Bars().render(0, 0, torch.arange(8), times))
    assert all(torch.equal(before[name], value) for name, value in trainer_tensors(trainer).items())
    assert torch.equal(state, torch.get_rng_state())
    assert all(module.training for module in trainer.critics.modules())
    for opinion in told.values():
        assert opinion.scores.shape == (8,) and opinion.heat.shape == (8, 16, 16, 16)
        assert opinion.by_frame.sum(dim=1).allclose(torch.ones(8))


def test_heat_is_how_far_a_pixel_moves_the_score(trainer):
    times = torch.arange(16.0).expand(1, -1)
    batch = Bars().render(0, 0, torch.arange(1), times)
    batch.clips[:] = -1  # all black: nothing there speaks
    assert opinions(trainer, batch)["frame"].heat.abs().max() == 0


def test_a_later_moment_takes_the_place_of_one_that_is_not_kept(trainer, tmp_path):
    for step in (0, 5, 16, 17, 20):
        trainer.step_number = step
        Watch(tmp_path, trainer).look(saving=True)
    assert list_moments(tmp_path) == [0, 16, 20]
    trainer.step_number = 10  # cut, and gone on from an older state
    Watch(tmp_path, trainer)
    assert list_moments(tmp_path) == [0]
