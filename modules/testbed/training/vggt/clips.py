"""Rooms to train on: rendered, on the device, drawn, mirrored and recoloured."""

import functools
import os
import subprocess
import threading
import time

import numpy as np
import torch
import torch.nn.functional as F

SIZE, FRAMES, UNITS = 112, 10, 4000.0
SHOWN = 0.4  # share of the frames that the dense heads learn from


def rendering(args):
    """Renders held-out rooms, then rooms to train on for as long as the training runs: some with one sample a pixel first,
    four times as many a second, then ones as smooth as those that are measured."""
    # Two cores are left for who feeds the GPU, who must not wait for one, and more for others where --cores says so. Each
    # room has a thread of its own, so frames need no further ones.
    free = sorted(os.sched_getaffinity(0))
    cores = free[-max(1, min(args.cores or len(free), len(free) - 2)):]

    def start(split, first, count, shard, samples, nice):
        command = [args.java, "-Xmx4g", "-Djava.util.concurrent.ForkJoinPool.common.parallelism=1", "-cp", args.classpath,
                   "dev.reelrank.testbed.room.ExportRooms", "--split", split, "--from", str(first), "--count", str(count),
                   "--shard", str(shard), "--samples", str(samples), "--threads", str(len(cores)), "--out", str(args.data / split)]

        def settle():
            os.nice(nice)
            os.sched_setaffinity(0, cores)
        return subprocess.Popen(command, preexec_fn=settle)
    if start("validation", 0, args.held, args.held, 2, 0).wait() != 0:
        raise SystemExit("rooms cannot be rendered: build modules/testbed first, or name --classpath")
    rough = min(args.rough, args.rooms)
    return [start("train", first, count, min(512, count), samples, nice)
            for first, count, samples, nice in ((0, rough, 1, 10), (rough, args.rooms - rough, 2, 19)) if count]


def still(renderers):
    """Whether rooms will still come; one that broke off says so itself, and there may be rooms enough all the same."""
    return any(renderer.poll() is None for renderer in renderers)


def stop(renderers):
    for renderer in renderers:
        renderer.kill()
        renderer.wait()


class Rooms:
    """The shards of a folder, on the device; new ones are taken up as they appear, up to a number of rooms."""

    def __init__(self, folder, device, most):
        self.folder, self.device, self.most, self.taken, self.all, self.count = folder, device, most, set(), None, 0

    def refresh(self, enough=None):
        """Takes up what is there, or enough of it. A thread may do it while another takes batches: only whole rooms count."""
        for cameras in sorted(self.folder.glob("*.cameras.f32"), key=lambda p: int(p.name.split(".")[0])):
            name = cameras.name.split(".")[0]
            if name not in self.taken and self.count < (enough or self.most):
                self.taken.add(name)
                rgb = torch.from_numpy(np.fromfile(self.folder / f"{name}.rgb.u8", np.uint8))
                depth = torch.from_numpy(np.fromfile(self.folder / f"{name}.depth.u16", np.int16))
                pose = torch.from_numpy(np.fromfile(cameras, np.float32))
                self.add(rgb.view(-1, FRAMES, SIZE, SIZE, 3), depth.view(-1, FRAMES, SIZE, SIZE), pose.view(-1, FRAMES, 13))
        return self.count

    def add(self, *part):
        if self.all is None:
            self.all = [torch.empty((self.most, *t.shape[1:]), dtype=t.dtype, device=self.device) for t in part]
        end = min(self.most, self.count + len(part[0]))
        beside = torch.cuda.Stream() if self.all[0].is_cuda else None
        with torch.cuda.stream(beside):
            for whole, t in zip(self.all, part):
                whole[self.count:end].copy_(t[:end - self.count])
        if beside is not None:
            beside.synchronize()
        self.count = end

    def keep_up(self):
        """From now on a thread takes up what appears."""
        def follow():
            while self.count < self.most:
                self.refresh()
                time.sleep(1)
        threading.Thread(target=follow, daemon=True).start()

    def take(self, clips, frames):
        """Frames (B x S x H x W x 3, bytes), depths (B x S x H x W, units), cameras (B x S x 13). Clips are indices, frames
        those of all clips, or of each (B x S)."""
        row = torch.as_tensor(np.asarray(clips), device=self.device)[:, None]
        column = torch.as_tensor(np.asarray(frames), device=self.device)
        return [t[row, column] for t in self.all]


