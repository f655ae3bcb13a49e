"""Trains the small generator of rooms: an autoencoder, a text encoder and one transformer, in Wan's published layout.

    python train.py --java JAVA --state DIR --out WEIGHTS --call-seconds 540

Rooms are rendered beside the training (ExportRooms with --faulty). A share of them bend or swim, and no prompt says so:
the generator does the same now and then, and choosing among its clips means something. The state is in --state; the same
command goes on where an earlier one ended, and says when all is done.
"""
import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch._dynamo
import torch.nn as nn
from safetensors.torch import load_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wan"))

import model  # noqa: E402
import ship  # noqa: E402
from data import FRAMES, SIDE, SLOTS, unit  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

START = time.time()
CELLS, TIMES = SIDE // 8, (FRAMES - 1) // 4 + 1
TURNED = str.maketrans({"L": "right", "R": "left"})


def say(*words):
    print(f"[{time.time() - START:6.1f}s]", *words, flush=True)


def mirrored(prompt):
    return prompt.replace("left", "L").replace("right", "R").translate(TURNED)


class Rooms:
    """The shards of a folder; new ones are taken up as they appear. Clips [N, T, H, W, 3] in bytes, on the device."""

    def __init__(self, folder, tokenizer, device):
        self.folder, self.tokenizer, self.device, self.taken, self.parts = folder, tokenizer, device, set(), []
        self.lines, self.starts, self.count = [], np.array([0]), 0

    def refresh(self):
        for lines in sorted(self.folder.glob("*.jsonl"), key=lambda p: int(p.stem)):
            if lines.stem in self.taken:
                continue
            self.taken.add(lines.stem)
            self.lines += [json.loads(line) for line in open(lines, encoding="utf-8")]
            raw = torch.from_numpy(np.fromfile(self.folder / f"{lines.stem}.rgb.u8", np.uint8))
            self.parts.append(raw.view(-1, FRAMES, SIDE, SIDE, 3).to(self.device))
            self.starts = np.cumsum([0] + [len(p) for p in self.parts])
            self.count = int(self.starts[-1])
        return self.count

    def take(self, index):
        part = int(np.searchsorted(self.starts, index, "right") - 1)
        return self.parts[part][index - self.starts[part]]

    def boxes(self, count, frames, side):
        """[count, 3, frames, side, side] in -1..1, mirrored and recoloured at random."""
        found = []
        for i in np.random.randint(0, self.count, count):
            t = np.random.randint(0, FRAMES - frames + 1)
            y, x = np.random.randint(0, SIDE - side + 1, 2)
            found.append(self.take(i)[t:t + frames, y:y + side, x:x + side])
        x = unit(torch.stack(found).permute(0, 4, 1, 2, 3))[:, torch.randperm(3, device=self.device)]
        if np.random.rand() < .5:
            x = x.flip(-1)
        return x.contiguous(memory_format=model.LAST)

    def ids(self, prompts):
        rows = [self.tokenizer.encode(p).ids for p in prompts]
        if max(len(r) for r in rows) >= SLOTS:
            raise SystemExit(f"a prompt has more than {SLOTS - 1} tokens")
        return torch.tensor([r + [0] * (SLOTS - len(r)) for r in rows], device=self.device)


