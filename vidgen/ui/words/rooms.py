"""Words of the views: which there are, and what is written in those that are no stage."""

WORDS: dict[str, tuple[str, str]] = {
    "view_stage": ("Stage", "舞台"),
    "view_path": ("Path", "路径"),
    "path_bar": ("What the path is", "路径设置"),
    "path_along": ("Along", "沿"),
    "along_t": ("Seed A to B", "种子 A 到 B"),
    "along_mix": ("Class to class B", "类别到类别 B"),
    "along_psi": ("Typical to varied", "典型到多样"),
    "along_motion_t": ("Motion A to B", "运动 A 到 B"),
    "along_walk": ("Closed walk", "闭合漫游"),
    "path_clips": ("Clips", "片段数"),
    "path_walk": ("Seeds of the walk", "漫游的种子"),
    "through": ("Seeds with commas between them", "以逗号分隔的种子"),
    "through_fewer": ("One seed fewer", "减少一个种子"),
    "through_more": ("One more seed", "增加一个种子"),
    "through_roll": ("Other seeds", "换一批种子"),
    "through_refused": (
        "A walk has {low} to {high} seeds, whole numbers with commas between them.",
        "漫游由 {low} 到 {high} 个种子组成，请用逗号分隔整数。",
    ),
    "path_place": ("Place on the path", "路径上的位置"),
    "path_stops": ("Stops of the path", "路径上的各站"),
    "path_stop": ("Stop {number} of {count}: {place}", "第 {number} 站，共 {count} 站：{place}"),
    "path_picture": (
        "Moving picture on the path {along}: {place}",
        "路径（{along}）上的动态画面：{place}",
    ),
    "path_said": ("Path: {along}, {count} clips", "路径：{along}，{count} 个片段"),
    "path_help": (
        "Drag the picture or the slider. A click on a stop opens it on the stage.",
        "拖动画面或滑块。点击某一站可在舞台上打开。",
    ),
}
