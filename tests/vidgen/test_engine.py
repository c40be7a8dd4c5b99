"""The laws of a picture: what changes it, what must not, and what it is at the ends of a slider."""

import os
import pickle
import subprocess
import sys
import textwrap
import types
from dataclasses import replace

import numpy as np
import pytest
import torch
from lively_release import MODEL, PLAIN, lively_generator, ship_lively

import vidgen.engine
from vidgen.engine import Engine, borrowing, codes, load, render_on_gpu, synthesize
from vidgen.latent import content_noise
from vidgen.release import ReleaseError, count_parameters, read_info, save_release


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return ship_lively(tmp_path_factory.mktemp("releases"))[1]


@pytest.fixture(scope="module")
def engine():
    return Engine("cpu")


def one(engine, release, **changes):
    return engine.render(release, [replace(PLAIN, **changes)])[0]


def differs(a, b):
    return np.abs(a.astype(int) - b).mean() > 0.5


def test_a_clip_is_uint8_and_every_part_of_a_request_shows(engine, release):
    clip = one(engine, release)
    assert clip.dtype == np.uint8 and clip.shape == (8, 16, 16, 3)
    assert clip.flags.c_contiguous
    for change in (
        {"classes": ((0, 1.0),)}, {"content": ((4, 1.0),)}, {"motion": ((6, 1.0),)}, {"psi": 0.5},
        {"start": 3.0}, {"step": 0.5}, {"loop": True},
    ):  # fmt: skip
        assert differs(one(engine, release, **change), clip), change
    assert differs(clip[1:], clip[:-1])  # it moves
    assert np.isin(clip, (0, 255)).mean() < 0.05  # and most of it is not clamped