class Run:
    def __init__(self, args):
        self.args, self.device = args, args.device
        self.cuda = self.device.startswith("cuda")
        self.fast = self.cuda and not args.eager
        self.state = args.state
        self.state.mkdir(parents=True, exist_ok=True)
        self.tokenizer = Tokenizer.from_file(str(args.tokenizer / "tokenizer.json"))
        data = args.data or self.state
        self.rooms = Rooms(data / "train", self.tokenizer, self.device)
        self.held = Rooms(data / "validation", self.tokenizer, self.device)
        self.data, self.renderer = data, None
        path = self.state / "metrics.json"
        self.metrics = json.loads(path.read_text()) if path.exists() else {}
        torch.manual_seed(args.seed + self.metrics.get("calls", 0))
        np.random.seed(args.seed + self.metrics.get("calls", 0))
        self.note("calls", self.metrics.get("calls", 0) + 1)
        self.note("arguments", {key: getattr(args, key) for key in ("faulty", "held", "seeds", "rounds", "batch", "crops", "rate", "vae_rate")})
        self.note("started", bool(args.start))
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True

    def note(self, key, value):
        self.metrics[key] = value
        (self.state / "metrics.part").write_text(json.dumps(self.metrics, indent=1))
        os.replace(self.state / "metrics.part", self.state / "metrics.json")

    def left(self):
        """Seconds of this call."""
        return self.args.call_seconds - (time.time() - START)

    def cast(self):
        return torch.autocast("cuda" if self.cuda else "cpu", dtype=torch.bfloat16, enabled=self.cuda)

    def save(self, name, value):
        torch.save(value, self.state / f"{name}.part")
        os.replace(self.state / f"{name}.part", self.state / f"{name}.pt")

    def load(self, name):
        path = self.state / f"{name}.pt"
        return torch.load(path, map_location=self.device, weights_only=True) if path.exists() else None

    # ---- rooms

    def render(self):
        """Held-out rooms first, then rooms to train on for as long as this call runs."""
        threads = self.args.threads or max(1, (os.cpu_count() or 1) - 2)

        def start(split, count, shard, samples, faulty):
            # The training starts kernels from one thread, which must not wait for a core. Each room has a thread of its own, so
            # frames need no further ones.
            return subprocess.Popen([
                self.args.java, "-Djava.util.concurrent.ForkJoinPool.common.parallelism=1", "-cp", self.args.classpath,
                "dev.reelrank.testbed.room.ExportRooms", "--split", split, "--count", str(count), "--shard", str(shard),
                "--samples", str(samples), "--faulty", str(faulty), "--threads", str(threads), "--out", str(self.data / split)],
                preexec_fn=lambda: os.nice(10))
        if start("validation", self.args.held, self.args.held, 2, 0).wait() != 0:
            raise SystemExit("rooms cannot be rendered: build modules/testbed first, or name --classpath")
        self.renderer = start("train", self.args.clips, min(256, self.args.clips), self.args.samples, self.args.faulty)

    def stop(self):
        """Renders no further rooms."""
        if self.renderer:
            self.renderer.kill()
            self.renderer = None

    def wait(self):
        while True:
            over = self.renderer is None or self.renderer.poll() is not None
            if self.rooms.refresh() >= self.args.least and self.held.refresh() >= 4:
                break
            if over:
                raise SystemExit(f"{self.data} has {self.rooms.count} rooms to train on and {self.held.count} held-out ones; wanted are "
                                 f"{self.args.least} (--least) and 4: name --java, or ask for more --clips and --held")
            time.sleep(.5)
        say(self.rooms.count, "rooms")

    # ---- the loop both parts share

    def fit(self, name, parts, loss_of, rate, first, warm=200, refresh=None):
        """Steps until the part's seconds are spent, over as many calls as it takes. Leaves the averaged weights.

        loss_of(share) is one batch's loss and what to print. Returns whether the part is done."""
        named = dict(parts.named_parameters())
        average = [p.detach().clone() for p in named.values()]
        optimiser = torch.optim.AdamW(
            [{"params": [p for p in named.values() if p.ndim >= 2], "weight_decay": .01},
             {"params": [p for p in named.values() if p.ndim < 2], "weight_decay": 0.}],
            lr=rate, betas=(.9, .98), fused=self.cuda)
        before, step, seconds = 0., 0, self.args.seconds[name]
        kept = self.load(name)
        if kept:
            parts.load_state_dict(kept["parts"])
            optimiser.load_state_dict(kept["optimiser"])
            average, before, step = [a.to(self.device) for a in kept["average"]], kept["spent"], kept["step"]
            say(name, "goes on from step", step, f"after {before:.0f} s")
        if self.args.finish and name == "net":
            # The schedule ends in time for what comes after; compiling takes some seconds.
            seconds = min(seconds, before + max(10., self.left() - self.args.margin - (30 if self.fast else 0)))
        began, started, saved, sums = None, step, time.time(), {}

        def keep(spent):
            self.save(name, {"parts": parts.state_dict(), "optimiser": optimiser.state_dict(), "average": average,
                             "spent": spent, "step": step})
        while True:
            spent = before + (0 if began is None else time.time() - began)
            if spent >= seconds or self.args.steps and step >= self.args.steps:
                break
            if self.left() < self.args.margin:
                keep(spent)
                say(name, "is not done; call again")
                return False
            share = spent / seconds
            for group in optimiser.param_groups:
                group["lr"] = rate * min(1, (step + 1) / warm) * (.49 * (1 + math.cos(math.pi * share)) + .02)
            loss, shown = loss_of(share)
            loss.backward()
            nn.utils.clip_grad_norm_(named.values(), 1.)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            step += 1
            keeping = min(.999 if share < .7 else .9995, (1 + step) / (20 + step))
            with torch.no_grad():
                torch._foreach_lerp_(average, list(named.values()), 1 - keeping)
            if step == started + first:
                if self.cuda:
                    torch.cuda.synchronize()
                began = saved = time.time()
                say(name, "compiled")
            if step % 10 == 0:
                for key, value in {"loss": loss, **shown}.items():
                    sums.setdefault(key, []).append(value.detach().float())
            if step % 500 == 0 or step in (10, 50, 200):
                say(name, "step", step, " ".join(f"{k} {torch.stack(v).mean():.4f}" for k, v in sums.items()))
                sums = {}
            if step % 100 == 0 and refresh:
                refresh()
            if time.time() - saved > 90:
                saved = time.time()
                keep(spent)
        with torch.no_grad():
            for p, a in zip(named.values(), average):
                p.copy_(a)
        say(name, step, "steps")
        self.note(f"{name}Steps", step)
        self.note(f"{name}Seconds", round(spent, 1))
        self.save(f"{name}-done", parts.state_dict())
        (self.state / f"{name}.pt").unlink(missing_ok=True)
        return True

    # ---- the autoencoder

    def vae(self):
        vae = model.new_vae(self.args.base)
        done = self.load("vae-done")
        if done:
            vae.load_state_dict(done)
        elif self.args.start:
            vae.load_state_dict(self.published("vae"))
        else:
            model.initialise(vae)
        return model.placed(vae, self.device)

    def published(self, part):
        """The tensors of a part of --start, as float32."""
        return {k: v.float() for f in sorted((self.args.start / part).glob("*.safetensors")) for k, v in load_file(f).items()}

    def train_vae(self):
        vae = self.vae()
        encoder, decoder = model.Encoder(vae), model.Decoder(vae)
        slow = (encoder, decoder)
        # Compiling takes half a minute.
        fast = (torch.compile(encoder, dynamic=False), torch.compile(decoder, dynamic=False)) if self.args.compile_vae else slow

        def loss_of(share):
            # Boxes first, and whole clips at the end, whose borders boxes do not have.
            whole = share > .85
            enc, dec = slow if whole else fast
            x = self.rooms.boxes(max(1, self.args.crops // 6), FRAMES, SIDE) if whole else self.rooms.boxes(self.args.crops, 9, 64)
            with self.cast():
                moments = enc(x)
                mean, log_variance = moments.float().chunk(2, 1)
                log_variance = log_variance.clamp(-30, 20)
                error = dec(mean + torch.exp(.5 * log_variance) * torch.randn_like(mean)).float() - x
            l1 = error.abs().mean()
            slopes = sum((error.diff(dim=d)).abs().mean() for d in (-1, -2, 2))
            kl = .5 * (mean * mean + log_variance.exp() - 1 - log_variance).mean()
            return l1 + .5 * slopes + 3e-5 * kl, {"l1": l1, "mse": (error.detach() ** 2).mean(), "kl": kl}
        return self.fit("vae", vae, loss_of, self.args.vae_rate, 3, refresh=self.rooms.refresh)

    def frozen_vae(self):
        return model.placed(self.vae().to(torch.bfloat16 if self.cuda else torch.float32), self.device).eval().requires_grad_(False)

    @torch.no_grad()
    def encode(self, vae, x):
        """Latents of clips in -1..1, and of their first frames alone."""
        first = x.clone()
        first[:, :, 1:] = 0
        return [model.Encoder(vae)(v.to(vae.dtype).contiguous(memory_format=model.LAST))[:, :model.CHANNELS] for v in (x, first)]

    @torch.no_grad()
    def latents(self):
        """Every room several times, mirrored and recoloured, as far as this call's time allows."""
        vae, batch = self.frozen_vae(), self.args.encode_batch
        full, given, prompts, began, rounds = [], [], [], time.time(), 0
        while rounds < self.args.rounds and (rounds == 0 or time.time() - began < self.args.encode_seconds):
            rounds += 1
            order = np.random.permutation(self.rooms.refresh())
            # Whole batches alone: cuDNN would look for other convolutions for what is left.
            for at in range(0, max(1, len(order) - batch + 1), batch):
                rows = order[at:at + batch]
                x = unit(torch.stack([self.rooms.take(i) for i in rows]).permute(0, 4, 1, 2, 3))
                x = x[:, torch.randperm(3, device=self.device)]
                texts = [self.rooms.lines[i]["prompt"] for i in rows]
                # A mirrored roll is another move.
                flips = torch.tensor(["rolls" not in t and np.random.rand() < .5 for t in texts], device=self.device)
                x = torch.where(flips[:, None, None, None, None], x.flip(-1), x)
                prompts += [mirrored(t) if f else t for t, f in zip(texts, flips.tolist())]
                for kept, z in zip((full, given), self.encode(vae, x)):
                    kept.append(z.to(torch.bfloat16))
                if rounds > 1 and time.time() - began > self.args.encode_seconds:
                    break
        full, given = torch.cat(full), torch.cat(given)
        if "latentsMean" not in self.metrics:
            some = full[:4096].float()
            self.note("latentsMean", [round(v, 6) for v in some.mean((0, 2, 3, 4)).tolist()])
            self.note("latentsStd", [round(v, 6) for v in some.std((0, 2, 3, 4)).tolist()])
        mean, std = self.scale()
        for z in (full, given):
            for i in range(0, len(z), 2048):
                z[i:i + 2048] = ((z[i:i + 2048].float() - mean) / std).to(z.dtype)
        words = sorted(set(prompts))
        which = torch.tensor([words.index(p) for p in prompts], device=self.device)
        self.note("rooms", self.rooms.count)
        say(len(full), "clips encoded of", self.rooms.count, "rooms,", len(words), "prompts")
        return full, given, self.rooms.ids(words)[which]

    def scale(self):
        view = lambda key: torch.tensor(self.metrics[key], device=self.device).view(1, 16, 1, 1, 1)
        return view("latentsMean"), view("latentsStd")

    # ---- the network

    def network(self):
        a = self.args
        parts = nn.ModuleDict({
            "transformer": model.with_slots(model.new_transformer(a.layers, a.heads, a.ffn, a.text)),
            "text": model.new_text_encoder(self.tokenizer.get_vocab_size(), a.text, a.text_layers)}).to(self.device)
        done = self.load("net-done")
        if done:
            parts.load_state_dict(done)
        elif self.args.start:
            # The expert of the low noise knows what a frame looks like; all its blocks go on.
            experts = [name for name in ("transformer_2", "transformer") if (self.args.start / name).is_dir()]
            parts["transformer"].load_state_dict(self.published(experts[0]))
            text = self.published("text_encoder")
            text["encoder.embed_tokens.weight"] = text["shared.weight"]
            parts["text"].load_state_dict(text)
        return parts

    def train_net(self):
        full, given, ids = self.latents()
        # Rooms that come now would not be looked at any more.
        self.stop()
        parts = self.network()
        transformer, text, batch = parts["transformer"], parts["text"], self.args.batch
        if self.fast:
            # What cannot be compiled runs as it is.
            torch._dynamo.config.suppress_errors = True
            for block in transformer.blocks:
                block.compile(dynamic=False)

        def loss_of(share):
            rows = torch.randint(0, len(full), (batch,), device=self.device)
            x0, condition = full[rows].float(), model.conditioned(given[rows].float())
            sigma = model.shifted((torch.arange(batch, device=self.device) + torch.rand(batch, device=self.device)) / batch)
            noise = torch.randn_like(x0)
            s = sigma.view(-1, 1, 1, 1, 1)
            with self.cast():
                hidden = model.encode_text(text, ids[rows])
                v = transformer(hidden_states=torch.cat([(1 - s) * x0 + s * noise, condition], 1), timestep=sigma * 1000,
                                encoder_hidden_states=hidden, return_dict=False)[0]
            return ((v.float() - (noise - x0)) ** 2).mean(), {}
        return self.fit("net", parts, loss_of, self.args.rate, 3)

    # ---- measuring

    @torch.no_grad()
    def generate(self, parts, condition, hidden, seed, steps=8):
        x = torch.randn(len(condition), 16, *condition.shape[2:], generator=torch.Generator().manual_seed(seed)).to(self.device)
        sigmas = model.shifted(torch.linspace(1, 0, steps + 1)).tolist()
        for a, b in zip(sigmas, sigmas[1:]):
            with self.cast():
                v = parts["transformer"](
                    hidden_states=torch.cat([x, condition], 1), timestep=torch.full((len(x),), a * 1000, device=self.device),
                    encoder_hidden_states=hidden, return_dict=False)[0]
            x = x + (b - a) * v.float()
        return x

    @torch.no_grad()
    def evaluate(self):
        """On clean held-out rooms: reconstruction, and several generated clips of each beside the truth."""
        vae, parts = self.frozen_vae(), self.network().eval()
        mean, std = self.scale()
        self.held.refresh()
        count = min(self.args.held, self.held.count)
        truth = unit(torch.stack([self.held.take(i) for i in range(count)]).permute(0, 4, 1, 2, 3))
        decode = lambda z: torch.cat([
            model.Decoder(vae)((p * std + mean).to(vae.dtype).contiguous(memory_format=model.LAST)).float().clamp(-1, 1)
            for p in z.split(16)])
        pieces = [self.encode(vae, x) for x in truth.split(16)]
        full, given = (torch.cat([p[k] for p in pieces]).float() for k in (0, 1))
        full, given = (full - mean) / std, (given - mean) / std
        psnr = lambda a, b: (10 * torch.log10(4 / ((a - b) ** 2).flatten(1).mean(1).clamp(min=1e-9))).mean().item()
        figures = {"vaePsnr": psnr(decode(full), truth)}
        with self.cast():
            hidden = model.encode_text(parts["text"], self.held.ids([line["prompt"] for line in self.held.lines[:count]]))
        condition, errors, reached, clips = model.conditioned(given), [], [], []
        for seed in range(self.args.seeds):
            clip = decode(self.generate(parts, condition, hidden, seed))
            clips.append(clip)
            # How far along the true way the last frame is, wherever it resembles the truth most.
            off = torch.stack([((clip[:, :, -1] - truth[:, :, t]) ** 2).flatten(1).mean(1) for t in range(FRAMES)], 1)
            errors.append(off.min(1).values)
            reached.append(off.argmin(1).float() / (FRAMES - 1))
        errors, reached = torch.stack(errors, 1), torch.stack(reached, 1)
        figures |= {
            "clipPsnr": psnr(clips[0], truth), "firstFramePsnr": psnr(clips[0][:, :, 0], truth[:, :, 0]),
            "lastFramePsnr": psnr(clips[0][:, :, -1], truth[:, :, -1]), "reached": reached.mean().item(),
            "moved": (reached > .5).float().mean().item(), "lastFrameError": errors.mean().item(),
            "lastFrameErrorWorstOverBest": (errors.max(1).values / errors.min(1).values).mean().item(),
            "lastFrameErrorSpread": (errors.std(1) / errors.mean(1)).mean().item()}
        figures = {k: round(v, 4) for k, v in figures.items()}
        self.note("evaluation", figures)
        say(json.dumps(figures))
        self.sheet(truth, clips)

    def sheet(self, truth, clips, rows=10):
        """Per room: the truth, and below it the clips of the seeds."""
        from PIL import Image
        strip = lambda v: np.concatenate([((v[:, t].permute(1, 2, 0).cpu().numpy() + 1) * 127.5).clip(0, 255).astype(np.uint8)
                                          for t in (0, 4, 8, 12, 16)], 1)
        rooms = [np.concatenate([strip(v[i]) for v in (truth, *clips[:3])], 0) for i in range(min(rows, len(truth)))]
        if len(rooms) % 2:
            rooms.append(rooms[0] * 0)
        half = len(rooms) // 2
        Image.fromarray(np.concatenate([np.concatenate(rooms[:half]), np.concatenate(rooms[half:])], 1)).save(
            self.args.out / "sheet.jpg", quality=88)

    # ---- what ships

    def ship(self):
        wan = self.args.out / "wan"
        shutil.rmtree(wan, ignore_errors=True)
        a, parts, vae = self.args, self.network(), self.vae()
        vae.register_to_config(latents_mean=self.metrics["latentsMean"], latents_std=self.metrics["latentsStd"])
        for name, module in {"vae": vae, "transformer": parts["transformer"]}.items():
            (wan / name).mkdir(parents=True)
            module.save_config(wan / name)
        parts["text"].config.architectures = ["UMT5EncoderModel"]
        parts["text"].config.save_pretrained(wan / "text_encoder")
        part = a.part_mib * 2**20
        ship.write(wan / "vae", "diffusion_pytorch_model", vae.state_dict(), part, keep_single=False)
        ship.write(wan / "transformer", "diffusion_pytorch_model", parts["transformer"].state_dict(), part)
        text = {k: v for k, v in parts["text"].state_dict().items() if k != "encoder.embed_tokens.weight"}
        ship.write(wan / "text_encoder", "model", text, part, keep_single=False)
        shutil.copytree(a.tokenizer, wan / "tokenizer")
        (wan / "scheduler").mkdir()
        base = json.loads((a.tokenizer.parent / "model_index.json").read_text())
        index = {k: v for k, v in base.items() if k not in ("boundary_ratio", "transformer_2")}
        index |= {"boundary_ratio": None, "transformer_2": [None, None]}
        (wan / "model_index.json").write_text(json.dumps(index, indent=2) + "\n")
        shutil.copy(a.tokenizer.parent / "scheduler/scheduler_config.json", wan / "scheduler")
        shutil.copy(a.tokenizer.parent / "generation_defaults.json", wan)
        (wan / "metrics.json").write_text(json.dumps(self.metrics, indent=2) + "\n")
        size = sum(f.stat().st_size for f in wan.rglob("*") if f.is_file())
        say(f"{size / 1e6:.1f} MB in {wan}")


def arguments():
    p = argparse.ArgumentParser(description="Trains the small generator of rooms.")
    p.add_argument("--java", default=None, help="a Java runtime: rooms are rendered beside the training")
    p.add_argument("--classpath", default=":".join(f"modules/{m}/target/classes" for m in ("testbed", "pipeline")))
    p.add_argument("--threads", type=int, default=0, help="of the renderer; 0: all cores but two")
    p.add_argument("--data", type=Path, default=None, help="folder of the rooms; default: --state")
    p.add_argument("--state", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True, help="takes wan/ and sheet.jpg")
    p.add_argument("--tokenizer", type=Path, default=HERE.parents[3] / "models/testbed/wan/tokenizer")
    p.add_argument("--call-seconds", type=float, default=1e9, help="of this call; the next one goes on")
    p.add_argument("--finish", action="store_true", help="end in this call, with a shorter schedule of the network if need be")
    p.add_argument("--margin", type=float, default=35, help="seconds of a call for measuring and writing")
    p.add_argument("--vae-seconds", type=float, default=170)
    p.add_argument("--net-seconds", type=float, default=300)
    p.add_argument("--encode-seconds", type=float, default=40)
    p.add_argument("--rounds", type=int, default=6, help="each room is encoded so often, mirrored and recoloured")
    p.add_argument("--steps", type=int, default=0, help="of either part at most; 0: as many as the seconds allow")
    p.add_argument("--clips", type=int, default=30000, help="rooms to render at most")
    p.add_argument("--least", type=int, default=512, help="begin when there are so many rooms")
    p.add_argument("--held", type=int, default=96)
    p.add_argument("--samples", type=int, default=1, help="per pixel and axis, of rooms to train on")
    p.add_argument("--faulty", type=float, default=.3, help="share of the rooms that bend or swim")
    p.add_argument("--seeds", type=int, default=4)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--start", type=Path, default=None,
                   help="begin with the weights of a finished Wan, for example models/testbed/wan; its sizes replace those below")
    p.add_argument("--base", type=int, default=16, help="width of the autoencoder")
    p.add_argument("--layers", type=int, default=7)
    p.add_argument("--heads", type=int, default=4)
    p.add_argument("--ffn", type=int, default=1024)
    p.add_argument("--text", type=int, default=128)
    p.add_argument("--text-layers", type=int, default=2)
    p.add_argument("--batch", type=int, default=128)
    p.add_argument("--crops", type=int, default=48)
    p.add_argument("--encode-batch", type=int, default=64)
    p.add_argument("--rate", type=float, default=1e-3, help="of the network")
    p.add_argument("--vae-rate", type=float, default=1e-3)
    p.add_argument("--part-mib", type=int, default=0, help="splits larger weight files; 0: never")
    p.add_argument("--eager", action="store_true", help="do not compile the blocks of the network")
    p.add_argument("--compile-vae", action="store_true", help="compile the autoencoder as well")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    args = p.parse_args()
    if args.start:
        read = lambda part: json.loads((args.start / part / "config.json").read_text())
        net, text = read("transformer"), read("text_encoder")
        args.base, args.layers, args.heads, args.ffn = read("vae")["base_dim"], net["num_layers"], net["num_attention_heads"], net["ffn_dim"]
        args.text, args.text_layers = text["d_model"], text["num_layers"]
        args.tokenizer = args.start / "tokenizer"
    args.seconds = {"vae": args.vae_seconds, "net": args.net_seconds}
    return args


def main():
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    run = Run(args)
    say("torch", torch.__version__, run.device)
    try:
        if args.java:
            run.render()
        run.wait()
        if (run.state / "vae-done.pt").exists() or run.train_vae():
            if (run.state / "net-done.pt").exists() or run.train_net():
                run.ship()
                run.evaluate()
                run.ship()
                say("done")
    finally:
        run.stop()


if __name__ == "__main__":
    main()
