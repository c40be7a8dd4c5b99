"""Fixtures of the training wing's tests."""

import pytest
import torch
from bars import Bars

from train import features

BARS_PRESET = features.JudgeConfig(steps=80, batch=32)


@pytest.fixture(scope="session")
def judges(tmp_path_factory):
    """The cache folder with a judge of the bars in it, trained for seconds."""
    cache = tmp_path_factory.mktemp("judges")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(features.PRESETS, "bars", BARS_PRESET)
        features.load_or_train(Bars(), cache, torch.device("cpu"))
    return cache


@pytest.fixture
def bars_preset(monkeypatch):
    """While it lasts, the bars are judged by the judge in ``judges``."""
    monkeypatch.setitem(features.PRESETS, "bars", BARS_PRESET)


@pytest.fixture(scope="session")
def bars_judge(judges):
    """The judge in ``judges``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(features.PRESETS, "bars", BARS_PRESET)
        return features.load_or_train(Bars(), judges, torch.device("cpu"))
