"""Every family as a release: what the page, the shell and a link get of it."""

import numpy as np
import pytest
from family_releases import ship_family
from PIL import Image

from vidgen import __main__ as cli
from vidgen.engine import Engine, render_on_gpu
from vidgen.families import CONFIGS
from vidgen.release import load_generator
from vidgen.request import RequestError, from_form

FAMILIES = list(CONFIGS)
ENGINE = Engine("cpu")


@pytest.fixture(scope="module")
def releases(tmp_path_factory):
    """A release of each family: {family: (row, path)}."""
    folder = tmp_path_factory.mktemp("families")
    return {family: ship_family(folder, family) for family in FAMILIES}


@pytest.fixture(params=FAMILIES)
def release(request, releases):
    return releases[request.param]


def clips(release, *forms):
    row, path = release
    return ENGINE.render(path, [from_form(form, [row]) for form in forms])


def differ(a, b):
    return np.abs(a.astype(int) - b).mean() > 0.5


def test_a_release_is_read_back_as_it_was_written(release):
    row, path = release
    generator, info = load_generator(path)
    assert info.model == generator.config and isinstance(info.model, CONFIGS[row.family])
    weights = sum(value.numel() for value in generator.state_dict().values())
    assert row.parameters == weights
    assert row.bytes <= 6 * 10**6
    assert (row.loops, row.motion, row.parts) == (
        info.model.loops, info.model.moves_apart, info.model.parts,
    )  # fmt: skip


def test_the_ends_of_an_interpolation_are_its_seeds(release):
    way = {"seed": "3", "seed_b": "8"}
    at_a, at_b, a, b, half = clips(
        release, {**way, "t": "0"}, {**way, "t": "1"}, {"seed": "3"}, {"seed": "8"},
        {**way, "t": "0.5"},
    )  # fmt: skip
    assert np.array_equal(at_a, a) and np.array_equal(at_b, b)
    assert differ(a, b) and differ(half, a) and differ(half, b)


def test_at_psi_0_every_seed_is_the_mean_of_its_class(release):
    one, other, another_class = clips(
        release, {"psi": "0", "seed": "3"}, {"psi": "0", "seed": "8"}, {"psi": "0", "class": "2"}
    )
    assert np.array_equal(one, other)
    assert differ(one, another_class)


def test_a_longer_clip_keeps_its_first_frames(release):
    longest = min(release[0].max_frames, 24)
    short, longer = clips(release, {"frames": "8"}, {"frames": str(longest)})
    assert len(longer) == longest
    assert np.array_equal(longer[:8], short)


def test_neighbours_in_a_call_change_no_clip(release):
    forms = [{"seed": "1"}, {"seed": "2", "class": "1"}, {"frames": "8"}]
    for form, clip in zip(forms, clips(release, *forms), strict=True):
        assert np.array_equal(clip, clips(release, form)[0])


def test_the_motion_seed_and_loops_are_for_those_who_can(release):
    row, _ = release
    for form, able in (({"motion": "5"}, row.motion), ({"loop": "1"}, row.loops)):
        if able:
            assert differ(*clips(release, {}, form))
        else:
            with pytest.raises(RequestError, match="legal is"):
                clips(release, form)


def test_each_part_is_a_clip_of_its_own(release):
    row, path = release
    shown = clips(release, {"frames": "8"}, *({"frames": "8", "part": part} for part in row.parts))
    assert all(clip.shape == (8, 16, 16, 3) for clip in shown)
    if row.family != "progressive":  # whose last stage is the clip
        assert len({clip.tobytes() for clip in shown}) == 1 + len(row.parts)
    requests = [from_form({"part": part}, [row]) for part in ("", *row.parts, "")]
    together = render_on_gpu(str(path), tuple(requests), "cpu")
    for request, clip in zip(requests, together, strict=True):
        assert np.abs(ENGINE.render(path, [request])[0].astype(int) - clip).max() <= 1


def test_progressives_stages_end_with_its_clip(releases):
    row, _ = release = releases["progressive"]
    whole, small, last = clips(release, {}, *({"part": part} for part in row.parts))
    assert np.array_equal(last, whole)
    assert np.array_equal(small, small[:, ::2, ::2].repeat(2, axis=1).repeat(2, axis=2))


def test_the_shell_writes_a_part(releases, tmp_path, capsys):
    _, path = release = releases["vgan"]
    options = ["--release", str(path), "--frames", "9", "--out", str(tmp_path / "mask.png")]
    assert cli.main(["generate", *options, "--part", "mask"]) == 0
    sheet = np.asarray(Image.open(tmp_path / "mask.png").convert("RGB"))
    mask = clips(release, {"frames": "9", "part": "mask"})[0]
    cells = sheet.reshape(3, 16, 3, 16, 3).swapaxes(1, 2).reshape(9, 16, 16, 3)
    assert np.array_equal(cells, mask)
    again = ["generate", "--from", str(tmp_path / "mask.png"), "--release", str(path)]
    assert cli.main([*again, "--out", str(tmp_path / "again.png")]) == 0
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "mask.png").read_bytes()
    capsys.readouterr()
    assert cli.main(["generate", *options, "--part", "scene"]) == 2
    assert "--part: part is scene; legal is mask, foreground, background" in capsys.readouterr().err
