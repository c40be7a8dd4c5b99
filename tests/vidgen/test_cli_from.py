"""generate --from: what was exported is made again, byte for byte, and a bad file is refused."""

import json

import numpy as np
import pytest
from lively_release import INFO, lively_generator
from PIL import Image

from vidgen.export import FORMATS
from vidgen.media import encode_gif
from vidgen.recipe import read_recipe
from vidgen.release import save_release, sha256_of

ODD = [
    "--class", "1.5", "--seed", "3", "--seed-b", "9", "--t", ".25", "--motion-seed", "5",
    "--psi", "0.8", "--frames", "9", "--start", "2", "--step", "0.5",
]  # fmt: skip


@pytest.fixture
def make(vidgen, tmp_path):
    """Run generate; return the bytes of its file."""

    def run(*options, out):
        code, _, errors = vidgen("generate", *options, "--out", out)
        assert (code, errors) == (0, "")
        return (tmp_path / out).read_bytes()

    return run


@pytest.mark.parametrize("name", FORMATS)
def test_an_exported_file_makes_itself_again(make, name):
    suffix = FORMATS[name].suffix
    options = ["--scale", "3", *(["--frame", "7"] if name == "frame" else [])]
    first = make("--release", "lively", *ODD, *options, out=f"first{suffix}")
    assert make("--from", f"first{suffix}", out=f"again{suffix}") == first


def test_any_file_makes_any_other(make):
    for name in (".json", ".mp4", ".gif"):
        make("--release", "lively", *ODD, out=f"first{name}")
        assert make("--from", f"first{name}", out="again.webp") == make(
            "--release", "lively", *ODD, out="plain.webp"
        )


def test_other_options_say_otherwise(make, tmp_path):
    make("--release", "lively", *ODD, "--scale", "2", out="first.json")
    again = make("--from", "first.json", "--psi", "0", "--scale", "5", out="again.webp")
    plain = make("--release", "lively", *ODD, "--psi", "0", "--scale", "5", out="plain.webp")
    assert again == plain
    make("--from", "first.json", "--frame", "8", "--scale", "1", out="frame.png")
    assert Image.open(tmp_path / "frame.png").size == (16, 16)
    make("--from", "frame.png", out="all.gif")
    assert Image.open(tmp_path / "all.gif").size == (16, 16)
    recipe = read_recipe(tmp_path / "all.gif")
    assert recipe.frame is None and recipe.clips[0].frames == 9


def test_many_clips_come_again_one_after_the_other(make, tmp_path):
    make("--release", "lively", "--frames", "8", out="one.json")
    data = json.loads((tmp_path / "one.json").read_text())
    walk = [{**data["clips"][0], "content": [[0, 1 - t], [7, t]]} for t in (0.0, 0.5, 1.0)]
    (tmp_path / "walk.json").write_text(json.dumps({**data, "clips": walk}))
    make("--from", "walk.json", out="walk.webp")
    with Image.open(tmp_path / "walk.webp") as picture:
        assert picture.n_frames == 24  # pyright: ignore[reportAttributeAccessIssue]
        picture.seek(16)
        shown = np.asarray(picture.convert("RGB"))
    make("--release", "lively", "--frames", "8", "--seed", "7", "--frame", "0", out="last.png")
    assert np.array_equal(shown, np.asarray(Image.open(tmp_path / "last.png")))
    assert len(make("--from", "walk.json", "--psi", "0", out="mean.webp"))
    assert [clip.psi for clip in read_recipe(tmp_path / "mean.webp").clips] == [0, 0, 0]


@pytest.fixture
def other(tmp_path, make):
    """A release file with other weights, and a recipe that it made."""
    path = tmp_path / "other.safetensors"
    save_release(path, lively_generator(1), INFO)
    make("--release", str(path), "--frames", "8", out="other.json")
    return path


def test_a_file_of_other_weights_is_not_made_with_those_that_are_here(vidgen, make, other):
    code, said, errors = vidgen("generate", "--from", "other.json", "--out", "again.webp")
    assert (code, said) == (2, "")
    assert errors.startswith(f"vidgen: other.json was made by lively, sha256 {sha256_of(other)}")
    assert errors.endswith("which is not here; legal is --release FILE\n")
    again = make("--from", "other.json", "--release", str(other), out="again.webp")
    assert again == make("--release", str(other), "--frames", "8", out="plain.webp")


