"""Words of the judge's report, in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from vidgen.meanings import Words

NO_LABELS = Words("it was trained without labels", "它训练时没有标签")
NO_LAWS = Words("its classes have no law of motion here", "这里没有其类别的运动定律")
NO_FLOW = Words("optical flow can follow nothing in its clips", "光流在其片段中什么也跟不上")
NOT_FINITE = Words("it is not finite: nothing to divide by", "它不是有限数：除数为零")
NO_PAST = Words("what it was trained on is not on record", "没有其训练数据的记录")
NO_LOOPS = Words("it closes no loops", "它不能闭合循环")


def within(interval: Sequence[float] | None) -> str:
    """Put an interval behind its number; nothing where there is none."""
    return f" [{interval[0]:.4g}, {interval[1]:.4g}]" if interval else ""


def too_short(frames: int) -> Words:
    """Say that long clips are more than a generator can make."""
    return Words(f"it makes no more than {frames} frames", f"它最多生成 {frames} 帧")


def too_few(clips: int, features: int, least: int) -> Words:
    """Say that a Fréchet distance needs more clips than there are."""
    return Words(
        f"{clips} clips are too few for a Fréchet distance on {features} features: from {least} on",
        f"{clips} 个片段不足以在 {features} 个特征上计算弗雷歇距离：至少需要 {least} 个",
    )


HEADINGS: dict[str, Words] = {
    "report": Words("report of the judge", "评测报告"),
    "samples": Words("Generated clips", "生成的片段"),
    "numbers": Words("Numbers", "数字"),
    "distances": Words("Distances and their controls", "距离及其对照"),
    "classes": Words("By class", "按类别"),
    "over_time": Words("Recognised, stretch by stretch of long clips", "长片段各段的认出比例"),
    "confusion": Words("What was asked for, and what the judge saw", "所要的类别与评判网络所见"),
    "spectrum": Words("Spectrum of change from frame to frame", "帧间变化的频谱"),
    "nearest": Words("Nearest training clips", "最近的训练片段"),
    "inversion": Words("Real clips found again in the generator", "在生成器中找回的真实片段"),
    "left_out": Words("What these numbers do not say", "这些数字没有说明的"),
    "table": Words("Table", "表格"),
    "number": Words("number", "数字"),
    "value": Words("value", "值"),
    "meaning": Words("meaning", "含义"),
    "generated": Words("generated", "生成"),
    "real": Words("real", "真实"),
    "frames": Words("frames", "帧"),
    "floor": Words("real to real", "真实对真实"),
    "class": Words("class", "类别"),
    "asked": Words("asked for", "所要的"),
    "alignment": Words("recognised", "认出"),
    "alignment_real": Words("of real clips", "真实片段"),
    "motion_ratio": Words("motion", "运动"),
    "laws_by_class": Words("lawful", "合乎定律"),
    "laws_tracked": Words("trackable", "可追踪"),
    "laws_residual": Words("median of these, in limits", "其中位数（以限值计）"),
    "failed": Words("this metric fails this control", "该指标未通过此对照"),
}
NOTES: dict[str, Words] = {
    "samples": Words(
        "Not chosen by hand: the first clips of the evaluation. Classes from left to right:",
        "未经挑选：评测的前几个片段。类别从左到右：",
    ),
    "distances": Words(
        "fd is a Fréchet distance, kid a kernel distance; then what is compared, the feature net, "
        "the clips of each kind and the frames of each. Controls are real clips spoilt on "
        "purpose: a number that does not find them worse than real is marked ✗, and proves "
        "little. Backwards is only reported, as some things move the same both ways.",
        "fd 是弗雷歇距离，kid 是核距离；其后是比较对象、特征网络、每种片段数和每段帧数。"
        "对照是有意弄坏的真实片段：若一个数字看不出它们比真实的差，就标 ✗，它证明不了什么。"
        "倒放只作报告，因为有些运动正反一样。",
    ),
    "confusion": Words(
        "A row is the class that was asked for, a column what the judge named.",
        "行是所要的类别，列是评判网络说出的类别。",
    ),
    "spectrum": Words(
        "Power over cycles a frame; full line: generated, dashed: real. Jitter lifts its end.",
        "功率随每帧周期数的变化；实线：生成，虚线：真实。抖动会抬高右端。",
    ),
    "nearest": Words(
        "Above, the generated clips that are nearest of all to a training clip; below, that "
        "training clip (training_clips says of how many). Twins would mean that it learned by "
        "heart.",
        "上为与训练片段最接近的生成片段，下为对应的训练片段（段数见 training_clips）。"
        "若成双成对，就是死记硬背。",
    ),
    "inversion": Words(
        "Above, a real clip; below, the nearest that the generator can make: best, median, worst.",
        "上为真实片段，下为生成器能做出的最接近者：最好、中等、最差。",
    ),
}
CONTROL_NAMES: dict[str, Words] = {
    "frozen": Words("frozen", "静止"),
    "shuffled": Words("shuffled", "乱序"),
    "noise": Words("noise", "噪声"),
    "blur": Words("blur", "模糊"),
    "reversed": Words("backwards", "倒放"),
    "relabelled": Words("labels shifted", "标签错位"),
}
