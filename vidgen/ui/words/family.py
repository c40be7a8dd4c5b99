"""Words of the families: the idea of each in a sentence, and what its numbers are called."""

WORDS: dict[str, tuple[str, str]] = {
    "view_family": ("Families", "家族"),
    "family_tiles": ("The same class and seeds through every family", "相同类别与种子下的各家族"),
    "family_help": (
        "All play on one clock. A click on a picture opens it on the stage. Brackets hold 95% "
        "intervals.",
        "所有画面共用一个时钟。点击画面可在舞台上打开。括号内为 95% 区间。",
    ),
    "family_alone": (
        "These data have one model only. Others are to be chosen above.",
        "该数据只有这一个模型。可在上方选择其他数据。",
    ),
    "family_data": ("Data", "数据"),
    "family_kind": ("{title} · {size} · {count} models", "{title} · {size} · {count} 个模型"),
    "family_kind_alone": ("{title} · {size} · one model", "{title} · {size} · 仅一个模型"),
    "family_told": ("What each family is, and its numbers", "各家族的说明与数字"),
    "family_unlabelled": (
        "Trained without labels: the class changes nothing.",
        "训练时没有标签：类别不起作用。",
    ),
    "family_said": ("{count} families; {name}", "{count} 个家族；{name}"),
    "family_open": ("{family}, open on the stage: {name}", "{family}，在舞台上打开：{name}"),
    "family_part": ("Look inside {name}", "看 {name} 内部"),
    "family_source": ("{by}, {year}.", "{by}，{year} 年。"),
    "family_own": ("Designed here", "本项目设计"),
    "family_unsourced": (
        "No canonical paper; after the image generator DCGAN, 2016.",
        "没有公认的原始论文；依照图像生成器 DCGAN，2016 年。",
    ),
    "family_parameters": ("Parameters", "参数量"),
    "family_ms": ("Made in", "生成用时"),
    "family_alignment": ("Shows its class", "类别相符"),
    "family_kid": ("KID of clips", "片段 KID"),
    "family_kid_second": ("KID, TransNetV2", "KID（TransNetV2 网络）"),
    "family_motion": ("Movement", "运动量"),
    "family_motion_is": ("{value} × real", "{value} × 真实"),
    "family_laws": ("Keeps its law", "符合定律"),
    "idea_framegan": (
        "Frames are channels of one picture: no idea of time at all.",
        "各帧只是一张图的通道：完全没有时间的概念。",
    ),
    "idea_vgan": (
        "Two streams: a mask lays what moves over what stands still.",
        "两路：用遮罩把运动的前景叠在静止的背景上。",
    ),
    "idea_mocogan": (
        "One code says what it is; a recurrent net walks another that says how it moves.",
        "一个码决定是什么；循环网络逐帧推进另一个码，决定怎样运动。",
    ),
    "idea_progressive": (
        "It learns a small short clip first, then grows in space and time.",
        "先学小而短的片段，再在空间和时间上逐步长大。",
    ),
    "idea_convgru": (
        "A recurrent map of features changes from frame to frame; each becomes a picture.",
        "循环更新的特征图逐帧变化，每一步画成一帧。",
    ),
    "idea_stgan": (
        "Looks are made once a clip; continuous time says where everything is.",
        "外观每个片段只算一次；由连续时间决定各物的位置。",
    ),
}
