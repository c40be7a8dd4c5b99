"""What the numbers of a judge's report mean, in English and Chinese."""

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
        "share of held-out real clips whose class the judge recognises; the ceiling of alignment",
        "评判网络认出类别的留出真实片段比例；即 alignment 的上限",
    ),
    "alignment_shifted": Words(
        "the same under the label of the next class: it must be near 0",
        "同上，但标签错开一类：应接近 0",
    ),
    "laws": Words(
        "share of generated clips that keep the law of their class, mean over classes",
        "遵守本类物理定律的生成片段比例，各类平均",
    ),
    "laws_real": Words("the same for real clips that were held out", "同上，对留出的真实片段"),
    "diversity": Words(
        "mean distance of clips of one class from each other, generated over real; 1 is right",
        "同类片段之间的平均距离，生成与真实之比；1 为正确",
    ),
    "nearest_ratio": Words(
        "distance to the nearest training clip, generated over held-out real, medians; near 0 is "
        "by heart",
        "到最近训练片段的距离中位数，生成与留出真实之比；接近 0 表示死记硬背",
    ),
    "nearest_low_ratio": Words(
        "the same of the nearest clip in a hundred: near 0 where only a few are by heart",
        "同上，取距离的百分之一分位：只有少数片段被死记时也接近 0",
    ),
    "copied": Words(
        "share of generated clips nearer to a training clip than any held-out clip; chance gives 0",
        "比任何留出片段都更接近训练片段的生成片段比例；偶然情况下约为 0",
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
    "class_found": Words(
        "share of these clips that the generator imitates best by their own class",
        "这些片段中，生成器以其自身类别模仿得最好的比例",
    ),
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
        "what optical flow does not explain of the next frame, if it can follow; flicker raises it",
        "光流能跟踪之处，它不能解释的下一帧差异；闪烁使它升高",
    ),
    "warping_error_real": Words("the same for real clips", "同上，对真实片段"),
    "warping_seen": Words(
        "share of the pixels that optical flow can follow; tearing and jumps lower it",
        "光流能跟踪的像素比例；撕裂与跳变使它降低",
    ),
    "warping_seen_real": Words("the same for real clips", "同上，对真实片段"),
    "identity_drift": Words(
        "how much further than real clips those of 4 times the length leave what they showed, in "
        "distances to other clips of the class; 0 is as real ones, below 0 is less far",
        "四倍长度的片段比真实片段多偏离最初内容多少，以同类片段之间的距离为单位；"
        "0 与真实相同，低于 0 表示偏离更少",
    ),
    "identity_drift_real": Words(
        "the same of other real clips: 0 but for their scatter",
        "同上，对另一批真实片段：除抽样误差外为 0",
    ),
    "loop_seam": Words(
        "the step over the seam of a loop over its other steps; 1 is no seam",
        "循环接缝处的变化与其他步之比；1 表示没有接缝",
    ),
    "training_clips": Words(
        "how many training clips, from all of the run, were looked through for the nearest",
        "为找最近者而查看的训练片段数，取自整个训练过程",
    ),
    "training_clips_seen": Words("of how many that the run saw", "训练所见片段的总数"),
    "num_clips": Words("how many clips were generated for these numbers", "为这些数字生成的片段数"),
    "seed": Words("of the evaluation", "评测的种子"),
}
