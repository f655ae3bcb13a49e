"""Trains the testbed's VGGT on rendered rooms (ExportRooms) and writes it in the published layout.

The first frame's camera is the world. All lengths are divided by the mean distance of a clip's points from it,
as in the paper; the losses compare relative errors, because these are what is asked of the result.

    python train.py --java JAVA --data DATA --out OUT --weights WEIGHTS --minutes 10    # renders, trains, measures, writes
    python train.py --data DATA --out OUT --seconds 480      # DATA/train and DATA/validation from ExportRooms
"""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import loop  # noqa: E402
import model as vggt  # noqa: E402

SIZE, FRAMES, UNITS = 112, 10, 4000.0
PART = 15 << 20


class Rooms:
    """The shards of a folder, on the device; new ones are taken up as they appear."""

    def __init__(self, folder, device):
        self.folder, self.device, self.taken, self.all, self.count = folder, device, set(), [], 0

    def refresh(self):
        parts = []
        for cameras in sorted(self.folder.glob("*.cameras.f32"), key=lambda p: int(p.name.split(".")[0])):
            name = cameras.name.split(".")[0]
            if name in self.taken:
                continue
            self.taken.add(name)
            rgb = torch.from_numpy(np.fromfile(self.folder / f"{name}.rgb.u8", np.uint8))
            depth = torch.from_numpy(np.fromfile(self.folder / f"{name}.depth.u16", np.int16))
            pose = torch.from_numpy(np.fromfile(cameras, np.float32))
            part = (rgb.view(-1, FRAMES, SIZE, SIZE, 3), depth.view(-1, FRAMES, SIZE, SIZE), pose.view(-1, FRAMES, 13))
            parts.append([t.to(self.device) for t in part])
        if parts:
            # In one piece, so that a batch is taken by one kernel and not by three per clip.
            parts = [self.all, *parts] if self.all else parts
            self.all = [torch.cat(whole) for whole in zip(*parts)]
            self.count = len(self.all[0])
        return self.count

    def take(self, clips, frames):
        """Images 0..1 (B x S x 3 x H x W), depths (B x S x H x W), rotations, translations, focal lengths.

        Clips and frames are lists of indices."""
        row = torch.as_tensor(np.asarray(clips), device=self.device)[:, None]
        column = torch.as_tensor(np.asarray(frames), device=self.device)[None]
        rgb, depth, pose = (t[row, column] for t in self.all)
        images = rgb.permute(0, 1, 4, 2, 3).float() / 255
        depth = (depth.int() & 0xFFFF).float() / UNITS
        return images, depth, pose[..., :9].unflatten(-1, (3, 3)), pose[..., 9:12], pose[..., 12]


def flipped(images, depth, rotation, translation, chosen):
    """The mirrored room: x changes its sign, in the world and in the camera. Pixel u is seen from -u, so the
    picture is also moved by one pixel, as pixel 0 lies on the left of the middle by one more than the last."""
    mirror = torch.tensor([-1.0, 1, 1], device=images.device)
    side = torch.arange(SIZE, device=images.device).neg() % SIZE
    side[0] = SIZE - 1  # its partner lies outside; a column of 112 is one pixel off
    c = chosen[:, None, None, None]
    images = torch.where(c[..., None], images[..., side], images)
    depth = torch.where(c, depth[..., side], depth)
    rotation = torch.where(c, mirror[:, None] * rotation * mirror, rotation)
    translation = torch.where(c[..., 0], translation * mirror, translation)
    return images, depth, rotation, translation


def coloured(images):
    b = images.shape[0]
    images = images[:, :, torch.randperm(3, device=images.device)]
    gain = 0.7 + 0.5 * torch.rand(b, 1, 3, 1, 1, device=images.device)
    lift = 0.1 * torch.randn(b, 1, 3, 1, 1, device=images.device)
    images = (images - 0.5) * gain + 0.5 + lift
    if torch.rand(()) < 0.3:
        flat = F.pad(images.flatten(0, 1), (1, 1, 1, 1), mode="replicate")
        blurred = F.avg_pool2d(flat, 3, 1).unflatten(0, images.shape[:2])
        images = images.lerp(blurred, float(torch.rand(())))
    images = images + 0.02 * torch.rand((), device=images.device) * torch.randn_like(images)
    return images.clamp(0, 1)


