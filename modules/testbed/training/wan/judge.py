"""Would a choice among candidates be worth anything? Chooses between trained variants, on validation scenes.

    python judge.py --models FOLDER --perception MODELS --export CMD [--scenes 100] [--seeds 3] [--steps 8] [--out FILE]

Quality of a clip is what Truth.java measures: mask IoU - colour error - ghost. The composite is the reranker's with DINOv3 alone:
where it asks SAM3 for the subject, this asks the renderer what the picture would be without it. `reelrank bench testbed` is the
reference; this is a fast look at it on a GPU.
"""
import argparse
import json
import subprocess
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

import data
import evaluate
import model
from data import Clips, Texts, unit

NEAR = 4
WEIGHTS = dict(identity=.65, concentration=.25, temporal=.10)
MIN_SPREAD = .015


def foreground(frames, empty):
    """[..., 3, H, W] in 0..255: where a frame shows something that the empty picture does not; a shadow does not count."""
    dot, square = (frames * empty).sum(-3), (empty * empty).sum(-3) + 1e-3
    shade = (dot / square).clamp(.6, 1.05).unsqueeze(-3)
    return (frames - shade * empty).abs().amax(-3) > 28


def grown(masks, reach):
    flat = masks.float().flatten(0, -3).unsqueeze(1)
    return (F.max_pool2d(flat, 2 * reach + 1, 1, reach)[:, 0] > .5).view(masks.shape)


class Truth:
    """frames, without: [N, T, 3, H, W] in 0..255."""

    def __init__(self, truth, without):
        order = lambda c: c.clips.permute(0, 2, 1, 3, 4).float()
        self.frames, self.without = order(truth), order(without)
        self.right = truth.masks == 1
        second = without.masks == 2
        self.hidden = torch.where(second.flatten(1).any(1).view(-1, 1, 1, 1), grown(second, 2), second)
        self.true_shown = foreground(self.frames, self.without) & ~self.hidden

    def measures(self, video, rows):
        """IoU, colour error and ghost of each clip; video [B, T, 3, H, W] in 0..255."""
        shown = foreground(video, self.without[rows]) & ~self.hidden[rows]
        iou = share(shown & self.true_shown[rows], shown | self.true_shown[rows]).mean(1)
        right = self.right[rows]
        mean = lambda v: (v * right.unsqueeze(2)).sum((3, 4)) / right.sum((2, 3)).clamp(min=1).unsqueeze(2)
        colour = (mean(video) - mean(self.frames[rows])).abs().mean((1, 2)) / 255
        laid = right & ~self.hidden[rows]
        moved = torch.stack([torch.stack([centred(r, s) for r, s in zip(a, b)]) for a, b in zip(right.cpu(), shown.cpu())]).to(right.device)
        better = share(moved & shown, (moved & ~self.hidden[rows]) | shown) > share(laid & shown, laid | shown)
        laid = torch.where(better[..., None, None], moved, right)
        outside = (shown & ~grown(laid, NEAR)).sum((2, 3))
        ghost = (outside / laid.sum((2, 3)).clamp(min=1)).clamp(max=1).mean(1)
        return iou, colour, ghost, shown


def share(a, b):
    a, b = a.sum((2, 3)).float(), b.sum((2, 3)).float()
    return torch.where(b > 0, a / b.clamp(min=1), torch.ones_like(a))


def centred(mask, shown):
    if not mask.any() or not shown.any():
        return mask
    a, b = mask.nonzero().float().mean(0), shown.nonzero().float().mean(0)
    dy, dx = (b - a).round().int().tolist()
    out = torch.zeros_like(mask)
    h, w = mask.shape
    out[max(0, dy):min(h, h + dy), max(0, dx):min(w, w + dx)] = mask[max(0, -dy):min(h, h - dy), max(0, -dx):min(w, w - dx)]
    return out


