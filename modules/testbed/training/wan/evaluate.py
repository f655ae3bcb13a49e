"""Measures on held-out scenes: reconstruction, and generated clips against the truth, at several numbers of steps."""
import subprocess
from pathlib import Path

import numpy as np
import torch

import data
import model
from data import ACTIONS, Clips, unit

SHEET_ROWS = 16


def psnr(a, b):
    return 10 * torch.log10(4 / ((a - b) ** 2).flatten(1).mean(1).clamp(min=1e-9))


class Judge:
    """The test scenes, the same scenes with every other action, and their empty backgrounds."""

    def __init__(self, run, count):
        folder = run.state / "test"

        def export(name, *options):
            place = folder / name
            if not place.exists():
                subprocess.run([*run.args.export.split(), "--split", "test", "--from", "0", "--count", str(count), "--out",
                                str(place), "--threads", str(run.args.threads), *options], check=True)
            return place

        self.truth = Clips(export("truth"), run.device)
        self.empty = Clips(export("empty", "--empty", "--no-masks"), run.device)
        self.others = [Clips(export(a, "--as", a, "--no-masks"), "cpu") for a in ACTIONS]
        self.action = torch.tensor([ACTIONS.index(s["action"]) for s in self.truth.scenes])

    def nearest(self, video):
        """The action whose rendering is nearest, by squared error."""
        errors = [torch.stack([((v - unit(o.to(v.device))) ** 2).mean() for v, o in zip(video, other.clips)])
                  for other in self.others]
        return torch.stack(errors).argmin(0).cpu()

    def mask(self, video):
        return (video - unit(self.empty.clips)).abs().amax(1) > .3

    def measures(self, video):
        truth = unit(self.truth.clips)
        mine, right = self.mask(video), self.truth.masks > 0
        iou = (mine & right).sum((1, 2, 3)) / (mine | right).sum((1, 2, 3)).clamp(min=1)
        first = (self.truth.masks == 1).unsqueeze(1)
        colour = lambda v: (v * first).sum((3, 4)) / first.sum((3, 4)).clamp(min=1)
        error = (colour(video) - colour(truth)).abs().mean((1, 2)) / 2
        change = lambda v: (v[:, :, 1:] - v[:, :, :-1]).abs().mean() / 2
        return iou, error, (change(video) / change(truth)).item()


@torch.no_grad()
def latents(run, nets, hidden, condition, steps, seed=0):
    generator = torch.Generator("cpu").manual_seed(seed)
    x = torch.randn(condition.shape[0], 16, *condition.shape[2:], generator=generator).to(run.device)
    sigmas = model.shifted(torch.linspace(1, 0, steps + 1)).tolist()
    for a, b in zip(sigmas, sigmas[1:]):
        net = nets[0] if a >= model.BOUNDARY else nets[1]
        with run.cast():
            v = net(hidden_states=torch.cat([x, condition], 1), timestep=torch.full((len(x),), a * 1000, device=run.device),
                    encoder_hidden_states=hidden, return_dict=False)[0]
        x = x + (b - a) * v.float()
    return x


@torch.no_grad()
def decoded(vae, z, mean, std, batch=16):
    decoder = model.Decoder(vae)
    parts = [decoder((part * std + mean).to(torch.bfloat16).contiguous(memory_format=model.LAST)).float().clamp(-1, 1)
             for part in z.split(batch)]
    return torch.cat(parts)


