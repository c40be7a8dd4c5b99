"""What an exported file says of its making is read back from each format, and nothing else is."""

import dataclasses
import json
import re
from pathlib import Path

import pytest
from pictures import moving_square
from standin import ROWS

from vidgen.config import ConfigError
from vidgen.export import FORMATS, export, plan
from vidgen.media import MediaError, encode_gif
from vidgen.recipe import VERSION, Recipe, read_recipe
from vidgen.request import from_form, validate
from vidgen.rows import HubPin

MORPH = from_form({"class": "1.4", "seed": "7", "seed_b": "9", "t": "0.25", "frames": "8"}, ROWS)
OTHER = from_form({"class": "0", "seed": "4294967295", "psi": "0.7", "frames": "8"}, ROWS)


def written(folder: Path, name: str, recipe: Recipe) -> Path:
    path = folder / f"clip{FORMATS[name].suffix}"
    path.write_bytes(export(name, recipe, lambda clips: [moving_square(8)] * len(clips)))
    return path


def understood(path: Path) -> Recipe:
    recipe = read_recipe(path)
    clips = tuple(validate(clip, ROWS[0]) for clip in recipe.clips)
    return dataclasses.replace(recipe, clips=clips)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_how_it_was_made(tmp_path, name):
    row = dataclasses.replace(ROWS[0], hub=HubPin("owner/first", "5" * 40))
    recipe = plan(name, row, [MORPH], scale=2, frame=3)
    assert understood(written(tmp_path, name, recipe)) == recipe
    assert recipe.clips == (MORPH,) and recipe.scale == 2 and recipe.hub == row.hub
    assert recipe.frame == (3 if name == "frame" else None)


@pytest.mark.parametrize("name", [name for name in FORMATS if not FORMATS[name].still])
def test_many_clips_are_told_in_their_order(tmp_path, name):
    recipe = plan(name, ROWS[0], [MORPH, OTHER] * 32)
    assert understood(written(tmp_path, name, recipe)).clips == (MORPH, OTHER) * 32


def test_the_document_is_one_that_people_can_read(tmp_path):
    text = written(tmp_path, "json", plan("json", ROWS[0], [MORPH])).read_text("ascii")
    data = json.loads(text)
    assert [*data] == ["vidgen", "release", "sha256", "fps", "clips", "versions"]
    assert data["clips"][0]["content"] == [[7, 0.75], [9, 0.25]]
    assert data["versions"]["vidgen"] == VERSION and "torch" in data["versions"]
    assert len(text.splitlines()) > 20


def test_the_version_is_the_packages():
    pyproject = Path(__file__).parents[2] / "pyproject.toml"
    found = re.search(r'^version = "(.+)"', pyproject.read_text(), re.M)
    assert found and found[1] == VERSION


def test_a_document_may_be_written_by_hand(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(f'\n {{ "vidgen" :1, {json.dumps(document())[13:]}')
    assert read_recipe(path).clips[0].content == [[7, 1]]  # to be validated with its release


def document(**changes: object) -> dict:
    clip = {"classes": [[1, 1]], "content": [[7, 1]], "motion": [[0, 1]]}
    good = {"vidgen": 1, "release": "first", "sha256": "a" * 64, "fps": 8, "clips": [clip]}
    return {key: value for key, value in (good | changes).items() if value != "none"}


def clip_with(**changes: object) -> list[dict]:
    return [document()["clips"][0] | changes]


BAD = [
    ({"vidgen": 2}, "its format is not 1"),
    ({"release": "none"}, "lacks the keys ['release']"),
    ({"release": "../../secret"}, "name is '../../secret'"),
    ({"release": ["first"]}, "name is ['first']"),
    ({"sha256": "A" * 64}, "sha256 is 'AAAA"),
    ({"fps": 0}, "fps is 0; legal is 0.1 to 240"),
    ({"fps": float("nan")}, "fps is nan"),
    ({"fps": True}, "fps is True"),
    ({"fps": "8"}, "fps is '8'"),
    ({"clips": {}}, "clips is {}; legal is a list"),
    ({"clips": []}, "there are 0 clips; legal is 1 to 64"),
    ({"clips": clip_with() * 65}, "there are 65 clips"),
    ({"clips": ["first"]}, "a clip is no JSON object"),
    ({"clips": clip_with(release="other")}, "names a release of its own"),
    ({"clips": clip_with(colour="red")}, "a clip has unknown keys ['colour']"),
    ({"clips": [{"classes": []}]}, "a clip lacks the keys ['content', 'motion']"),
    ({"scale": 9}, "scale is 9; legal is 1 to 8"),
    ({"scale": 1.5}, "scale is 1.5"),
    ({"frame": -1}, "frame is -1; legal is 0 to 63"),
    ({"hub": {"repo_id": "a/b"}}, "hub lacks the keys ['revision']"),
    ({"hub": {"repo_id": "a/../b", "revision": "5" * 40}}, "repo_id is 'a/../b'"),
    ({"command": "rm"}, "unknown keys ['command']"),
]


@pytest.mark.parametrize(("changes", "message"), BAD)
def test_a_document_that_breaks_its_schema_is_refused_by_the_name_of_what_does(
    tmp_path, changes, message
):
    text = json.dumps(document(**changes))
    (tmp_path / "bad.json").write_text(text)
    (tmp_path / "bad.gif").write_bytes(encode_gif(moving_square(8), 8, note=text))
    for name in ("bad.json", "bad.gif"):
        with pytest.raises(MediaError) as caught:
            read_recipe(tmp_path / name)
        assert message in str(caught.value) and f"{name} is no recipe" in str(caught.value)
        assert len(str(caught.value)) < 500 + len(str(tmp_path)) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no document"),
        (b"\x89PNG and no more", "holds no document"),
        (b"GIF89a and no more", "holds no document"),
        (b'{"release": "first", "vidgen": 1}', "holds no document that begins with"),
        (b'{"vidgen": 1,', "is not JSON of at most 64 KiB"),
        (b'{"vidgen": ' + b"[" * 60000, "is not JSON"),
        (b'{"vidgen": ' + b"9" * 60000 + b"}", "is no recipe"),
        (b'{"vidgen": 1, "x": "' + b"x" * 70000 + b'"}', "is not JSON of at most 64 KiB"),
        (b'{"vidgen": "\xff\xfe"}', "its format is not 1"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path, data, message):
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(MediaError, match=re.escape(message)):
        read_recipe(tmp_path / "bad")


def test_a_file_that_is_too_large_or_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("vidgen.recipe._MAX_FILE", 2**20)
    (tmp_path / "large").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(MediaError, match="large is no recipe: it is larger than 1 MiB"):
        read_recipe(tmp_path / "large")
    with pytest.raises(MediaError, match="gone can't be read: No such file"):
        read_recipe(tmp_path / "gone")
    with pytest.raises(MediaError, match="can't be read: Is a directory"):
        read_recipe(tmp_path)


def test_a_recipe_that_breaks_its_own_rules_is_not_made():
    with pytest.raises(ConfigError, match="scale is 0"):
        Recipe("first", "a" * 64, 8, (MORPH,), scale=0)
