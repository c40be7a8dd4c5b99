"""The model card: what a release is, how it was made and what it cost, its numbers, its limits."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from vidgen.config import MAX_FRAMES
from vidgen.document import Ancestor, ReleaseInfo
from vidgen.meanings import Words
from vidgen.rows import Row
from vidgen.scores import distances_of, numbers_of, shares_of

_MAX_CONFIG = 2**14  # characters of a run's config that are shown


def card_of(row: Row, info: ReleaseInfo | None, metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Put a card together, JSON-able; texts are pairs of en and zh.

    Args:
        row: of the release.
        info: what its file says of itself; None where that can't be read.
        metrics: what was measured of it, as ``read_metrics`` returns it.
    """
    return {
        "name": row.name,
        "title": dict(row.title),
        "family": row.family,
        "parameters": row.parameters,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "numbers": numbers_of(metrics),
        "distances": distances_of(metrics),
        "shares": shares_of(metrics, [name.en for name in row.classes]),
        "made": making(info) if info else None,
        "limits": [words._asdict() for words in limits(info)] if info else [],
    }


def making(info: ReleaseInfo) -> dict[str, Any]:
    """Say how a release was made, as far as its file tells."""
    config = json.dumps(info.train, ensure_ascii=False, indent=1)
    return {
        "data": info.dataset["name"],
        "fingerprint": info.dataset["fingerprint"],
        "labels": info.model.classes > 1,
        "loss": info.train.get("loss") if isinstance(info.train.get("loss"), str) else None,
        "steps": info.step,
        "clips": clips_seen(info),
        "seconds": info.seconds,
        "device": info.device,
        "seed": info.seed,
        "revision": info.revision,
        "packages": info.packages,
        "licence": info.licence,
        "credits": info.credits,
        "ancestors": [dataclasses.asdict(each) for each in info.ancestors],
        "config": config if len(config) <= _MAX_CONFIG else None,
    }


def ancestor_of(info: ReleaseInfo, sha256: str) -> Ancestor:
    """Say of a release what whoever begins with its weights has to say of it."""
    return Ancestor(
        info.name, info.dataset["name"], info.licence, info.credits, sha256, info.revision,
        clips_seen(info) or 0, info.seconds, info.device,
    )  # fmt: skip


def clips_seen(info: ReleaseInfo) -> int | None:
    """Return how many real clips the critics saw; None where the config does not tell.

    In this run alone, not in those that it began with.
    """
    batch, critic_steps = info.train.get("batch"), info.train.get("critic_steps", 1)
    if type(batch) is not int or type(critic_steps) is not int or batch * critic_steps <= 0:
        return None
    return info.step * batch * critic_steps


# Of every release.
_ALWAYS = (
    Words(
        "The numbers come from a judge that was trained here for this data: they compare "
        "releases of this repository and nothing else.",
        "这些数字来自在此处为该数据训练的评判网络：只能用来比较本仓库的模型。",
    ),
    Words(
        "Laws of nature are imitated, not computed: do not measure physics on these clips.",
        "自然定律是模仿而来，并非计算所得：请勿用这些片段测量物理量。",
    ),
)
_ONE_SEED = Words("One seed decides both looks and movement.", "外观与运动由同一个种子决定。")


def limits(info: ReleaseInfo) -> list[Words]:
    """Say what a release can't do, and what its numbers don't say."""
    seeds = [] if info.model.moves_apart else [_ONE_SEED]
    return [_classes(info), _times(info), *seeds, *_ALWAYS, *_loops(info)]


def _classes(info: ReleaseInfo) -> Words:
    size = f"{info.model.clip.width}x{info.model.clip.height}"
    if info.model.classes == 1:
        return Words(
            f"It knows no classes: it shows, at {size} pixels, whichever kind of thing a seed "
            "happens to be.",
            f"它不认识类别：种子碰巧是什么，就以 {size} 像素呈现什么。",
        )
    return Words(
        f"It shows its {len(info.classes)} classes at {size} pixels and nothing else; a mix "
        "of classes is a morph, not a scene with both.",
        f"它只能以 {size} 像素呈现其 {len(info.classes)} 个类别；类别的混合是渐变，不是两者同框。",
    )


def _times(info: ReleaseInfo) -> Words:
    seen, longest = info.model.clip.frames, info.model.max_frames
    if _saw_moments(info):
        return Words(
            f"Its critics saw a few moments of a clip at a time, from anywhere in {MAX_FRAMES} "
            "frames, and never a whole clip; a class may have less variety than the data.",
            f"判别器每次只看片段中的几个时刻（取自 {MAX_FRAMES} 帧之内），从未看过完整片段；"
            "各类的多样性可能不及数据。",
        )
    if longest > seen:
        return Words(
            f"Training showed it frames 0 to {seen - 1} alone: what it makes of later ones, up to "
            f"{longest}, was never checked. A class may have less variety than the data.",
            f"训练只涉及第 0 至 {seen - 1} 帧：之后直到 {longest} 帧的内容从未受过检验；"
            "各类的多样性可能不及数据。",
        )
    return Words(
        f"Its clips have at most {longest} frames, and a class may have less variety than the "
        "data.",
        f"片段最多 {longest} 帧；各类的多样性可能不及数据。",
    )


def _saw_moments(info: ReleaseInfo) -> bool:
    """Was it trained on scattered moments of long clips, and not on whole short ones?"""
    critics = info.train.get("critics", [])
    kinds = {critic.get("kind") for critic in critics if isinstance(critic, dict)}
    return info.model.continuous_time and kinds <= {"frame", "moments"}


def _loops(info: ReleaseInfo) -> list[Words]:
    if not info.model.loops:
        return [Words("It closes no loops.", "它不能闭合循环。")]
    names = [name for name in info.classes if not name.loops]
    said = ", ".join(name.en for name in names), "、".join(name.zh for name in names)
    return [Words(f"Never loops: {said[0]}.", f"从不循环：{said[1]}。")] if names else []
