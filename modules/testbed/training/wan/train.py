"""Trains the testbed's Wan checkpoint: VAE, text encoder, two experts and a Lightning LoRA pair.

    python train.py PHASE [PHASE …] --state DIR --export CMD --tokenizer FILE --out DIR [--seconds PHASE=S …]

Phases: resume, resume-vae, resume-joint, render, vae, decoder, encode, joint, experts (or high and low, side by side), snapshot, lora (or
lora-high and lora-low), evaluate, save. Each leaves its state in --state, so a later call goes on
where the last one ended. The budget of a phase is wall time after its first compiled step, so it fits a short lease; the steps
reached, losses and measures are written to metrics.json.
"""
import argparse
import copy
import fcntl
import json
import math
import os
import random
import shutil
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer

import data
import model
from data import Clips, Renders, Texts, unit

START = time.time()


def say(*words):
    print(f"[{time.time() - START:6.1f}s]", *words, flush=True)


class Run:
    def __init__(self, args):
        self.args = args
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.compile = self.device == "cuda"
        self.state = Path(args.state)
        self.state.mkdir(parents=True, exist_ok=True)
        self.tokenizer = Tokenizer.from_file(args.tokenizer)
        self.texts = Texts(self.tokenizer)
        self.seconds = {"vae": 150, "vae2": 32, "decoder": 200, "joint": 150, "experts": 45, "lora": 25}
        for pair in args.seconds:
            key, value = pair.split("=")
            self.seconds[key] = float(value)
        path = self.state / "metrics.json"
        self.metrics = json.loads(path.read_text()) if path.exists() else {}
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True

    def note(self, key, value):
        path, part = self.state / "metrics.json", self.state / f"metrics.{os.getpid()}"
        with open(self.state / "lock", "w") as lock:  # another expert may be trained beside this one
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                self.metrics.update(json.loads(path.read_text()))
            self.metrics[key] = value
            part.write_text(json.dumps(self.metrics, indent=1))
            os.replace(part, path)

    def cast(self):
        return torch.autocast(self.device, dtype=torch.bfloat16)

    def sync(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def save(self, name, value):
        torch.save(value, self.state / f"{name}.part")
        os.replace(self.state / f"{name}.part", self.state / f"{name}.pt")

    def load(self, name):
        path = self.state / f"{name}.pt"
        return torch.load(path, map_location=self.device, weights_only=True) if path.exists() else None

    def resume(self):
        """Takes up what shipped before (--resume FOLDER with wan/): further training starts from there."""
        self.resume_parts({"vae": "vae", "high": "transformer", "low": "transformer_2", "text": "text_encoder"})

    def resume_parts(self, parts):
        wan = Path(self.args.resume) / "wan"
        config = json.loads((wan / "vae/config.json").read_text())
        self.note("latentsMean", config["latents_mean"])
        self.note("latentsStd", config["latents_std"])
        if (wan / "metrics.json").exists():
            before = json.loads((wan / "metrics.json").read_text())
            for key in ("vaeSteps", "vae2Steps", "vaeSeconds"):
                if key in before:
                    self.note(key, before[key])
        for name, folder in parts.items():
            tensors = {}
            for file in sorted((wan / folder).glob("*.safetensors")):
                tensors.update({k: v.float() for k, v in load_file(file).items()})
            if name == "text":
                tensors["encoder.embed_tokens.weight"] = tensors["shared.weight"]
            self.save(name, tensors)

    def resume_joint(self):
        """Starts from the low-noise expert and the text encoder of what shipped before, whose words may have had other numbers."""
        wan = Path(self.args.resume) / "wan"
        read = lambda part: {k: v.float() for f in sorted((wan / part).glob("*.safetensors")) for k, v in load_file(f).items()}
        self.save("joint", read("transformer_2"))
        text, before = read("text_encoder"), Tokenizer.from_file(str(wan / "tokenizer/tokenizer.json"))
        known, rows = before.get_vocab(), text["shared.weight"]
        pieces = sorted(self.tokenizer.get_vocab().items(), key=lambda item: item[1])
        spelled = lambda piece: before.encode(piece.replace("\u2581", " ")).ids[:-1] or [2]
        table = torch.stack([rows[known[p]] if p in known else rows[spelled(p)].mean(0) for p, _ in pieces])
        text["shared.weight"] = text["encoder.embed_tokens.weight"] = table
        self.save("text", text)
        say(f"{sum(p not in known for p, _ in pieces)} of {len(pieces)} pieces are new")

    # ---- renders

    def renders(self):
        folder = self.args.renders or data.roomy(self.args.shards * self.args.per_shard * 1.07e-3 + 8)
        return Renders(self.args.export, folder, range(self.args.first_shard, self.args.first_shard + self.args.shards),
                       self.args.per_shard, self.args.threads, self.args.spoilt)

    # ---- VAE

    def vae(self):
        vae = model.new_vae()
        saved = self.load("vae")
        if saved:
            vae.load_state_dict(saved)
        return model.placed(vae, self.device)

    def train_vae(self):
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        vae = model.new_vae()
        saved = self.load("vae")
        if saved:
            vae.load_state_dict(saved)
        else:
            model.initialise(vae)
        vae = model.placed(vae, self.device)
        encoder, decoder = model.Encoder(vae), model.Decoder(vae)
        fast = (torch.compile(encoder, dynamic=False), torch.compile(decoder, dynamic=False)) if self.compile else (encoder, decoder)
        renders = self.renders()
        clips = renders.load(0, self.device)
        say("first renders loaded", tuple(clips.clips.shape))
        optimiser = torch.optim.AdamW(vae.parameters(), lr=1e-3, betas=(.9, .99), weight_decay=1e-3, fused=self.device == "cuda")
        crops, wholes = self.args.crops, max(1, self.args.crops // 3)
        top = 1e-3 if not saved else 4e-4
        for stage, (key, first, last, (enc, dec)) in enumerate(
                (("vae", top, 1.5e-4, fast), ("vae2", 1.5e-4, 1e-5, (encoder, decoder)))):
            budget, begun, step, seen = self.seconds[key], None, 0, [0.] * 4
            while True:
                spent = 0 if begun is None else time.time() - begun
                if spent > budget:
                    break
                rate = last + (first - last) * .5 * (1 + math.cos(math.pi * spent / max(budget, 1e-3)))
                for group in optimiser.param_groups:
                    group["lr"] = rate * (min(1, (step + 1) / 200) if stage == 0 else 1)
                x, w = self.crop(clips, crops, 9, 64) if stage == 0 else self.whole(clips, wholes)
                with self.cast():
                    loss, l1, kl, error = vae_loss(enc, dec, x, w)
                loss.backward()
                nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
                step += 1
                if step == 2:
                    self.sync()
                    begun = time.time()
                    say("vae stage", stage, "compiled")
                if step % 10 == 0:
                    seen = [seen[0] + l1.item(), seen[1] + (error.float() ** 2).mean().item(), seen[2] + kl.item(), seen[3] + 1]
                if seen[3] and (step in (20, 100) or step % (400 if stage == 0 else 50) == 0):
                    say(f"vae {stage} step {step} l1 {seen[0] / seen[3]:.4f} psnr {10 * math.log10(4 * seen[3] / seen[1]):.2f}"
                        f" kl {seen[2] / seen[3]:.2f}")
                    seen = [0.] * 4
            self.note(f"{key}Steps", step)
            say("vae stage", stage, "steps", step)
        self.save("vae", {k: v.contiguous() for k, v in vae.state_dict().items()})

    def decoder(self):
        """The decoder alone, on boxes and then on whole clips: latents stay what the transformers know, edges get better."""
        torch.manual_seed(5)
        random.seed(5)
        np.random.seed(5)
        vae = self.vae()
        encoder, decoder = model.Encoder(vae).requires_grad_(False), model.Decoder(vae)
        fast = (torch.compile(encoder, dynamic=False), torch.compile(decoder, dynamic=False)) if self.compile else (encoder, decoder)
        clips = self.renders().load(self.args.first_shard, self.device)
        named = [p for p in decoder.parameters()]
        average = [p.detach().clone() for p in named]
        optimiser = torch.optim.AdamW(named, lr=1e-3, betas=(.9, .99), weight_decay=1e-3, fused=self.device == "cuda")
        budget, crops, steps = self.seconds["decoder"], self.args.crops, 0
        for key, first, last, part, (enc, dec) in (("decoder", 5e-4, 1e-4, .75, fast), ("decoder2", 1e-4, 1e-5, .25, (encoder, decoder))):
            begun, step, seen = None, 0, [0., 0]
            while begun is None or time.time() - begun < budget * part:
                done = 0 if begun is None else (time.time() - begun) / (budget * part)
                rate = last + (first - last) * .5 * (1 + math.cos(math.pi * done))
                for group in optimiser.param_groups:
                    group["lr"] = rate * min(1, (steps + 1) / 100)
                x, w = self.crop(clips, crops, 9, 64) if key == "decoder" else self.whole(clips, max(1, crops // 3))
                with self.cast():
                    with torch.no_grad():
                        z = enc(x)[:, :model.CHANNELS].float()
                        z = z + .03 * torch.randn_like(z)  # what a transformer makes is never quite what an encoder would
                    error = dec(z).float() - x
                w = w * w / 1.5  # twice the weight of subjects that the whole VAE is trained with
                loss = (w * error.abs()).mean() + .5 * edges(error, w)
                loss.backward()
                nn.utils.clip_grad_norm_(named, 1.0)
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
                step, steps = step + 1, steps + 1
                keep = min(.998, (1 + steps) / (20 + steps))
                with torch.no_grad():
                    torch._foreach_lerp_(average, named, 1 - keep)
                if step == 2:
                    self.sync()
                    begun = time.time()
                    say(key, "compiled")
                if step % 10 == 0:
                    seen = [seen[0] + (error.detach() ** 2).mean().item(), seen[1] + 1]
                if seen[1] and (step in (20, 100) or step % (400 if key == "decoder" else 50) == 0):
                    say(f"{key} step {step} psnr {10 * math.log10(4 * seen[1] / seen[0]):.2f}")
                    seen = [0., 0]
            self.note(f"{key}Steps", step)
        with torch.no_grad():
            for p, a in zip(named, average):
                p.copy_(a)
        self.save("vae", {k: v.contiguous() for k, v in vae.state_dict().items()})

    def crop(self, clips, count, frames, side):
        """Boxes of frames × side × side, three in four near the first subject, with the weight of each pixel."""
        n, total = clips.clips.shape[0], clips.clips.shape[2]
        row = np.random.randint(0, n, count)
        start = np.random.randint(0, total - frames + 1, count)
        centre = clips.centres[row, start + frames // 2]
        reach = np.where(np.random.rand(count) < .75, 14, 90)[:, None]
        corner = np.clip(centre - side / 2 + np.random.uniform(-1, 1, (count, 2)) * reach, 0, data.SIDE - side).astype(int)
        boxes, masks = [], []
        for i, t, (x, y) in zip(row.tolist(), start.tolist(), corner.tolist()):
            boxes.append(clips.clips[i, :, t:t + frames, y:y + side, x:x + side])
            masks.append(clips.masks[i, t:t + frames, y:y + side, x:x + side])
        x, w = unit(torch.stack(boxes)), weights(torch.stack(masks))
        if random.random() < .5:
            x, w = x.flip(-1), w.flip(-1)
        return x.contiguous(memory_format=model.LAST), w

    def whole(self, clips, count):
        row = torch.randint(0, clips.clips.shape[0], (count,), device=self.device)
        return unit(clips.clips[row]).contiguous(memory_format=model.LAST), weights(clips.masks[row])

    # ---- latents

    def frozen_vae(self):
        return model.placed(copy.deepcopy(self.vae()).to(torch.bfloat16), self.device).eval().requires_grad_(False)

    @torch.no_grad()
    def encoded(self, encoder, clips, first_only=False):
        batch = self.args.encode_batch
        out = torch.empty(clips.shape[0], 16, 5, 16, 16, device=self.device, dtype=torch.bfloat16)
        for i in range(0, clips.shape[0], batch):
            x = unit(clips[i:i + batch]).to(torch.bfloat16)
            if first_only:
                x[:, :, 1:] = 0
            count = x.shape[0]
            if count < batch:
                x = torch.cat([x, x[:1].expand(batch - count, -1, -1, -1, -1)])
            out[i:i + batch] = encoder(x.contiguous(memory_format=model.LAST))[:count, :16]
        return out

    def encode(self):
        encoder = model.Encoder(self.frozen_vae())
        if self.compile:
            encoder = torch.compile(encoder, dynamic=False)
        renders = self.renders()
        full, given, ids, near, spoilt, drawn = [], [], [], [], [], []
        for i in range(self.args.first_shard, self.args.first_shard + self.args.shards):
            clips = renders.load(i, self.device)
            full.append(self.encoded(encoder, clips.clips))
            given.append(self.encoded(encoder, clips.clips, first_only=True))
            ids.append(self.texts.of(clips.scenes))
            near.append(data.near(clips.masks))
            spoilt.append(torch.tensor([scene["corruption"] is not None for scene in clips.scenes]))
            drawn.append(torch.tensor([data.hardness(scene) for scene in clips.scenes]))
            self.sync()
            say("encoded shard", i)
            del clips
            if self.args.once and i > 0:
                shutil.rmtree(renders.folder / f"shard{i}")
        full, given, ids, near, spoilt, drawn = (torch.cat(parts) for parts in (full, given, ids, near, spoilt, drawn))
        if self.args.resume:  # the transformers know the latents on this scale
            mean, std = self.scale()
        else:
            mean = full[:8192].float().mean((0, 2, 3, 4)).view(1, 16, 1, 1, 1)
            std = full[:8192].float().std((0, 2, 3, 4)).view(1, 16, 1, 1, 1)
        for z in (full, given):
            for i in range(0, len(z), 2048):
                z[i:i + 2048] = ((z[i:i + 2048].float() - mean) / std).to(torch.bfloat16)
        self.note("latentsMean", [round(v, 6) for v in mean.flatten().tolist()])
        self.note("latentsStd", [round(v, 6) for v in std.flatten().tolist()])
        self.note("size", {"layers": self.args.layers, "heads": self.args.heads, "ffn": self.args.ffn})
        name = "latents" if self.args.first_shard == 0 else f"latents{self.args.first_shard}"
        self.save(name, {"full": full, "given": given, "ids": ids, "near": near, "spoilt": spoilt, "drawn": drawn})

    def latents(self):
        """What was encoded, here or by several calls side by side, and how often each clip is drawn."""
        files = sorted(self.state.glob("latents*.pt"))
        parts = [torch.load(file, map_location=self.device, weights_only=True) for file in files]
        joined = {key: torch.cat([part[key] for part in parts]) for key in parts[0]}
        spoilt, drawn = joined["spoilt"].to(self.device), joined["drawn"].to(self.device).float()
        if spoilt.any():  # whatever was rendered: this share of the clips drawn are bad recordings
            share = self.args.share if self.args.share >= 0 else self.args.spoilt
            for which, wanted in ((spoilt, share), (~spoilt, 1 - share)):
                drawn[which] *= wanted / drawn[which].sum()
            self.note("spoilt", share)
        joined["drawn"] = drawn / drawn.sum()
        self.note("clips", len(drawn))
        say(len(drawn), "clips, drawn spoilt", round(joined["drawn"][spoilt].sum().item(), 4))
        return joined

    def scale(self):
        view = lambda key: torch.tensor(self.metrics[key], device=self.device).view(1, 16, 1, 1, 1)
        return view("latentsMean"), view("latentsStd")

    # ---- transformer

    def new_transformer(self):
        return model.new_transformer(self.args.layers, self.args.heads, self.args.ffn)

    def network(self, name):
        transformer = model.with_slots(self.new_transformer()).to(self.device)
        saved = self.load(name)
        if saved:
            transformer.load_state_dict(saved)
        return transformer

    def text_encoder(self):
        encoder = model.new_text_encoder(self.tokenizer.get_vocab_size()).to(self.device)
        saved = self.load("text")
        if saved:
            encoder.load_state_dict(saved)
        return encoder

    def fit(self, name, transformer, text, latents, seconds, rate, low=0., high=1., train_text=False, warm=200):
        """Velocity loss over the noise levels low..high, evenly over the sampler's shifted steps; leaves the average weights.

        What lies on a subject weighs --focus times as much: the best guess at each place stays what it was, but the outlines
        come sooner. Every --every seconds the state is left in NAME-underway.pt, from which a later call goes on.
        """
        if self.compile:
            for block in transformer.blocks:
                block.compile(dynamic=False, fullgraph=True)
        parts = nn.ModuleDict({"transformer": transformer, **({"text": text} if train_text else {})})
        text.requires_grad_(train_text)
        named = dict(parts.named_parameters())
        average = [p.detach().clone() for p in named.values()]
        optimiser = torch.optim.AdamW(
            [{"params": [p for p in named.values() if p.ndim >= 2], "weight_decay": .01},
             {"params": [p for p in named.values() if p.ndim < 2], "weight_decay": 0.}],
            lr=rate, betas=(.9, .98), fused=self.device == "cuda")
        full, given, ids, near = latents["full"], latents["given"], latents["ids"].to(self.device), latents["near"]
        batch, begun, step, total, count = self.args.batch, None, 0, 0., 0
        before, left = 0., self.load(f"{name}-underway")  # seconds of earlier calls
        if left:
            parts.load_state_dict(left["parts"])
            optimiser.load_state_dict(left["optimiser"])
            average, before, step = [a.to(self.device) for a in left["average"]], left["spent"], left["step"]
            say(name, "goes on from step", step, f"after {before:.0f} s")
        if self.args.until_clock:  # the schedule ends in time for what comes after
            seconds = min(seconds, before + self.args.until_clock - time.time() - 20)
        started, saved = step, time.time()
        u_low, u_high = model.unshifted(low), model.unshifted(high)
        while True:
            spent = before + (0 if begun is None else time.time() - begun)
            if spent > seconds:
                break
            done = spent / max(seconds, 1e-3)
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / warm) * (.49 * (1 + math.cos(math.pi * done)) + .02)
            rows = torch.multinomial(latents["drawn"], batch, replacement=True)
            x0, condition = full[rows].float(), model.conditioned(given[rows].float())
            weight = (1 + (self.args.focus - 1) * near[rows].float()).unsqueeze(1)
            u = (torch.arange(batch, device=self.device) + torch.rand(batch, device=self.device)) / batch
            sigma = model.shifted(u_low + (u_high - u_low) * u)
            noise = torch.randn_like(x0)
            s = sigma.view(-1, 1, 1, 1, 1)
            with self.cast():
                hidden = model.encode_text(text, self.texts.draw(ids, rows))
                v = transformer(hidden_states=torch.cat([(1 - s) * x0 + s * noise, condition], 1), timestep=sigma * 1000,
                                encoder_hidden_states=hidden, return_dict=False)[0]
            loss = (weight * (v.float() - (noise - x0)) ** 2).mean() / weight.mean()
            loss.backward()
            nn.utils.clip_grad_norm_(named.values(), 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            keep = min(.999 if done < .7 else .9995, (1 + step) / (20 + step))
            with torch.no_grad():
                torch._foreach_lerp_(average, list(named.values()), 1 - keep)
            if step == started + 3:
                self.sync()
                begun = saved = time.time()
                say(name, "compiled")
            if time.time() - saved > self.args.every:
                saved = time.time()
                self.save(f"{name}-underway", {"parts": parts.state_dict(), "optimiser": optimiser.state_dict(), "average": average,
                                               "names": list(named), "spent": spent, "step": step})
            if step % 10 == 0:
                total, count = total + loss.item(), count + 1
            if step % 500 == 0 or step in (10, 50):
                say(f"{name} step {step} loss {total / max(1, count):.4f}")
                total, count = 0., 0
        with torch.no_grad():
            for p, a in zip(named.values(), average):
                p.copy_(a)
        say(name, "steps", step)
        (self.state / f"{name}-underway.pt").unlink(missing_ok=True)
        self.note(f"{name}Steps", self.metrics.get(f"{name}Steps", 0) + step)

    def joint(self):
        torch.manual_seed(1)
        transformer, text, latents = self.network("joint"), self.text_encoder(), self.latents()
        again = (self.state / "joint.pt").exists()
        seconds = self.seconds["joint"]
        if self.args.until:
            seconds = self.args.until - (time.time() - START) - 25  # compiling and saving
        self.fit("joint", transformer, text, latents, seconds, 6e-4 if again else 1e-3, train_text=True)
        self.save("joint", transformer.state_dict())
        self.save("text", text.state_dict())

    def experts(self):
        for name in ("high", "low"):
            self.expert(name)

    def expert(self, name):
        """One expert alone (two of these calls may run side by side): goes on from itself, else from the joint weights."""
        latents, text = self.latents(), self.text_encoder().eval()
        low, high = (model.BOUNDARY, 1.) if name == "high" else (0., model.BOUNDARY)
        torch.manual_seed(2 if not (self.state / f"{name}.pt").exists() else 4)
        expert = self.network(name if (self.state / f"{name}.pt").exists() else "joint")
        self.fit(name, expert, text, latents, self.seconds["experts"], self.args.rate, low, high, warm=50)
        self.save(name, expert.state_dict())

    def snapshot(self):
        """Makes the average weights of experts that are still under way usable."""
        for name in ("high", "low"):
            left = self.load(f"{name}-underway")
            if left:
                say(name, "as of step", left["step"], f"after {left['spent']:.0f} s")
                transformer = self.network(name if (self.state / f"{name}.pt").exists() else "joint")
                with torch.no_grad():
                    parameters = dict(transformer.named_parameters())
                    for key, average in zip(left["names"], left["average"]):
                        parameters[key.removeprefix("transformer.")].copy_(average)
                self.save(name, transformer.state_dict())

    def lora(self, names=("high", "low")):
        """Each expert's share of four Euler steps, distilled from three finer steps of its own in the place of each."""
        latents, text = self.latents(), self.text_encoder().eval().requires_grad_(False)
        full, given, ids = latents["full"], latents["given"], latents["ids"].to(self.device)
        nodes = [model.shifted(u) for u in (1., .75, .5, .25, 0.)]
        for name in names:
            torch.manual_seed(3)
            expert = self.network(name).eval()
            teacher = copy.deepcopy(expert).requires_grad_(False)
            lora = model.Lora(expert)
            optimiser = torch.optim.AdamW(lora.parameters(), lr=1e-3, weight_decay=0.)
            steps = [i for i in range(4) if (nodes[i] >= model.BOUNDARY) == (name == "high")]
            begun, step, batch = None, 0, max(2, self.args.batch // 2)
            while begun is None or time.time() - begun < self.seconds["lora"]:
                done = 0 if begun is None else (time.time() - begun) / max(self.seconds["lora"], 1e-3)
                for group in optimiser.param_groups:
                    group["lr"] = 1e-3 * (.5 * (1 + math.cos(math.pi * done)) + .02)
                rows = torch.multinomial(latents["drawn"], batch, replacement=True)
                x0, condition = full[rows].float(), model.conditioned(given[rows].float())
                i = random.choice(steps)
                x = (1 - nodes[i]) * x0 + nodes[i] * torch.randn_like(x0)
                velocity = lambda net, z, sigma: net(
                    hidden_states=torch.cat([z, condition], 1), timestep=torch.full((batch,), sigma * 1000., device=self.device),
                    encoder_hidden_states=hidden, return_dict=False)[0].float()
                with torch.no_grad(), self.cast():
                    hidden = model.encode_text(text, self.texts.draw(ids, rows))
                    z, inner = x, [nodes[i] + (nodes[i + 1] - nodes[i]) * k / 3 for k in range(4)]
                    for a, b in zip(inner, inner[1:]):
                        z = z + (b - a) * velocity(teacher, z, a)
                target = (z - x) / (nodes[i + 1] - nodes[i])
                with self.cast():
                    loss = F.mse_loss(velocity(expert, x, nodes[i]), target)
                loss.backward()
                optimiser.step()
                optimiser.zero_grad(set_to_none=True)
                step += 1
                if step == 3:
                    self.sync()
                    begun = time.time()
                if step % 100 == 0:
                    say(f"lora {name} step {step} loss {loss.item():.5f}")
            self.save(f"lora_{name}", lora.published())
            self.note(f"lora{name.capitalize()}Steps", step)
            say("lora", name, "steps", step)


def weights(masks):
    """[B, 1, T, H, W]: 1 on the background, 3 on subjects and three pixels around them."""
    near = F.max_pool2d((masks > 0).float(), 7, 1, 3)
    return (1 + 2 * near).unsqueeze(1)


def vae_loss(encoder, decoder, x, w, kl_weight=3e-5):
    moments = encoder(x)
    mean, log_variance = moments.float().chunk(2, 1)
    log_variance = log_variance.clamp(-30, 20)
    z = mean + torch.exp(.5 * log_variance) * torch.randn_like(mean)
    error = decoder(z).float() - x
    l1 = (w * error.abs()).mean()
    kl = .5 * (mean * mean + log_variance.exp() - 1 - log_variance).mean()
    return l1 + .5 * edges(error, w) + kl_weight * kl, l1, kl, error


def edges(error, w):
    """How much the error differs from one pixel, and from one frame, to the next."""
    return ((w[..., 1:] * (error[..., 1:] - error[..., :-1]).abs()).mean()
            + (w[..., 1:, :] * (error[..., 1:, :] - error[..., :-1, :]).abs()).mean()
            + (w[:, :, 1:] * (error[:, :, 1:] - error[:, :, :-1]).abs()).mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("phases", nargs="+")
    parser.add_argument("--state", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--export", required=True, help="the command that runs ExportClips")
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--renders", default="")
    parser.add_argument("--seconds", nargs="*", default=[])
    parser.add_argument("--resume", default="", help="a models folder to go on from")
    parser.add_argument("--until", type=float, default=0, help="joint training ends so many seconds after the start")
    parser.add_argument("--spoilt", type=float, default=0, help="the share of the training clips that are bad recordings")
    parser.add_argument("--share", type=float, default=-1, help="how many of the clips drawn are bad recordings; default: as rendered")
    parser.add_argument("--focus", type=float, default=1, help="how much more the surroundings of subjects weigh in the loss")
    parser.add_argument("--rate", type=float, default=3e-4, help="highest learning rate of the experts")
    parser.add_argument("--every", type=float, default=100, help="seconds between states from which an expert can go on")
    parser.add_argument("--until-clock", type=float, default=0, help="an expert's schedule ends by this time (seconds since 1970)")
    parser.add_argument("--first-shard", type=int, default=0)
    parser.add_argument("--once", action="store_true", help="removes renders once they are encoded")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--ffn", type=int, default=1152)
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--per-shard", type=int, default=8192)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--crops", type=int, default=24)
    parser.add_argument("--encode-batch", type=int, default=64)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--part-mib", type=int, default=0, help="splits larger weight files; 0: never")
    parser.add_argument("--eval-count", type=int, default=128)
    args = parser.parse_args()
    run = Run(args)
    say("torch", torch.__version__, run.device, *args.phases)
    import evaluate
    import ship
    phases = {"resume": run.resume, "resume-vae": lambda: run.resume_parts({"vae": "vae"}), "resume-joint": run.resume_joint, "render": lambda: run.renders().process.wait(), "vae": run.train_vae, "decoder": run.decoder, "encode": run.encode, "joint": run.joint,
              "experts": run.experts, "high": lambda: run.expert("high"), "low": lambda: run.expert("low"), "snapshot": run.snapshot, "lora": run.lora,
              "lora-high": lambda: run.lora(["high"]), "lora-low": lambda: run.lora(["low"]), "evaluate": lambda: evaluate.run(run), "save": lambda: ship.run(run)}
    for phase in args.phases:
        begun = time.time()
        phases[phase]()
        run.sync()
        if run.device == "cuda":
            torch.cuda.empty_cache()
        run.note(f"{phase}Seconds", round(time.time() - begun, 1))
        say(phase, "took", f"{time.time() - begun:.1f}s")


if __name__ == "__main__":
    main()