class Composite:
    """The reranker's composite with boxes from the renderer's difference instead of SAM3's masks."""

    def __init__(self, folder, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(folder / "tokens.onnx", options, providers=["CPUExecutionProvider"])
        manifest = json.loads((folder / "manifest.json").read_text())
        pre, self.constants = manifest["preprocessing"], manifest["constants"]
        self.mean, self.std = (torch.tensor(pre[k]).view(1, 3, 1, 1) for k in ("mean", "std"))

    def tokens(self, pictures):
        x = F.interpolate(pictures.float().cpu() / 255, (224, 224), mode="bilinear", align_corners=False, antialias=True)
        x = ((x - self.mean) / self.std).numpy()
        out = torch.from_numpy(np.concatenate([self.session.run(None, {"pixel_values": x[i:i + 32]})[0] for i in range(0, len(x), 32)]))
        return out[:, 0], out[:, 1 + self.constants["registers"]:]

    def reference(self, still, mask):
        cls, _ = self.tokens(still.unsqueeze(0))
        box = box_of(mask)
        subject = cls if box is None else self.tokens(cut(still, box).unsqueeze(0))[0]
        return cls[0], subject[0], box

    def score(self, reference, video, shown):
        cls, subject, first = reference
        times = np.linspace(0, len(video) - 1, 16).round().astype(int)
        looks = times[np.linspace(0, 15, 4).round().astype(int)]
        boxes = {t: box_of(shown[t]) for t in looks}
        boxes = {t: b for t, b in boxes.items() if b is not None} or {0: first}
        frames = video[torch.from_numpy(times)]
        crops = [cut(video[t], boxes[min(boxes, key=lambda k: (abs(k - t), k))]) for t in times]
        crops = torch.stack([F.interpolate(c.float().cpu().unsqueeze(0), (224, 224), mode="bilinear", align_corners=False)[0] for c in crops])
        full, patches = self.tokens(frames)
        part, _ = self.tokens(crops)
        heat = F.cosine_similarity(patches, cls.view(1, 1, -1), dim=-1)
        peak = heat.amax(1)
        raw = torch.where(peak > 0, peak / torch.maximum(heat.mean(1), .05 * peak), torch.zeros_like(peak)).mean().item()
        concentration = .5 * np.tanh((raw - self.constants["concentrationCentre"]) / self.constants["concentrationScale"]) + .5
        identity = F.cosine_similarity(part, subject.view(1, -1)).mean().item()
        temporal = F.cosine_similarity(full[1:], full[:-1]).mean().item()
        total = WEIGHTS["identity"] * identity + WEIGHTS["concentration"] * concentration + WEIGHTS["temporal"] * temporal
        return total, identity, concentration, temporal


def box_of(mask):
    """The square that stands for the subject, x0 y0 x1 y1, or None; specks do not count."""
    kept = -F.max_pool2d(-mask.float()[None, None].cpu(), 3, 1, 1)[0, 0] > .5
    if kept.float().mean() < .005:
        return None
    ys, xs = kept.nonzero(as_tuple=True)
    x0, y0, x1, y1 = xs.min().item() - 1, ys.min().item() - 1, xs.max().item() + 2, ys.max().item() + 2
    side = min(max(x1 - x0, y1 - y0) * 1.1, mask.shape[-1])
    place = lambda c: max(0, min(mask.shape[-1] - side, c - side / 2))
    left, top = round(place((x0 + x1) / 2)), round(place((y0 + y1) / 2))
    return left, top, min(mask.shape[-1], round(left + side)), min(mask.shape[-1], round(top + side))


def cut(picture, box):
    x0, y0, x1, y1 = box
    return picture[:, y0:y1, x0:x1]


class Generator:
    """The files as they ship, through diffusers' classes."""

    def __init__(self, wan, device):
        read = lambda part: {k: v.float() for f in sorted((wan / part).glob("*.safetensors")) for k, v in load_file(f).items()}
        config = json.loads((wan / "vae/config.json").read_text())
        self.device, self.compile = device, False
        self.mean, self.std = (torch.tensor(config[k], device=device).view(1, 16, 1, 1, 1) for k in ("latents_mean", "latents_std"))
        vae = model.new_vae()
        vae.load_state_dict(read("vae"))
        self.vae = model.placed(vae.to(torch.bfloat16), device).eval().requires_grad_(False)
        self.nets = []
        for part in ("transformer", "transformer_2"):
            net = model.with_slots(model.WanTransformer3DModel.from_config(json.loads((wan / part / "config.json").read_text())))
            net.load_state_dict(read(part))
            self.nets.append(net.to(device).eval().requires_grad_(False))
        from tokenizers import Tokenizer
        self.tokenizer = Tokenizer.from_file(str(wan / "tokenizer/tokenizer.json"))
        self.texts = Texts(self.tokenizer)
        text = model.new_text_encoder(self.tokenizer.get_vocab_size())
        tensors = read("text_encoder")
        tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
        text.load_state_dict(tensors)
        self.text = text.to(device).eval()

    def cast(self):
        return torch.autocast(self.device, dtype=torch.bfloat16)

    @torch.no_grad()
    def make(self, scenes, stills, seed, steps):
        """Clips [B, T, 3, H, W] in 0..255 (whole numbers) for stills [B, 3, H, W] uint8."""
        given = torch.zeros(len(stills), 3, data.FRAMES, data.SIDE, data.SIDE, device=self.device)
        given[:, :, 0] = unit(stills)
        encoder = model.Encoder(self.vae)
        with torch.no_grad():
            z = torch.cat([encoder(x.to(torch.bfloat16).contiguous(memory_format=model.LAST))[:, :16] for x in given.split(16)])
        condition = model.conditioned((z.float() - self.mean) / self.std)
        ids = self.texts.ids([s["targets"]["ultra_enrich"] for s in scenes]).long().to(self.device)
        with self.cast():
            hidden = model.encode_text(self.text, ids)
        latents = evaluate.latents(self, self.nets, hidden, condition, steps, seed)
        video = evaluate.decoded(self.vae, latents, self.mean, self.std)
        return ((video + 1) * 127.5).round().permute(0, 2, 1, 3, 4)


def within(a, b):
    """Correlation inside the samples."""
    a, b = a - a.mean(1, keepdims=True), b - b.mean(1, keepdims=True)
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-12))