def test_the_same_request_gives_the_same_bytes_in_another_process(engine, release):
    script = """
        import sys
        from pathlib import Path
        from vidgen.engine import Engine
        from vidgen.request import ClipRequest
        request = ClipRequest("lively", ((1, 1.0),), ((3, 1.0),), ((5, 1.0),), frames=8)
        clip = Engine("cpu").render(Path(sys.argv[1]), [request])[0]
        sys.stdout.buffer.write(clip.tobytes())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), str(release)]
    other = subprocess.run(command, capture_output=True, check=True, timeout=120).stdout
    assert other == one(engine, release).tobytes()


@pytest.mark.parametrize("place", [0, 1, 4])
def test_neighbours_never_change_a_picture(engine, release, place):
    neighbours = [
        replace(PLAIN, content=((seed, 0.5), (seed + 1, 0.5)), frames=8 + seed, loop=seed % 2 == 0)
        for seed in range(4)
    ]
    neighbours.insert(place, PLAIN)
    assert np.array_equal(engine.render(release, neighbours)[place], one(engine, release))


@pytest.mark.parametrize("frames", [9, 16, 33, 64])
@pytest.mark.parametrize("step", [0.3, 1.0])
def test_a_longer_clip_keeps_its_first_frames(engine, release, frames, step):
    short, long = (one(engine, release, frames=n, step=step) for n in (8, frames))
    assert np.array_equal(long[:8], short)


def test_a_later_start_is_a_cut_from_the_same_clip(engine, release):
    assert np.array_equal(one(engine, release, start=5.0), one(engine, release, frames=16)[5:13])
    half = one(engine, release, frames=15, step=0.5)
    assert np.array_equal(half[::2], one(engine, release))


@pytest.mark.parametrize("part", ["content", "motion"])
def test_the_ends_of_an_interpolation_are_the_ends(engine, release, part):
    a, b = (one(engine, release, **{part: ((seed, 1.0),)}) for seed in (3, 9))
    for t, end in ((0.0, a), (1.0, b)):
        mixed = one(engine, release, **{part: ((3, 1 - t), (9, t))})
        assert np.array_equal(mixed, end)
    middle = one(engine, release, **{part: ((3, 0.5), (9, 0.5))})
    assert differs(middle, a) and differs(middle, b)


def test_content_is_mixed_linearly_in_the_mapped_space(release):
    generator = load(str(release), 0, "cpu")
    with torch.inference_mode():
        a, b, mixed = (
            codes(generator, replace(PLAIN, content=content))[0]
            for content in (((3, 1.0),), ((9, 1.0),), ((3, 0.7), (9, 0.3)))
        )
    torch.testing.assert_close(mixed, 0.7 * a + 0.3 * b)


def test_a_mixed_tape_is_as_lively_as_a_plain_one(release):
    generator = load(str(release), 0, "cpu")
    with torch.inference_mode():
        tapes = [
            codes(generator, replace(PLAIN, motion=((2 * seed, 0.5), (2 * seed + 1, 0.5))))[2]
            for seed in range(200)
        ]
    assert abs(float(torch.cat(tapes).var()) - 1) < 0.05


def test_a_mix_of_one_class_is_that_class(engine, release):
    plain = one(engine, release)
    mixed = one(engine, release, classes=((0, 0.0), (1, 1.0), (2, 0.0)))
    assert np.array_equal(mixed, plain)
    assert np.array_equal(one(engine, release, classes=((1, 0.4), (1, 0.6))), plain)


def test_psi_zero_is_the_mean_of_the_class_whatever_the_seed(engine, release):
    a, b = (one(engine, release, psi=0.0, content=((seed, 1.0),)) for seed in (3, 2**32 - 1))
    assert np.array_equal(a, b)
    generator = load(str(release), 0, "cpu")
    with torch.inference_mode():
        w = codes(generator, replace(PLAIN, psi=0.0))[0]
        mixed = codes(generator, replace(PLAIN, psi=0.0, classes=((0, 0.25), (2, 0.75))))[0]
    mean = generator.content_mean
    assert torch.equal(w[0], mean[1])
    torch.testing.assert_close(mixed[0], 0.25 * mean[0] + 0.75 * mean[2])


def test_psi_one_leaves_the_latent_as_it_is(release):
    generator = load(str(release), 0, "cpu")
    with torch.inference_mode():
        noise = torch.from_numpy(content_noise(3, MODEL.content_dim))[None]
        w = generator.map_content(noise, torch.tensor([[0.0, 1.0, 0.0]]))
        assert torch.equal(codes(generator, PLAIN)[0], w)


@pytest.mark.parametrize(("frames", "step"), [(8, 0.125), (16, 1.0), (24, 0.75), (32, 2.0)])
def test_a_loop_closes(release, frames, step):  # steps whose sums float32 holds exactly
    generator = load(str(release), 0, "cpu")
    request = replace(PLAIN, frames=frames, step=step, loop=True)
    w, m, tape = codes(generator, request)
    period = frames * step
    times = torch.arange(frames)[None] * step
    with torch.inference_mode():
        clip = synthesize(generator, [request])
        again = generator.synthesize(w, m, tape, times + period, torch.tensor([period]))
        free = generator.synthesize(w, m, tape, times + period, torch.tensor([0.0]))
    torch.testing.assert_close(again, clip, atol=1e-4, rtol=0)
    assert (free - clip).abs().mean() > 100 * (again - clip).abs().mean()  # and only a loop does


def test_a_replaced_file_is_loaded_anew(engine, release, tmp_path):
    path = tmp_path / "tiny.safetensors"
    path.write_bytes(release.read_bytes())
    before = one(engine, path)
    save_release(path, lively_generator(seed=1), read_info(release))
    os.utime(path, ns=(1, 1))
    assert differs(one(engine, path), before)


def test_releases_stay_in_memory_while_there_is_room(engine, release, tmp_path, monkeypatch):
    weights = count_parameters(release)
    monkeypatch.setattr(vidgen.engine, "_MEMORY", vidgen.engine._Memory(room=2 * weights))
    paths = [tmp_path / f"{name}.safetensors" for name in ("one", "two", "three")]
    for path in paths:
        path.write_bytes(release.read_bytes())
        assert not engine.holds(path)
        one(engine, path)
        assert engine.holds(path)
    assert [engine.holds(path) for path in paths] == [False, True, True]
    one(engine, paths[1])  # asked for last, so it stays
    one(engine, paths[0])
    assert [engine.holds(path) for path in paths] == [True, True, False]
    monkeypatch.setattr(vidgen.engine, "_MEMORY", vidgen.engine._Memory(room=1))
    one(engine, paths[0])
    assert engine.holds(paths[0])  # the newest, whatever it needs


def test_a_file_that_is_no_release_is_said(engine, tmp_path):
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ReleaseError, match=r"broken\.safetensors"):
        one(engine, path)


def test_on_zerogpu_the_gpu_part_is_announced_and_single_clips_stay_on_the_cpu(monkeypatch):
    spaces = types.SimpleNamespace(
        GPU=lambda duration: lambda function: ("announced", duration, function)
    )
    monkeypatch.setitem(sys.modules, "spaces", spaces)
    assert borrowing(render_on_gpu) is render_on_gpu  # not a Space with a borrowed GPU
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # so it says there
    assert borrowing(render_on_gpu) == ("announced", 5, render_on_gpu)
    assert Engine().device == "cpu"
    assert pickle.loads(pickle.dumps(render_on_gpu)) is render_on_gpu  # it is sent by name
    monkeypatch.setitem(sys.modules, "spaces", None)
    assert borrowing(render_on_gpu) is render_on_gpu


@pytest.mark.gpu
def test_a_gpu_shows_the_same_picture_as_the_cpu(engine, release):
    requests = [replace(PLAIN, content=((seed, 1.0),), frames=8 + seed % 2) for seed in range(6)]
    for here, there in zip(
        engine.render(release, requests), Engine("cuda").render(release, requests), strict=True
    ):
        apart = np.abs(here.astype(int) - there)
        assert apart.mean() < 2 and np.quantile(apart, 0.99) < 16, (apart.mean(), apart.max())


def test_clips_of_several_lengths_come_back_in_order_when_rendered_together(release):
    requests = [replace(PLAIN, content=((seed, 1.0),), frames=8 + seed % 3) for seed in range(6)]
    together = render_on_gpu(str(release), requests, "cpu")  # the same code, on the CPU
    for request, clip in zip(requests, together, strict=True):
        alone = Engine("cpu").render(release, [request])[0]
        assert np.abs(clip.astype(int) - alone).max() <= 1
