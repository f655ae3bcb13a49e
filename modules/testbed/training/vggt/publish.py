"""Puts a trained VGGT where it ships, with a card of its figures:  python publish.py JUDGED MODELS_DIR [--note TEXT]

JUDGED has model.safetensors, config.json, metrics.json of train.py, and truth-validation.json and truth-test.json of
`reelrank bench geometry --result truth`. MODELS_DIR is models/testbed. Figures that miss their targets do not ship, unless
--with-shortfalls lets the card name them.
"""

import argparse
import json
import math
import os
import shutil
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parent.parent))
from fill import filled  # noqa: E402

LARGEST = 25_000_000


def parameters(file):
    """How many, and none of them may be other than a number."""
    whole = file.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    count = 0
    for name, tensor in json.loads(whole[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + o for o in tensor["data_offsets"])
            if not np.isfinite(np.frombuffer(whole[begin:end], np.float16)).all():
                raise SystemExit(f"{file}: {name} has values that are no numbers; do not ship these weights")
            count += math.prod(tensor["shape"])
    return count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("judged", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--with-shortfalls", action="store_true", help="ship all the same; the card names what is missed")
    parser.add_argument("--device", default="one H200", help="what it was trained on, as the card says it")
    parser.add_argument("--note", default="", help="what else the card says of the training, whole sentences")
    args = parser.parse_args()

    def said(name):
        return json.loads((args.judged / name).read_text())

    config, learned, held, test = (said(n) for n in ("config.json", "metrics.json", "truth-validation.json", "truth-test.json"))
    missed = [f"{of['split']}: {what}" for of in (held, test) for what in of["missed"]]
    if missed and not args.with_shortfalls:
        raise SystemExit(f"{'; '.join(missed)}. Train longer, or let --with-shortfalls ship them with a card that says so")
    weights = args.judged / "model.safetensors"
    count = parameters(weights)
    if weights.stat().st_size > LARGEST:
        raise SystemExit(f"{weights} has {weights.stat().st_size:,} bytes, more than {LARGEST:,}")
    values = {
        "PARAMS": f"{count / 1e6:.1f}", "SIDE": config["img_size"], "PATCH": config["patch_size"], "DIM": config["embed_dim"],
        "HEADS": config["num_heads"], "LAYERS": " ".join(map(str, config["intermediate_layer_idx"])), "DEVICE": args.device,
        "ROOMS": f"{learned['rooms']:,}", "STEPS": f"{learned['steps']:,}", "SECONDS": learned["seconds"],
        "NOTE": args.note, "SCENES": held["scenes"],
        "TURN": f"{held['rotationDegrees']:.2f}", "TURNTEST": f"{test['rotationDegrees']:.2f}",
        "DEPTH": f"{100 * held['depthError']:.1f}", "DEPTHTEST": f"{100 * test['depthError']:.1f}",
        "SCALED": f"{100 * held['depthErrorScaled']:.1f}", "SCALEDTEST": f"{100 * test['depthErrorScaled']:.1f}",
        "MOVES": ", ".join(f"{move.replace('_', ' ')} {degrees:.2f}°" for move, degrees in test["rotationByMove"].items()),
        "MISSED": "Wanted are cameras within 3° and depths within 5 %. " + ("Missed: " + "; ".join(missed) + "." if missed else "Reached.")}
    part = args.models / "vggt.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in ("model.safetensors", "config.json", "metrics.json", "truth-validation.json", "truth-test.json"):
        shutil.copyfile(args.judged / name, part / name)
    (part / "README.md").write_text(filled((Path(__file__).parent / "card.md").read_text(), values))
    shutil.rmtree(args.models / "vggt", ignore_errors=True)
    os.replace(part, args.models / "vggt")
    print(f"{args.models / 'vggt'}: {weights.stat().st_size / 1e6:.1f} MB, {values['MISSED']}")


if __name__ == "__main__":
    main()
