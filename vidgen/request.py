"""What may be asked for: the request for a clip, and the only place that refuses one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vidgen.latent import MAX_SEED
from vidgen.legal import GRAIN, LIMITS, RequestError, limited, mixed, number, read_number, whole
from vidgen.mixes import (
    Mix,
    between,
    blend,
    check_at,
    class_form,
    closed_walk,
    content_form,
    motion_form,
    plane,
    read_walk,
    walk_between,
)
from vidgen.rows import Row

__all__ = [
    "FORM_KEYS",
    "LIMITS",
    "ClipRequest",
    "RequestError",
    "find_row",
    "from_form",
    "to_form",
    "validate",
]

FORM_KEYS = ("release", "class", "class_b", *LIMITS, "walk", "part")
MAX_PIXELS = 2**21  # frames x height x width of one clip: the cost cap


@dataclass(frozen=True)
class ClipRequest:
    """One clip as asked for; ``validate`` returns its canonical form.

    Attributes:
        release: name of the release that makes it.
        classes: the class mix, ((index, weight), ...).
        content: what the thing is, ((seed, weight), ...), mixed in the mapped space.
        motion: how it moves, ((seed, weight), ...).
        psi: truncation, 0 (the mean of the class) to 1.5; 1 leaves the latent as it is.
        frames: how many frames.
        start: time of the first frame, in frames of the training data.
        step: time between two frames; 0.5 is slow motion at half speed.
        loop: whether the motion closes after frames x step.
        part: what to look at inside the clip, by name; "" is the clip itself.
    """

    release: str
    classes: Mix
    content: Mix
    motion: Mix
    psi: float = 1.0
    frames: int = 16
    start: float = 0.0
    step: float = 1.0
    loop: bool = False
    part: str = ""


def validate(request: ClipRequest, row: Row) -> ClipRequest:
    """Return the canonical form: mixes sorted, merged and summing to 1, numbers in thousandths.

    Args:
        request: a ClipRequest with anything in its fields; types are checked too.
        row: the release that it names.

    Raises:
        RequestError: names the first field that is out of range, its value and the legal range.
    """
    if request.release != row.name:
        raise RequestError("release", request.release, (row.name, f" {row.name}"))
    if not isinstance(request.loop, bool):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RequestError("loop", request.loop, ("true or false", " true 或 false"))
    if request.part not in ("", *row.parts):
        names = ", ".join(row.parts)
        raise RequestError("part", request.part, (
            f"{names}, or nothing for the clip itself" if names else "nothing: no part can be seen",
            f" {names}，或留空（片段本身）" if names else "留空：没有可看的部分",
        ))  # fmt: skip
    clean = replace(
        request,
        classes=mixed("class", request.classes, len(row.classes) - 1),
        content=mixed("seed", request.content, MAX_SEED),
        motion=mixed("motion", request.motion, motion_limits(row)[1]),
        psi=limited("psi", request.psi),
        frames=whole("frames", request.frames, *frame_limits(row)),
        start=number("start", request.start, *start_limits(row)),
        step=number("step", request.step, *step_limits(row)),
    )
    _check_time(clean, row)
    return clean


def frame_limits(row: Row) -> tuple[int, int]:
    """Return the fewest and the most frames that a clip of this release may have."""
    low, high = (int(end) for end in LIMITS["frames"])
    high = min(high, row.max_frames, MAX_PIXELS // (row.clip.height * row.clip.width))
    return min(low, high), high


def start_limits(row: Row) -> tuple[float, float]:
    """Return the first and the latest start, which leaves room for eight frames at full speed."""
    if not row.continuous_time:
        return 0, 0
    return 0, max(0, min(LIMITS["start"][1], row.max_frames - LIMITS["frames"][0]))


def step_limits(row: Row) -> tuple[float, float]:
    """Return the shortest and the longest time between two frames of this release."""
    return LIMITS["step"] if row.continuous_time else (1, 1)


def motion_limits(row: Row) -> tuple[int, int]:
    """Return the first and the last motion seed: 0 alone where looks and motion are one."""
    return (0, MAX_SEED) if row.motion else (0, 0)


def _check_time(clean: ClipRequest, row: Row) -> None:
    """Refuse times that were never trained, and loops of what can't run backwards."""
    last = clean.start + (clean.frames - 1) * clean.step
    if last > row.max_frames:
        longest = (row.max_frames - clean.start) / (clean.frames - 1)
        longest = int(longest * GRAIN) / GRAIN  # not rounded up, or it would be refused too
        raise RequestError("step", clean.step, (
            f"up to {longest:g} for {clean.frames} frames from {clean.start:g}, so that the last "
            f"one is at {row.max_frames} or before",
            f"不超过 {longest:g}（从 {clean.start:g} 开始的 {clean.frames} 帧，最后一帧不晚于 "
            f"{row.max_frames}）",
        ))  # fmt: skip
    if clean.loop and clean.frames * clean.step > row.max_frames:
        raise RequestError("loop", clean.loop, (
            f"frames x step up to {row.max_frames} in a loop",
            f"：循环时帧数 × 时间步长不超过 {row.max_frames}",
        ))  # fmt: skip
    if clean.loop and not row.loops:
        raise RequestError("loop", clean.loop, (
            f"false: {row.title['en']} can't run in a loop", f" false：{row.title['zh']}不能循环",
        ))  # fmt: skip
    stuck = [row.classes[index] for index, _ in clean.classes if not row.classes[index].loops]
    if clean.loop and stuck:
        raise RequestError("loop", clean.loop, (
            f"false: {stuck[0].en} can't run in a loop", f" false：{stuck[0].zh}不能循环",
        ))  # fmt: skip


