"""A short last stage for a small Qwen3-VL that mixes up left and right when it writes prompts.

    python sides.py --start CHECKPOINT --data DATA --out OUT --instructions RESOURCES [--seconds 150]

Mirrored questions teach it that the two words are alike, and a short training ends before it has learned to copy the right one. This
dwells on prompts about sideways motion, weighs the two words four times, and changes the decoder's layers alone, so a CPU will do.
DATA/train needs some hundred clips.
"""

import argparse
import math
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F

import qwen
import tasks

WORDS = ("Ġleft", "Ġright", "left", "right")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--start", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--instructions", type=Path, required=True)
    p.add_argument("--seconds", type=float, default=150)
    p.add_argument("--rows", type=int, default=8)
    p.add_argument("--rate", type=float, default=2.5e-4)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seed", type=int, default=5)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    world = qwen.World([args.data / "train"], None, "cpu")
    model = qwen.Qwen3VLForConditionalGeneration.from_pretrained(args.start).float().eval()
    vocabulary = qwen.Tokenizer.from_file(str(args.start / "tokenizer.json"))
    fast = qwen.Fast(model)
    batches = qwen.Batches(world.scenes, world.clean, world.spoiled, vocabulary, tasks.Instructions(args.instructions), args.seed)
    rng = random.Random(args.seed)
    every = world.clean
    sideways = [i for i in every if world.scenes[i]["action"] in ("left", "right") or world.scenes[i]["camera"] != "still"]
    words = {vocabulary.token_to_id(w) for w in WORDS} - {None}
    model.requires_grad_(False)
    layers = list(model.model.language_model.layers.parameters())
    for q in layers:
        q.requires_grad_(True)
    optimiser = torch.optim.AdamW(layers, lr=args.rate, betas=(0.9, 0.98), weight_decay=0.01)
    began, step, sums = time.time(), 0, []
    while (share := (time.time() - began) / args.seconds) < 1:
        for group in optimiser.param_groups:
            group["lr"] = args.rate * min(1, (step + 1) / 8) * (0.5 * (1 + math.cos(math.pi * share)) * 0.97 + 0.03)
        kind, rows = "text" if step % 5 == 4 else "mode", []
        for _ in range(args.rows):
            batches.clean = sideways if rng.random() < 0.8 else every
            rows.append(batches.tell(rng, kind))
        batch = batches.together(rows, int(kind == "mode"), kind)
        merged = deep = None
        if kind == "mode":
            with torch.no_grad():
                merged, deep = fast.see(world.pictures(batch["clip"], batch["times"], batch["flip"]))
        hidden = fast.read(batch["ids"], batch["positions"], merged, deep, batch["image_at"], None)
        entropy = F.cross_entropy(fast.logits(hidden[batch["row"], batch["column"]]), batch["token"], reduction="none")
        side = torch.tensor([t in words for t in batch["token"].tolist()])
        weight = torch.where(side, 4.0, 1.0)
        ((entropy * weight).sum() / weight.sum()).backward()
        torch.nn.utils.clip_grad_norm_(layers, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        step += 1
        sums.append((entropy.mean().item(), entropy[side].mean().item() if side.any() else 0.0))
        if step % 10 == 0:
            print(f"[{time.time() - began:5.0f} s] step {step} all {sum(a for a, _ in sums) / len(sums):.4f} sides {sum(b for _, b in sums) / len(sums):.4f}", flush=True)
            sums = []
    args.out.mkdir(parents=True, exist_ok=True)
    qwen.save(model, vocabulary, args.out)
    print(f"{step} steps", flush=True)


if __name__ == "__main__":
    main()