def truth(depth, rotation, translation, focal):
    """Poses, depths and points in the first camera's axes, scaled by the mean distance of the points."""
    relative = rotation @ rotation[:, :1].transpose(-1, -2)
    moved = translation - (relative @ translation[:, :1, :, None])[..., 0]
    grid = torch.arange(SIZE, device=depth.device) - SIZE / 2
    f = focal[..., None, None]
    rays = torch.stack([grid[None, None, None, :] / f + 0 * depth, grid[None, None, :, None] / f + 0 * depth,
                        torch.ones_like(depth)], -1)
    camera = rays * depth[..., None] - moved[:, :, None, None]
    points = torch.einsum("bsji,bshwj->bshwi", relative, camera)
    scale = points.norm(dim=-1).mean((1, 2, 3))
    s = scale[:, None, None]
    view = 2 * torch.atan(SIZE / 2 / focal)[..., None].expand(-1, -1, 2)
    pose = torch.cat([moved / s, quaternions(relative), view], -1)
    return pose, depth / s[..., None], points / s[..., None, None]


def quaternions(r):
    """x, y, z, w with w positive; turns are less than half a circle here."""
    w = 0.5 * (1 + r.diagonal(dim1=-2, dim2=-1).sum(-1)).clamp(min=1e-6).sqrt()
    v = torch.stack([r[..., 2, 1] - r[..., 1, 2], r[..., 0, 2] - r[..., 2, 0], r[..., 1, 0] - r[..., 0, 1]], -1)
    return torch.cat([v / (4 * w[..., None]), w[..., None]], -1)


def matrices(q):
    x, y, z, w = q.unbind(-1)
    s = 2 / (q * q).sum(-1)
    return torch.stack([
        1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w),
        s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w),
        s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y)], -1).unflatten(-1, (3, 3))


def points_of(raw):
    return raw[..., :3].sign() * raw[..., :3].abs().expm1()


def weighted(error, raw, weight=0.2):
    """The paper's loss with confidence 1 + exp(raw)."""
    confidence = 1 + raw.exp()
    return (confidence * error - weight * confidence.log()).mean()


