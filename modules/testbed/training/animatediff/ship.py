"""Puts the trained AnimateDiff where it ships:  python ship.py STATE MODELS [--least 0.8] [--device TEXT] [--image FILE]

STATE is the folder that train.py worked in, its phases evaluate and save among them. MODELS is models/testbed. The default guidance
becomes the one of those measured whose actions are right most often. Below --least nothing is written.
"""
import argparse
import json
import os
import shutil
import sys
from pathlib import Path

from safetensors import safe_open

sys.path.append(str(Path(__file__).resolve().parent.parent))
from fill import filled  # noqa: E402

LARGEST = 30_000_000
CARD = Path(__file__).parent / "cards" / "animatediff.md"


def parameters(path):
    with safe_open(path, "pt") as tensors:
        return sum(tensors.get_tensor(name).numel() for name in tensors.keys()) / 1e6


def measured(metrics):
    """Guidance to what evaluate found with it."""
    return {float(key.removeprefix("guidance")): value for key, value in metrics.items() if key.startswith("guidance")}


def best(found):
    """Actions first; the weaker guidance of equals."""
    return max(found, key=lambda g: (found[g]["action"], found[g]["kind"], found[g]["colour"], -g))


def row(name, m):
    change = f"{m['changeRatio']:.2f}" if "changeRatio" in m else ""
    return f"| {name} | {100 * m['action']:.1f} % | {100 * m['kind']:.1f} % | {100 * m['colour']:.1f} % | {change} |"


def learned(metrics):
    clips = f"{metrics['unetSteps']} steps on clips"
    return f"{metrics['picturesSteps']} steps on single frames and {clips}" if "picturesSteps" in metrics else clips


def card(folder, metrics, guidance, device):
    config = {name: json.loads((folder / name / "config.json").read_text()) for name in ("vae", "text_encoder", "unet")}
    found = measured(metrics)
    rows = [row(f"{g:g}", found[g]) for g in sorted(found)]
    if "enriched" in metrics:
        rows.append(row(f"{metrics['enriched']['guidance']:g}, prompts of ultra_enrich", metrics["enriched"]))
    rows.append(row("renderings", metrics["judge"]))
    values = {
        "VAE": f"{parameters(folder / 'vae/diffusion_pytorch_model.safetensors'):.1f}",
        "TEXT": f"{parameters(folder / 'text_encoder/model.safetensors'):.1f}",
        "UNET": f"{parameters(folder / 'unet/diffusion_pytorch_model.safetensors'):.1f}",
        "VAECHANNELS": " ".join(map(str, config["vae"]["block_out_channels"])), "LATENT": config["vae"]["latent_channels"],
        "TEXTWIDTH": config["text_encoder"]["hidden_size"], "TEXTLAYERS": config["text_encoder"]["num_hidden_layers"],
        "TOKENS": config["text_encoder"]["max_position_embeddings"],
        "UNETCHANNELS": " ".join(map(str, config["unet"]["block_out_channels"])),
        "MOSTFRAMES": config["unet"]["motion_max_seq_length"],
        "CLIPS": f"{metrics['clips']:,}", "DEVICE": device, "VAESTEPS": metrics["vaeSteps"],
        "UNETSTEPS": learned(metrics), "SCENES": metrics.get("evaluated", 128), "STEPS": metrics.get("stepsOfTest", 25),
        "ROWS": "\n".join(rows), "GUIDANCE": f"{guidance:g}", "PSNR": f"{metrics['vaePsnr']:.1f}",
        "BYACTION": ", ".join(f"{action.replace('_', ' ')} {100 * share:.0f} %" for action, share in found[guidance]["byAction"].items())}
    return filled(CARD.read_text(), values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--least", type=float, default=.8, help="share of right actions that is asked for")
    parser.add_argument("--device", default="one H200", help="what it was trained on, as the card says it")
    parser.add_argument("--image", type=Path, help="where the first eight clips of the contact sheet go")
    args = parser.parse_args()
    metrics = json.loads((args.state / "metrics.json").read_text())
    found = measured(metrics)
    guidance = best(found)
    if found[guidance]["action"] < args.least:
        raise SystemExit(f"the action is right in {found[guidance]['action']:.1%} of the clips at guidance {guidance:g}, the best of "
                         f"{sorted(found)}; {args.least:.0%} is asked for. Train longer, or lower --least")
    target = args.models / "animatediff"
    part = args.models / "animatediff.part"
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(args.state / "models" / "animatediff", part)
    defaults = part / "generation_defaults.json"
    defaults.write_text(json.dumps({**json.loads(defaults.read_text()), "guidance": guidance}, indent=2) + "\n")
    (part / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    (part / "README.md").write_text(card(part, metrics, guidance, args.device))
    size = sum(f.stat().st_size for f in part.rglob("*") if f.is_file())
    if size > LARGEST:
        raise SystemExit(f"{part} has {size:,} bytes, more than {LARGEST:,}")
    shutil.rmtree(target, ignore_errors=True)
    os.replace(part, target)
    if args.image:
        from PIL import Image
        sheet = Image.open(args.state / f"sheet{guidance}.jpg")
        sheet.crop((0, 0, sheet.width, min(sheet.height, 8 * sheet.width // 10))).save(args.image, quality=88)
    print(f"{target}: {size / 1e6:.1f} MB, guidance {guidance:g}, action right in {found[guidance]['action']:.1%}")


if __name__ == "__main__":
    main()