def test_other_weights_that_are_named_are_taken_with_a_word(vidgen, other):
    options = ["--from", "other.json", "--release", "lively", "--out", "again.webp"]
    code, _, errors = vidgen("generate", *options)
    assert code == 0 and "lively is not the release that made it: sha256" in errors


def test_a_release_is_known_by_its_weights_whatever_it_is_called(vidgen, make, shipped, tmp_path):
    make("--release", "lively", *ODD, out="first.json")
    data = json.loads((tmp_path / "first.json").read_text())
    (tmp_path / "named.json").write_text(json.dumps({**data, "release": "owner/its-old-name"}))
    assert make("--from", "named.json", out="a.gif") == make("--from", "first.json", out="b.gif")


@pytest.mark.parametrize(("changes", "message"), [
    ({"release": "/etc/x.safetensors"}, "name is '/etc/x.safetensors'"),
    ({"sha256": "0" * 64, "release": "x.safetensors"}, "which is not here"),
    ({"sha256": "0" * 64, "hub": {"repo_id": "a/b", "revision": "5" * 40}},
     f"legal is --release a/b@{'5' * 40}#{'0' * 64}"),
    ({"clips": [{"classes": [[9, 1]], "content": [[0, 1]], "motion": [[0, 1]]}]},
     "bad.json: class is 9; legal is a whole number from 0 to 2"),
    ({"clips": [{"classes": [[0, 1]], "content": "x", "motion": [[0, 1]]}]},
     "bad.json: seed is x; legal is 1 to 16 pairs"),
    ({"clips": [{"classes": [[0, 1]], "content": [[0, 1]], "motion": [[0, 1]], "psi": True}]},
     "bad.json: psi is True"),
    ({"clips": [{"classes": [[0, 1]], "content": [[0, 1]], "motion": [[0, 1]], "frames": 10**9}]},
     "bad.json: frames is 1000000000"),
    ({"fps": 1e999}, "fps is inf"),
    ({"\x1b[31m": 1}, r"unknown keys ['\x1b[31m']"),
    ({"k" * 9999: 1}, "unknown keys ['kkk"),
])  # fmt: skip
def test_a_bad_file_is_one_line(vidgen, make, tmp_path, changes, message):
    make("--release", "lively", "--frames", "8", out="good.json")
    data = json.loads((tmp_path / "good.json").read_text()) | changes
    (tmp_path / "bad.json").write_text(json.dumps(data))
    code, said, errors = vidgen("generate", "--from", "bad.json", "--out", "again.webp")
    assert (code, said) == (2, "") and message in errors
    assert errors.count("\n") == 1 and "\x1b" not in errors and len(errors) < 400
    assert not (tmp_path / "again.webp").exists()


MISTAKES = [
    (["--from", "gone.mp4"], "gone.mp4 can't be read: No such file"),
    (["--from", "plain.gif"], "plain.gif is no recipe: it holds no document"),
    ([], "generate needs --release, or --from"),
    (["--release", "lively", "--scale", "9"], "--scale: scale is 9; legal is a whole number from"),
    (["--release", "lively", "--scale", "x"], "--scale: scale is x; legal is a number"),
    (["--release", "lively", "--frame", "1"], "--frame needs an --out that ends with .png"),
]


@pytest.mark.parametrize(("options", "message"), MISTAKES)
def test_a_mistake_is_one_line(vidgen, tmp_path, options, message):
    (tmp_path / "plain.gif").write_bytes(encode_gif(np.zeros((2, 16, 16, 3), np.uint8), 8))
    code, said, errors = vidgen("generate", *options, "--out", "again.webp")
    assert (code, said) == (2, "") and message in errors and errors.count("\n") == 1
    code, _, errors = vidgen("generate", "--release", "lively", "--frame", "16", "--out", "a.png")
    assert code == 2 and "--frame: frame is 16; legal is a whole number from 0 to 15" in errors
