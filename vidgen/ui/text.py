"""Every word of the page in English and 简体中文, and which of them a visitor reads."""

from __future__ import annotations

LANGUAGES = ("en", "zh-CN")

# key: (English, 简体中文). The player fills in {braces}.
_TABLE: dict[str, tuple[str, str]] = {
    "title": ("vidgen · moving pictures from noise", "vidgen · 由噪声生成的动态画面"),
    "tagline": (
        "Move a slider; a neural network draws the moving picture.",
        "拖动滑块，神经网络即时画出动态画面。",
    ),
    "class_field": ("en", "zh"),
    "other_language": ("中文", "English"),
    "menu": ("Page", "页面"),
    "api": ("API", "API 接口"),
    "stage": ("Player", "播放器"),
    "playback": ("Playback", "播放控制"),
    "controls": ("What is made", "生成设置"),
    "picture": ("Moving picture: {title}, {name}", "动态画面：{title}，{name}"),
    "play": ("Play", "播放"),
    "pause": ("Pause", "暂停"),
    "back": ("One frame back", "后退一帧"),
    "forward": ("One frame forward", "前进一帧"),
    "scrub": ("Frame", "帧"),
    "repeat": ("Repeat", "重复方式"),
    "repeat_loop": ("Repeat", "循环"),
    "repeat_pingpong": ("Back and forth", "往返"),
    "repeat_once": ("Once", "单次"),
    "speed": ("Speed", "速度"),
    "pixels": ("Pixels", "像素"),
    "copy_link": ("Copy link", "复制链接"),
    "link_copied": ("The link is on the clipboard.", "链接已复制到剪贴板。"),
    "download": ("Download mp4", "下载 mp4"),
    "download_busy": ("Writing the video…", "正在生成视频…"),
    "download_done": ("The video is in your downloads.", "视频已下载。"),
    "release": ("Model", "模型"),
    "class": ("Class", "类别"),
    "classes": ("Classes", "类别"),
    "class_help": (
        "Between two classes lies a morph of both.",
        "两个类别之间是二者的渐变。",
    ),
    "seed": ("Seed A", "种子 A"),
    "seed_box": ("Seed A, any number", "种子 A，任意数字"),
    "seed_dice": ("Random seed A", "随机种子 A"),
    "seed_help": (
        "Which noise the thing is made from: its shape, its colours.",
        "用哪一份噪声生成：决定形状和颜色。",
    ),
    "t": ("A to B", "从 A 到 B"),
    "t_help": (
        "A walk from the thing of seed A to the thing of seed B.",
        "从种子 A 的画面逐渐走到种子 B 的画面。",
    ),
    "seed_b": ("Seed B", "种子 B"),
    "seed_b_box": ("Seed B, any number", "种子 B，任意数字"),
    "seed_b_dice": ("Random seed B", "随机种子 B"),
    "seed_b_help": ("Where the walk ends.", "渐变的终点。"),
    "motion": ("Motion seed", "运动种子"),
    "motion_box": ("Motion seed, any number", "运动种子，任意数字"),
    "motion_dice": ("Random motion seed", "随机运动种子"),
    "motion_help": ("The same thing, another movement.", "同样的东西，不同的运动。"),
    "psi": ("Typical to varied", "典型到多样"),
    "psi_help": (
        "Psi: 0 is the average of the class, 1 as learned, above 1 exaggerated.",
        "psi：0 为该类别的平均，1 为学到的样子，大于 1 则夸张。",
    ),
    "more": ("Time and length", "时间与长度"),
    "frames": ("Frames", "帧数"),
    "frames_help": ("How long the clip is.", "片段的长度。"),
    "step": ("Time step", "时间步长"),
    "step_help": (
        "Time between two frames; below 1 is true slow motion, made and not stretched.",
        "两帧之间的时间；小于 1 是真正生成的慢动作，而非拉伸。",
    ),
    "start": ("Start", "起始时间"),
    "start_help": ("Time of the first frame.", "第一帧的时间。"),
    "loop": ("Seamless loop", "无缝循环"),
    "loop_help": (
        "The movement ends exactly where it began.",
        "运动恰好在起点处结束。",
    ),
    "loop_never": (
        "Not for “{name}”: it cannot run backwards in time.",
        "“{name}”不可用：它在时间上不可逆。",
    ),
    "surprise": ("Surprise me", "随机一个"),
    "reset": ("Reset", "重置"),
    "timings": (
        "{device} · queue {queue} · model {model} · encode {encode} · round trip {round} ms",
        "{device} · 排队 {queue} · 模型 {model} · 编码 {encode} · 往返 {round} 毫秒",
    ),
    "timings_ready": (
        "ready-made picture · round trip {round} ms · move a slider, and the model draws",
        "预先生成的画面 · 往返 {round} 毫秒 · 拖动滑块即由模型生成",
    ),
    "cached": ("from memory", "来自缓存"),
    "working": (
        "Working… the first picture of a model takes longest.",
        "生成中…首次加载模型较慢。",
    ),
    "empty": (
        "There is no model here yet. Train one, or name one in VIDGEN_RELEASES.",
        "这里还没有模型。请先训练一个，或在 VIDGEN_RELEASES 中指定。",
    ),
    "refused": (
        "{name}: legal is a whole number from {low} to {high}.",
        "{name}：允许的是 {low} 到 {high} 的整数。",
    ),
    "trouble_busy": (
        "Many people are here. Your newest choice is tried again in a moment.",
        "当前访问者较多，稍后会自动重试您最新的选择。",
    ),
    "trouble_network": (
        "The server cannot be reached. Trying again…",
        "无法连接服务器，正在重试…",
    ),
    "trouble_gone": (
        "The server cannot be reached. Move a slider to try again.",
        "无法连接服务器。拖动滑块可重试。",
    ),
    "trouble_server": (
        "The server had a fault of its own (HTTP {status}). The picture is the last good one.",
        "服务器出现故障（HTTP {status}）。画面为上一次的结果。",
    ),
    "trouble_picture": (
        "The picture arrived damaged. Move a slider to try again.",
        "画面数据已损坏。拖动滑块可重试。",
    ),
}

TEXT: dict[str, dict[str, str]] = {
    language: {key: row[column] for key, row in _TABLE.items()}
    for column, language in enumerate(LANGUAGES)
}


def language_of(header: str | None) -> str:
    """Return the language of LANGUAGES that an Accept-Language header asks for first.

    Any Chinese is answered in 简体中文; a header with neither language in English. The order of
    the header counts, as browsers write it by falling preference.
    """
    for part in (header or "")[:200].split(","):
        primary = part.split(";")[0].strip().lower().replace("_", "-").split("-")[0]
        if primary in ("en", "zh"):
            return "zh-CN" if primary == "zh" else "en"
    return "en"
