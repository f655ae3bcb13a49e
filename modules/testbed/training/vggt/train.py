"""Trains the testbed's VGGT on rendered rooms (ExportRooms) and writes it in the published layout.

The first frame's camera is the world. All lengths are divided by the mean distance of a clip's points from it,
as in the paper; the losses compare relative errors, because these are what is asked of the result.

    python train.py --java JAVA --data DATA --out OUT --weights WEIGHTS --minutes 10    # renders, trains, measures, writes
    python train.py … --seconds 850 --minutes 9              # the same in calls of 9 minutes: each goes on where one ended
    python train.py … --seconds 1450 --minutes 26 --finish   # in one call, shortened so that the schedule ends with it
    python train.py --data DATA --out OUT --seconds 480      # DATA/train and DATA/validation from ExportRooms
"""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import loop  # noqa: E402
import model as vggt  # noqa: E402
from clips import FRAMES, SIZE, Batches, Rooms, coloured, flipped, rendering, still, stop, unpacked  # noqa: E402
from replay import NotRecorded, Step  # noqa: E402

PART = 15 << 20
SEEN = (3, 5, 10)  # frames of a clip that a step looks at; each has a graph of its own
CLOSING = 25  # seconds that the last measurement and the files take


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
            right = ((scores.argmax(-1) == wanted) * seen).sum() / seen.sum().clamp(min=1)
        at = torch.arange(grid, device=u.device) * p + p // 2
        way = torch.stack([u - at.repeat(grid), v - at[:, None].expand(-1, grid).flatten()], -1).clamp(-SIZE, SIZE) / SIZE
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


def losses(net, teacher, batch, shown):
    """The loss and its parts. Shown are the frames that the dense heads learn from, counted over all clips of the batch."""
    images, depth, rotation, translation, focal = batch
    pose, depth, points = truth(depth, rotation, translation, focal)
    # Without the cache, which would keep a recorded step's copies of the weights as they were.
    with torch.autocast(images.device.type, dtype=torch.bfloat16, enabled=images.is_cuda, cache_enabled=False):
        embedded = []
        hook = net.aggregator.patch_embed.register_forward_hook(lambda module, given, out: embedded.append(out))
        outputs = net.aggregator(images)
        hook.remove()
        part = [None if o is None else o.flatten(0, 1).index_select(0, shown)[None] for o in outputs]
        raw_depth = net.depth_head(part, SIZE, SIZE).float()
        raw_points = net.point_head(part, SIZE, SIZE).float()
        matching, way, matched = teacher(embedded[0], outputs, depth, points, focal)
    poses = net.camera_head(outputs[-1].float())
    # Of the four rounds the last counts most. Turns weigh more than in the paper: rooms are seen from directions that differ by
    # little, and what is asked of a turn, 3 degrees, is 0.03 of a quaternion.
    camera = sum(0.6 ** (3 - i) * ((p[..., :3] - pose[..., :3]).abs().mean() + 4 * (p[..., 3:7] - pose[..., 3:7]).abs().mean()
                                   + 0.5 * (p[..., 7:] - pose[..., 7:]).abs().mean()) for i, p in enumerate(poses))
    depth, points = depth.flatten(0, 1)[shown], points.flatten(0, 1)[shown]
    log = depth.clamp(min=0.02).log()
    by_depth = weighted((raw_depth[..., 0] - log).abs(), raw_depth[..., 1]) + slopes(raw_depth[..., 0], log)
    off = (points_of(raw_points) - points).norm(dim=-1) / depth.clamp(min=0.1)
    by_points = weighted(off, raw_points[..., 3])
    turned = turns(poses[-1], pose).mean()
    return 5 * camera + by_depth + by_points + 0.3 * matching + 4 * way, {
        "camera": camera, "turn": turned, "matched": matched, "way": way, "depth": (raw_depth[..., 0] - log).abs().mean(),
        "points": off.mean()}


@torch.no_grad()
def turns(found, pose):
    """The angles between two cameras of each frame, degrees."""
    turn = matrices(found[..., 3:7]) @ matrices(pose[..., 3:7]).transpose(-1, -2)
    cosine = ((turn.diagonal(dim1=-2, dim2=-1).sum(-1) - 1) / 2).clamp(-1, 1)
    return torch.rad2deg(cosine.acos())


