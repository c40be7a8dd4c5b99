"""What the numbers mean, in English and Chinese; for the report and the model card."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


# In the order in which they are shown.
MEANINGS: dict[str, Words] = {
    "alignment": Words(
        "share of generated clips that the judge recognises as the class asked for",
        "生成片段中被评判网络认出为所要类别的比例",
    ),
    "alignment_real": Words(
        "the same for real clips that were held out; the ceiling",
        "同上，对留出的真实片段；即上限",
    ),
    "alignment_shifted": Words(
        "the same for real clips under the label of the next class: it must be near 0",
        "同上，把真实片段的标签错开一类：应接近 0",
    ),
    "laws": Words(
        "share of generated clips that keep the law of their class, mean over classes",
        "遵守本类物理定律的生成片段比例，各类平均",
    ),
    "laws_real": Words("the same for real clips that were held out", "同上，对留出的真实片段"),
    "fd_own": Words(
        "Fréchet distance on the judge's features, generated to real; not FVD; low is good",
        "评判网络特征上生成与真实的弗雷歇距离；不是 FVD；越低越好",
    ),
    "fd_floor": Words(
        "the same, real to real: what a perfect generator would get",
        "同上，真实对真实：完美生成器所得的值",
    ),
    "fd_frozen": Words("the same for real clips that stand still", "同上，对静止不动的真实片段"),
    "fd_shuffled": Words(
        "the same for real clips with their frames shuffled", "同上，对打乱帧序的真实片段"
    ),
    "fd_noise": Words("the same for white noise", "同上，对白噪声"),
    "diversity": Words(
        "mean distance of clips of one class from each other, generated over real; 1 is right",
        "同类片段之间的平均距离，生成与真实之比；1 为正确",
    ),
    "nearest_ratio": Words(
        "distance to the nearest training clip, generated over real, medians; near 0 is by heart",
        "到最近训练片段的距离中位数，生成与真实之比；接近 0 表示死记硬背",
    ),
    "cas": Words(
        "accuracy on real clips of a classifier that saw only generated ones",
        "只看过生成片段的分类器在真实片段上的准确率",
    ),
    "cas_real": Words("the same after as many real clips", "同上，但看的是同样多的真实片段"),
    "psnr": Words(
        "median PSNR, in dB, of held-out clips that the generator was made to imitate",
        "让生成器重现留出片段所得的 PSNR 中位数（dB）",
    ),
    "ssim": Words("the same, structural similarity", "同上，结构相似度 SSIM"),
    "motion_ratio": Words(
        "mean absolute frame difference, generated over real; 1 is right",
        "帧差绝对值的平均，生成与真实之比；1 为正确",
    ),
    "motion_explained": Words(
        "share of the variance of real motion that the judge explains: it looks at time",
        "评判网络解释的真实运动方差比例：说明它看时间",
    ),
    "spectrum_error": Words(
        "spectrum of frame differences against real, root mean square of the logarithm; 0 is right",
        "帧差频谱与真实之比的对数均方根；0 为正确",
    ),
    "spectrum_error_floor": Words("the same, real to real", "同上，真实对真实"),
    "warping_error": Words(
        "what optical flow does not explain of the next frame; flicker and tearing raise it",
        "光流不能解释的下一帧差异；闪烁与撕裂使它升高",
    ),
    "warping_error_real": Words("the same for real clips", "同上，对真实片段"),
    "identity_drift": Words(
        "how far clips of 4 times the length leave what they showed, 1 is as far as another clip",
        "四倍长度的片段偏离最初内容的程度；1 等于换成了另一个片段",
    ),
    "identity_drift_real": Words("the same for real clips", "同上，对真实片段"),
    "loop_seam": Words(
        "the step over the seam of a loop over its other steps; 1 is no seam",
        "循环接缝处的变化与其他步之比；1 表示没有接缝",
    ),
    "num_clips": Words("how many clips were generated for these numbers", "为这些数字生成的片段数"),
    "seed": Words("of the evaluation", "评测的种子"),
}

NO_LABELS = Words("it was trained without labels", "它训练时没有标签")
NO_LAWS = Words("its classes have no law of motion here", "这里没有其类别的运动定律")
NO_LOOPS = Words("it closes no loops", "它不能闭合循环")


def too_short(frames: int) -> Words:
    """Say that long clips are more than a generator can make."""
    return Words(f"it makes no more than {frames} frames", f"它最多生成 {frames} 帧")


HEADINGS: dict[str, Words] = {
    "report": Words("report of the judge", "评测报告"),
    "samples": Words("Generated clips", "生成的片段"),
    "numbers": Words("Numbers", "数字"),
    "distances": Words("Distances and their controls", "距离及其对照"),
    "classes": Words("By class", "按类别"),
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
    "floor": Words("real to real", "真实对真实"),
    "class": Words("class", "类别"),
    "asked": Words("asked for", "所要的"),
    "alignment": Words("recognised", "认出"),
    "alignment_real": Words("of real clips", "真实片段"),
    "motion_ratio": Words("motion", "运动"),
    "laws": Words("lawful", "合乎定律"),
    "not_told": Words(
        "this metric does not tell the control from real clips", "该指标分不出此对照与真实片段"
    ),
}
NOTES: dict[str, Words] = {
    "samples": Words(
        "Not chosen by hand: the first clips of the evaluation. Classes from left to right:",
        "未经挑选：评测的前几个片段。类别从左到右：",
    ),
    "numbers": Words(
        "In brackets: the interval that 95 of 100 such evaluations would fall into.",
        "方括号内：这样评测一百次，有九十五次落入的区间。",
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
        "Above, a generated clip; below, the training clip most like it, of 2,000. Twins "
        "everywhere would mean that it learned by heart.",
        "上为生成片段，下为两千个训练片段中最像它的。若处处成双，就是死记硬背。",
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
}