class Teacher(torch.nn.Module):
    """What patches of other frames show of the first frame. Only for the training.

    Cameras cannot be found before patches find each other, and the cameras' own loss teaches that very slowly. So a
    patch names the patch of the first frame that shows the same place, once by what it looks like alone (after the
    patch embedding) and once after the frames have met; and every layer that the heads read tells how far away that
    place is, which is finer than a patch."""

    def __init__(self, c, width=64, sharpness=15.0):
        super().__init__()
        self.patch, self.layers, self.sharpness = c["patch_size"], c["intermediate_layer_idx"], sharpness
        self.alone = torch.nn.Linear(c["embed_dim"], width)
        self.together = torch.nn.Linear(2 * c["embed_dim"], width)
        self.ways = torch.nn.ModuleList(torch.nn.Linear(2 * c["embed_dim"], 2) for _ in self.layers)

    def forward(self, embedded, outputs, depth, points, focal):
        p, grid = self.patch, SIZE // self.patch
        b, s = depth.shape[:2]
        x, y, z = points[:, 1:, p // 2::p, p // 2::p].flatten(2, 3).unbind(-1)
        f = focal[:, :1, None]
        u, v = x / z.clamp(min=1e-3) * f + SIZE / 2, y / z.clamp(min=1e-3) * f + SIZE / 2
        ahead = z > 0.05
        inside = ahead & (u >= 0) & (u < SIZE - 1) & (v >= 0) & (v < SIZE - 1)
        iu, iv = u.clamp(0, SIZE - 1), v.clamp(0, SIZE - 1)
        first = depth[:, 0].flatten(1).gather(1, (iv.long() * SIZE + iu.long()).flatten(1)).view_as(z)
        seen = inside & ((first - z).abs() < 0.05 * z)
        wanted = (iv / p).long() * grid + (iu / p).long()
        tokens = [outputs[layer][:, :, 1 + vggt.REGISTERS:] for layer in self.layers]
        loss, right = 0, None
        for words in (self.alone(embedded.view(b, s, -1, embedded.shape[-1])), self.together(tokens[0])):
            words = F.normalize(words.float(), dim=-1)
            scores = torch.einsum("bsnc,bmc->bsnm", words[:, 1:], words[:, 0]) * self.sharpness
            each = F.cross_entropy(scores.flatten(0, 2), wanted.flatten(), reduction="none")
            loss = loss + (each * seen.flatten()).sum() / seen.sum().clamp(min=1)
            right = (scores.argmax(-1) == wanted)[seen].float().mean()
        at = torch.arange(grid, device=u.device) * p + p // 2
        way = torch.stack([u - at.repeat(grid), v - at.repeat_interleave(grid)], -1).clamp(-SIZE, SIZE) / SIZE
        count = ahead.sum().clamp(min=1)
        off = 0
        for layer, head in zip(tokens, self.ways):
            error = F.smooth_l1_loss(head(layer[:, 1:]).float(), way, beta=0.02, reduction="none").sum(-1)
            off = off + (error * ahead).sum() / count / len(self.ways)
        return loss, off, right


def slopes(x, y):
    """Differences of neighbours, for sharp edges and smooth walls."""
    d = x - y
    return (d[:, 1:] - d[:, :-1]).abs().mean() + (d[:, :, 1:] - d[:, :, :-1]).abs().mean()


def losses(net, teacher, batch, heads):
    images, depth, rotation, translation, focal = batch
    pose, depth, points = truth(depth, rotation, translation, focal)
    with torch.autocast("cuda", dtype=torch.bfloat16, enabled=images.is_cuda):
        embedded = []
        hook = net.aggregator.patch_embed.register_forward_hook(lambda module, given, out: embedded.append(out))
        outputs = net.aggregator(images)
        hook.remove()
        shown = torch.randperm(images.shape[1], device=images.device)[:heads]
        part = [None if o is None else o[:, shown] for o in outputs]
        raw_depth = net.depth_head(part, SIZE, SIZE).float()
        raw_points = net.point_head(part, SIZE, SIZE).float()
        matching, way, matched = teacher(embedded[0], outputs, depth, points, focal)
    poses = net.camera_head(outputs[-1].float())
    # Of the four rounds the last counts most. Far turns weigh as much as far ways.
    camera = sum(0.6 ** (3 - i) * ((p[..., :3] - pose[..., :3]).abs().mean() + 2 * (p[..., 3:7] - pose[..., 3:7]).abs().mean()
                                   + 0.5 * (p[..., 7:] - pose[..., 7:]).abs().mean()) for i, p in enumerate(poses))
    depth, points = depth[:, shown].flatten(0, 1), points[:, shown].flatten(0, 1)
    log = depth.clamp(min=0.02).log()
    by_depth = weighted((raw_depth[..., 0] - log).abs(), raw_depth[..., 1]) + slopes(raw_depth[..., 0], log)
    off = (points_of(raw_points) - points).norm(dim=-1) / depth.clamp(min=0.1)
    by_points = weighted(off, raw_points[..., 3])
    return 5 * camera + by_depth + by_points + 0.3 * matching + 4 * way, {
        "camera": camera, "matched": matched, "way": way, "depth": (raw_depth[..., 0] - log).abs().mean(), "points": off.mean()}


@torch.no_grad()
def evaluate(net, rooms, clips):
    """What is asked of the result, on clips of ten frames."""
    turns, off, aligned, far, reprojected = [], [], [], [], []
    for at in range(0, clips, 16):
        images, depth, rotation, translation, focal = rooms.take(range(at, min(clips, at + 16)), range(FRAMES))
        pose, depth, points = truth(depth, rotation, translation, focal)
        poses, raw_depth, raw_points = net(images)
        found = raw_depth[..., 0].exp().view_as(depth)
        turn = matrices(poses[-1][..., 3:7]) @ matrices(pose[..., 3:7]).transpose(-1, -2)
        cosine = ((turn.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2).clamp(-1, 1)
        turns.append(torch.rad2deg(cosine.acos())[:, 1:].mean(1))
        off.append(((found - depth).abs() / depth).mean((1, 2, 3)))
        scale = (depth / found).flatten(1).median(1).values[:, None, None, None]
        aligned.append(((found * scale - depth).abs() / depth).mean((1, 2, 3)))
        far.append(((points_of(raw_points).view_as(points) - points).norm(dim=-1) / depth).mean((1, 2, 3)))
        x = torch.einsum("bsij,bshwj->bshwi", matrices(poses[-1][..., 3:7]), points_of(raw_points).view_as(points))
        x = x + poses[-1][:, :, None, None, :3]
        f = SIZE / 2 / (poses[-1][..., 7:] / 2).tan()
        u = x[..., 0] / x[..., 2] * f[..., 1, None, None] + SIZE / 2
        v = x[..., 1] / x[..., 2] * f[..., 0, None, None] + SIZE / 2
        grid = torch.arange(SIZE, device=u.device)
        reprojected.append(((u - grid).square() + (v - grid[:, None]).square()).sqrt().flatten(1).median(1).values)
    figures = {"rotation_degrees": turns, "depth_relative_error": off, "depth_relative_error_scaled": aligned,
               "point_relative_error": far, "own_reprojection_pixels": reprojected}
    return {k: round(float(torch.cat(v).mean()), 5) for k, v in figures.items()} | {"clips": clips}


def write(net, folder, figures, parts):
    """The published layout in half precision; in parts where files may not be large."""
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name, tensor in net.state_dict().items():
        data = tensor.detach().to("cpu", torch.float16).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        blobs.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":"))
    text += " " * (-len(text) % 8)
    whole = len(text).to_bytes(8, "little") + text.encode() + b"".join(blobs)
    folder.mkdir(parents=True, exist_ok=True)
    step = PART if parts else len(whole)
    for i in range(0, len(whole), step):
        name = f"model.safetensors.part{i // step}" if parts else "model.safetensors"
        (folder / name).write_bytes(whole[i:i + step])
    kept = ("img_size", "patch_size", "embed_dim", "num_heads", "patch_embed_heads", "camera_heads", "intermediate_layer_idx")
    loop.write_json(folder / "config.json", {k: vggt.TINY[k] for k in kept})
    loop.write_json(folder / "metrics.json", figures)


