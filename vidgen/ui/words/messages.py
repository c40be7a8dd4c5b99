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
    "empty_pending": (
        "The first model is still on its way here. It is shown as soon as it has come.",
        "首个模型仍在获取中，到达后会立即显示。",
    ),
    "release_here": (
        "A new model is here: {name}.",
        "新的模型已就绪：{name}。",
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
        "The server cannot be reached. Your next move tries again.",
        "无法连接服务器。下一步操作会再次尝试。",
    ),
    "trouble_server": (
        "The server had a fault of its own (HTTP {status}). The picture is the last good one.",
        "服务器出现故障（HTTP {status}）。画面为上一次的结果。",
    ),
    "trouble_picture": (
        "The picture arrived damaged. Your next move tries again.",
        "画面数据已损坏。下一步操作会再次尝试。",
    ),
}
