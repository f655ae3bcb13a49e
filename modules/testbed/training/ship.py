"""From trained checkpoints to the folders that ship: measured on the test split, exported, described.

    python ship.py --trained STATE --data DATA --models models/testbed --instructions RESOURCES [--only dinov3]

STATE holds dinov3/ sam3/ clip/ qwen/ as the trainings wrote them; DATA holds test/ and test_mixed/ and
train/ (of which only DINOv3's concentration constants are fitted). The perception models leave as ONNX
folders with half-precision weights, Qwen3-VL as it is.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import torch
from transformers import CLIPModel, DINOv3ViTModel, Qwen3VLForConditionalGeneration
from transformers.models.sam3.modeling_sam3 import Sam3Model

import clip
import data
import dinov3
import loop
import phrases
import qwen
import sam3
import tasks

LIMITS = "Knows nothing but the testbed's rendered world: 12 kinds of subjects, 8 colours, 3 patterns, 8 backgrounds at 128 px."


def fit_concentration(model, folder, limit):
    """Centre and scale such that clean clips of the train split spread over the curve: centre below the mean by one deviation."""
    clips = data.Clips.read(folder, (0, 4, 8, 12, 16), limit)
    rows = []
    for start in range(0, len(clips), 32):
        clip_index = torch.arange(start, min(len(clips), start + 32))
        reference = None
        for t in range(len(clips.times)):
            with torch.no_grad():
                cls, patches = dinov3.embed(model, dinov3.image_full(clips.image(clip_index, torch.full_like(clip_index, t))))
            reference = cls if reference is None else reference
            rows.append(dinov3.concentration(patches, reference))
    raw = torch.cat(rows)
    low, middle, high = torch.quantile(raw, torch.tensor([0.16, 0.5, 0.84])).tolist()
    return {"concentrationCentre": round(middle, 4), "concentrationScale": round(max(0.05, high - low), 4)}


def export(kind, source, out, root, constants):
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    script = root / "modules/perception/export/export.py"
    subprocess.run([sys.executable, script.name, kind, str(source.resolve()), str(out.resolve()), "--half-weights",
                    "--limits", LIMITS, "--constants", json.dumps(constants)], cwd=script.parent, check=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--trained", type=Path, required=True)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--models", type=Path, required=True)
    p.add_argument("--instructions", type=Path, required=True)
    p.add_argument("--only", nargs="*", default=["dinov3", "sam3", "clip", "qwen"])
    p.add_argument("--clips", type=int, default=256)
    p.add_argument("--prompts", type=int, default=32)
    p.add_argument("--fit", type=int, default=256, help="training clips that DINOv3's concentration constants are fitted on")
    p.add_argument("--no-measure", action="store_true", help="export only")
    args = p.parse_args()
    torch.set_num_threads(2)
    root = Path(__file__).resolve().parents[3]
    words = lambda m: phrases.Tokenizer.from_file(str(args.trained / m / "tokenizer.json"))
    for kind in args.only:
        source, out = args.trained / kind, args.models / kind
        constants = {}
        if kind == "dinov3":
            model = DINOv3ViTModel.from_pretrained(source).float().eval()
            constants = fit_concentration(model, args.data / "train", args.fit)
            metrics = constants if args.no_measure else {**constants, **dinov3.evaluate(model, args.data / "test", "cpu", args.clips)}
        elif args.no_measure:
            metrics = {}
        elif kind == "sam3":
            metrics = sam3.evaluate(Sam3Model.from_pretrained(source), words(kind), args.data / "test", "cpu", args.clips)
        elif kind == "clip":
            metrics = clip.evaluate(CLIPModel.from_pretrained(source), words(kind), args.data / "test", "cpu", args.clips)
        else:
            metrics = qwen.evaluate(Qwen3VLForConditionalGeneration.from_pretrained(source), words(kind), tasks.Instructions(args.instructions),
                                    [args.data / "test", args.data / "test_mixed"], "cpu", args.prompts, args.clips)
        if kind == "qwen":
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(source, out, ignore=shutil.ignore_patterns("state.pt", "metrics.json"))
        else:
            export(kind, source, out, root, constants)
        trained = source / "metrics.json"
        found = json.loads(trained.read_text(encoding="utf-8")) if trained.exists() else {}
        loop.write_json(out / "metrics.json", {**({"validation": found["validation"]} if "validation" in found else {}), "test": metrics})
        print(kind, json.dumps({k: v for k, v in metrics.items() if k != "examples"}), flush=True)


if __name__ == "__main__":
    main()
