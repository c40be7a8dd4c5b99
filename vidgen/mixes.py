"""Sliders to mixes and back: morphs of classes, the plane of four seeds, closed walks.

A mix is ((class index or seed, weight), ...) with weights that sum to 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from vidgen.latent import MAX_SEED
from vidgen.legal import GRAIN, LIMITS, MAX_MIXED, RequestError, mixed

Mix = tuple[tuple[int, float], ...]

_WALK = re.compile(rf"\d{{1,10}}(,\d{{1,10}}){{1,{MAX_MIXED - 1}}}", re.ASCII)
_NO_FORM = "this mix has no form: no sliders say it"


def between(position: float) -> Mix:
    """Return the mix at a position among numbered things: 3.4 is 0.6 of 3 and 0.4 of 4."""
    thousandths = round(position * GRAIN)
    index, share = divmod(thousandths, GRAIN)
    return ((index, 1 - share / GRAIN), (index + 1, share / GRAIN)) if share else ((index, 1.0),)


def blend(parts: Iterable[tuple[float, Mix]]) -> Mix:
    """Weigh mixes against each other; equal keys become one before anything is rounded.

    Args:
        parts: (share, mix), ...; the shares sum to 1.
    """
    merged: dict[int, float] = {}
    for share, mix in parts:
        for key, weight in mix:
            merged[key] = min(1.0, merged.get(key, 0.0) + share * weight)
    return tuple(merged.items())


def walk_between(a: int, b: int, t: float) -> Mix:
    """Return the mix on the way from seed a (t = 0) to seed b (t = 1)."""
    return blend(((1 - t, ((a, 1.0),)), (t, ((b, 1.0),))))


def plane(corners: Sequence[int], t: float, u: float) -> Mix:
    """Return the mix at a point of a plane, bilinear in the seeds at its corners.

    Args:
        corners: seeds A (top left), B (top right), C (bottom left), D (bottom right).
        t: 0 (left) to 1 (right).
        u: 0 (top) to 1 (bottom).
    """
    a, b, c, d = corners
    return blend(((1 - u, walk_between(a, b, t)), (u, walk_between(c, d, t))))


def read_walk(text: str) -> tuple[int, ...]:
    """Read the seeds of a closed walk, "3,14,15"; refuse all but 2 to 16 legal seeds."""
    if _WALK.fullmatch(text):
        seeds = tuple(int(part) for part in text.split(","))
        if max(seeds) <= MAX_SEED:
            return seeds
    raise RequestError("walk", text, (
        f"2 to {MAX_MIXED} seeds from 0 to {MAX_SEED}, with commas between them",
        f" 2 到 {MAX_MIXED} 个 0 到 {MAX_SEED} 的种子，以逗号分隔",
    ))  # fmt: skip


def closed_walk(seeds: Sequence[int], at: float) -> Mix:
    """Return the mix at a point of a walk through seeds that ends where it began.

    Args:
        seeds: the stations; 3.4 is 0.6 of station 3 and 0.4 of the next.
        at: 0 to the number of seeds, which is station 0 again.
    """
    return blend((weight, ((seeds[k % len(seeds)], 1.0),)) for k, weight in between(at))


def check_at(at: float, seeds: Sequence[int]) -> None:
    """Refuse a place beyond the end of the walk, or on a walk that is not there."""
    if at > len(seeds):
        low, _ = LIMITS["at"]
        raise RequestError("at", at, (
            f"a number from {low} to {len(seeds)}, the number of seeds in walk",
            f" {low} 到 {len(seeds)} 的数（walk 中种子的个数）",
        ))  # fmt: skip


def class_form(mix: Mix) -> dict[str, float]:
    """Say a canonical class mix with class, class_b and mix; ValueError where they can't."""
    groups: list[list[tuple[int, float]]] = []
    for index, weight in mix:  # sorted; neighbours are one position of a class slider
        if groups and len(groups[-1]) == 1 and groups[-1][0][0] + 1 == index:
            groups[-1].append((index, weight))
        else:
            groups.append([(index, weight)])
    if len(groups) > 2:
        raise ValueError(_NO_FORM)
    shares = [sum(weight for _, weight in group) for group in groups]
    places = [
        group[0][0] + (group[1][1] / share if len(group) > 1 else 0)
        for group, share in zip(groups, shares, strict=True)
    ]
    if len(groups) == 1:
        return {"class": places[0]}
    return {"class": places[0], "class_b": places[1], "mix": shares[1]}


def content_form(mix: Mix) -> dict[str, float]:
    """Say a canonical content mix with seeds, t and u; ValueError where they can't."""
    if len(mix) <= 2:
        a, b, t = _ends(mix)
        return {"seed": a, "seed_b": b, "t": t}
    if len(mix) == 3:  # the left side of the plane is one seed from top to bottom
        (a, _), (b, right), (d, below) = mix
        t, u = right + below, below / (right + below)
        return _plane_form((a, b, a, d), t, u)
    if len(mix) > 4:
        raise ValueError(_NO_FORM)
    (a, _), *others = mix
    for across in range(3):  # which of the others is opposite to a
        (b, right), (c, below) = (part for k, part in enumerate(others) if k != across)
        d, both = others[across]
        for t in _thousandths_near(right + both):
            for u in _thousandths_near(below + both):
                if mixed("seed", plane((a, b, c, d), t, u), MAX_SEED) == mix:
                    return _plane_form((a, b, c, d), t, u)
    raise ValueError(_NO_FORM)


def motion_form(mix: Mix) -> dict[str, float]:
    """Say a canonical motion mix with motion, motion_b, motion_t; ValueError where they can't."""
    if len(mix) > 2:
        raise ValueError(_NO_FORM)
    a, b, t = _ends(mix)
    return {"motion": a, "motion_b": b, "motion_t": t} if t else {"motion": a}


def _ends(mix: Mix) -> tuple[int, int, float]:
    """Return both ends of a mix of one or two, and where it is between them."""
    *_, (b, t) = mix
    a, _ = mix[0]
    return a, b, t if len(mix) > 1 else 0


def _plane_form(corners: Sequence[int], t: float, u: float) -> dict[str, float]:
    a, b, c, d = corners
    return {"seed": a, "seed_b": b, "seed_c": c, "seed_d": d, "t": t, "u": u}


def _thousandths_near(value: float) -> list[float]:
    """Return what a sum of two rounded weights may have been before the rounding."""
    middle = round(value * GRAIN)
    return [k / GRAIN for k in range(max(0, middle - 3), min(GRAIN, middle + 3) + 1)]
