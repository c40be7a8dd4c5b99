"""Model cards: what a release is, how it was made, how good it is as measured, and its limits."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from train.judge.verdicts import weakest
from train.judge.words import HEADINGS, NOTES, within
from vidgen.card import clips_seen, limits
from vidgen.document import Ancestor
from vidgen.meanings import MEANINGS
from vidgen.release import ReleaseInfo

SAMPLES = "samples.gif"
SAMPLE_SEEDS = (0, 1, 2)
SAMPLE_CLASSES = 10
REPORT = "report.html"  # what a report is called in a Hub repository
_MOST_NAMED = 20  # classes of a table that has a column for each
_LICENCES = {"apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0"}


def card(
    info: ReleaseInfo,
    sha256: str,
    metrics: Mapping[str, Any] | None,
    repo: str,
    samples: bool,
    report: Collection[str] | None = None,
) -> str:
    """Return the README.md of a repository on the Hub: front matter for machines, then the card.

    ``samples`` says whether the repository has the moving picture; ``report``, which pictures of
    the report it has (as ``picture_name`` calls them), None where it has no report.
    """
    moving = f"\n![Samples]({SAMPLES})\n\n{_samples_caption(info)}\n" if samples else ""
    shown = [] if report is None else _shown(report, metrics or {})
    return f"---\n{_front_matter(info, metrics)}\n---\n\n" + "\n".join(
        [f"# {info.title['en']} · {info.title['zh']}", "", _summary(info), moving,
         "## How to use it", "", _usage(repo), "",
         *sections(info, sha256, metrics, "##", shown)]
    )  # fmt: skip


def sections(
    info: ReleaseInfo,
    sha256: str,
    metrics: Mapping[str, Any] | None,
    level: str,
    shown: Sequence[str] = (),
) -> list[str]:
    """Return the lines that every card has, below headings of a level such as "##".

    ``shown`` are lines that follow the numbers.
    """
    return [
        f"{level} How good it is", "", *_measured(metrics), "", *shown,
        f"{level} How it was made", "", *_making(info, sha256), "",
        f"{level} Limits", "", *(f"- {words.en}" for words in limits(info)), "",
        f"{level} Licence and credits", "", f"{info.licence}. {info.credits}.", "",
        *(line for each in info.ancestors for line in (_terms(each), "")),
    ]  # fmt: skip


def shipped_card(
    info: ReleaseInfo,
    name: str,
    sha256: str,
    metrics: Mapping[str, Any] | None,
    report: str | None = None,
) -> str:
    """Return the card of a release that ships with the code, as a part of a longer page.

    ``report`` is the file of the judge's report beside that page.
    """
    shown = [f"[The whole report, with pictures]({report})", ""] if report else []
    parts = sections(info, sha256, metrics, "###", shown)
    return "\n".join([f"## {name}", "", _summary(info), "", *parts])


def picture_name(key: str) -> str:
    """Return what a picture of the report is called in a Hub repository."""
    return f"{key}.webp"


def _shown(pictures: Collection[str], metrics: Mapping[str, Any]) -> list[str]:
    """Show the report's pictures, each with what is to be known; the Hub shows no page of HTML."""
    lines = [
        f"[{REPORT}]({REPORT}) is the whole report, one page in English and Chinese that needs "
        "nothing else: download it and open it. From it:",
        "",
    ]
    for key, words in HEADINGS.items():
        if picture_name(key) in pictures:
            lines += [f"### {words.en}", "", f"![{words.en}]({picture_name(key)})", ""]
            lines += [NOTES[key].en, ""]
            if key == "inversion":
                spread = sorted(metrics.get("psnr_by_clip", []), reverse=True)
                lines += [f"PSNR of each, in dB: {', '.join(f'{x:.1f}' for x in spread)}.", ""]
    return lines


def _front_matter(info: ReleaseInfo, metrics: Mapping[str, Any] | None) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    numbers = {key: metrics[key] for key in MEANINGS if metrics and _is_score(key, metrics)}
    results = [
        EvalResult(
            task_type="other",
            task_name="class-conditional video generation",
            dataset_type=info.dataset["name"],
            dataset_name=info.title["en"],
            dataset_revision=info.dataset["fingerprint"],
            metric_type=key,
            metric_value=value,
        )
        for key, value in numbers.items()
    ]
    slug = re.sub(r"[^a-z0-9.]+", "-", info.licence.lower()).strip("-")
    known = slug in _LICENCES
    data = ModelCardData(
        license=slug if known else "other",
        license_name=None if known else slug,
        language=["en", "zh"],
        library_name="vidgen",
        model_name=info.name,
        tags=["video-generation", "gan", "class-conditional", info.dataset["name"]],
        eval_results=results or None,
    )
    return data.to_yaml()


def _is_score(key: str, metrics: Mapping[str, Any]) -> bool:
    return key not in ("num_clips", "seed") and type(metrics.get(key)) in (int, float)


def _summary(info: ReleaseInfo) -> str:
    clip, names = info.model.clip, ", ".join(name.en for name in info.classes[:20])
    more = ", ..." if len(info.classes) > 20 else ""
    return (
        f"Makes moving pictures of {clip.width}x{clip.height} pixels from a class, two seeds and a "
        f"time; trained on clips of {clip.frames} frames at {info.fps:g} frames a second. "
        f"Classes: {names}{more}."
    )


