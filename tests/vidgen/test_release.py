"""Release files: bit-exact there and back, and every kind of poison refused by name."""

import json
import struct

import pytest
import torch
from safetensors.torch import load, save

from vidgen.config import ClassName, ClipShape, ConfigError
from vidgen.families import StganConfig
from vidgen.generators import build
from vidgen.release import (
    ReleaseError,
    ReleaseInfo,
    load_generator,
    read_info,
    save_release,
    sha256_of,
    write_bytes,
)  # fmt: skip

CONFIG = StganConfig(
    ClipShape(8, 1, 16, 16), 2, canonical_width=4, groups=2, free_width=4,
    synthesis_width=4, latent=8, oscillators=2, content_dim=4, motion_dim=4,
)  # fmt: skip
INFO = ReleaseInfo(
    name="tiny", title={"en": "Tiny", "zh": "小"}, model=CONFIG,
    classes=(ClassName("one", "一"), ClassName("two", "二", loops=False)), fps=8.0,
    dataset={"name": "none", "fingerprint": "00"}, train={"steps": 0}, step=0, seed=0,
    revision="unknown", packages={"torch": torch.__version__}, licence="Apache-2.0", credits="us",
)  # fmt: skip


@pytest.fixture()
def release(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "tiny.safetensors"
    save_release(path, build(CONFIG), INFO)
    return path


def rewrite(path, document=None, tensors=None):
    """Write the release again with another document or other tensors."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    weights = load(data)
    if document is not None:
        metadata["vidgen"] = json.dumps({**json.loads(metadata["vidgen"]), **document})
    path.write_bytes(save({**weights, **(tensors or {})}, metadata=metadata))


def test_there_and_back_is_bit_exact(release):
    torch.manual_seed(0)
    written = build(CONFIG).state_dict()
    generator, info = load_generator(release)
    assert info == INFO == read_info(release)
    read = generator.state_dict()
    assert set(read) == set(written)
    assert all(torch.equal(read[name], written[name]) for name in written)
    assert not generator.training


def test_the_same_release_is_the_same_bytes(release, tmp_path):
    digests = set()
    for number in range(4):
        again = tmp_path / f"{number}.safetensors"
        save_release(again, *load_generator(release))
        digests.add(sha256_of(again))
    assert digests == {sha256_of(release)}


def test_half_precision_is_half_the_size_and_close(release, tmp_path):
    generator, info = load_generator(release)
    half = tmp_path / "half.safetensors"
    save_release(half, generator, info, half=True)
    again, _ = load_generator(half)
    for name, value in generator.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name], value, atol=1e-3, rtol=1e-3)
    assert half.stat().st_size < release.stat().st_size


def test_markup_in_a_label_is_refused_when_it_is_made():
    with pytest.raises(ConfigError, match="class name en"):
        ClassName("<b>one</b>", "一")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"classes": [{"en": "<img src=x>", "zh": "一"}, {"en": "b", "zh": "b"}]}, "class name en"),
        ({"classes": [{"en": "a", "zh": "a"}]}, "1 classes named"),
        ({"title": {"en": "${alert(1)}", "zh": "x"}}, "without markup"),
        ({"surprise": 1}, "unknown keys"),
        ({"format": 99}, "format is 99"),
        ({"name": "../../etc"}, "name is"),
        ({"fps": float("nan")}, "fps is nan"),
        ({"step": True}, "step is True"),
        ({"model": {**CONFIG.to_dict(), "latent": 10**9}}, "latent is 1000000000"),
        ({"model": {**CONFIG.to_dict(), "chanels": 3}}, "unknown keys"),
        ({"model": {**CONFIG.to_dict(), "family": "os.system"}}, "family is"),
        ({"model": {**CONFIG.to_dict(), "family": "nosuch"}}, "family is 'nosuch'"),
        ({"model": {**CONFIG.to_dict(), "synthesis_width": 8}}, "legal is F32 or F16"),
        ({"model": "all of it"}, "legal is a JSON object"),
    ],
)
def test_a_poisoned_document_is_refused(release, document, words):
    rewrite(release, document)
    with pytest.raises(ReleaseError, match=words):
        load_generator(release)


def test_a_config_that_would_need_gigabytes_is_refused_before_it_is_built(release):
    huge = {"canonical_width": 512, "groups": 1, "latent": 512, "synthesis_blocks": 8,
            "synthesis_width": 256, "free_width": 256, "canonical": 64}  # fmt: skip
    rewrite(release, {"model": {**CONFIG.to_dict(), **huge}})
    with pytest.raises(ReleaseError, match=r"parameters; legal is up to|missing or too many"):
        load_generator(release)


def test_an_extra_tensor_is_refused(release):
    rewrite(release, tensors={"stranger": torch.zeros(1)})
    with pytest.raises(ReleaseError, match="'stranger'"):
        load_generator(release)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_refused(release, value):
    rewrite(release, tensors={"to_pixels.bias": torch.full((4,), value)})
    with pytest.raises(ReleaseError, match=r"to_pixels\.bias has values that are not finite"):
        load_generator(release)


@pytest.mark.parametrize("tensor", [torch.zeros(5), torch.zeros(4, dtype=torch.float64)])
def test_another_shape_or_type_is_refused(release, tensor):
    rewrite(release, tensors={"to_pixels.bias": tensor})
    with pytest.raises(ReleaseError, match="legal is F32 or F16"):
        load_generator(release)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (struct.pack("<Q", 2**60) + b"{}", "header of"),
        (struct.pack("<Q", 2 * 2**20) + b" " * 3 * 2**20, "header of"),
        (struct.pack("<Q", 2) + b"{}", "no release of vidgen"),
        (struct.pack("<Q", 4) + b"\xff\xfe\x00\x01", "no release of vidgen"),
        (struct.pack("<Q", 20000) + b"[" * 20000, "no release of vidgen"),
        (b"short", "5 bytes"),
        (b"", "0 bytes"),
    ],
)
def test_a_broken_header_is_refused(tmp_path, data, words):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(data)
    with pytest.raises(ReleaseError, match=words):
        read_info(path)


def test_a_truncated_file_and_a_missing_one_are_refused(release, tmp_path):
    release.write_bytes(release.read_bytes()[:-100])
    with pytest.raises(ReleaseError, match=r"tiny\.safetensors"):
        load_generator(release)
    with pytest.raises(ReleaseError, match="can't be read"):
        read_info(tmp_path / "nowhere.safetensors")


def test_writing_is_whole_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_bytes(path, b"old")
    digest = sha256_of(path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vidgen.release.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        write_bytes(path, b"new")
    assert sha256_of(path) == digest
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
