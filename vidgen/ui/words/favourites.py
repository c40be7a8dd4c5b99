"""Words of the favourites and the history, and of the file they are taken along in."""

WORDS: dict[str, tuple[str, str]] = {
    "favourites": ("Favourites", "收藏"),
    "keep": ("Keep this as a favourite", "收藏当前画面"),
    "kept": ("Kept", "已收藏"),
    "kept_help": (
        "The star keeps what is shown, in this browser only.",
        "点星号收藏当前状态，仅保存在此浏览器中。",
    ),
    "kept_done": ("Kept among your favourites.", "已加入收藏。"),
    "kept_undone": ("No longer a favourite.", "已取消收藏。"),
    "kept_full": (
        "{most} favourites are kept, and there is no room for more.",
        "最多收藏 {most} 项，已无空位。",
    ),
    "kept_session": (
        "This browser stores nothing here: favourites and history last until the page is closed.",
        "此浏览器不允许在这里存储：收藏和历史只保留到页面关闭。",
    ),
    "kept_gone": ("Not available here", "此处不可用"),
    "kept_rename": ("Rename: {name}", "重命名：{name}"),
    "kept_drop": ("Delete: {name}", "删除：{name}"),
    "kept_dropped": ("Deleted: {name}", "已删除：{name}"),
    "kept_keep": ("Keep: {name}", "收藏：{name}"),
    "kept_export": ("Export", "导出"),
    "kept_import": ("Import", "导入"),
    "import_refused": (
        "This is no file of favourites, or it is larger than 1 MB.",
        "这不是收藏文件，或文件大于 1 MB。",
    ),
    "import_done": (
        "{taken} taken, {known} were here already, {refused} refused.",
        "导入 {taken} 项，已有 {known} 项，拒绝 {refused} 项。",
    ),
    "import_line": ("No. {number}: {why}", "第 {number} 项：{why}"),
    "wrong_entry": ("it is no entry with a link.", "不是带链接的条目。"),
    "wrong_release": ("the model “{value}” is not here.", "这里没有模型“{value}”。"),
    "wrong_value": ("“{key}” cannot be “{value}” here.", "“{key}”在这里不能为“{value}”。"),
    "history": ("History", "历史"),
    "history_help": (
        "Where your hand came to rest, newest first.",
        "您停留过的状态，最新的在前。",
    ),
    "history_clear": ("Clear", "清空"),
    "history_cleared": ("The history is empty.", "历史已清空。"),
}