@torch.no_grad()
def evaluate(net, rooms, clips):
    """What is asked of the result, on clips of ten frames."""
    turned, off, aligned, far, reprojected = [], [], [], [], []
    for at in range(0, clips, 16):
        taken = rooms.take(range(at, min(clips, at + 16)), range(FRAMES))
        images, depth, rotation, translation, focal = unpacked(*taken)
        pose, depth, points = truth(depth, rotation, translation, focal)
        poses, raw_depth, raw_points = net(images)
        found = raw_depth[..., 0].exp().view_as(depth)
        turned.append(turns(poses[-1], pose)[:, 1:].mean(1))
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
    figures = {"rotation_degrees": turned, "depth_relative_error": off, "depth_relative_error_scaled": aligned,
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
        (folder / f"new.{name}").write_bytes(whole[i:i + step])
    for file in folder.glob("new.*"):  # somebody may copy the folder while the training goes on
        file.replace(folder / file.name.removeprefix("new."))
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
    p = loop.arguments("VGGT", seconds=None, batch=48, rate=8e-4)
    p.add_argument("--weights", type=Path, default=None, help="where the weights go, beside the state in --out")
    p.add_argument("--parts", action="store_true", help="write the weights in files of at most 15 MiB")
    p.add_argument("--least", type=int, default=512, help="begin when there are so many rooms")
    p.add_argument("--minutes", type=float, default=None,
                   help="of this command, rendering and measuring included; the training fills them, or with --seconds pauses")
    p.add_argument("--finish", action="store_true", help="the schedule ends with this command, even if --seconds are not over")
    p.add_argument("--java", default=None, help="a Java runtime: rooms are rendered beside the training, into --data")
    p.add_argument("--classpath", default=":".join(f"modules/{m}/target/classes" for m in ("testbed", "pipeline")))
    p.add_argument("--cores", type=int, default=None, help="that rooms are rendered on; default: all but two")
    p.add_argument("--held", type=int, default=256, help="held-out rooms, at least 32")
    p.add_argument("--rooms", type=int, default=60000, help="rooms to train on at most; the device holds 0.63 MB of each")
    p.add_argument("--rough", type=int, default=16384, help="of --java: so many, the first, have one sample a pixel, not four")
    p.add_argument("--patch", type=int, default=8, help="side of a patch, a divisor of 112")
    p.add_argument("--plain", action="store_true", help="rooms as they are, neither mirrored nor recoloured: to learn some by heart")
    p.add_argument("--eager", action="store_true", help="do not compile the blocks")
    p.add_argument("--no-graph", action="store_true", help="do not record the steps as CUDA graphs")
    p.add_argument("--untrained", action="store_true",
                   help="only write random weights: what they take does not depend on what they know")
    p.add_argument("--every", type=float, default=100, help="seconds between measurements")
    args = p.parse_args()
    began = time.time()
    vggt.TINY["patch_size"] = args.patch
    if args.untrained:
        torch.manual_seed(args.seed)
        net = vggt.Vggt()
        straight(net)
        write(net, args.weights or args.out, {}, args.parts)
        return
    if args.seconds is None and args.minutes is None:
        args.seconds = 480
    renderers = rendering(args) if args.java else []
    try:
        train_until_done(args, began, renderers)
    except NotRecorded as e:
        print(f"!!! A STEP CANNOT BE RECORDED AS A CUDA GRAPH ({e}).\n!!! The training begins again without: its steps wait for the "
              "host, and there will be about a third as many.", flush=True)
        left = [] if args.minutes is None else ["--minutes", str(args.minutes - (time.time() - began) / 60)]
        stop(renderers)
        os.execv(sys.executable, [sys.executable, *sys.argv, "--no-graph", *left])
    finally:
        stop(renderers)


def straight(net):
    """Cameras begin as straight ones, which the four rounds add up to. An angle of view that began below zero would stay there:
    what cuts it off at zero lets no gradient through."""
    with torch.no_grad():
        net.camera_head.pose_branch.fc2.bias.copy_(torch.tensor([0, 0, 0, 0, 0, 0, 1, 0.9, 0.9]) / 4)


def prepared(args):
    """The network and what only its training needs; blocks as few kernels each where there is a compiler."""
    net = vggt.Vggt().to(args.device)
    if args.start:
        read(net, args.start)
    else:
        straight(net)
    if args.device.startswith("cuda"):
        torch.backends.cudnn.benchmark = True
        for head in (net.depth_head, net.point_head):
            head.to(memory_format=torch.channels_last)
        if not args.eager:
            # `import torch._dynamo` would make `torch` a name of this function, which has no value above.
            from torch import _dynamo
            _dynamo.config.suppress_errors = True  # what cannot be compiled runs as it is
            vggt.compile_parts()
    return net, Teacher(vggt.TINY).to(args.device)


def train_until_done(args, began, renderers):
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    net, teacher = prepared(args)
    print(f"torch {torch.__version__}, {sum(t.numel() for t in net.parameters()) / 1e6:.2f} M parameters", flush=True)
    learnt = [t for t in [*net.parameters(), *teacher.parameters()] if t.requires_grad]
    batches = Batches(args)

    def loss(rgb, depth, pose, flips, order, shown):
        images, depth, rotation, translation, focal = unpacked(rgb, depth, pose)
        if not args.plain:
            images, depth, rotation, translation = flipped(images, depth, rotation, translation, flips)
            images = coloured(images, order)
        return losses(net, teacher, (images, depth, rotation, translation, focal), shown)

    cuda = args.device.startswith("cuda")
    pool = torch.cuda.graph_pool_handle() if cuda else None
    steps = {frames: Step(learnt, loss, not args.no_graph, pool) for frames in SEEN}
    if cuda:
        for frames, step in steps.items():
            step(*batches.made_up(frames))
            torch.cuda.synchronize()
            print(f"[{time.time() - began:6.1f} s] {'ready for' if args.no_graph else 'recorded'} {batches.clips(frames)} clips of "
                  f"{frames} frames, {torch.cuda.max_memory_reserved() / 2**30:.0f} GiB, {milliseconds(step, batches, frames):.0f} ms "
                  "a step", flush=True)
    most = args.rooms if args.clips is None else args.clips
    train, held = Rooms(args.data / "train", args.device, most), Rooms(args.data / "validation", args.device, args.held)
    while train.refresh(args.least) < min(args.least, most) or held.refresh() < 32:
        if args.java and not still(renderers) and train.refresh() < min(args.least, most):
            raise SystemExit(f"only {train.count} rooms to train on came; what the renderer said is above")
        time.sleep(1)
    train.keep_up()
    left = None if args.minutes is None else max(1.0, 60 * args.minutes - (time.time() - began) - CLOSING)
    if args.seconds is None:
        args.seconds = left
    elif left is not None:
        args.pause = min(args.pause, left)
    weights = args.weights or args.out
    run = loop.Loop(args, learnt, guarded=True)
    if args.finish and left is not None:
        args.seconds = min(args.seconds, run.before + left)
        print(f"{args.seconds:.0f} s of training in all, {run.before:.0f} of them done", flush=True)
    measured = time.time() - 0.8 * args.every  # what cannot be measured or written shall say so soon
    while run.running():
        # Few frames first: more rooms a second, and matching is learned from pairs.
        few = args.start is None and run.share() < 0.35
        frames = int(np.random.choice(SEEN, p=(0.6, 0.3, 0.1) if few else (0.15, 0.25, 0.6)))
        found, parts = steps[frames](*batches.drawn(train, frames))
        run.update(found, **parts)
        if time.time() - measured > args.every:
            measured = time.time()
            show(net, run, held, weights, args, min(64, held.refresh()), train.count)
    if run.share() < 1:
        show(net, run, held, weights, args, held.refresh(), train.count)
        print(f"paused at step {run.count}; the same command goes on", flush=True)
        return
    run.finish()
    figures = measures(net, run, held, held.refresh(), train.count)
    write(net, weights, figures, args.parts)
    loop.write_json(args.out / "finished.json", figures)


def milliseconds(step, batches, frames):
    """Of a step that is ready, without what follows its gradients."""
    inputs = batches.made_up(frames)
    begin = time.perf_counter()
    for _ in range(5):
        step(*inputs)
    torch.cuda.synchronize()
    return (time.perf_counter() - begin) * 200


def measures(net, run, held, clips, rooms):
    # Other shapes than those of a step: compiling for them takes longer than they do.
    with torch.compiler.set_stance("force_eager"):
        figures = evaluate(net, held, clips) | {"steps": run.count, "rooms": rooms, "seconds": round(run.elapsed())}
    print(json.dumps(figures), flush=True)
    return figures


def show(net, run, held, weights, args, clips, rooms):
    """Measures and writes the averaged weights; the training goes on with its own."""
    own = [t.detach().clone() for t in run.parameters]
    with torch.no_grad():
        torch._foreach_copy_(run.parameters, run.average)
    write(net, weights, measures(net, run, held, clips, rooms), args.parts)
    with torch.no_grad():
        torch._foreach_copy_(run.parameters, own)
    run.save()


if __name__ == "__main__":
    main()