def find_row(name: object, rows: Sequence[Row]) -> Row:
    """Return the release of that name; refuse an unknown one."""
    for row in rows:
        if row.name == name:
            return row
    names = ", ".join(row.name for row in rows)
    raise RequestError("release", name, (names or "nothing: no release is there",
                                         f" {names}" if names else "：没有可用的模型"))  # fmt: skip


def from_form(form: Mapping[str, str], rows: Sequence[Row], *, strict: bool = False) -> ClipRequest:
    """Read the flat form that links, the GET routes, the API and the command line share.

    What is missing is neutral: without class_b there is no second class, without seed_c and seed_d
    the plane is the same from top to bottom. A walk takes the place of the plane.

    Args:
        form: texts under FORM_KEYS; ``class`` and ``class_b`` are positions as ``between`` takes
            them, ``walk`` is seeds with commas between them.
        rows: the releases that there are; the first one is the default.
        strict: refuse unknown keys (the route) instead of ignoring them (links).

    Returns:
        The canonical request.

    Raises:
        RequestError: as ``validate`` does, and for what is not a number at all.
    """
    unknown = [key for key in form if key not in FORM_KEYS]
    if strict and unknown:
        raise RequestError("key", unknown[0], (", ".join(FORM_KEYS), " " + ", ".join(FORM_KEYS)))
    row = find_row(form.get("release", rows[0].name if rows else None), rows)
    values = _numbers(form, row)
    frames = whole("frames", values["frames"], *frame_limits(row))
    motion, motion_b = (
        whole(key, values[key], *motion_limits(row)) for key in ("motion", "motion_b")
    )
    request = ClipRequest(
        release=row.name,
        classes=_class_mix(values, row),
        content=_content_mix(values, form.get("walk")),
        motion=walk_between(motion, motion_b, _limited(values, "motion_t")),
        psi=values["psi"],
        frames=frames,
        start=values["start"],
        step=values["step"],
        loop=bool(_whole(values, "loop")),
        part=form.get("part", ""),
    )
    return validate(request, row)


def _numbers(form: Mapping[str, str], row: Row) -> dict[str, float]:
    """Read every number of a form, given or default."""
    seed, motion = form.get("seed", "0"), form.get("motion", "0")
    defaults = {
        "class_b": form.get("class", "0"),
        "seed_b": seed, "seed_c": seed, "seed_d": form.get("seed_b", seed), "motion_b": motion,
        "psi": "1", "frames": str(min(ClipRequest.frames, frame_limits(row)[1])), "step": "1",
    }  # fmt: skip
    keys = ("class", "class_b", *LIMITS)
    return {key: read_number(key, form.get(key, defaults.get(key, "0"))) for key in keys}


def _whole(values: Mapping[str, float], key: str) -> int:
    return whole(key, values[key], *LIMITS[key])


def _limited(values: Mapping[str, float], key: str) -> float:
    return limited(key, values[key])


def _class_mix(values: Mapping[str, float], row: Row) -> Mix:
    last = len(row.classes) - 1
    a, b = (between(number(key, values[key], 0, last)) for key in ("class", "class_b"))
    mix = _limited(values, "mix")
    return blend(((1 - mix, a), (mix, b)))


def _content_mix(values: Mapping[str, float], walk: str | None) -> Mix:
    corners = [_whole(values, key) for key in ("seed", "seed_b", "seed_c", "seed_d")]
    t, u, at = (_limited(values, key) for key in ("t", "u", "at"))
    seeds = read_walk(walk) if walk is not None else ()
    check_at(at, seeds)
    return closed_walk(seeds, at) if seeds else plane(corners, t, u)


def to_form(request: ClipRequest) -> dict[str, str]:
    """Return a form that ``from_form`` reads back to the same canonical request.

    What is neutral of the keys beyond the three sliders' is left out.

    Raises:
        ValueError: a mix that no sliders can say.
    """
    values = {
        **class_form(request.classes), **content_form(request.content),
        **motion_form(request.motion), "psi": request.psi, "frames": request.frames,
        "start": request.start, "step": request.step, "loop": request.loop,
    }  # fmt: skip
    texts = {key: f"{value:.3f}".rstrip("0").rstrip(".") for key, value in values.items()}
    texts["release"] = request.release
    if request.part:
        texts["part"] = request.part
    return {key: texts[key] for key in FORM_KEYS if key in texts}
