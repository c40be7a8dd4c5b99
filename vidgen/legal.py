"""What is legal in a request: the ranges, the checks and the one error that refuses."""

from __future__ import annotations

import re
import reprlib
from typing import cast

from vidgen.config import MAX_FRAMES
from vidgen.latent import MAX_SEED

MAX_MIXED = 16  # parts of one mix, and seeds of a walk
LIMITS: dict[str, tuple[float, float]] = {  # both ends included; the page's sliders read them too
    "mix": (0, 1), "seed": (0, MAX_SEED), "seed_b": (0, MAX_SEED), "seed_c": (0, MAX_SEED),
    "seed_d": (0, MAX_SEED), "t": (0, 1), "u": (0, 1), "at": (0, MAX_MIXED),
    "motion": (0, MAX_SEED), "motion_b": (0, MAX_SEED), "motion_t": (0, 1), "psi": (0, 1.5),
    "frames": (8, MAX_FRAMES), "start": (0, 56), "step": (0.125, 4), "loop": (0, 1),
}  # fmt: skip
GRAIN = 1000  # numbers are kept in thousandths, so that equal requests have equal cache keys
_SUM_SLACK = MAX_MIXED // 2  # thousandths that rounding every weight of a mix may cost or add
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_NAMES_ZH = {
    "release": "模型", "class": "类别", "class_b": "类别 B", "mix": "类别混合", "seed": "种子",
    "seed_b": "种子 B", "seed_c": "种子 C", "seed_d": "种子 D", "t": "插值", "u": "纵向插值",
    "walk": "漫游种子", "at": "漫游位置", "motion": "运动种子", "motion_b": "运动种子 B",
    "motion_t": "运动插值", "psi": "截断 psi", "frames": "帧数", "start": "起始时间",
    "step": "时间步长", "loop": "循环", "key": "参数名", "x": "横轴 x", "y": "纵轴 y",
    "part": "部分", "format": "格式", "scale": "放大倍数", "frame": "帧序号",
    "preset": "预设", "data": "数据", "root": "数据文件夹", "steps": "步数", "seconds": "训练时间",
    "run": "训练", "name": "名称", "go": "步骤",
    "source": "视频文件夹", "size": "边长", "fps": "帧率", "crop": "裁剪方式",
    "short": "短视频的处理", "longest": "每个视频的使用时间",
    "licence": "许可", "credit": "作者", "set": "数据集",
}  # fmt: skip
_HARMLESS = str.maketrans("<>&\"'`", "‹›＆’’’")  # whoever forgets to escape shows no markup


class RequestError(ValueError):
    """A request that is refused.

    Attributes:
        field: the form key at fault.
        value: what was asked, as a short text without markup; safe to show and to send as JSON.
        legal: what would have been accepted, in English.
    """

    def __init__(self, field: str, value: object, legal: tuple[str, str]) -> None:
        """Keep what was wrong; ``legal`` is in English and Chinese."""
        shown = _shown(value)
        super().__init__(field, shown, legal)  # these make it again when it crosses a process
        self.field, self.value = field, shown
        self.legal, self._legal_zh = legal

    def __str__(self) -> str:
        return self.text("en")

    def text(self, lang: str) -> str:
        """Return the sentence for a language tag such as "en" or "zh-CN"."""
        if lang.lower().startswith("zh"):
            name = _NAMES_ZH.get(self.field, self.field)
            return f"{name}为 {self.value}，不可用；允许的是{self._legal_zh}。"
        return f"{self.field} is {self.value}; legal is {self.legal}."


def _shown(value: object) -> str:
    """Return a short printable text of anything at all, without markup."""
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"  # its digits may not even be printable
    text = value if isinstance(value, str) else reprlib.repr(value)
    text = "".join(mark if mark.isprintable() else "·" for mark in text[:41]).translate(_HARMLESS)
    return (text[:40] + "…" if len(text) > 40 else text) or "empty"


def number(field: str, value: object, low: float, high: float) -> float:
    """Return a number from low to high (both included) in thousandths; refuse anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise RequestError(field, value, _range("a number", "的数", low, high))  # NaN ends here too
    return round(value * GRAIN) / GRAIN


def whole(field: str, value: object, low: float, high: float) -> int:
    """Return a whole number from low to high (both included); 3.0 counts as 3."""
    legal = _range("a whole number", "的整数", low, high)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise RequestError(field, value, legal)
    if value != int(value):
        raise RequestError(field, value, legal)
    return int(value)


def _range(en: str, zh: str, low: float, high: float) -> tuple[str, str]:
    bottom, top = (f"{end:.15g}" for end in (low, high))
    if low == high:
        return bottom, f" {bottom}"
    return f"{en} from {bottom} to {top}", f" {bottom} 到 {top} {zh}"


def limited(field: str, value: object) -> float:
    """Return a number within the field's LIMITS, in thousandths."""
    return number(field, value, *LIMITS[field])


def read_number(field: str, text: object) -> float:
    """Read a number that was written as text. NaN, infinity and other alphabets' digits are not."""
    if not isinstance(text, str) or len(text) > 32 or not _NUMBER.fullmatch(text):
        low, high = LIMITS.get(field, (0, 0))
        legal = _range("a number", "的数", low, high) if field in LIMITS else ("a number", "数")
        raise RequestError(field, text, legal)
    value = float(text)
    return int(value) if value.is_integer() else value  # an error then says 7, as it was written


def mixed(field: str, parts: object, high: int) -> tuple[tuple[int, float], ...]:
    """Return a mix in canonical form: sorted, equal keys merged, weights that sum to 1.

    Args:
        field: the form key that is named if the mix is refused.
        parts: ((key, weight), ...), each key 0 to high, each weight 0 to 1, their sum 1 but for
            the rounding of each to thousandths.
        high: the largest legal key.
    """
    legal = (
        f"1 to {MAX_MIXED} pairs of a number and a weight, with weights that sum to 1",
        f" 1 到 {MAX_MIXED} 对（编号, 权重），且权重之和为 1",
    )
    if not isinstance(parts, (tuple, list)):
        raise RequestError(field, parts, legal)
    pairs = cast("list[object]", parts)
    if not 1 <= len(pairs) <= MAX_MIXED:
        raise RequestError(field, parts, legal)
    merged: dict[int, int] = {}  # thousandths by key
    for part in pairs:
        if not isinstance(part, (tuple, list)) or len(cast("list[object]", part)) != 2:
            raise RequestError(field, part, legal)
        key, weight = cast("list[object]", part)
        key = whole(field, key, 0, high)
        merged[key] = merged.get(key, 0) + round(number(field, weight, 0, 1) * GRAIN)
    slack = GRAIN - sum(merged.values())
    if abs(slack) > _SUM_SLACK:
        raise RequestError(field, parts, legal)
    merged[max(merged, key=merged.__getitem__)] += slack
    return tuple((key, weight / GRAIN) for key, weight in sorted(merged.items()) if weight)