@torch.no_grad()
def run(run):
    judge = Judge(run, run.args.eval_count)
    vae = run.frozen_vae()
    mean, std = run.scale()
    encoder = model.Encoder(vae)
    normal = lambda z: (z.float() - mean) / std
    full = normal(run.encoded(encoder, judge.truth.clips))
    condition = model.conditioned(normal(run.encoded(encoder, judge.truth.clips, first_only=True)))
    truth = unit(judge.truth.clips)
    rebuilt = decoded(vae, full, mean, std)
    run.note("vaePsnr", psnr(rebuilt, truth).mean().item())
    print("VAE", round(psnr(rebuilt, truth).mean().item(), 2), "dB", flush=True)

    names = ["high", "low"] if (run.state / "low.pt").exists() else ["joint", "joint"]
    nets = [run.network(n).eval() for n in names]
    text = run.text_encoder().eval()
    prompts = lambda mode: run.texts.ids([s["targets"][mode] for s in judge.truth.scenes]).long().to(run.device)
    with run.cast():
        hidden = model.encode_text(text, prompts("ultra_enrich"))
        short = model.encode_text(text, prompts("simplify_v2"))

    def judged(name, video, report=True):
        iou, error, change = judge.measures(video)
        action = judge.nearest(video) == judge.action
        result = {"firstFramePsnr": psnr(video[:, :, 0], truth[:, :, 0]).mean().item(),
                  "clipPsnr": psnr(video, truth).mean().item(), "lastFramePsnr": psnr(video[:, :, -1], truth[:, :, -1]).mean().item(),
                  "actionAccuracy": action.float().mean().item(), "colourError": error.mean().item(), "maskIou": iou.mean().item(),
                  "frameDifferenceRatio": change,
                  "byAction": {a: round(action[judge.action == i].float().mean().item(), 3) for i, a in enumerate(ACTIONS)}}
        if report:
            run.note(name, result)
            print(name, {k: round(v, 4) if isinstance(v, float) else v for k, v in result.items()}, flush=True)
        return iou - error

    pictures = None
    for steps in (8, 4, 1, 2, 20):
        video = decoded(vae, latents(run, nets, hidden, condition, steps), mean, std)
        judged(f"steps{steps}", video)
        if steps == 8:
            pictures = video
    judged("steps8simplify", decoded(vae, latents(run, nets, short, condition, 8), mean, std))
    seeds = torch.stack([judged("", decoded(vae, latents(run, nets, hidden, condition, 8, seed), mean, std), report=False)
                         for seed in (1, 2, 3)])
    run.note("seedSpread", {"std": seeds.std(0).mean().item(), "bestMinusMean": (seeds.amax(0) - seeds.mean(0)).mean().item()})
    print("seeds", run.metrics["seedSpread"], flush=True)
    sheet(judge, truth, pictures, run.state / "sheet.jpg")
    if (run.state / "lora_low.pt").exists():
        for name, net in zip(names, nets):
            merge(net, run.load(f"lora_{name}"))
        video = decoded(vae, latents(run, nets, hidden, condition, 4), mean, std)
        judged("lightning4", video)
        sheet(judge, truth, video, run.state / "sheet-lightning.jpg")


def merge(net, tensors):
    back = {published: name for name, published in model.Lora.NAMES.items()}
    for key in [k for k in tensors if k.endswith("lora_down.weight")]:
        stem = key[:-len(".lora_down.weight")]
        _, _, block, published = stem.split(".", 3)
        down, up, alpha = (tensors[f"{stem}.{k}"] for k in ("lora_down.weight", "lora_up.weight", "alpha"))
        net.blocks[int(block)].get_submodule(back[published]).weight += alpha.item() / down.shape[0] * up @ down


def sheet(judge, truth, video, path):
    from PIL import Image, ImageDraw
    picture = lambda v, i: np.concatenate(
        [((v[i, :, t].permute(1, 2, 0).cpu().numpy() + 1) * 127.5).clip(0, 255).astype(np.uint8) for t in (0, 4, 8, 12, 16)], 1)
    rows = min(SHEET_ROWS, len(video))
    strips = [np.concatenate([picture(video, i), picture(truth, i)], 0) for i in range(rows)]
    half = (rows + 1) // 2
    strips += [strips[0] * 0] * (2 * half - rows)
    image = Image.fromarray(np.concatenate([np.concatenate(strips[:half], 0), np.concatenate(strips[half:], 0)], 1))
    draw = ImageDraw.Draw(image)
    for i in range(rows):
        scene = judge.truth.scenes[i]
        draw.text(((i // half) * 640 + 3, (i % half) * 256 + 3), f"{scene['action']} {scene['speed']} {scene['camera']}", fill="white")
    image.save(path, quality=90)