def read(net, folder):
    """Weights that write() wrote, whole or in parts."""
    files = sorted(folder.glob("model.safetensors*"), key=lambda f: (len(f.name), f.name))
    whole = b"".join(f.read_bytes() for f in files)
    length = int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8:8 + length])
    header.pop("__metadata__")
    state = {}
    for name, of in header.items():
        begin, end = (8 + length + o for o in of["data_offsets"])
        values = np.frombuffer(whole[begin:end], np.float16).reshape(of["shape"])
        state[name] = torch.from_numpy(values.astype(np.float32))
    net.load_state_dict(state)


def main():
    p = loop.arguments("VGGT", seconds=480, batch=32, rate=8e-4)
    p.add_argument("--weights", type=Path, default=None, help="where the weights go, beside the state in --out")
    p.add_argument("--parts", action="store_true", help="write the weights in files of at most 15 MiB")
    p.add_argument("--least", type=int, default=512, help="begin when there are so many rooms")
    p.add_argument("--minutes", type=float, default=None,
                   help="of the whole command, rendering and measuring included, instead of --seconds")
    p.add_argument("--java", default=None, help="a Java runtime: rooms are rendered beside the training, into --data")
    p.add_argument("--classpath", default=":".join(f"modules/{m}/target/classes" for m in ("testbed", "pipeline")))
    p.add_argument("--held", type=int, default=256, help="of --java, held-out rooms, at least 32")
    p.add_argument("--rooms", type=int, default=60000, help="of --java, at most so many")
    p.add_argument("--patch", type=int, default=8, help="side of a patch, a divisor of 112")
    p.add_argument("--eager", action="store_true", help="do not compile the blocks")
    p.add_argument("--untrained", action="store_true",
                   help="only write random weights: what they take does not depend on what they know")
    p.add_argument("--every", type=float, default=100, help="seconds between measurements")
    args = p.parse_args()
    began = time.time()
    vggt.TINY["patch_size"] = args.patch
    if args.untrained:
        torch.manual_seed(args.seed)
        net = vggt.Vggt()
        # An angle of view that a camera can have.
        net.camera_head.pose_branch.fc2.bias.data[7:] = 0.3
        write(net, args.weights or args.out, {}, args.parts)
        return
    renderers = rendering(args) if args.java else []
    try:
        train_until_done(args, began)
    finally:
        for renderer in renderers:
            renderer.kill()


