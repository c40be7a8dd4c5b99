"""Release files: one safetensors file that describes itself. Loading takes a path, nothing else.

A file from a stranger is attacker text until proven otherwise. Before any weight is read: caps on
the file's and the header's size, a closed schema for the document, a cap on the parameters that its
config would need, and the exact names, shapes and types of all tensors. After: all finite. Never
pickle. Torch is imported only where weights are read or written, so that the page and the Hub
client can read what a release says of itself without it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vidgen.config import ConfigError
from vidgen.document import ReleaseInfo

if TYPE_CHECKING:
    from vidgen.generators import Generator

MAX_FILE_BYTES = 256 * 2**20
MAX_HEADER_BYTES = 2**20
MAX_PARAMETERS = 60_000_000
KEY = "vidgen"


class ReleaseError(Exception):
    """A file that is no release; the message names the file, what is wrong and what is legal."""


def read_info(path: str | os.PathLike[str]) -> ReleaseInfo:
    """Read what a release says of itself, from the header alone.

    Raises:
        ReleaseError: no file, no release, or one that breaks the schema.
    """
    return _read_header(Path(path))[0]


def _read_header(path: Path) -> tuple[ReleaseInfo, dict[str, tuple[str, tuple[int, ...]]]]:
    """Return the document, and each tensor's type and shape by name."""
    try:
        size = path.stat().st_size
        if not 8 < size <= MAX_FILE_BYTES:
            raise ReleaseError(f"{path.name} has {size} bytes; legal is 9 to {MAX_FILE_BYTES}")
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > min(MAX_HEADER_BYTES, size - 8):
                raise ReleaseError(
                    f"{path.name} has a header of {length} bytes; legal is up to {MAX_HEADER_BYTES}"
                )
            header = json.loads(file.read(length))
        document = json.loads(header.pop("__metadata__")[KEY])
        tensors = {name: (row["dtype"], tuple(row["shape"])) for name, row in header.items()}
    except OSError as error:
        raise ReleaseError(f"{path} can't be read: {error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReleaseError(
            f"{path.name} is no release of vidgen: its header is not safetensors with a JSON "
            f"document under the key {KEY!r}"
        ) from error
    try:
        return ReleaseInfo.from_dict(document), tensors
    except (ConfigError, TypeError, RecursionError) as error:
        raise ReleaseError(f"{path.name}: {error}") from error


def count_parameters(path: str | os.PathLike[str]) -> int:
    """Return how many numbers the weights of a release are, from the header alone.

    Raises:
        ReleaseError: as ``read_info`` does.
    """
    return sum(math.prod(shape) for _, shape in _read_header(Path(path))[1].values())


def load_generator(
    path: str | os.PathLike[str], device: str = "cpu"
) -> tuple[Generator, ReleaseInfo]:
    """Load a release: its generator (float32, evaluation mode, channels last) and its document.

    Raises:
        ReleaseError: anything about the file is not as it must be.
    """
    import torch
    from safetensors.torch import load_file

    from vidgen.generators import build
    from vidgen.nn.blocks import channels_last

    path = Path(path)
    info, tensors = _read_header(path)
    try:
        with torch.device("meta"):  # shapes only: no memory, whatever the config asks for
            generator = build(info.model)
    except (ConfigError, RuntimeError) as error:
        raise ReleaseError(f"{path.name}: {error}") from error
    needed = sum(value.numel() for value in generator.state_dict().values())
    if needed > MAX_PARAMETERS:
        raise ReleaseError(
            f"{path.name} would need {needed} parameters; legal is up to {MAX_PARAMETERS}"
        )
    expected = {name: tuple(value.shape) for name, value in generator.state_dict().items()}
    _same_tensors(path, tensors, expected)
    try:
        weights = load_file(path, device=device)
    except Exception as error:  # safetensors raises its own type, OSError or ValueError
        raise ReleaseError(f"{path.name}: {error}") from error
    weights = {name: value.float() for name, value in weights.items()}
    broken = [name for name, value in weights.items() if not torch.isfinite(value).all()]
    if broken:
        raise ReleaseError(f"{path.name}: {broken[0]} has values that are not finite")
    generator.load_state_dict(weights, strict=True, assign=True)
    generator.requires_grad_(False).eval()
    return channels_last(generator), info


def _same_tensors(
    path: Path,
    tensors: Mapping[str, tuple[str, tuple[int, ...]]],
    expected: Mapping[str, tuple[int, ...]],
) -> None:
    strangers = sorted(set(tensors) ^ set(expected))
    if strangers:
        raise ReleaseError(
            f"{path.name}: tensor {strangers[0]!r:.80} is missing or too many; legal are the "
            f"{len(expected)} of its config"
        )
    for name, (kind, shape) in tensors.items():
        if kind not in ("F32", "F16") or shape != expected[name]:
            raise ReleaseError(
                f"{path.name}: tensor {name} is {kind} {list(shape)}; legal is F32 or F16 "
                f"{list(expected[name])}"
            )


def save_release(
    path: str | os.PathLike[str], generator: Generator, info: ReleaseInfo, half: bool = False
) -> None:
    """Write a release; an older file stays whole until the new one is complete.

    Args:
        path: where to.
        generator: the EMA generator, with its latent statistics.
        info: its document.
        half: store float16, half the size; it is loaded as float32.
    """
    import torch
    from safetensors.torch import save

    kind = torch.float16 if half else torch.float32
    weights = {
        name: value.detach().to("cpu", kind).contiguous()
        for name, value in generator.state_dict().items()
    }
    # One key alone: the order of several is not fixed, and the same release is the same bytes.
    metadata = {KEY: json.dumps(info.to_dict(), ensure_ascii=False)}
    write_bytes(Path(path), save(weights, metadata=metadata))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: to a temporary file beside it, then replace."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return a file's sha256 as 64 hex digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(2**20), b""):
            digest.update(block)
    return digest.hexdigest()