def _samples_caption(info: ReleaseInfo) -> str:
    shown = ", ".join(name.en for name in info.classes[:SAMPLE_CLASSES])
    seeds = ", ".join(str(seed) for seed in SAMPLE_SEEDS)
    return f"Not chosen by hand: seeds {seeds} from top to bottom; from left to right: {shown}."


def _usage(repo: str) -> str:
    return (
        "With the code of vidgen, beside its own releases (the commit is on the page of this "
        f"repository):\n\n```sh\nexport VIDGEN_RELEASES={repo}@COMMIT\nmake demo\n"
        f"python -m vidgen generate --release {repo} --class 0 --seed 3 --out clip.gif\n```\n\n"
        "`model.safetensors` describes itself; `config.json` repeats its description for readers."
    )


def _measured(metrics: Mapping[str, Any] | None) -> list[str]:
    if metrics is None:
        return ["Not measured."]
    intervals = metrics.get("intervals", {})
    said = [line for words in weakest(metrics) for line in (words.en, "")]
    lines = [*said, "As measured, from the file named below; in brackets the 95 % interval.", "",
             "| number | value | meaning |", "|---|---|---|"]  # fmt: skip
    for key in [*MEANINGS, *sorted(set(metrics) - set(MEANINGS))]:
        if type(metrics.get(key)) in (int, float):
            value = f"{metrics[key]:.6g}{within(intervals.get(key))}"
            meaning = MEANINGS[key].en if key in MEANINGS else ""
            lines.append(f"| {key} | {value} | {meaning} |")
    lines += [f"\nNo {name}: {why['en']}." for name, why in metrics.get("left_out", {}).items()]
    return (
        lines + _distances(metrics.get("distances", {})) + _classes(metrics) + _confusion(metrics)
    )


def _distances(rows: Mapping[str, Any]) -> list[str]:
    """Lay out the distances, and which of their controls they fail."""
    if not rows:
        return []
    lines = ["", "| distance | generated | real to real | controls that it fails |",
             "|---|---|---|---|"]  # fmt: skip
    for name, row in rows.items():
        cells = [f"{row[key][0]:.4g}{within(row[key][1:])}" for key in ("value", "floor")]
        missed = ", ".join(row.get("controls_failed", [])) or "none"
        lines.append(f"| {' | '.join([name, *cells, missed])} |")
    return lines


def _classes(metrics: Mapping[str, Any]) -> list[str]:
    rows = metrics.get("per_class") or []
    if not rows:
        return []
    laws = metrics.get("laws_by_class") or {}
    lines = ["", "| class | alignment | of real clips | motion_ratio | lawful |",
             "|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        values = [f"{row[key]:.3g}" for key in ("alignment", "alignment_real", "motion_ratio")]
        law = f"{laws[row['class']]:.3g}" if row["class"] in laws else ""
        lines.append(f"| {' | '.join([str(row['class']), *values, law])} |")
    return lines


def _confusion(metrics: Mapping[str, Any]) -> list[str]:
    """Lay out what the judge named, where the classes are few enough to stand in a row."""
    names = [str(row["class"]) for row in metrics.get("per_class") or []]
    rows = metrics.get("confusion") or []
    if not 0 < len(rows) <= _MOST_NAMED:
        return []
    lines = ["", f"{HEADINGS['confusion'].en}: {NOTES['confusion'].en}", "",
             f"| {' | '.join(['', *names])} |", "|---" * (len(names) + 1) + "|"]  # fmt: skip
    for name, row in zip(names, rows, strict=True):
        shares = [f"{count / max(sum(row), 1):.0%}" if count else "" for count in row]
        lines.append(f"| {' | '.join([name, *shares])} |")
    return lines


def _making(info: ReleaseInfo, sha256: str) -> list[str]:
    packages = ", ".join(f"{name} {version}" for name, version in sorted(info.packages.items()))
    return [
        f"- data: {info.dataset['name']}, fingerprint {info.dataset['fingerprint']}",
        f"- training: step {info.step}, seed {info.seed}, code {info.revision}",
        f"- cost: {_cost(info)}",
        *(f"- began with the weights of {_ancestor(each)}" for each in reversed(info.ancestors)),
        f"- packages: {packages}",
        f"- sha256: {sha256}",
        f"- config: `{json.dumps(info.train, ensure_ascii=False)}`",
    ]


def _cost(info: ReleaseInfo) -> str:
    clips = clips_seen(info)
    seen = f"{clips:,} real clips seen" if clips else f"{info.step} steps"
    if not info.seconds:
        return seen
    kind = "of all threads of a CPU" if info.device == "cpu" else f"on {info.device}"
    return f"{seen} in {info.seconds / 60:.0f} minutes {kind}"


def _ancestor(each: Ancestor) -> str:
    """Tell whose weights a run began with: its data, its cost, and the file where it is one."""
    said = [f"{each.name}: {each.data}"]
    if each.clips:
        said.append(f"{each.clips:,} real clips seen")
    if each.seconds:
        said.append(f"{each.seconds / 60:.0f} minutes on {each.device}")
    said += [f"code {each.revision}"] if each.revision else []
    said += [f"sha256 {each.sha256}"] if each.sha256 else []
    return ", ".join(said)


def _terms(each: Ancestor) -> str:
    return f"It began with the weights of {each.name}: {each.licence}. {each.credits}."
