"""The loop all four trainings share: time-boxed, resumable, with one averaged copy of the weights.

The learning rate follows the share of the time (or of the steps) that has passed, so the same
script makes a two-minute trial and the weights that ship. A fixed ``--steps`` with a fixed seed
gives the same batches; a time limit gives as many of them as the machine manages.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch


def arguments(name, seconds=480, batch=256, rate=1e-3):
    p = argparse.ArgumentParser(description=f"Trains the testbed's {name}.")
    p.add_argument("--data", type=Path, required=True, help="folder with train/ and validation/")
    p.add_argument("--out", type=Path, required=True, help="folder for the checkpoint and metrics.json")
    p.add_argument("--seconds", type=float, default=seconds, help="wall time of the training itself")
    p.add_argument("--pause", type=float, default=1e9, help="end this session after so long; the next one goes on")
    p.add_argument("--steps", type=int, default=0, help="stop after this many steps instead")
    p.add_argument("--batch", type=int, default=batch)
    p.add_argument("--rate", type=float, default=rate)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--clips", type=int, default=None, help="use only so many training clips")
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--start", type=Path, default=None, help="begin from this checkpoint's weights")
    p.add_argument("--evaluate", type=Path, default=None, help="only measure this checkpoint")
    return p


class Loop:
    """Optimiser, schedule, average, checkpoint; ``step()`` is one update from a loss.

    Guarded, gradients that are no numbers change nothing."""

    def __init__(self, args, parameters, decay=0.02, guarded=False):
        self.args, self.parameters, self.guarded = args, list(parameters), guarded
        matrices = [p for p in self.parameters if p.ndim >= 2]
        vectors = [p for p in self.parameters if p.ndim < 2]
        cuda = args.device.startswith("cuda")
        self.optimiser = torch.optim.AdamW(
            [{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}],
            lr=args.rate, betas=(0.9, 0.98), fused=cuda or guarded)
        self.average = [p.detach().clone() for p in self.parameters]
        self.count, self.before = 0, 0.0
        self.state = args.out / "state.pt"
        args.out.mkdir(parents=True, exist_ok=True)
        if self.state.exists():
            self.resume()
        self.began, self.saved, self.sums = time.time(), time.time(), {}

    def resume(self):
        kept = torch.load(self.state, map_location=self.args.device)
        for p, value in zip(self.parameters, kept["weights"]):
            p.data.copy_(value)
        for a, value in zip(self.average, kept["average"]):
            a.copy_(value)
        self.optimiser.load_state_dict(kept["optimiser"])
        self.count, self.before = kept["count"], kept["seconds"]
        print(f"resumed at step {self.count}, {self.before:.0f} s", flush=True)

    def save(self):
        temporary = self.state.with_suffix(".tmp")
        torch.save({"weights": [p.data for p in self.parameters], "average": self.average, "count": self.count,
                    "seconds": self.elapsed(), "optimiser": self.optimiser.state_dict()}, temporary)
        temporary.replace(self.state)
        self.saved = time.time()

    def elapsed(self):
        return self.before + time.time() - self.began

    def share(self):
        done = self.count / self.args.steps if self.args.steps else self.elapsed() / self.args.seconds
        return min(1.0, done)

    def running(self):
        return self.share() < 1.0 and time.time() - self.began < self.args.pause

    def step(self, loss, **parts):
        loss.backward()
        self.update(loss, **parts)
        self.optimiser.zero_grad(set_to_none=True)

    def update(self, loss, **parts):
        """An update from the gradients that are there; they stay."""
        share = self.share()
        rate = self.args.rate * min(1.0, (self.count + 1) / 200) * (0.5 * (1 + math.cos(math.pi * share)) * 0.98 + 0.02)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        if self.guarded:
            # As torch's GradScaler tells the fused optimiser to leave all as it is; nobody waits for the number.
            self.optimiser.found_inf = (~torch.isfinite(norm)).float()
        self.optimiser.step()
        self.count += 1
        keep = min(0.9995 if share > 0.7 else 0.998, self.count / (self.count + 20))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.data for p in self.parameters], 1 - keep)
        if self.count % 10 == 0:
            for name, value in {"loss": loss, **parts}.items():
                self.sums.setdefault(name, []).append(value.detach().clone())
        if self.count % 200 == 0 or self.count in (10, 50):
            line = " ".join(f"{k} {torch.stack([v.float() for v in vs]).mean():.4f}" for k, vs in self.sums.items())
            print(f"[{self.elapsed():6.1f} s] step {self.count} {line}", flush=True)
            self.sums = {}
        if time.time() - self.saved > 120:
            self.save()

    def finish(self):
        """Leaves the averaged weights in the parameters."""
        self.save()
        with torch.no_grad():
            for p, a in zip(self.parameters, self.average):
                p.copy_(a)
        print(f"{self.count} steps in {self.elapsed():.0f} s", flush=True)


def autocast(args):
    return torch.autocast("cuda" if args.device.startswith("cuda") else "cpu", dtype=torch.bfloat16,
                          enabled=args.device.startswith("cuda"))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