def unpacked(rgb, depth, pose):
    """Images 0..1 (B x S x 3 x H x W), depths in metres, rotations, translations, focal lengths."""
    images = rgb.permute(0, 1, 4, 2, 3).float() / 255
    depth = (depth.int() & 0xFFFF).float() / UNITS
    return images, depth, pose[..., :9].unflatten(-1, (3, 3)), pose[..., 9:12], pose[..., 12]


@functools.cache
def mirror(device):
    return torch.tensor([-1.0, 1, 1], device=device)


def flipped(images, depth, rotation, translation, chosen):
    """The mirrored room: x changes its sign, in the world and in the camera. Pixel u is seen from -u, so the
    picture is also moved by one pixel, as pixel 0 lies on the left of the middle by one more than the last."""
    m = mirror(images.device)
    # The partner of column 0 lies outside; a column of 112 is one pixel off.
    side = (SIZE - torch.arange(SIZE, device=images.device)).clamp(max=SIZE - 1)
    c = chosen[:, None, None, None]
    images = torch.where(c[..., None], images[..., side], images)
    depth = torch.where(c, depth[..., side], depth)
    rotation = torch.where(c, m[:, None] * rotation * m, rotation)
    translation = torch.where(c[..., 0], translation * m, translation)
    return images, depth, rotation, translation


def coloured(images, order):
    """Colours in another order, other contrast and brightness, at times a blur, and noise."""
    b, device = images.shape[0], images.device
    images = images[:, :, order]
    gain = 0.7 + 0.5 * torch.rand(b, 1, 3, 1, 1, device=device)
    lift = 0.1 * torch.randn(b, 1, 3, 1, 1, device=device)
    images = (images - 0.5) * gain + 0.5 + lift
    flat = F.pad(images.flatten(0, 1), (1, 1, 1, 1), mode="replicate")
    blurred = F.avg_pool2d(flat, 3, 1).unflatten(0, images.shape[:2])
    chance = torch.rand(b, 1, 1, 1, 1, device=device)
    images = images.lerp(blurred, (1 - chance / 0.3).clamp(min=0))
    images = images + 0.02 * torch.rand(b, 1, 1, 1, 1, device=device) * torch.randn_like(images)
    return images.clamp(0, 1)


class Batches:
    """What a step learns from, drawn on the device: nobody waits for the host."""

    def __init__(self, args):
        self.args, self.device, self.images = args, args.device, FRAMES * args.batch

    def clips(self, frames):
        return self.images // frames

    def of(self, taken, frames):
        """The inputs of a step: bytes, depths, cameras, which clips to mirror, the order of colours, and the shown frames."""
        count = self.clips(frames)
        flips = torch.rand(count, device=self.device) < (0 if self.args.plain else 0.5)
        order = torch.rand(3, device=self.device).argsort()
        shown = torch.rand(count * frames, device=self.device).argsort()[:max(1, int(SHOWN * self.images))]
        return *taken, flips, order, shown

    def made_up(self, frames):
        """Of no room: to compile and record a step while rooms are rendered."""
        shape = (self.clips(frames), frames)
        rgb = torch.randint(0, 256, (*shape, SIZE, SIZE, 3), dtype=torch.uint8, device=self.device)
        depth = torch.full((*shape, SIZE, SIZE), int(3 * UNITS), dtype=torch.int16, device=self.device)
        pose = torch.eye(3, device=self.device).flatten().expand(*shape, 9)
        rest = torch.tensor([0.0, 0, 0, SIZE], device=self.device).expand(*shape, 4)
        return self.of([rgb, depth, torch.cat([pose, rest], -1)], frames)

    def drawn(self, rooms, frames):
        """Frames in the order of time or against it."""
        count = self.clips(frames)
        row = torch.randint(0, rooms.count, (count, 1), device=self.device)
        column = torch.rand(count, FRAMES, device=self.device).argsort()[:, :frames].sort().values
        back = torch.rand(count, 1, device=self.device) < 0.5
        return self.of([t[row, torch.where(back, column.flip(1), column)] for t in rooms.all], frames)
