"""What could not be had, and why, in one sentence, in English and in Chinese."""

from __future__ import annotations

from dataclasses import dataclass

# A row a kind: English, Chinese. {name} is the release, the rest comes from where it happened.
SENTENCES: dict[str, tuple[str, str]] = {
    "pending": (
        "{name} is not here yet; it is being fetched from the Hub.",
        "{name} 尚未就绪；正在从 Hub 获取。",
    ),
    "setting": (
        "VIDGEN_RELEASES holds {value!r}, which is left out ({why}); legal is {legal}.",
        "VIDGEN_RELEASES 中的 {value!r} 已略去（{why}）；合法形式为 {legal}。",
    ),
    "no-index": (
        "There are no shipped releases, because {file} cannot be read: {why}.",
        "没有自带的模型，因为无法读取 {file}：{why}。",
    ),
    "bad-row": (
        "{name} is left out, because its row in index.json is not legal: {why}.",
        "{name} 已略去，因为 index.json 中它的条目不合法：{why}。",
    ),
    "missing": (
        "{name} is left out, because its file {file} is not there.",
        "{name} 已略去，因为缺少文件 {file}。",
    ),
    "damaged": (
        "{name} is left out, because {file} does not have the checksum that index.json gives.",
        "{name} 已略去，因为 {file} 的校验和与 index.json 不符。",
    ),
    "changed": (
        "{name} is left out, because its file changed on disk after it was checked.",
        "{name} 已略去，因为其文件在校验之后被改动。",
    ),
    "unknown": (
        "There is no release {name!r}; there are {known}.",
        "没有名为 {name!r} 的模型；现有 {known}。",
    ),
    "unknown-repo": (
        "{name} is left out, because the Hub has no such repository or does not show it "
        "without a token.",
        "{name} 已略去，因为 Hub 上没有该仓库，或需要令牌才能查看。",
    ),
    "gated": (
        "{name} is left out, because its owner gives access on request only.",
        "{name} 已略去，因为需要先向其所有者申请访问权限。",
    ),
    "refused": (
        "{name} is left out, because the Hub refused access (HTTP {status}); check the token.",
        "{name} 已略去，因为 Hub 拒绝访问（HTTP {status}）；请检查令牌。",
    ),
    "unknown-revision": (
        "{name} is left out, because its repository has no revision {revision}.",
        "{name} 已略去，因为其仓库中没有修订版本 {revision}。",
    ),
    "unknown-file": (
        "{name} is left out, because its repository has no file {file} at that revision.",
        "{name} 已略去，因为其仓库在该修订版本中没有文件 {file}。",
    ),
    "busy": (
        "{name} is left out for now, because the Hub asks for fewer requests (HTTP 429); "
        "try again in a few minutes.",
        "{name} 暂时略去，因为 Hub 要求降低请求频率（HTTP 429）；请几分钟后再试。",
    ),
    "down": (
        "{name} is left out for now, because the Hub has a fault of its own (HTTP {status}).",
        "{name} 暂时略去，因为 Hub 自身出现故障（HTTP {status}）。",
    ),
    "slow": (
        "{name} is left out for now, because the Hub did not answer in time.",
        "{name} 暂时略去，因为 Hub 未能及时响应。",
    ),
    "late": (
        "{name} is left out for now, because its file comes more slowly than {rate} kB a second.",
        "{name} 暂时略去，因为其文件的下载速度低于每秒 {rate} kB。",
    ),
    "unreachable": (
        "{name} is left out for now, because the Hub cannot be reached and the local cache "
        "does not hold it.",
        "{name} 暂时略去，因为无法连接 Hub，且本地缓存中没有它。",
    ),
    "offline": (
        "{name} is left out, because HF_HUB_OFFLINE is set and the local cache does not hold it.",
        "{name} 已略去，因为设置了 HF_HUB_OFFLINE，且本地缓存中没有它。",
    ),
    "truncated": (
        "{name} is left out for now, because its file arrived incomplete.",
        "{name} 暂时略去，因为其文件下载不完整。",
    ),
    "corrupt": (
        "{name} is left out for now, because its file arrived damaged; the damaged copy was "
        "removed from the cache.",
        "{name} 暂时略去，因为其文件在传输中损坏；损坏的副本已从缓存中删除。",
    ),
    "checksum": (
        "{name} is left out, because its file on the Hub has another checksum than the one "
        "that was named ({sha256:.12}...).",
        "{name} 已略去，因为其 Hub 文件的校验和与指定的（{sha256:.12}...）不同。",
    ),
    "unchecked": (
        "{name} is left out, because the Hub gives no checksum for it; name one after #.",
        "{name} 已略去，因为 Hub 没有提供其校验和；请在 # 后指定。",
    ),
    "too-large": (
        "{name} is left out, because its file has {size} bytes; legal are {limit} at most.",
        "{name} 已略去，因为其文件有 {size} 字节；最多允许 {limit} 字节。",
    ),
    "no-release": (
        "{name} is left out, because its file is not a release that this version can read.",
        "{name} 已略去，因为其文件不是此版本可读取的模型文件。",
    ),
    "disk": (
        "{name} is left out, because it cannot be stored on this machine: {why}.",
        "{name} 已略去，因为无法存储到本机：{why}。",
    ),
    "training-off": (
        "Training from the page is possible on the machine that serves it, at its own address, "
        "and nowhere else.",
        "只能在提供此页面的机器上、通过其本机地址进行训练。",
    ),
    "training-foreign": (
        "Another site asked for this, so it was not done.",
        "此请求来自其他网站，未予执行。",
    ),
    "training-body": (
        f"What was asked is not a JSON object of {2**14} bytes at most.",
        f"请求不是至多 {2**14} 字节的 JSON 对象。",
    ),
    "training-missing": (
        "Training can't be started here ({why}); pip install -r requirements-train.txt brings "
        "what it needs.",
        "无法在此开始训练（{why}）；请用 pip install -r requirements-train.txt 安装所需软件包。",
    ),
    "training-busy": (
        "{name} is in training; pause it first.",
        "{name} 正在训练；请先暂停它。",
    ),
    "training-idle": (
        "{name} is not in training.",
        "{name} 不在训练中。",
    ),
    "training-new": (
        "{name} has not saved anything yet.",
        "{name} 尚未保存任何内容。",
    ),
    "training-failed": (
        "{name}: {why}",
        "{name}：{why}",
    ),
    "job-busy": (
        "{name} is being worked on; stop it first.",
        "{name} 正在运行；请先停止它。",
    ),
    "job-foreign": (
        "{name} was not deleted: its folder is a link or was not made here. Remove it by hand.",
        "{name} 未删除：它的文件夹是一个链接，或不是在此创建的。请手动删除。",
    ),
    "preparing-busy": (
        "{name} is being prepared; stop it first, or wait.",
        "{name} 正在准备；请先停止它，或稍候。",
    ),
    "preparing-idle": (
        "{name} is not being prepared.",
        "{name} 不在准备中。",
    ),
    "preparing-done": (
        "{name} is prepared; there is nothing left to do.",
        "{name} 已准备完毕；无需继续。",
    ),
    "preparing-used": (
        "{name} was not deleted: {run} is in training on it.",
        "{name} 未删除：{run} 正在用它训练。",
    ),
    "slow-over": (
        "The slow motion has ended, because nobody asked for a while; begin again.",
        "慢动作因长时间无人操作而结束；请重新开始。",
    ),
    "slow-failed": (
        "The slow motion has ended: {why}",
        "慢动作已结束：{why}",
    ),
    "strange": (
        "{name} is left out, because the Hub's answer cannot be understood ({why}).",
        "{name} 已略去，因为无法理解 Hub 的响应（{why}）。",
    ),
}


@dataclass(frozen=True)
class Note:
    """One thing that could not be had.

    Attributes:
        kind: a key of SENTENCES.
        name: the release that it is about; the setting or the file where there is none.
        en: the sentence in English.
        zh: the sentence in Chinese. Both may quote what a stranger wrote: escape them in a page.
    """

    kind: str
    name: str
    en: str
    zh: str

    def text(self, lang: str) -> str:
        """Return the sentence for a language tag such as "en" or "zh-CN"."""
        return self.zh if lang.lower().startswith("zh") else self.en


def note(kind: str, name: str, **values: object) -> Note:
    """Fill in the sentences of a kind."""
    en, zh = (sentence.format(name=name, **values) for sentence in SENTENCES[kind])
    return Note(kind, name, en, zh)


class HubError(Exception):
    """A release that cannot be had; ``note`` says why in both languages, str() in English."""

    def __init__(self, note: Note) -> None:
        super().__init__(note.en)
        self.note = note