def rendering(args):
    """Renders held-out rooms, then rooms to train on for as long as the training runs. These have one sample a pixel:
    four times as many rooms count for more than smooth edges, and measuring is done on smooth ones."""
    # Two cores are left for who feeds the GPU, who must not wait for one. Each room has a thread of its own, so frames need
    # no further ones.
    threads = max(1, (os.cpu_count() or 1) - 2)

    def start(split, count, shard, samples):
        command = [args.java, "-Djava.util.concurrent.ForkJoinPool.common.parallelism=1", "-cp", args.classpath, "dev.reelrank.testbed.room.ExportRooms", "--split", split, "--count",
                   str(count), "--shard", str(shard), "--samples", str(samples), "--threads", str(threads),
                   "--out", str(args.data / split)]
        return subprocess.Popen(command, preexec_fn=lambda: os.nice(10))
    if start("validation", args.held, args.held, 2).wait() != 0:
        raise SystemExit("rooms cannot be rendered: build modules/testbed first, or name --classpath")
    return [start("train", args.rooms, min(512, args.rooms), 1)]


def compiled(net, args):
    """Blocks as one kernel each where there is a compiler; what cannot be compiled runs as it is."""
    if args.eager or not args.device.startswith("cuda"):
        return
    import torch._dynamo
    torch._dynamo.config.suppress_errors = True
    torch._dynamo.config.cache_size_limit = 64
    for module in net.modules():
        if isinstance(module, (vggt.Block, vggt.ConvUnit)):
            module.forward = torch.compile(module.forward, dynamic=True)


def train_until_done(args, began):
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    torch.backends.cuda.matmul.allow_tf32 = True
    net = vggt.Vggt().to(args.device)
    compiled(net, args)
    if args.start:
        read(net, args.start)
    print(f"{sum(t.numel() for t in net.parameters()) / 1e6:.2f} M parameters", flush=True)
    train, held = Rooms(args.data / "train", args.device), Rooms(args.data / "validation", args.device)
    while train.refresh() < args.least or held.refresh() < 32:
        time.sleep(1)
    if args.minutes is not None:
        # The last measurement and the files take some seconds.
        args.seconds = max(1.0, 60 * args.minutes - (time.time() - began) - 25)
    weights = args.weights or args.out
    teacher = Teacher(vggt.TINY).to(args.device)
    run = loop.Loop(args, [t for t in [*net.parameters(), *teacher.parameters()] if t.requires_grad])
    measured = time.time()
    while run.running():
        if run.count % 50 == 0:
            train.refresh()
        # Few frames first: more pairs a second, and matching is learned from pairs.
        few = args.start is None and run.share() < 0.4
        frames = np.random.randint(2, 5) if few else FRAMES if np.random.rand() < 0.5 else np.random.randint(3, FRAMES)
        batch = args.batch * FRAMES // frames
        chosen = np.sort(np.random.choice(FRAMES, frames, replace=False))
        if np.random.rand() < 0.5:
            chosen = chosen[::-1].copy()
        images, depth, rotation, translation, focal = train.take(
            np.random.randint(0, train.count, batch), chosen)
        flips = torch.rand(batch, device=args.device) < 0.5
        images, depth, rotation, translation = flipped(images, depth, rotation, translation, flips)
        loss, parts = losses(net, teacher, (coloured(images), depth, rotation, translation, focal), heads=min(frames, 4))
        if not torch.isfinite(loss):
            # One bad batch must not end the training.
            print(f"step {run.count}: the loss is {loss.item()}; the batch is left out", flush=True)
            run.optimiser.zero_grad(set_to_none=True)
            continue
        run.step(loss, **parts)
        if time.time() - measured > args.every:
            measured = time.time()
            show(net, run, held, weights, args, min(64, held.refresh()), train.count)
    run.finish()
    net.eval()
    figures = evaluate(net, held, min(256, held.refresh())) | {"steps": run.count, "rooms": train.count}
    print(json.dumps(figures), flush=True)
    write(net, weights, figures, args.parts)


def show(net, run, held, weights, args, clips, rooms):
    """Measures and writes the averaged weights; the training goes on with its own."""
    own = [t.detach().clone() for t in run.parameters]
    with torch.no_grad():
        for t, average in zip(run.parameters, run.average):
            t.copy_(average)
    figures = evaluate(net, held, clips) | {"steps": run.count, "rooms": rooms}
    print(json.dumps(figures), flush=True)
    write(net, weights, figures, args.parts)
    with torch.no_grad():
        for t, value in zip(run.parameters, own):
            t.copy_(value)
    run.save()


if __name__ == "__main__":
    main()
