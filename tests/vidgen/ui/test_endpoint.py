"""The public API: the whole form as arguments, and a path of clips as one video."""

from __future__ import annotations

from pathlib import Path

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from standin import ROWS, StandInEngine, StandInShelf, colour_of, served

from vidgen.axes import AXES, MAX_CELLS
from vidgen.legal import LIMITS
from vidgen.request import FORM_KEYS, from_form
from vidgen.service import Service
from vidgen.video import read_video


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    shelf = StandInShelf()
    service = Service(shelf, StandInEngine(seconds=0))
    got = str(tmp_path_factory.mktemp("got"))
    with served(service, shelf, tmp_path_factory.mktemp("checkpoints")) as address:
        yield Client(address, verbose=False, download_files=got)
    service.close()


def test_every_key_of_a_form_is_an_argument_with_its_range(client: Client):
    info = client.view_api(return_format="dict", print_info=False)
    assert isinstance(info, dict)
    form = {"class_position" if key == "class" else key for key in FORM_KEYS}
    for name, more in (("/generate", set()), ("/path", {"along", "clips", "first", "last"})):
        endpoint = info["named_endpoints"][name]
        given = {each["parameter_name"]: each for each in endpoint["parameters"]}
        assert set(given) == form | more
        assert all(each["parameter_has_default"] for each in given.values())
        assert given["loop"]["type"]["type"] == "boolean"
        assert given["seed_c"]["type"]["type"] == "integer"
        assert len(endpoint["returns"]) == 2


@pytest.mark.parametrize("name", ["generate", "path"])
def test_the_docstring_says_what_is_legal(client: Client, name):
    from vidgen.ui.endpoint import make_endpoints

    words = make_endpoints(Service(StandInShelf(), StandInEngine()))[name].__doc__ or ""
    lines = {line.split(":")[0].strip(): line for line in words.splitlines() if ": " in line}
    for key in set(LIMITS) - {"at", "loop"}:
        assert " to ".join(f"{end:.15g}" for end in LIMITS[key]) in lines[key], key
    if name == "path":
        assert f"2 to {MAX_CELLS}" in lines["clips"]
        assert all(key in lines["along"] for key in AXES)


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (
            {"class_position": 0, "class_b": 2, "mix": 0.25},
            {"class": "0", "class_b": "2", "mix": "0.25"},
        ),
        (
            {"seed": 1, "seed_b": 2, "seed_c": 3, "seed_d": 4, "t": 0.5, "u": 0.25},
            {"seed": "1", "seed_b": "2", "seed_c": "3", "seed_d": "4", "t": "0.5", "u": "0.25"},
        ),
        ({"walk": "4,5,6", "at": 2.5}, {"walk": "4,5,6", "at": "2.5"}),
        (
            {"motion": 3, "motion_b": 8, "motion_t": 0.5},
            {"motion": "3", "motion_b": "8", "motion_t": "0.5"},
        ),
    ],
)
def test_what_a_form_says_the_arguments_say(client: Client, given, form):
    path, understood = client.predict(**given, api_name="/generate")
    asked = from_form(form, ROWS)
    assert abs(read_video(Path(path))[:, 2, 2].astype(int) - colour_of(asked)).max() < 12
    again, same = client.predict(**understood, api_name="/generate")
    assert same == understood and Path(again).read_bytes() == Path(path).read_bytes()
    as_form = {"class" if key == "class_position" else key: str(v) for key, v in same.items()}
    assert from_form(as_form, ROWS) == asked


def test_a_path_is_one_video_of_its_clips_in_a_row(client: Client):
    path, understood = client.predict(
        along="t", clips=5, seed=3, seed_b=40, frames=8, class_position=1, api_name="/path"
    )
    assert len(understood) == 5
    video = read_video(Path(path))
    assert len(video) == 40
    for k, t in enumerate(("0", "0.25", "0.5", "0.75", "1")):
        form = {"class": "1", "seed": "3", "seed_b": "40", "t": t, "frames": "8"}
        colour = colour_of(from_form(form, ROWS))
        assert abs(video[8 * k : 8 * k + 8, 2, 2].astype(int) - colour).max() < 12
    alone, same = client.predict(**understood[2], api_name="/generate")
    assert same == understood[2] and len(read_video(Path(alone))) == 8


def test_a_path_goes_along_classes_seeds_and_closed_walks(client: Client):
    def last_of(**given):
        return client.predict(**given, frames=8, api_name="/path")[1][-1]

    assert last_of(along="class_position", first=0, last=2, clips=3)["class_position"] == 2
    assert last_of(along="seed", first=4294967294, last=4294967295, clips=2)["seed"] == 2**32 - 1
    assert last_of(along="at", walk="7,8,9", last=3, clips=4)["seed"] == 7
    assert last_of(along="psi", first=1.5, last=0, clips=3)["psi"] == 0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"along": "colour"}, "along is colour; legal is one of class_position"),
        ({"along": {"a": 1}}, "along is"),
        ({"along": "frames"}, "along is frames"),
        ({"clips": 1}, "clips is 1; legal is a whole number from 2 to 64"),
        ({"clips": 65}, "clips is 65"),
        ({"clips": "many"}, "clips is many"),
        ({"last": 1.5}, "t is 1.071; legal is a number from 0 to 1"),
        ({"first": -1}, "first is -1; legal is a number from 0"),
        ({"first": None}, "first is None"),
        ({"along": "seed", "clips": 3}, "seed is 0.5; legal is a whole number"),
        ({"along": "at", "last": 2}, "at is 0.286; legal is a number from 0 to 0"),
        ({"walk": "1"}, "walk is 1; legal is 2 to 16 seeds"),
        ({"seed": ""}, "seed is empty"),
        ({"clips": 64, "frames": 64}, "frames is 64 for 64 cells; legal is up to 32"),
    ],
)
def test_a_path_refuses_in_words_that_name_field_value_and_legal_range(client, given, words):
    with pytest.raises(AppError) as caught:
        client.predict(**given, api_name="/path")
    assert words in str(caught.value) and "legal is" in str(caught.value)
