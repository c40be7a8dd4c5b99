"""The plan of ARCHITECTURE.md as laws: who may import whom, and that importing does nothing."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Each imports only what stands before it; a name stands for all that is below it. A new module
# gets its place here, and if it finds none the plan is wrong.
ORDER = (
    "vidgen.config", "vidgen.families", "vidgen.latent", "vidgen.notes", "vidgen.process",
    "vidgen.nn", "vidgen.generators", "vidgen.document", "vidgen.release", "vidgen.rows",
    "vidgen.index", "vidgen.fetch", "vidgen.hub", "vidgen.pull", "vidgen.legal", "vidgen.mixes",
    "vidgen.request", "vidgen.axes", "vidgen.media",
    "vidgen.video", "vidgen.recipe", "vidgen.export",
    "vidgen.clip", "vidgen.batches", "vidgen.line", "vidgen.engine", "vidgen.beside",
    "vidgen.meanings", "vidgen.scores", "vidgen.card", "vidgen.wall", "vidgen.catalogue",
    "vidgen.moments", "vidgen.lapse",
    "vidgen.service", "vidgen.alive", "vidgen.jobs", "vidgen.plan", "vidgen.runs",
    "vidgen.progress",
    "vidgen.preparation", "vidgen.datasets", "vidgen.preparing",
    "vidgen.slow", "vidgen.training",
    "vidgen.ui.words", "vidgen.ui.text", "vidgen.ui", "vidgen.__main__", "app",
    "train.pages", "train.levels", "train.data", "train.laws", "train.arguments", "train.claim",
    "train.journal", "train.pace", "train.devices",
    "train.config", "train.methods", "train.presets", "train.listing", "train.contestants",
    "train.stamps", "train.augment", "train.ema", "train.schedules",
    "train.losses", "train.penalties", "train.optimizers", "train.ranks", "train.diversity",
    "train.critics", "train.adaptive", "train.dealer", "train.trainer", "train.state",
    "train.look", "train.auto", "train.transfer", "train.provenance", "train.sheets",
    "train.opinion", "train.watch", "train.prepare",
    "train.features", "train.inversion", "train.judge", "train.measured",
    "train.evaluate", "train.model_card", "train.upload", "train.publish",
    "train.rounds", "train.slow", "train.ship", "train.space", "train.loop", "train.run",
    "train.standings", "train.budget",
    "train.tournament", "train.__main__",
)  # fmt: skip
WITH_TORCH = ("vidgen.nn", "vidgen.generators", "vidgen.engine")  # all else of vidgen has none


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


FILES = [ROOT / "app.py", *sorted(ROOT.glob("vidgen/**/*.py")), *sorted(ROOT.glob("train/**/*.py"))]
MODULES = {module_of(path): path for path in FILES}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def below(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


def imports(nodes: list[ast.AST]) -> set[str]:
    """Return the names of our own modules that these statements import."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are spelled in full"
            for alias in node.names:  # a module of that package, or a name in that module
                module = f"{node.module}.{alias.name}"
                names.add(module if module in MODULES else node.module or "")
    return names & MODULES.keys()


def at_import(tree: ast.Module) -> list[ast.AST]:
    """Return the nodes that run when a module is imported: none of its functions' bodies."""
    nodes: list[ast.AST] = []
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        nodes.append(node)
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return nodes


def rank(name: str) -> int:
    """Return a module's place in ORDER, by its longest prefix there."""
    found = [(len(root), place) for place, root in enumerate(ORDER) if below(name, root)]
    if name in ("vidgen", "train"):
        return -1  # a docstring each, see below
    assert found, f"{name} has no place in tests/test_architecture.py's ORDER"
    return max(found)[1]


def test_imports_only_go_down():
    wrong = [
        f"{name} imports {other}, which stands above it"
        for name, tree in TREES.items()
        for other in imports(list(ast.walk(tree)))
        if rank(other) > rank(name)
    ]
    assert not wrong, wrong


def test_nothing_of_vidgen_imports_train():
    wrong = [
        (name, other)
        for name, tree in TREES.items()
        for other in imports(list(ast.walk(tree)))
        if below(other, "train") and not below(name, "train")
    ]
    assert not wrong, wrong
    assert imports(list(ast.walk(TREES["train.run"]))), "the search for imports finds none"


def test_imports_have_no_circles():
    graph = {name: imports(at_import(tree)) - {name} for name, tree in TREES.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_the_two_wings_hold_no_code_of_their_own():
    for wing in ("vidgen", "train"):
        assert [type(node) for node in TREES[wing].body] == [ast.Expr], wing


# Imports everything twice: first whatever it wants, so that other people's packages have done what
# they do; then once more under a watch.
PROBE = """
import importlib, json, os, signal, sys, threading
light, heavy = json.loads(sys.argv[1])
def load(names):
    for name in names:
        importlib.import_module(name)
def ours():
    return [name for name in sys.modules if name.split(".")[0] in ("vidgen", "train", "app")]
load(light)
seen = {"light": sorted({"torch", "train"} & sys.modules.keys()), "deeds": [], "ops": []}
load(heavy)
for name in ours():
    del sys.modules[name]
import torch
from torch.utils._python_dispatch import TorchDispatchMode
class Ops(TorchDispatchMode):
    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        seen["ops"].append(str(op))
        return op(*args, **(kwargs or {}))
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
DEEDS = ("socket.", "subprocess.", "shutil.", "tempfile.", "os.mkdir", "os.remove", "os.rename",
         "os.rmdir", "os.system", "os.fork", "os.exec", "os.putenv", "os.chdir", "os.truncate")
def watch(event, args):
    if event.startswith(DEEDS) or (event == "open" and (args[2] or 0) & WRITES):
        seen["deeds"].append(event + " " + repr(args)[:200])
def state():
    handlers = [str(signal.getsignal(n)) for n in (signal.SIGINT, signal.SIGTERM)]
    return [threading.active_count(), handlers, torch.get_num_threads(), torch.is_grad_enabled(),
            torch.initial_seed()]
before = state()
sys.addaudithook(watch)
with Ops():
    load(light + heavy)
seen["changed"] = [[a, b] for a, b in zip(before, state()) if a != b]
print(json.dumps(seen))
"""


@pytest.fixture(scope="module")
def imported() -> dict:
    """What happens when every module is imported, in a process of its own."""
    light = [n for n in MODULES if not below(n, "train", *WITH_TORCH)]
    heavy = [n for n in MODULES if n not in light]
    quiet = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", PROBE, json.dumps([light, heavy])]
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_page_imports_no_torch_and_no_training(imported):
    assert imported["light"] == []


def test_importing_touches_no_file_network_or_process(imported):
    assert imported["deeds"] == []


def test_importing_does_no_torch_work(imported):
    assert imported["ops"] == []


def test_importing_starts_no_thread_and_changes_no_setting(imported):
    assert imported["changed"] == []


def test_training_runs_where_the_page_cannot(digits_root, tmp_path):
    # None in sys.modules makes an import fail as if the package were not installed.
    names = [name for name in MODULES if below(name, "train")]
    program = f"""
import importlib, runpy, sys
for name in ("gradio", "gradio_client", "imageio_ffmpeg"):
    sys.modules[name] = None
for name in {names!r}:
    importlib.import_module(name)
    sys.modules.pop("train.__main__", None)
sys.argv = ["train", "run", "--preset", "smoke", "--max-steps", "1", "--device", "cpu",
            "--data-root", {str(digits_root)!r}, "--out", {str(tmp_path / "run")!r}]
runpy.run_module("train", run_name="__main__")
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "run").rglob("*.safetensors")), "a run leaves a release"
