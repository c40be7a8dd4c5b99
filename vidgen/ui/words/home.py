"""Words of what is taken home: the dialog, its formats, and the names of the files."""

WORDS: dict[str, tuple[str, str]] = {
    "download": ("Download mp4", "下载 mp4"),
    "home": ("Save as…", "另存为…"),
    "home_title": ("Take it home", "保存到本机"),
    "home_clip": (
        "The clip on the stage: {frames} frames, {seconds} s.",
        "舞台上的片段：{frames} 帧，{seconds} 秒。",
    ),
    "home_path": (
        "The whole path: {clips} clips one after the other, {frames} frames, {seconds} s.",
        "整条路径：{clips} 个片段依次相接，共 {frames} 帧，{seconds} 秒。",
    ),
    "home_format": ("Format", "格式"),
    "home_mp4": ("MP4", "MP4 视频"),
    "home_mp4_help": ("H.264 video; plays everywhere.", "H.264 编码；到处都能播放。"),
    "home_webm": ("WebM", "WebM 视频"),
    "home_webm_help": ("VP9 video, for web pages.", "VP9 编码；适合网页。"),
    "home_gif": ("GIF", "GIF 动图"),
    "home_gif_help": (
        "Repeats by itself where no video may be; 256 colours.",
        "在不能放视频的地方自动循环；256 色。",
    ),
    "home_webp": ("Animated WebP", "WebP 动图"),
    "home_webp_help": (
        "Repeats by itself; every pixel exactly as it was made.",
        "自动循环；每个像素都与生成时完全一致。",
    ),
    "home_png": ("PNG sheet", "PNG 拼图"),
    "home_png_help": (
        "All frames side by side in one picture, for print and for programs.",
        "所有帧并排成一张图片，适合打印和程序处理。",
    ),
    "home_frame": ("Single frame", "单帧图片"),
    "home_frame_help": (
        "Frame {frame} of {frames}, the one that is seen now; PNG.",
        "当前看到的第 {frame} 帧（共 {frames} 帧），PNG 格式。",
    ),
    "home_json": ("Recipe", "配方"),
    "home_json_help": (
        "No picture: the numbers that make it again. All the other files hold them too.",
        "不含画面，只有可重新生成的全部数字（JSON）；其他文件中也都带有它。",
    ),
    "home_scale": ("Size", "尺寸"),
    "home_pixels": (
        "{scale}× · {width} × {height} pixels",
        "{scale} 倍 · {width} × {height} 像素",
    ),
    "home_fits": (
        "A file has room for up to {fits}× of so many frames.",
        "这么多帧最大可放大到 {fits} 倍。",
    ),
    "home_too_large": (
        "These are too many frames for a file; take fewer frames or clips.",
        "帧数过多，一个文件放不下；请减少帧数或片段数。",
    ),
    "home_go": ("Download", "下载"),
    "home_busy": ("Writing the file…", "正在生成文件…"),
    "home_done": ("{name} is in your downloads.", "{name} 已下载。"),
    "home_gone": (
        "The server cannot be reached. Press the button again to try again.",
        "无法连接服务器。请再按一次按钮重试。",
    ),
    "file_clip": ("{release}-class-{kind}-seed-{seed}", "{release}-类别-{kind}-种子-{seed}"),
    "file_clips": ("{name}-{count}-clips", "{name}-{count}个片段"),
    "file_frame": ("{name}-frame-{frame}", "{name}-帧-{frame}"),
}