def summary(quality, scores):
    """quality, scores: [samples, seeds]."""
    best = scores.argmax(1)
    chosen = np.where(np.ptp(scores, 1) >= MIN_SPREAD, best, 0)
    gain = quality[np.arange(len(quality)), chosen] - quality.mean(1)
    half = 1.96 * gain.std(ddof=1) / np.sqrt(len(gain))
    possible = quality.max(1) - quality.mean(1)
    return {"winnerGain": gain.mean(), "winnerGainLow95": gain.mean() - half, "winnerGainHigh95": gain.mean() + half,
            "winnerGainPossible": possible.mean(), "chosen": float((chosen == best).mean()),
            "spreadAboveMinimum": float((np.ptp(scores, 1) >= MIN_SPREAD).mean()), "correlation": within(quality, scores)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", required=True, help="a folder with wan/")
    parser.add_argument("--perception", required=True, help="a folder with dinov3/")
    parser.add_argument("--export", required=True)
    parser.add_argument("--split", default="validation")
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--renders", required=True, help="where the scenes are rendered, once")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--out", default="")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = Path(args.renders)

    def export(name, *options):
        if not (folder / name / "done").exists():
            subprocess.run([*args.export.split(), "--split", args.split, "--from", "0", "--count", str(args.scenes), "--out",
                            str(folder / name), "--threads", str(args.threads), *options], check=True)
            (folder / name / "done").touch()
        return Clips(folder / name, device)

    truth = export("truth")
    without = export("without", "--without-first")
    actions = [export(a, "--as", a, "--no-masks").clips.cpu() for a in data.ACTIONS]
    judge, generator = Truth(truth, without), Generator(Path(args.models) / "wan", device)
    composite = Composite(Path(args.perception) / "dinov3", args.threads)
    n = len(truth.scenes)
    quality, parts, scores = np.zeros((n, args.seeds)), np.zeros((n, args.seeds, 3)), np.zeros((n, args.seeds, 4))
    action, first = np.zeros((n, args.seeds), bool), np.zeros((n, args.seeds))
    mine = still = 0
    references = [composite.reference(judge.frames[i, 0], judge.true_shown[i, 0]) for i in range(n)]
    for seed in range(args.seeds):
        for start in range(0, n, 32):
            rows = torch.arange(start, min(n, start + 32))
            scenes = [truth.scenes[i] for i in rows]
            video = generator.make(scenes, truth.clips[rows.to(device), :, 0], 1000 + seed * 100 + start, args.steps)
            rows = rows.to(device)
            iou, colour, ghost, shown = judge.measures(video, rows)
            parts[start:start + len(rows), seed] = torch.stack([iou, colour, ghost], 1).cpu().numpy()
            quality[start:start + len(rows), seed] = (iou - colour - ghost).cpu().numpy()
            error = ((video[:, 0] - judge.frames[rows][:, 0]) ** 2).mean((1, 2, 3))
            first[start:start + len(rows), seed] = (10 * torch.log10(255 ** 2 / error.clamp(min=1e-3))).cpu().numpy()
            mine += (video[:, 1:] - video[:, :-1]).abs().mean().item() * len(rows)
            still += (judge.frames[rows][:, 1:] - judge.frames[rows][:, :-1]).abs().mean().item() * len(rows)
            video = video.cpu()
            for k, i in enumerate(rows.tolist()):
                errors = [((video[k].permute(1, 0, 2, 3) - a[i].float()) ** 2).mean().item() for a in actions]
                action[i, seed] = data.ACTIONS[int(np.argmin(errors))] == truth.scenes[i]["action"]
                scores[i, seed] = composite.score(references[i], video[k], shown[k].cpu())
    result = {"scenes": n, "seeds": args.seeds, "steps": args.steps, **summary(quality, scores[..., 0]),
              "quality": quality.mean(), "withinStd": quality.std(1, ddof=1).mean(), "iou": parts[..., 0].mean(), "colour": parts[..., 1].mean(),
              "ghost": parts[..., 2].mean(), "spoilt": float((quality < np.median(quality) - .15).mean()), "actionAccuracy": action.mean(),
              "firstFramePsnr": first.mean(), "frameDifferenceRatio": mine / still,
              "correlationByPart": {k: within(quality, scores[..., i]) for i, k in enumerate(("composite", "identity", "concentration", "temporal"))}}
    result = {k: round(float(v), 4) if isinstance(v, (float, np.floating)) else v for k, v in result.items()}
    print(json.dumps(result, indent=1), flush=True)
    if args.out:
        Path(args.out).write_text(json.dumps({**result, "all": {"quality": quality.tolist(), "parts": parts.tolist(), "scores": scores.tolist()}}))


if __name__ == "__main__":
    main()
