"""Words of slow motion: who is at work, what has happened, what each number says."""

WORDS: dict[str, tuple[str, str]] = {
    "slow": ("Slow motion", "慢动作"),
    "slow_help": (
        "Train a tiny GAN by hand: one step of one player at a time, with its pictures and "
        "numbers. Nothing is kept.",
        "亲手训练一个很小的 GAN：每次只有一方走一步，并看到它的画面和数字。不会保存任何内容。",
    ),
    "slow_data_phenomena": ("phenomena of physics", "物理现象"),
    "slow_data_digits": ("digits (needs a folder)", "手写数字（需要文件夹）"),
    "slow_data_sprites": ("game characters (need a folder)", "游戏角色（需要文件夹）"),
    "slow_clips": ("Clips of", "片段内容"),
    "slow_root": ("Where the files are", "文件所在的文件夹"),
    "slow_begin": ("Begin a game", "开始新的一局"),
    "slow_show": ("Show the game", "查看这一局"),
    "slow_next": ("Next", "下一步"),
    "slow_draw": ("New clips", "新的片段"),
    "slow_critic": ("Critic step", "判别器走一步"),
    "slow_generator": ("Generator step", "生成器走一步"),
    "slow_rounds": ("10 rounds", "10 轮"),
    "slow_where": ("Round {round}: {what}", "第 {round} 轮：{what}"),
    "slow_machine": (
        "Noise goes through the generator and becomes a clip; generated and real clips go to the "
        "critic, which gives scores. Now: {what}.",
        "噪声经过生成器变成片段；生成的和真实的片段交给判别器打分。现在：{what}。",
    ),
    "slow_at_draw": ("clips are drawn and scored", "抽取片段并打分"),
    "slow_at_critic": ("the critic has learned", "判别器学了一步"),
    "slow_at_generator": ("the generator has learned", "生成器学了一步"),
    "slow_noise": ("noise", "噪声"),
    "slow_node_generator": ("generator", "生成器"),
    "slow_node_critic": ("critic", "判别器"),
    "slow_score": ("score", "得分"),
    "slow_story_draw": (
        "The generator has turned noise into clips. Each is paired with a real clip of the same "
        "kind. The critic has scored them all: the higher, the more real a clip looks to it.",
        "生成器把噪声变成了片段。每个生成片段都与一个同类的真实片段配成一对。判别器给所有片段打了分："
        "分数越高，它越觉得像真的。",
    ),
    "slow_story_critic": (
        "Only the critic has learned. Its loss says how badly it told the pairs apart, and the "
        "gradient which way to turn each of its weights so that the loss falls. Real clips should "
        "move to the right, generated ones to the left.",
        "这一步只有判别器在学习。损失表示它把各对分辨得有多差，梯度指出每个权重该往哪边调，损失才会下降。"
        "真实片段应向右移，生成片段应向左移。",
    ),
    "slow_story_generator": (
        "Only the generator has learned. The gradient ran back through the critic into the "
        "pictures: it says how each pixel would have to change to look more real. The generator's "
        "weights moved a little that way; the noise is the same. Generated clips should move to "
        "the right.",
        "这一步只有生成器在学习。梯度穿过判别器传回到画面里，指出每个像素怎样变化才会更像真的。"
        "生成器的权重朝那个方向动了一点，噪声没有变。生成片段应向右移。",
    ),
    "slow_row_real": ("Real clips", "真实片段"),
    "slow_row_fake": (
        "Generated clips, each with the real one's kind",
        "生成片段，种类与真实片段相同",
    ),
    "slow_row_heat": (
        "Where the critic looks: green speaks for real, orange gives a clip away",
        "判别器看哪里：绿色显得真实，橙色露出破绽",
    ),
    "slow_row_before": ("Generated clips before the step", "这一步之前的生成片段"),
    "slow_row_wish": (
        "What the critic asks for: lighter than grey means brighter, darker means darker",
        "判别器的要求：比灰色亮表示要变亮，比灰色暗表示要变暗",
    ),
    "slow_row_after": ("The same noise after the step", "同样的噪声，这一步之后"),
    "slow_row_change": (
        "What has changed, {factor} times as strong",
        "发生的变化，放大 {factor} 倍",
    ),
    "slow_scores": (
        "Scores of the pairs: a ring is before the step, a dot after",
        "各对的得分：圆圈是这一步之前，圆点是之后",
    ),
    "slow_left": ("looks generated", "像生成的"),
    "slow_right": ("looks real", "像真实的"),
    "slow_mean": ("{name}, mean: {from} → {to}", "{name}，平均：{from} → {to}"),
    "slow_num_critic": ("Critic's loss", "判别器的损失"),
    "slow_num_critic_help": (
        "Mean of ln(1 + e^(generated − real)) over the pairs. ln 2 = 0.69 is a draw; 0 would be "
        "perfect.",
        "各对 ln(1 + e^(生成 − 真实)) 的平均值。ln 2 = 0.69 表示分不出来，0 表示完全分清。",
    ),
    "slow_num_generator": ("Generator's loss", "生成器的损失"),
    "slow_num_generator_help": (
        "Mean of ln(1 + e^(real − generated)): it falls when generated clips are scored higher.",
        "各对 ln(1 + e^(真实 − 生成)) 的平均值：生成片段得分越高，它越小。",
    ),
    "slow_num_pair": ("Pair 1 before the step", "第 1 对，这一步之前"),
    "slow_num_pair_help": (
        "Work it out: ln(1 + e^({high} − {low})).",
        "可以自己算：ln(1 + e^({high} − {low}))。",
    ),
    "slow_num_penalty": ("Penalty", "惩罚项"),
    "slow_num_penalty_help": (
        "How steeply scores react to pixels, squared, times its weight: {penalty} × {gamma}. It "
        "keeps the critic from becoming so sharp that the generator learns nothing.",
        "得分对像素变化的敏感程度的平方，乘以它的权重：{penalty} × {gamma}。"
        "它防止判别器过于苛刻，使生成器学不到东西。",
    ),
    "slow_num_total": ("Loss with penalty", "加上惩罚项的损失"),
    "slow_num_total_help": (
        "Loss before the step plus penalty: this is what the critic's step makes smaller.",
        "这一步之前的损失加上惩罚项：判别器这一步要减小的就是它。",
    ),
    "slow_num_gradient": ("Length of the gradient", "梯度的长度"),
    "slow_num_gradient_help": (
        "How strongly the loss pulls at all of the player's weights together.",
        "损失对这一方所有权重的拉力合起来有多强。",
    ),
    "slow_num_pixels": ("Mean change of a pixel", "像素的平均变化"),
    "slow_num_pixels_help": ("Of 255 levels of brightness.", "以 255 级亮度计。"),
}
