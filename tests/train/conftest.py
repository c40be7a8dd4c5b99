"""Fixtures of the training wing's tests."""

import pytest
import torch
from bars import Bars

from train import features


@pytest.fixture(scope="session")
def bars_judge(tmp_path_factory):
    """A judge of the bars, trained for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(features.PRESETS, "bars", features.JudgeConfig(steps=80, batch=32))
        cache = tmp_path_factory.mktemp("judges")
        return features.load_or_train(Bars(), cache, torch.device("cpu"))
