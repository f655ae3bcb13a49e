"""Rendered clips as the exporter writes them, held as bytes on the training device.

A split folder holds ``clips.u8`` (N x 17 x 128 x 128 x 3, height before width, RGB), ``masks.u8``
(N x 17 x 128 x 128; 0 background, 1 first subject, 2 second subject) and ``scenes.jsonl``.
Only the frames a training asks for are read. The corruptions here are for training and are drawn
anew for every batch; the ones that the quality tests use are the renderer's own.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

FRAMES, SIDE = 17, 128


@dataclass
class Clips:
    frames: torch.Tensor  # N x F x 128 x 128 x 3, uint8
    masks: torch.Tensor  # N x F x 128 x 128, uint8
    scenes: list  # one dict a clip
    times: list  # the F frame numbers that were read
    boxes: torch.Tensor  # N x F x 2 x 4, x0 y0 x1 y1 in pixels (exclusive end), zero area when absent

    @staticmethod
    def read(folder, times=tuple(range(FRAMES)), limit=None, device="cpu"):
        folder = Path(folder)
        with open(folder / "scenes.jsonl", encoding="utf-8") as lines:
            scenes = [json.loads(line) for _, line in zip(range(limit or 1 << 60), lines)]
        n, times = len(scenes), list(times)
        frames = np.memmap(folder / "clips.u8", np.uint8, "r").reshape(-1, FRAMES, SIDE, SIDE, 3)
        masks = np.memmap(folder / "masks.u8", np.uint8, "r").reshape(-1, FRAMES, SIDE, SIDE)
        if min(len(frames), len(masks)) < n:
            raise ValueError(f"{folder}: {n} scenes but {len(frames)} clips and {len(masks)} masks")
        out = Clips(
            torch.empty(n, len(times), SIDE, SIDE, 3, dtype=torch.uint8, device=device),
            torch.empty(n, len(times), SIDE, SIDE, dtype=torch.uint8, device=device),
            scenes, times, torch.empty(n, len(times), 2, 4, device=device))
        for i in range(0, n, 512):
            part = slice(i, min(n, i + 512))
            out.frames[part] = torch.from_numpy(np.ascontiguousarray(frames[part][:, times])).to(device)
            out.masks[part] = torch.from_numpy(np.ascontiguousarray(masks[part][:, times])).to(device)
            for k in (1, 2):
                out.boxes[part, :, k - 1] = boxes_of((out.masks[part] == k).flatten(0, 1)).view(-1, len(times), 4)
        return out

    def __len__(self):
        return len(self.scenes)

    def image(self, clip, time):
        """B x 3 x 128 x 128 in 0..1 for index tensors of clips and of positions in ``times``."""
        return self.frames[clip, time].permute(0, 3, 1, 2).float() / 255

    def mask(self, clip, time):
        return self.masks[clip, time]


def boxes_of(mask):
    """x0 y0 x1 y1 (exclusive end) of each B x H x W boolean mask; zeros when empty."""
    h, w = mask.shape[-2:]
    rows, cols = mask.any(-1), mask.any(-2)
    ys, xs = torch.arange(h, device=mask.device), torch.arange(w, device=mask.device)

    def ends(hit, at, size):
        low = torch.where(hit, at, size).amin(-1)
        high = torch.where(hit, at + 1, 0).amax(-1)
        return low.minimum(high), high

    x0, x1 = ends(cols, xs, w)
    y0, y1 = ends(rows, ys, h)
    return torch.stack([x0, y0, x1, y1], -1).float()


def uniform(shape, low, high, generator, device):
    return torch.rand(shape, generator=generator, device=device) * (high - low) + low


def below(n, shape, generator, device):
    return torch.randint(0, n, shape, generator=generator, device=device)


def shift(x, dx, dy):
    """Each B x C x H x W image moved by whole pixels (index tensors), zero where nothing comes in."""
    b, _, h, w = x.shape
    ys = torch.arange(h, device=x.device)[None] - dy[:, None]
    xs = torch.arange(w, device=x.device)[None] - dx[:, None]
    inside = ((ys >= 0) & (ys < h))[:, None, :, None] & ((xs >= 0) & (xs < w))[:, None, None, :]
    rows = x.gather(2, ys.clamp(0, h - 1)[:, None, :, None].expand(b, x.shape[1], h, w))
    return rows.gather(3, xs.clamp(0, w - 1)[:, None, None, :].expand(b, x.shape[1], h, w)) * inside


def ghost(image, subject, dx, dy, alpha):
    """A second copy of the subject, moved and blended in: image' = image (1 - a m) + copy a m.

    ``subject``: B x 1 x H x W in 0..1, ``alpha``: B. Returns the image and the copy's own mask."""
    moved = shift(torch.cat([image, subject], 1), dx, dy)
    weight = moved[:, 3:] * alpha.view(-1, 1, 1, 1)
    return image * (1 - weight) + moved[:, :3] * weight, moved[:, 3:]


