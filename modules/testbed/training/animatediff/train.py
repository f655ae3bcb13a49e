"""Trains the testbed's AnimateDiff (autoencoder, text encoder, UNet with motion modules), measures it, writes the published folder.

    python train.py PHASE [PHASE ...] --state DIR --export CMD --tokenizer FILE [--seconds PHASE=S ...]
    torchrun --nproc-per-node 2 train.py pictures unet …     # these two phases on several GPUs

Phases, in order: render, vae, encode, pictures, unet, judge, evaluate, save. Each leaves its state in --state; vae, pictures, unet and
judge go on where an earlier call ended. --seconds is the wall time of a phase. `save` writes STATE/models/animatediff. Phases that do
not need each other can run beside each other, in processes of their own: the judge needs only renderings and the autoencoder, and
pictures and unet wait for the clips of `encode`.
"""
import argparse
import fcntl
import functools
import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

for folder in ("wan", "."):  # in this order: both have a data.py
    sys.path.append(str(Path(__file__).resolve().parent.parent / folder))
import data  # noqa: E402
import model  # noqa: E402
from data import Clips, Renders, unit  # noqa: E402
from judge import HEADS, Judge, halved, judged, truth  # noqa: E402
from replay import Step  # noqa: E402
from team import Team  # noqa: E402
from texts import FACTS, Meaning, Texts, facts  # noqa: E402

START = time.time()
VARIANTS = torch.tensor([.07, .07, .07, .07, .07, .65])  # the scene's four prompts, ultra_enrich, simplify_v2
SHOWN = 150  # seconds between two states of a training that others may look at
TELL = 25  # steps between what the first process tells the others


def say(*words):
    print(f"[{time.time() - START:6.1f}s]", *words, flush=True)


def learnt(parts, loss):
    """The loss, its gradients left in the parts."""
    parts.zero_grad(set_to_none=True)
    loss.backward()
    return loss.detach()


