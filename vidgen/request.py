"""What may be asked for: the request for a clip, and the only place that refuses one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vidgen.latent import MAX_SEED
from vidgen.legal import GRAIN, LIMITS, RequestError, limited, mixed, number, read_number, whole
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

FORM_KEYS = ("release", "class", *LIMITS)
MAX_PIXELS = 2**21  # frames x height x width of one clip: the cost cap
Mix = tuple[tuple[int, float], ...]  # (class index or seed, weight)


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
    clean = replace(
        request,
        classes=mixed("class", request.classes, len(row.classes) - 1),
        content=mixed("seed", request.content, MAX_SEED),
        motion=mixed("motion", request.motion, MAX_SEED),
        psi=limited("psi", request.psi),
        frames=whole("frames", request.frames, *frame_limits(row)),
        start=number("start", request.start, 0, _latest_start(row)),
        step=limited("step", request.step),
    )
    _check_time(clean, row)
    return clean


def frame_limits(row: Row) -> tuple[int, int]:
    """Return the fewest and the most frames that a clip of this release may have."""
    low, high = (int(end) for end in LIMITS["frames"])
    high = min(high, row.max_frames, MAX_PIXELS // (row.clip.height * row.clip.width))
    return min(low, high), high


def _latest_start(row: Row) -> float:
    """Return the latest start, which leaves room for eight frames at full speed."""
    return max(0, min(LIMITS["start"][1], row.max_frames - LIMITS["frames"][0]))


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


def between(position: float) -> Mix:
    """Return the class mix at a position of the class slider: 3.4 is 0.6 of 3 and 0.4 of 4."""
    thousandths = round(position * GRAIN)
    index, share = divmod(thousandths, GRAIN)
    return ((index, 1 - share / GRAIN), (index + 1, share / GRAIN)) if share else ((index, 1.0),)


def from_form(form: Mapping[str, str], rows: Sequence[Row], *, strict: bool = False) -> ClipRequest:
    """Read the flat form that links, the GET route and the API share; what is missing is default.

    Args:
        form: texts under FORM_KEYS; ``class`` is a position as ``between`` takes it.
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
    frames = str(min(ClipRequest.frames, frame_limits(row)[1]))
    defaults = {"seed_b": form.get("seed", "0"), "psi": "1", "frames": frames, "step": "1"}
    values = {key: read_number(key, form.get(key, defaults.get(key, "0"))) for key in FORM_KEYS[1:]}
    seed, seed_b, motion, loop = (
        whole(key, values[key], *LIMITS[key]) for key in ("seed", "seed_b", "motion", "loop")
    )
    t = limited("t", values["t"])
    request = ClipRequest(
        release=row.name,
        classes=between(number("class", values["class"], 0, len(row.classes) - 1)),
        content=((seed, 1 - t), (seed_b, t)),
        motion=((motion, 1.0),),
        psi=values["psi"],
        frames=whole("frames", values["frames"], *frame_limits(row)),
        start=values["start"],
        step=values["step"],
        loop=bool(loop),
    )
    return validate(request, row)


def to_form(request: ClipRequest) -> dict[str, str]:
    """Return the form that ``from_form`` reads back to the same canonical request.

    Raises:
        ValueError: a mix that the three sliders can't express.
    """
    parts = [len(mix) for mix in (request.classes, request.content, request.motion)]
    (first, _), (last, share) = request.classes[0], request.classes[-1]
    if max(parts) > 2 or parts[2] > 1 or last - first > 1:
        raise ValueError("this mix has no form: it is not one of the three sliders'")
    (seed, _), (seed_b, t) = request.content[0], request.content[-1]
    values = {
        "class": first + (share if last > first else 0),
        "seed": seed, "seed_b": seed_b, "t": t if len(request.content) > 1 else 0,
        "motion": request.motion[0][0], "psi": request.psi, "frames": request.frames,
        "start": request.start, "step": request.step, "loop": request.loop,
    }  # fmt: skip
    texts = {key: f"{value:.3f}".rstrip("0").rstrip(".") for key, value in values.items()}
    return {"release": request.release} | texts