def ground(image, subject):
    """The picture with the subject painted over from its surroundings, smoothly."""
    small = F.avg_pool2d(torch.cat([image * (1 - subject), 1 - subject], 1), 4)
    for _ in range(3):
        small = F.avg_pool2d(small, 9, 1, 4)
    wide = F.interpolate(small[:, :3] / small[:, 3:].clamp(min=1e-3), image.shape[-2:], mode="bilinear", align_corners=False)
    return image * (1 - subject) + wide * subject


def double(image, subject, dx, dy, alpha):
    """The picture mixed with one in which the subject stands elsewhere: both copies shine through."""
    moved = shift(torch.cat([image, subject], 1), dx, dy)
    empty = ground(image, subject)
    other = empty * (1 - moved[:, 3:]) + moved[:, :3] * moved[:, 3:]
    alpha = alpha.view(-1, 1, 1, 1)
    return image * (1 - alpha) + other * alpha, moved[:, 3:]


def turn_hue(image, angle):
    """Rotates colours about the grey axis by ``angle`` (radians, B)."""
    c, s = torch.cos(angle), torch.sin(angle)
    a, b, d = (1 + 2 * c) / 3, (1 - c) / 3 - s / 3**0.5, (1 - c) / 3 + s / 3**0.5
    matrix = torch.stack([a, b, d, d, a, b, b, d, a], -1).view(-1, 3, 3)
    return torch.einsum("bij,bjhw->bihw", matrix, image).clamp(0, 1)


def crop(image, box, size, mode="bilinear"):
    """Cuts x0 y0 x1 y1 (pixels) from each image and stretches it to ``size`` squared."""
    h, w = image.shape[-2:]
    at = (torch.arange(size, device=image.device) + 0.5) / size
    xs = (box[:, 0:1] + (box[:, 2:3] - box[:, 0:1]) * at) / w * 2 - 1
    ys = (box[:, 1:2] + (box[:, 3:4] - box[:, 1:2]) * at) / h * 2 - 1
    grid = torch.stack([xs[:, None, :].expand(-1, size, -1), ys[:, :, None].expand(-1, -1, size)], -1)
    return F.grid_sample(image, grid, mode=mode, padding_mode="border", align_corners=False)


def soften(image, generator, strength=1.0):
    """What a video codec or an autoencoder does to a good frame: slight blur, noise, gain, offset."""
    b, device = image.shape[0], image.device
    kernel = torch.tensor([1.0, 2.0, 1.0], device=device) / 4
    blurred = F.conv2d(F.pad(image.flatten(0, 1)[:, None], (1, 1, 1, 1), mode="replicate"),
                       (kernel[:, None] * kernel)[None, None]).view_as(image)
    mix = uniform((b, 1, 1, 1), -0.5, 1.0, generator, device).clamp(0, 1) * strength
    gain = 1 + uniform((b, 1, 1, 1), -0.04, 0.04, generator, device) * strength
    offset = uniform((b, 3, 1, 1), -0.015, 0.015, generator, device) * strength
    noise = torch.randn(image.shape, generator=generator, device=device)
    sigma = uniform((b, 1, 1, 1), -0.01, 0.025, generator, device).clamp(0) * strength
    return ((image + mix * (blurred - image)) * gain + offset + sigma * noise).clamp(0, 1)


def normalise(image, mean, std):
    mean = torch.tensor(mean, device=image.device).view(1, 3, 1, 1)
    std = torch.tensor(std, device=image.device).view(1, 3, 1, 1)
    return (image - mean) / std
