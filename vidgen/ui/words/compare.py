"""Words of the comparison, and of a clip that is told in words."""

WORDS: dict[str, tuple[str, str]] = {
    "view_compare": ("Compare", "对比"),
    "key_compare": ("Compare, and back", "对比与返回"),
    "compare_bar": ("How they are compared", "对比设置"),
    "compare_sides": ("Which picture the controls move", "控件调整哪个画面"),
    "side_1": ("Picture 1", "画面 1"),
    "side_2": ("Picture 2", "画面 2"),
    "side_moved": ("being moved", "调整中"),
    "side_picture": ("{side}, moving picture: {name}", "{side}，动态画面：{name}"),
    "linked": ("Move both", "同时调整两边"),
    "swap": ("Swap", "交换"),
    "copy_side": ("Copy {from} to {to}", "将 {from} 复制到 {to}"),
    "moves_one": ("The controls move: {side}", "控件正在调整：{side}"),
    "moves_both": (
        "The controls move both pictures; seeds keep their distance.",
        "控件同时调整两个画面；种子保持间距。",
    ),
    "compare_said": (
        "Picture 1: {one}. Picture 2: {two}.",
        "画面 1：{one}。画面 2：{two}。",
    ),
    "compare_differs": ("They differ in: {difference}", "不同之处：{difference}"),
    "compare_same": ("Both are the same clip.", "两边是同一个片段。"),
    "told_seed": ("seed {seed}", "种子 {seed}"),
    "told_walk": ("walk {walk} at {at}", "漫游 {walk}，位置 {at}"),
    "told_plane": ("plane of seeds {seeds}", "种子平面 {seeds}"),
    "told_motion": ("motion {motion}", "运动 {motion}"),
    "on": ("on", "开"),
    "off": ("off", "关"),
}