class Run:
    def __init__(self, args):
        self.args = args
        self.team = Team()
        self.device = self.team.device
        self.cuda = self.device != "cpu"
        self.state = Path(args.state)
        self.state.mkdir(parents=True, exist_ok=True)
        self.texts = Texts(args.tokenizer)
        self.scaling = torch.ones((), device=self.device)  # of latents, as a recorded step reads it
        self.seconds = {"vae": 130., "pictures": 300., "unet": 600., "judge": 150.}
        for pair in args.seconds:
            key, value = pair.split("=")
            self.seconds[key] = float(value)
        self.metrics = self.noted()
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True

    def noted(self):
        path = self.state / "metrics.json"
        return json.loads(path.read_text()) if path.exists() else {}

    def note(self, key, value):
        """Keeps a measurement; several processes may do so at the same time."""
        self.metrics[key] = value
        if not self.team.first:
            return
        with open(self.state / "metrics.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.metrics = {**self.noted(), key: value}
            part = self.state / "metrics.json.part"
            part.write_text(json.dumps(self.metrics, indent=1) + "\n")
            os.replace(part, self.state / "metrics.json")

    def say(self, *words):
        if self.team.first:
            say(*words)

    def cast(self):
        # Without the cache, which would keep a recorded step's copies of the weights as they were.
        return torch.autocast("cuda" if self.cuda else "cpu", dtype=torch.bfloat16, enabled=self.cuda, cache_enabled=False)

    def save(self, name, value):
        if not self.team.first:
            return
        torch.save(value, self.state / f"{name}.part")
        os.replace(self.state / f"{name}.part", self.state / f"{name}.pt")

    def load(self, name):
        path = self.state / f"{name}.pt"
        return torch.load(path, map_location=self.device, weights_only=True) if path.exists() else None

    @functools.cached_property
    def renders(self):
        """One renderer serves all phases of a call: two would write the same shard."""
        folder = self.args.renders or data.roomy(self.args.shards * self.args.per_shard * 1.07e-3 + 8)
        return Renders(self.args.export, folder, range(self.args.shards), self.args.per_shard, self.args.threads)

    def fit(self, name, parts, step, seconds, rate, warm=100):
        """Adam on the gradients that step() leaves, until the time is over, at a rate that falls in a half cosine.

        It leaves the average weights.

        The time is the first process's: it tells the others every TELL steps how much of it is over."""
        named = dict(parts.named_parameters())
        average = [p.detach().clone() for p in named.values()]
        optimiser = torch.optim.AdamW(named.values(), lr=rate, betas=(.9, .98), weight_decay=.01, fused=self.cuda)
        done, before, left = 0, 0., self.load(f"{name}-underway")
        if left:
            parts.load_state_dict(left["parts"])
            optimiser.load_state_dict(left["optimiser"])
            average, done, before = [a.to(self.device) for a in left["average"]], left["step"], left["spent"]
            self.say(name, "goes on from step", done, f"after {before:.0f} s")
        begun, seen, first, shown = None, [], done, time.time()
        end = time.time() + self.args.call_seconds if self.args.call_seconds else math.inf
        while True:
            if (done - first) % TELL in (0, 2) or self.args.steps:
                spent = before + (0 if begun is None else time.time() - begun)
                over = spent > seconds or (self.args.steps and done - first >= self.args.steps)
                spent, over, paused = self.team.agreed([spent, over, time.time() > end])
                if over or paused:
                    break
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (done + 1) / warm) * (.49 * (1 + math.cos(math.pi * min(1, spent / seconds))) + .02)
            loss = step()
            self.team.average(named.values())
            nn.utils.clip_grad_norm_(named.values(), 1.)
            optimiser.step()
            done += 1
            with torch.no_grad():
                torch._foreach_lerp_(average, list(named.values()), 1 - min(.999, (1 + done) / (20 + done)))
            if done == first + 2:
                if self.cuda:
                    torch.cuda.synchronize()
                begun = time.time()
            if done % 10 == 0:
                seen.append(loss.item())
                if self.team.first and time.time() - shown > SHOWN:
                    shown = time.time()
                    self.save(name, {**parts.state_dict(), **dict(zip(named, average))})
            if done % 500 == 0 or done - first in (10, 50):
                self.say(name, "step", done, "loss", round(sum(seen) / max(1, len(seen)), 5), "rate", f"{group['lr']:.1e}")
                seen = []
        if over:
            if self.team.first:
                (self.state / f"{name}-underway.pt").unlink(missing_ok=True)
        else:  # the call ends, the phase does not
            self.save(f"{name}-underway", {"parts": parts.state_dict(), "optimiser": optimiser.state_dict(), "average": average,
                                           "step": done, "spent": spent})
        with torch.no_grad():
            for p, a in zip(named.values(), average):
                p.copy_(a)
        self.note(f"{name}Steps", done)
        self.say(name, "steps", done)

    # ---- autoencoder

    def vae(self):
        vae = model.new_vae()
        saved = self.load("vae")
        if saved is None and self.args.vae:
            folder = Path(self.args.vae)
            saved = {k: v.float() for k, v in load_file(folder / "diffusion_pytorch_model.safetensors").items()}
            self.note("vaeSteps", json.loads((folder / "metrics.json").read_text())["vaeSteps"])
        if saved:
            vae.load_state_dict(saved)
        return vae.to(self.device).to(memory_format=torch.channels_last)

    def train_vae(self):
        torch.manual_seed(0)
        vae = self.vae()
        clips = self.renders.load(0, self.device)
        say("first renders loaded", tuple(clips.clips.shape))
        n, frames = clips.clips.shape[0], clips.clips.shape[2]

        def step():
            row = torch.randint(0, n, (self.args.pictures,), device=self.device)
            time_ = torch.randint(0, frames, (self.args.pictures,), device=self.device)
            x = unit(clips.clips[row, :, time_]).contiguous(memory_format=torch.channels_last)
            near = F.max_pool2d((clips.masks[row, time_] > 0).float().unsqueeze(1), 7, 1, 3)
            with self.cast():
                moments = vae.encode(x).latent_dist
                made = vae.decode(moments.sample()).sample
            error = made.float() - x
            weight = 1 + 2 * near
            edges = ((weight[..., 1:] * (error[..., 1:] - error[..., :-1]).abs()).mean()
                     + (weight[..., 1:, :] * (error[..., 1:, :] - error[..., :-1, :]).abs()).mean())
            return (weight * error.abs()).mean() + .5 * edges + 1e-5 * moments.kl().mean() / x[0, 0].numel() * 64

        self.fit("vae", vae, lambda: learnt(vae, step()), self.seconds["vae"], 1e-3)
        self.save("vae", vae.state_dict())
        with torch.no_grad(), self.cast():
            x = unit(clips.clips[:min(n, 64), :, 8])
            again = vae.decode(vae.encode(x).latent_dist.mean).sample.float()
        self.note("vaeTrainPsnr", round((10 * torch.log10(4 / ((again - x) ** 2).flatten(1).mean(1))).mean().item(), 2))
        say("PSNR", self.metrics["vaeTrainPsnr"])

    @torch.no_grad()
    def encoded(self, vae, clips):
        """uint8 [N, 3, T, H, W] to latents [N, C, 16, h, w] before scaling."""
        out = []
        for clip in clips.split(self.args.encode):
            x = unit(clip[:, :, :model.FRAMES]).transpose(1, 2).flatten(0, 1)
            with self.cast():
                z = vae.encode(x.contiguous(memory_format=torch.channels_last)).latent_dist.mean
            out.append(z.float().unflatten(0, (-1, model.FRAMES)).transpose(1, 2).to(torch.bfloat16))
        return torch.cat(out)

    def encode(self):
        """One file for each shard, so that the UNet can begin before the last one is rendered."""
        vae, renders, known, count = self.vae().eval(), self.renders, {}, 0
        for i in range(self.args.shards):
            clips = renders.load(i, self.device)
            latents = self.encoded(vae, clips.clips)
            if i == 0:
                self.note("scaling", round(1 / latents[:4096].float().std().item(), 5))
            count += len(latents)
            self.note("clips", count)
            said = facts(clips.scenes, known)
            self.save(f"latents{i}", {"latents": latents.cpu(), "ids": self.texts.of(clips.scenes), "facts": said,
                                      "drawn": torch.tensor([data.hardness(scene) for scene in clips.scenes])})
            say("encoded shard", i, tuple(latents.shape))
            if i and not self.args.keep_renders:  # the judge learns from the first
                shutil.rmtree(renders.folder / f"shard{i}")

    def encoded_shards(self):
        """Latents, text ids, facts and weights of all shards, once they are there."""
        files = [self.state / f"latents{i}.pt" for i in range(self.args.shards)]
        while not all(f.exists() for f in files):
            time.sleep(1)
        parts = [torch.load(f, map_location="cpu", weights_only=True) for f in files]
        self.metrics.update(self.noted())
        self.scaling.fill_(self.metrics["scaling"])
        self.say("clips to learn from", sum(len(p["latents"]) for p in parts))
        return {key: torch.cat([p[key] for p in parts]).to(self.device) for key in parts[0]}

    # ---- text encoder and UNet

    def networks(self):
        vocabulary = self.texts.tokenizer.get_vocab_size()
        parts = nn.ModuleDict({"unet": model.new_unet(), "text": model.new_text(vocabulary), "meaning": Meaning()})
        for name in ("unet", "pictures"):
            saved = self.load(name)
            if saved:
                parts.load_state_dict(saved)
                break
        parts["unet"].to(memory_format=torch.channels_last)
        return parts.to(self.device)

    @functools.cached_property
    def learning(self):
        """Networks and the loss of latents (before scaling), token ids, facts, whether nothing is said, and timesteps."""
        if self.args.compile:
            model.compile_parts()
        parts = self.networks()
        unet, text, meaning = parts["unet"], parts["text"], parts["meaning"]
        squares = model.signal(self.device)

        def loss(clean, words, said, silent, t):
            clean = clean.float() * self.scaling
            noise = torch.randn_like(clean)
            a = squares[t].view(-1, 1, 1, 1, 1)
            with self.cast():
                rows = text(words).last_hidden_state
                made = model.noise_of(unet, a.sqrt() * clean + (1 - a).sqrt() * noise, t, rows)
            ratio = (squares[t] / (1 - squares[t]))
            weight = (5 / ratio).clamp(max=1)  # min-SNR with 5 (Hang and others, 2023)
            # A prompt left out says nothing: its facts are all "missing".
            return (weight * ((made.float() - noise) ** 2).flatten(1).mean(1)).mean() + .1 * meaning(rows, said * ~silent[:, None])
        return parts, loss

    def rehearsed(self, once, batch, frames):
        """Compiles and records a step on made-up clips, while the real ones are still being rendered."""
        if not self.cuda:
            return once
        zeros = torch.zeros(batch, dtype=torch.long, device=self.device)
        shape = (batch, model.LATENT, frames, data.SIDE // 8, data.SIDE // 8)
        once(torch.zeros(shape, dtype=torch.bfloat16, device=self.device), zeros[:, None].expand(-1, model.TOKENS),
             zeros[:, None].expand(-1, len(FACTS)), zeros.bool(), zeros)
        torch.cuda.synchronize()
        self.say("rehearsed a step of", tuple(shape))
        return once

    def drawn(self, stored, batch, empty):
        """Rows of the stored clips, and for each the words, the facts, whether the prompt is left out, and the timestep."""
        rows = torch.multinomial(stored["drawn"], batch, replacement=True)
        variant = torch.multinomial(VARIANTS, batch, replacement=True).to(self.device)
        silent = torch.rand(batch, device=self.device) < .1  # what guidance compares with
        words = torch.where(silent[:, None], empty, stored["ids"][rows, variant].long())
        count = model.BETAS["num_train_timesteps"]
        t = (torch.randperm(batch, device=self.device) + torch.rand(batch, device=self.device)) * (count / batch)
        return rows, words, stored["facts"][rows].long(), silent, t.long().clamp(max=count - 1)

    def train_pictures(self):
        """Single frames, each of another clip: a step sees as many scenes as there are frames in a batch of clips."""
        torch.manual_seed(1 + self.team.rank)
        parts, loss = self.learning
        batch, empty = self.args.batch * model.FRAMES, self.texts.ids([""]).to(self.device)
        model.Motion.on = False
        once = self.rehearsed(Step(parts.parameters(), loss), batch, 1)
        stored = self.encoded_shards()

        def step():
            rows, *rest = self.drawn(stored, batch, empty)
            frames = torch.randint(0, model.FRAMES, (batch,), device=self.device)
            return once(stored["latents"][rows, :, frames].unsqueeze(2), *rest)

        self.fit("pictures", parts, step, self.seconds["pictures"], 1e-3, warm=300)
        self.save("pictures", parts.state_dict())
        self.team.together()

    def train_unet(self):
        torch.manual_seed(2 + self.team.rank)
        random.seed(1)  # all processes leave the motion modules out in the same steps
        parts, loss = self.learning
        steps = {}
        for motion in (False, True):
            model.Motion.on = motion
            steps[motion] = self.rehearsed(Step(parts.parameters(), loss), self.args.batch, model.FRAMES)
        stored, empty = self.encoded_shards(), self.texts.ids([""]).to(self.device)

        def step():
            rows, *rest = self.drawn(stored, self.args.batch, empty)
            model.Motion.on = random.random() > self.args.still
            return steps[model.Motion.on](stored["latents"][rows], *rest)

        self.fit("unet", parts, step, self.seconds["unet"], 1e-3, warm=300)
        model.Motion.on = True
        self.save("unet", parts.state_dict())
        self.team.together()

    # ---- measuring

    def exported(self, split, count, seed=0):
        place = self.state / f"{split}{seed}"
        if not place.exists():
            subprocess.run([*self.args.export.split(), "--split", split, "--from", str(seed), "--count", str(count), "--out", str(place),
                            "--threads", str(self.args.threads)], check=True)
        return Clips(place, self.device)

    def train_judge(self):
        """On clips as rendered and as the autoencoder gives them, so that its blur means nothing."""
        torch.manual_seed(2)
        judge, clips = Judge().to(self.device), self.renders.load(0, self.device)
        vae, right = self.vae().eval(), truth(clips.scenes, self.device)
        seen = torch.cat([halved(unit(part[:, :, :model.FRAMES])) for part in clips.clips.split(64)]
                         + [halved(self.decoded(vae, self.encoded(vae, part).float())) for part in clips.clips.split(64)])
        wanted = torch.stack(list(right.values()), 1).repeat(2, 1)
        say("the judge learns from", tuple(seen.shape))

        def loss(rows):
            with self.cast():
                said = judge(unit(seen[rows]))
            return sum(F.cross_entropy(said[name].float(), wanted[rows, i]) for i, name in enumerate(HEADS))

        once = Step(judge.parameters(), loss)
        self.fit("judge", judge, lambda: once(torch.randint(0, len(seen), (self.args.judged,), device=self.device)),
                 self.seconds["judge"], 2e-3)
        self.save("judge", judge.state_dict())
        for split in ("validation", "test"):
            shown = self.exported(split, self.args.eval_count)
            said = judged(judge, unit(shown.clips[:, :, :model.FRAMES]), shown.scenes)
            self.note("judge", said)
            say("judge on held-out renders", split, said)

    @torch.no_grad()
    def decoded(self, vae, latents):
        """Latents before scaling to [N, 3, T, H, W]."""
        out = []
        for part in latents.split(16):
            with self.cast():
                x = vae.decode(part.transpose(1, 2).flatten(0, 1)).sample
            out.append(x.float().clamp(-1, 1).unflatten(0, (-1, latents.shape[2])).transpose(1, 2))
        return torch.cat(out)

    @torch.no_grad()
    def evaluate(self):
        test = self.exported("test", self.args.eval_count)
        vae, parts, judge = self.vae().eval(), self.networks().eval(), Judge().to(self.device)
        judge.load_state_dict(self.load("judge"))
        x = unit(test.clips[:, :, :model.FRAMES])
        again = self.decoded(vae, self.encoded(vae, test.clips).float())
        self.note("vaePsnr", round((10 * torch.log10(4 / ((again - x) ** 2).flatten(1).mean(1))).mean().item(), 2))
        squares, text = model.signal(self.device), parts["text"]
        encode = lambda texts: text(self.texts.ids(texts).to(self.device)).last_hidden_state.float()
        prompts, empty = [s["targets"]["simplify_v2"] for s in test.scenes], encode([""])
        self.note("evaluated", len(prompts))
        self.note("stepsOfTest", self.args.steps_of_test or 25)
        change = lambda v: (v[:, :, 1:] - v[:, :, :-1]).abs().mean().item()

        def made(prompts, guidance):
            clips = []
            for i in range(0, len(prompts), 32):
                some = prompts[i:i + 32]
                shape = (len(some), model.LATENT, model.FRAMES, data.SIDE // 8, data.SIDE // 8)
                with self.cast():
                    z = model.sampled(parts["unet"], squares, encode(some), empty, guidance, self.args.steps_of_test or 25,
                                      torch.Generator().manual_seed(i), shape)
                clips.append(self.decoded(vae, z / self.metrics["scaling"]))
            video = torch.cat(clips)
            return video, {**judged(judge, video, test.scenes), "changeRatio": round(change(video) / change(x), 3)}

        for guidance in (7.5, 4., 2.):
            video, result = made(prompts, guidance)
            self.note(f"guidance{guidance}", result)
            say("guidance", guidance, result)
            self.sheet(video, x, test.scenes, self.state / f"sheet{guidance}.jpg")
        video, result = made([s["targets"]["ultra_enrich"] for s in test.scenes], self.args.guidance)
        self.note("enriched", {"guidance": self.args.guidance, **result})
        say("prompts of ultra_enrich, guidance", self.args.guidance, result)

    @staticmethod
    def sheet(video, truth_, scenes, path):
        from PIL import Image, ImageDraw
        row = lambda v, i: np.concatenate([((v[i, :, t].permute(1, 2, 0).cpu().numpy() + 1) * 127.5).clip(0, 255).astype(np.uint8)
                                           for t in (0, 4, 8, 12, 15)], 1)
        rows = [np.concatenate([row(video, i), row(truth_, i)], 1) for i in range(min(16, len(video)))]
        image = Image.fromarray(np.concatenate(rows, 0))
        draw = ImageDraw.Draw(image)
        for i in range(len(rows)):
            draw.text((3, i * data.SIDE + 3), scenes[i]["targets"]["simplify_v2"][:110], fill="white")
        image.save(path, quality=90)

    # ---- what ships

    def ship(self):
        root = self.state / "models" / "animatediff"
        shutil.rmtree(root, ignore_errors=True)
        vae, parts = self.vae(), self.networks()
        vae.register_to_config(scaling_factor=self.metrics["scaling"])
        unet, text = parts["unet"], parts["text"]
        for module, name in ((vae, "vae"), (unet, "unet")):
            module.save_config(root / name)
            self.write(root / name / "diffusion_pytorch_model.safetensors", module.state_dict())
        text.config.architectures = ["CLIPTextModel"]
        text.config.save_pretrained(root / "text_encoder")
        named = {k if k.startswith("text_model.") else f"text_model.{k}": v for k, v in text.state_dict().items()
                 if not k.endswith("position_ids")}
        self.write(root / "text_encoder" / "model.safetensors", named)
        (root / "tokenizer").mkdir()
        shutil.copy(self.args.tokenizer, root / "tokenizer" / "tokenizer.json")
        files = {
            "tokenizer/tokenizer_config.json": {"tokenizer_class": "CLIPTokenizerFast", "model_max_length": model.TOKENS,
                                                "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>",
                                                "pad_token": "<|endoftext|>", "unk_token": "<|endoftext|>"},
            "scheduler/scheduler_config.json": {"_class_name": "DDIMScheduler", **model.BETAS, "prediction_type": "epsilon",
                                                "timestep_spacing": "leading"},
            "model_index.json": {
                "_class_name": "AnimateDiffPipeline", "_diffusers_version": "0.39.0", "feature_extractor": [None, None],
                "image_encoder": [None, None], "motion_adapter": [None, None],
                "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
                "tokenizer": ["transformers", "CLIPTokenizerFast"], "unet": ["diffusers", "UNetMotionModel"],
                "vae": ["diffusers", "AutoencoderKL"]},
            "generation_defaults.json": {"width": data.SIDE, "height": data.SIDE, "frames": model.FRAMES, "fps": 8, "steps": 25,
                                         "guidance": self.args.guidance, "scheduler": "ddim", "clipSkip": 0, "loras": []},
            "metrics.json": self.metrics}
        for name, value in files.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(json.dumps(value, indent=2) + "\n")
        size = sum(f.stat().st_size for f in root.rglob("*") if f.is_file())
        say("wrote", root, round(size / 1e6, 1), "MB")
        if size > 30e6:
            raise SystemExit("more than 30 MB: the testbed cannot take it")

    @staticmethod
    def write(path, tensors):
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({k: v.detach().cpu().to(torch.float16).contiguous() for k, v in tensors.items()},
                  path, metadata={"format": "pt"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("phases", nargs="+")
    parser.add_argument("--state", required=True)
    parser.add_argument("--export", required=True, help="the command that runs ExportClips")
    parser.add_argument("--tokenizer", required=True, help="models/testbed/clip/tokenizer.json")
    parser.add_argument("--vae", default="", help="folder of a finished autoencoder, vae beside this file: the phase vae can be left out")
    parser.add_argument("--renders", default="", help="folder of the rendered clips; default: memory, else /tmp")
    parser.add_argument("--seconds", nargs="*", default=[])
    parser.add_argument("--call-seconds", type=float, default=0, help="a training phase pauses after so long; the next call goes on")
    parser.add_argument("--steps", type=int, default=0, help="most steps of a training phase; 0: as its time allows")
    parser.add_argument("--steps-of-test", type=int, default=0, help="steps of the scheduler in evaluate; 0: 25")
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--per-shard", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--pictures", type=int, default=256, help="pictures in a step of the autoencoder")
    parser.add_argument("--encode", type=int, default=64, help="clips encoded at a time")
    parser.add_argument("--batch", type=int, default=64, help="clips in a step of the UNet")
    parser.add_argument("--judged", type=int, default=48, help="clips in a step of the judge")
    parser.add_argument("--still", type=float, default=.15, help="share of the steps without motion modules")
    parser.add_argument("--compile", action="store_true", help="compile the blocks of the UNet for its training")
    parser.add_argument("--keep-renders", action="store_true", help="keep all rendered clips, not only those that the judge learns from")
    parser.add_argument("--guidance", type=float, default=4., help="the default that ships")
    parser.add_argument("--eval-count", type=int, default=128)
    run = Run(parser.parse_args())
    run.say("torch", torch.__version__, run.team.count, run.device, *run.args.phases)
    phases = {"render": lambda: run.renders.process.wait(), "vae": run.train_vae, "encode": run.encode, "pictures": run.train_pictures,
              "unet": run.train_unet, "judge": run.train_judge, "evaluate": run.evaluate, "save": run.ship}
    if run.team.count > 1 and set(run.args.phases) - {"pictures", "unet"}:
        raise SystemExit("several processes share pictures and unet; call the other phases without torchrun")
    for phase in run.args.phases:
        begun = time.time()
        phases[phase]()
        run.note(f"{phase}Seconds", round(time.time() - begun, 1))
        run.say(phase, "took", f"{time.time() - begun:.1f}s")
    run.team.close()


if __name__ == "__main__":
    main()
