"""Starting from another release: what fits is taken, the rest starts anew and is named."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from bars import Bars

from train.config import CriticConfig, TrainConfig
from train.model_card import sections
from train.provenance import write_release
from train.state import load_state, save_state
from train.trainer import Trainer
from train.transfer import TransferError, find_release, start_from
from vidgen.config import ClassName, ClipShape, ConfigError, ModelConfig
from vidgen.document import Ancestor, ReleaseInfo
from vidgen.families import MocoganConfig, StganConfig
from vidgen.hub import CHECKPOINTS
from vidgen.release import ReleaseError, read_info, sha256_of

CPU = torch.device("cpu")
SMALL = {"canonical_width": 8, "groups": 2, "free_width": 8, "synthesis_width": 8, "latent": 32,
         "oscillators": 4}  # fmt: skip


def trainer(source=None, seed=0, family: type[ModelConfig] = StganConfig, channels=1, sizes=SMALL):
    source = source or Bars()
    model = family(ClipShape(16, channels, 16, 16), len(source.classes), **sizes)
    critics = (CriticConfig("frame", (8, 8), 1, 1),)
    return Trainer(TrainConfig("bars", model, critics, 10, batch=2, seed=seed), source, CPU, False)


def weight(trainer, layer):
    return trainer.generator.state_dict()[f"{layer}.weight"]


def named(*names):
    source = Bars()
    source.classes = tuple(ClassName(name, "条") for name in names)
    return source


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    path = tmp_path_factory.mktemp("release") / "bars.safetensors"
    write_release(path, trainer(), "bars", 0)
    return path


def test_the_same_model_is_taken_whole(release):
    new = trainer(seed=1)
    (said,) = start_from(release, new)
    assert "the critics start anew" in said
    for name, value in trainer().generator.state_dict().items():
        if name != "content_mean":
            assert torch.equal(new.generator.state_dict()[name], value), name
            assert torch.equal(new.average.state_dict()[name], value), name


def test_whose_weights_a_run_began_with_stands_in_its_release(release, tmp_path):
    """Of a release, of a run that was none, and of what those had begun with, the oldest first."""
    second = trainer(seed=1)
    start_from(release, second)
    second.step_number = 3
    save_state(tmp_path / "second" / "state", second, seconds=12.34)
    third = trainer(seed=2)
    start_from(tmp_path / "second", third)
    save_state(tmp_path / "third" / "state", third)
    again = trainer(seed=2)
    load_state(tmp_path / "third" / "state", again)
    write_release(tmp_path / "third.safetensors", again, "third", 0)
    first, second = read_info(tmp_path / "third.safetensors").ancestors
    source = Bars()
    assert first == Ancestor(
        "bars", "bars", source.licence, source.credits, sha256_of(release),
        read_info(release).revision, device="cpu",
    )  # fmt: skip
    assert second == Ancestor(
        "second", "bars", source.licence, source.credits, clips=6, seconds=12.3, device="cpu"
    )
    card = "\n".join(sections(read_info(tmp_path / "third.safetensors"), "0" * 64, None, "##"))
    assert "- began with the weights of second: bars, 6 real clips seen, 0 minutes on cpu" in card
    assert f"- began with the weights of bars: bars, code {first.revision}, sha256 " in card
    assert f"It began with the weights of second: {source.licence}. {source.credits}." in card


def test_a_release_of_before_there_were_ancestors_has_none(release):
    data = read_info(release).to_dict()
    del data["ancestors"]
    assert ReleaseInfo.from_dict(json.loads(json.dumps(data))).ancestors == ()


@pytest.mark.parametrize(
    ("ancestors", "words"),
    [
        ("bars", "ancestors is no list"),
        ([{"name": "bars"}], "ancestors lacks the keys"),
        ([3], "ancestors is int; legal is a JSON object"),
        ([{"name": "<b>", "data": "", "licence": "", "credits": ""}], "ancestors.name is '<b>'"),
        ([{"name": "a", "data": "", "licence": "", "credits": "", "clips": -1}], "legal is 0 to"),
        ([{"name": "a", "data": "", "licence": "", "credits": ""}] * 17, "17 ancestors; legal are"),
    ],
)
def test_ancestors_that_no_release_may_have_are_refused(release, ancestors, words):
    data = json.loads(json.dumps(read_info(release).to_dict())) | {"ancestors": ancestors}
    with pytest.raises(ConfigError, match=words):
        ReleaseInfo.from_dict(data)


def test_other_classes_start_anew_and_known_ones_keep_their_place(release):
    new = trainer(named("bar 3", "circle", "bar 0"), seed=1)
    before = weight(new, "embedding").clone()
    said = "\n".join(start_from(release, new))
    old = weight(trainer(), "embedding")
    assert torch.equal(weight(new, "embedding")[:, [0, 2]], old[:, [3, 0]])
    assert torch.equal(weight(new, "embedding")[:, 1], before[:, 1])
    assert "classes: 2 of 3 are known by name" in said


def test_as_many_classes_of_other_names_are_not_taken_for_the_same(release):
    new = trainer(named("a", "b", "c", "d"), seed=1)
    before = weight(new, "embedding").clone()
    said = "\n".join(start_from(release, new))
    assert torch.equal(weight(new, "embedding"), before)
    assert "0 of 4 are known" in said and "anew: embedding.weight [32, 4], there [32, 4]" in said


def test_other_colours_start_the_pixels_anew(release):
    new = trainer(seed=1, channels=3)
    before = weight(new, "to_pixels").clone()
    said = "\n".join(start_from(release, new))
    assert torch.equal(weight(new, "to_pixels"), before)
    assert "to_pixels.weight [12, 8, 3, 3], there [4, 8, 3, 3]" in said
    assert torch.isfinite(weight(new, "to_pixels")).all()


def test_another_family_or_nothing_in_common_is_refused(release):
    with pytest.raises(TransferError, match="is a stgan; legal for this preset is a mocogan"):
        start_from(release, trainer(family=MocoganConfig, sizes={"width": 16}))
    other = {"canonical_width": 12, "groups": 3, "free_width": 12, "synthesis_width": 12,
             "latent": 40, "oscillators": 6, "content_dim": 20, "motion_dim": 20}  # fmt: skip
    before = trainer(seed=1, sizes=other)
    kept = {k: v.clone() for k, v in before.generator.state_dict().items()}
    with pytest.raises(
        TransferError, match="% of this preset's weights by name and shape; legal is"
    ):
        start_from(release, before)
    assert all(torch.equal(kept[k], v) for k, v in before.generator.state_dict().items())


def test_a_release_is_found_by_its_file_or_its_name(release, tmp_path):
    assert find_release(str(release)) == release
    assert find_release("digits-64").parent == CHECKPOINTS
    with pytest.raises(ReleaseError, match="nosuch is no file and no release of checkpoints/"):
        find_release("nosuch")
    index = json.loads((CHECKPOINTS / "index.json").read_text())
    row = next(row for row in index["releases"] if row["name"] == "digits-64")
    (tmp_path / "index.json").write_text(json.dumps({"format": 1, "releases": [row]}))
    with pytest.raises(ReleaseError, match="digits-64 is not here"):
        find_release("digits-64", tmp_path)
    shutil.copy(release, tmp_path / row["file"])
    with pytest.raises(ReleaseError, match="damaged"):
        find_release("digits-64", tmp_path)
