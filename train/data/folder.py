"""Videos of one's own: clips of what `python -m train prepare` made of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import torch
from torch import Tensor

from train.data import ClipBatch, Split
from train.data.draws import uniform
from train.data.store import map_frames, read_manifest
from train.levels import from_levels
from vidgen.config import MAX_FRAMES

_ON_DEVICE = 4 * 2**30  # bytes of frames that are held in a GPU's memory
_CHANGE = 8.0  # a mean change of an eighth of the range from frame to frame is a motion of 1


class Folder:
    """Clips from a prepared folder of videos.

    A clip is a video from a random frame on, so that all its clips are at most ``count`` frames
    long; short ones go on as a loop or back and forth, as they were prepared. A video has pictures
    at whole frames alone, and a mixture of two neighbours would teach the critics that ghosts are
    real: so time stamps are rounded to whole frames, no two alike, and moved or drawn together
    where they leave the video; ``ClipBatch.times`` says which frames a clip shows. Where a clip is
    asked to have more frames than a video has, that goes on back and forth too.

    Attributes:
        counts: videos by class, for each split.
        longest: how many frames a clip can have in every class at least: of each class its longest
            video, of these the shortest.
        shared: names of the classes that have one video alone, which is in both splits.
    """

    def __init__(self, root: Path, device: torch.device | str = "cpu") -> None:
        manifest = read_manifest(root)
        self.name = manifest.name
        self.title = (manifest.title, manifest.title)
        self.classes = manifest.classes
        self.clip_shape = manifest.clip
        self.fps = manifest.fps
        self.fingerprint = manifest.fingerprint
        self.licence = manifest.licence
        self.credits = manifest.credits
        frames = torch.from_numpy(map_frames(root, manifest))  # [N, H, W, C]
        far = torch.device(device).type != "cpu" and frames.numel() <= _ON_DEVICE
        self._frames = frames.to(device) if far else frames
        place = self._frames.device
        kinds = {None: 0, "loop": 1, "ping-pong": 2}
        rows = [(v.first, v.count, kinds[v.short], v.label) for v in manifest.videos]
        self._videos = torch.tensor(rows, device=place)  # [V, 4]
        held = [v.split == "held-out" for v in manifest.videos]
        self.counts: dict[Split, tuple[int, ...]] = {}
        self._by_class: dict[Split, tuple[Tensor, Tensor, Tensor]] = {}
        labels, only = self._videos[:, 3].cpu(), torch.tensor(held)
        total = torch.bincount(labels, minlength=len(self.classes))
        for split in get_args(Split):
            # Both splits have a class of one video: a judge needs it, and the preparation warned.
            of_split = (only == (split == "held-out")) | (total[labels] == 1)
            chosen = torch.argsort(labels[of_split], stable=True)
            order = of_split.nonzero()[:, 0][chosen]
            counts = torch.bincount(labels[order], minlength=len(self.classes))
            self.counts[split] = tuple(counts.tolist())
            self._by_class[split] = (
                order.to(place), (counts.cumsum(0) - counts).to(place), counts.to(place)
            )  # fmt: skip
        endless = torch.where(self._videos[:, 2] == 0, self._videos[:, 1], MAX_FRAMES).cpu()
        longest = torch.zeros(len(self.classes), dtype=torch.long)
        longest.scatter_reduce_(0, labels, endless, "amax")
        self.longest = min(int(longest.min()), MAX_FRAMES)
        self.shared = tuple(c.en for c, n in zip(self.classes, total, strict=True) if n == 1)

    def render(
        self,
        seed: int,
        step: int,
        indices: Tensor,
        times: Tensor,
        labels: Tensor | None = None,
        split: Split = "train",
    ) -> ClipBatch:
        """Make clips; see ``ClipSource.render``. Motion is how much changes from frame to frame."""
        device, place = indices.device, self._frames.device
        draws = uniform(seed, step, indices, 3, stream=0).to(place)  # [B, 3]
        if labels is None:
            labels = (draws[:, 0] * len(self.classes)).long()
        order, first, counts = self._by_class[split]
        own = labels.to(place)
        video = order[first[own] + (draws[:, 1] * counts[own]).long()]
        start, count, kind, _ = self._videos[video].unbind(dim=1)
        kind = torch.where((kind == 0) & (count < times.shape[1]), 2, kind)
        shown = whole_times(times.to(place), torch.where(kind == 0, count, 2**20))
        room = torch.where(kind == 0, count - shown[:, -1].long(), count)
        begin = (draws[:, 2] * room).long()
        moment = begin[:, None] + shown.long()  # [B, T], of a video that never ends
        count, kind = count[:, None], kind[:, None]
        period = torch.where(kind == 2, (2 * count - 2).clamp(min=1), count)
        moment = moment % period
        moment = torch.where(moment < count, moment, period - moment)
        levels = self._frames[start[:, None] + moment]  # [B, T, H, W, C]
        clips = from_levels(levels.to(device).permute(0, 1, 4, 2, 3).contiguous())
        change = (clips[:, 1:] - clips[:, :-1]).abs().mean(dim=(1, 2, 3, 4)) * _CHANGE / 2
        params = {"video": video.float().to(device), "begin": begin.float().to(device)}
        motion = change.clamp(max=1)[:, None]
        return ClipBatch(clips, labels.to(device), shown.to(device), motion, params)


def whole_times(times: Tensor, count: Tensor) -> Tensor:
    """Round sorted stamps to whole frames, each later than the last, within a video's frames.

    Args:
        times: float32 [B, T], sorted, 0 or more.
        count: int64 [B], frames that there are; T at least.

    Returns:
        float32 [B, T]: moved towards 0 as far as it must be, and drawn together if that is not
        enough.
    """
    steps = torch.arange(times.shape[1], device=times.device)
    last = (count - 1)[:, None].float()
    over = (times[:, -1:] - last).clamp(min=0)
    times = times - torch.minimum(over, times[:, :1])
    times = times * (last / times[:, -1:].clamp(min=1e-6)).clamp(max=1)
    # The least whole numbers that are no earlier than the rounded stamps and never alike.
    later = (times.round() - steps).cummax(dim=1).values + steps
    return torch.minimum(later, last - steps.flip(0))
