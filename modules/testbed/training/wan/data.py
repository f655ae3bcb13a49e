"""Rendered clips on the device, from the files that ExportClips writes (docs/testbed.md)."""
import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np
import torch

FRAMES, SIDE = 17, 128
ACTIONS = ["left", "right", "up", "down", "rotate_clockwise", "rotate_counterclockwise", "grow", "shrink", "bounce"]
SLOTS = 144  # text tokens kept; the last one stands for all the padding up to 512


class Renders:
    """Shards of the training split, rendered in the background while the first ones are trained on."""

    def __init__(self, export, folder, shards, per_shard, threads, spoilt=0):
        self.folder = Path(folder)
        script = " && ".join(
            f'{export} --split train --from {i * per_shard} --count {per_shard} --out {folder}/part{i} --threads {threads} --spoilt {spoilt}'
            f' && mv {folder}/part{i} {folder}/shard{i}' for i in shards if not (self.folder / f"shard{i}").exists())
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen(script or "true", shell=True)

    def load(self, index, device):
        place = self.folder / f"shard{index}"
        while not place.exists():
            if self.process.poll() not in (None, 0):
                raise RuntimeError(f"rendering ended with {self.process.returncode} before {place} was there")
            time.sleep(0.2)
        return Clips(place, device)


class Clips:
    """clips [N, 3, T, H, W] uint8, masks [N, T, H, W] uint8 on the device; scenes on the host."""

    def __init__(self, folder, device):
        folder = Path(folder)
        self.scenes = [json.loads(line) for line in open(folder / "scenes.jsonl", encoding="utf-8")]
        n = len(self.scenes)
        raw = torch.from_numpy(np.fromfile(folder / "clips.u8", dtype=np.uint8))
        frames = raw.numel() // (n * SIDE * SIDE * 3)
        raw = raw.view(n, frames, SIDE, SIDE, 3)
        self.clips = torch.empty(n, 3, frames, SIDE, SIDE, dtype=torch.uint8, device=device)
        for i in range(0, n, 256):
            self.clips[i:i + 256] = raw[i:i + 256].to(device).permute(0, 4, 1, 2, 3)
        del raw
        masks = folder / "masks.u8"
        self.masks = None
        if masks.exists():
            self.masks = torch.from_numpy(np.fromfile(masks, dtype=np.uint8)).view(n, frames, SIDE, SIDE).to(device)
        # [N, T, 2]: the centre of the first subject
        self.centres = np.array([[pose[:2] for pose in scene["motion"][0]] for scene in self.scenes], dtype=np.float32)


def near(masks):
    """[N, T, H, W] labels to [N, 5, 16, 16]: latent cells that hold a subject, or touch one that does."""
    here = (masks > 0)
    pooled = torch.empty(len(masks), 5, SIDE // 8, SIDE // 8, dtype=torch.bool, device=masks.device)
    for i in range(0, len(masks), 256):
        x = here[i:i + 256].to(torch.float16)
        cells = torch.nn.functional.max_pool2d(x, 8)
        times = [cells[:, :1]] + [cells[:, 4 * k - 3:4 * k + 1] for k in range(1, 5)]
        cells = torch.stack([t.amax(1) for t in times], 1)
        pooled[i:i + 256] = torch.nn.functional.max_pool2d(cells, 3, 1, 1) > .5
    return pooled


def hardness(scene):
    """How often a clip is drawn beside a plain one: what turns, and what has small parts, goes wrong most often."""
    subject = scene["subjects"][0]
    rolls = scene["manner"] == "roll"
    weight = 3. if rolls else 1.6 if scene["action"].startswith("rotate") else 1.
    weight *= 1.3 if scene["speed"] == "fast" else 1.
    return weight * {"person": 2.2, "apple": 2., "mushroom": 1.8, "watch": 1.4}.get(subject["noun"], 1.)


def unit(frames):
    """uint8 to [-1, 1]."""
    return frames.to(torch.float32) / 127.5 - 1


class Texts:
    """Token ids [N, variants, SLOTS] and how often each variant is drawn: written prompts are what the pipeline sends."""

    WEIGHTS = torch.tensor([.09, .09, .09, .08, .40, .25])

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer

    def ids(self, texts):
        rows = []
        for encoding in self.tokenizer.encode_batch(list(texts)):
            ids = encoding.ids
            if len(ids) >= SLOTS:
                ids = ids[:SLOTS - 2] + [1]
            rows.append(ids + [0] * (SLOTS - len(ids)))
        return torch.tensor(rows, dtype=torch.int16)

    def of(self, scenes):
        flat = [t for s in scenes for t in (*s["prompts"], s["targets"]["ultra_enrich"], s["targets"]["simplify_v2"])]
        return self.ids(flat).view(len(scenes), -1, SLOTS)

    def draw(self, ids, rows):
        variant = torch.multinomial(self.WEIGHTS, len(rows), replacement=True).to(ids.device)
        return ids[rows, variant].long()


def roomy(gigabytes):
    """A folder with that much room: shared memory where it is large enough, else the disk."""
    shm = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
    if shm and shm.f_bavail * shm.f_frsize > gigabytes * 2**30:
        return "/dev/shm/world"
    return "/tmp/world-renders"
