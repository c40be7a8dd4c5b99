"""Installing: announced before, only once, keeping torch, repaired after an interruption."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import download, install, venv
from tools.download import Package

ROOT = Path(__file__).resolve().parents[2]


def make_wheel(folder: Path, name: str, version: str, *needs: str) -> None:
    """Write the smallest wheel that pip installs."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + "".join(f"Requires-Dist: {need}\n" for need in needs),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in (files | {f"{info}/RECORD": record}).items():
            wheel.writestr(path, text)


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Path:
    """A repository with our tools, its own small requirements and a folder of wheels."""
    root = tmp_path_factory.mktemp("house with a space")
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    wheels = root / "wheels"
    wheels.mkdir()
    for version in ("2.7.0", "2.9.0", "2.13.0", "2.15.0"):
        make_wheel(wheels, "torch", version)
    make_wheel(wheels, "torchvision", "0.24.0", "torch==2.9.0")
    make_wheel(wheels, "torchvision", "0.28.0", "torch==2.13.0")
    make_wheel(wheels, "page", "1.0", "torch")
    (root / "requirements.txt").write_text("page\ntorch>=2.8,<2.15  # why\n")
    (root / "requirements-dev.txt").write_text("-r requirements.txt\ntorchvision>=0.23,<0.30\n")
    (root / "constraints.txt").write_text("torch==2.13.0\ntorchvision==0.28.0\n")
    return root


def call(house: Path, target: str = "demo", **env: str) -> str:
    """Run the installer as make does, with no package registry but the wheels."""
    closed = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    closed |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": (house / "wheels").as_uri()}
    closed |= {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tools.install", target],
        cwd=house, env=closed | env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def versions(house: Path) -> dict[str, str]:
    found = (info.name.split("-")[:2] for info in site(house).glob("*.dist-info"))
    return {name: version.removesuffix(".dist") for name, version in found}


def site(house: Path) -> Path:
    (folder,) = (house / ".venv" / "lib").glob("python*/site-packages")
    return folder


def torn(house: Path, name: str, missing: str) -> None:
    (info,) = site(house).glob(f"{name}-*.dist-info")
    (info / missing).unlink()
    (site(house) / f"{name}.py").write_text("half")


def test_install_from_nothing_to_repaired(house):
    """One story, because making an environment takes seconds."""
    assert "virtual environment" in call(house)
    assert versions(house)["torch"] == "2.13.0"  # not the newest of the range: the one tested
    assert call(house) == ""  # a finished install costs nothing

    call(house, "test")
    assert versions(house)["torchvision"] == "0.28.0"
    assert call(house, "demo") == "" == call(house, "test")  # more packages disturb no target

    # What pip leaves when it is killed: a package without its last files, another set aside.
    for name, missing in (("page", "INSTALLER"), ("torch", "RECORD")):
        torn(house, name, missing)
    (site(house) / "~orch").mkdir()
    said = call(house)
    assert "page was only half installed" in said and "torch was only half installed" in said
    assert "VERSION" in (site(house) / "page.py").read_text()
    assert "VERSION" in (site(house) / "torch.py").read_text()
    assert versions(house)["torch"] == "2.13.0"
    assert not list(site(house).glob("~*"))
    assert call(house) == ""

    # A package that somebody removed comes back.
    shutil.rmtree(next(site(house).glob("page-*.dist-info")))
    call(house)
    assert "page" in versions(house)


def test_a_torch_that_is_there_stays(house):
    call(house)
    pip = [house / ".venv" / "bin" / "python", "-m", "pip", "install", "-q", "--no-index"]
    pip += ["--find-links", house / "wheels"]
    subprocess.run([*pip, "torch==2.9.0", "torchvision==0.24.0"], check=True)
    shutil.rmtree(next(site(house).glob("torchvision-*.dist-info")))  # it is not there
    call(house, "test")
    assert versions(house)["torch"] == "2.9.0"
    assert versions(house)["torchvision"] == "0.24.0"  # its partner

    subprocess.run([*pip, "torch==2.7.0"], check=True)
    call(house)
    assert versions(house)["torch"] == "2.13.0"  # 2.7 is out of range


@pytest.mark.parametrize("version", [(3, 9, 1), (3, 13, 0), (2, 7, 18), (4, 0, 0)])
def test_a_wrong_python_is_refused_with_the_remedy(version):
    with pytest.raises(venv.InstallError) as refused:
        venv.refuse_version(version, "python3")
    spelled = ".".join(map(str, version))
    assert spelled in str(refused.value) and "3.10 to 3.12" in str(refused.value)
    assert "make demo PYTHON=" in str(refused.value)


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 11, 7), (3, 12, 12)])
def test_a_legal_python_is_not_refused(version):
    venv.refuse_version(version, "python3")


@pytest.mark.parametrize(
    ("version", "inside"),
    [("2.8.0", True), ("2.14.1+cu130", True), ("2.13.0+cpu", True), ("2.7.1", False),
     ("2.15.0", False), ("2.15.0.dev20260101", False), ("3.0.0", False), ("1.13.1", False)],
)  # fmt: skip
def test_range_of_torch(version, inside):
    assert install.within(version, "torch>=2.8,<2.15") is inside


def test_a_stamp_holds_only_for_its_requirements_and_packages(tmp_path):
    stamp = tmp_path / "stamp"
    assert not install.holds(stamp, "key", {"a"})
    stamp.write_text(json.dumps({"key": "key", "packages": ["a"]}))
    assert install.holds(stamp, "key", {"a", "b"})
    assert not install.holds(stamp, "other", {"a"})
    assert not install.holds(stamp, "key", {"b"})
    for broken in ("", "[]", "{", "null", '{"key": "key"}'):
        stamp.write_text(broken)
        assert not install.holds(stamp, "key", {"a"})


def test_every_requirement_counts_for_the_key(house, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(house, copy, ignore=shutil.ignore_patterns(".venv"))
    before = install.key_of(copy, (3, 11, 7))
    assert before == install.key_of(copy, (3, 11, 7))
    keys = {before, install.key_of(copy, (3, 12, 1))}
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        with (copy / name).open("a") as file:
            file.write("\n# more\n")
        keys.add(install.key_of(copy, (3, 11, 7)))
    assert len(keys) == 5


def test_sizes_are_measured_or_called_unknown(tmp_path):
    wheel = tmp_path / "a b.whl"
    wheel.write_bytes(b"x" * 1234)
    assert download.size_of(wheel.as_uri()) == 1234
    for url in ((tmp_path / "gone.whl").as_uri(), "http://127.0.0.1:9/gone", "strange://x"):
        assert download.size_of(url) is None


def test_the_summary_adds_up():
    packages = [
        Package("mystery", "1", "http://127.0.0.1/mystery", None),
        Package("local", "1", "file:///local", 900_000_000),
        *[Package(f"p{i}", "1", "http://127.0.0.1/p", 1_000_000) for i in range(10)],
    ]
    said = download.summary(packages)
    assert "12 packages" in said
    assert "download at most: 10.0 MB and 1 of unknown size" in said
    assert "mystery 1: size unknown" in said
    assert "local 1: 900.0 MB, already on this machine" in said
    assert "NVIDIA" not in said
    assert "NVIDIA" in download.summary([Package("nvidia-x", "1", "http://127.0.0.1/x", 1)])
