"""What a report says in words of the numbers that were measured: counts, verdicts, the weakest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from train.judge.controls import RELABELLED
from train.judge.distances import DRAWS
from vidgen.meanings import Words


def weakest(metrics: Mapping[str, Any], names: Sequence[Words] | None = None) -> list[Words]:
    """Name the class that is recognised least, and the one that keeps its law least.

    Args:
        metrics: as the evaluation writes them.
        names: of the classes, in both languages; without them, in English.
    """
    rows = metrics.get("per_class") or []
    if not rows or not metrics.get("confusion"):
        return []
    names = names or [Words(row["class"], row["class"]) for row in rows]
    asked = [sum(row) for row in metrics["confusion"]]
    k = min(range(len(rows)), key=lambda i: rows[i]["alignment"])
    right, clips = metrics["confusion"][k][k], asked[k]
    said = [
        Words(
            f"Weakest class: {names[k].en}, recognised in {right} of {clips} clips "
            f"({rows[k]['alignment']:.3g}); all classes: {metrics['alignment']:.3g}.",
            f"最弱的类别：{names[k].zh}，{clips} 个片段中认出 {right} 个"
            f"（{rows[k]['alignment']:.3g}）；全部类别：{metrics['alignment']:.3g}。",
        )
    ]
    laws = metrics.get("laws_by_class") or {}
    lawful = [i for i, row in enumerate(rows) if row["class"] in laws]
    if lawful:
        k = min(lawful, key=lambda i: laws[rows[i]["class"]])
        share = laws[rows[k]["class"]]
        said.append(
            Words(
                f"Least lawful: {names[k].en}, {round(share * asked[k])} of {asked[k]} clips keep "
                f"its law ({share:.3g}).",
                f"最不合乎定律：{names[k].zh}，{asked[k]} 个片段中 {round(share * asked[k])} 个"
                f"合乎其定律（{share:.3g}）。",
            )
        )
    return said


def about_intervals(metrics: Mapping[str, Any]) -> Words:
    """Say what the brackets are."""
    clips = metrics["num_clips"]
    return Words(
        f"Of {clips} generated clips and as many real ones. In brackets: the 95 % interval, of a "
        f"share by Wilson's formula, of other numbers by {DRAWS} bootstrap draws or fewer.",
        f"基于 {clips} 个生成片段和同样多的真实片段。方括号内为 95% 区间：比例用威尔逊公式，"
        f"其他数字用不超过 {DRAWS} 次自助抽样。",
    )


def about_shifted_labels(metrics: Mapping[str, Any]) -> list[Words]:
    """Say what must happen when labels are shifted by one, and what did."""
    if "alignment_shifted" not in metrics or metrics.get("alignment_real") is None:
        return []
    real, shifted = metrics["alignment_real"], metrics["alignment_shifted"]
    rows = metrics["distances"]
    moved = [name for name, row in rows.items() if RELABELLED in row["controls_failed"]]
    fell = f"alignment: {RELABELLED}" not in metrics["controls_failed"]
    verdict = Words("passed", "通过") if fell and not moved else Words("failed ✗", "未通过 ✗")
    named = f": {', '.join(moved)}" if moved else ""
    return [
        Words(
            "Labels shifted: real clips under the label of the next class. Alignment must fall, "
            f"and no distance may move, because distances know no labels. Alignment went from "
            f"{real:.3g} to {shifted:.3g}; of {len(rows)} distances {len(moved)} moved{named}. "
            f"Verdict: {verdict.en}.",
            "标签错位：给真实片段换上下一类的标签。alignment 必须下降，而距离不看标签，不应改变。"
            f"alignment 从 {real:.3g} 变为 {shifted:.3g}；{len(rows)} 个距离中有 {len(moved)} 个"
            f"改变{named}。结论：{verdict.zh}。",
        )
    ]


def about_laws(metrics: Mapping[str, Any]) -> list[Words]:
    """Say where the limits of the laws are from, and how many clips keep to them."""
    counts = metrics.get("laws_counts")
    if not counts:
        return []
    (made, asked), (kept, real) = counts["generated"], counts["real"]
    limits = counts["limits"]
    return [
        Words(
            f"Lawful: moves as its law says, within limits from {limits} other real clips of each "
            f"class. {kept} of {real} held-out real clips keep to them, and {made} of {asked} "
            "generated ones. A clip is trackable if the thing that its law is about is found in "
            "nearly every frame.",
            f"合乎定律：运动符合定律，误差不超过由每类另外 {limits} 个真实片段得出的限值。"
            f"{real} 个留出的真实片段中有 {kept} 个、{asked} 个生成片段中有 {made} 个做到。"
            "若几乎每帧都能找到定律所述的物体，则为可追踪。",
        )
    ]
