"""What the page says when something takes long, is not legal or goes wrong."""

WORDS: dict[str, tuple[str, str]] = {
    "working": (
        "Working… the first picture of a model takes longest.",
        "生成中…首次加载模型较慢。",
    ),
    "empty": (
        "There is no model here yet. Train one, or name one in VIDGEN_RELEASES.",
        "这里还没有模型。请先训练一个，或在 VIDGEN_RELEASES 中指定。",
    ),
    "link_nearest": (
        "The link asks for what is not here; the nearest is shown.",
        "链接中的部分内容这里没有，已显示最接近的结果。",
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
