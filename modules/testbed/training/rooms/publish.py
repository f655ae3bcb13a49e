"""Puts the generator of rooms where it ships, with a card of its figures:  python publish.py TRAINED MODELS_DIR [SHEET]

TRAINED is the --out of train.py. SHEET takes its sheet of clips, for example docs/images/rooms-generator.jpg.
"""
import json
import math
import shutil
import sys
from pathlib import Path

from PIL import Image
from safetensors import safe_open

sys.path.append(str(Path(__file__).resolve().parent.parent))
from fill import filled  # noqa: E402

LARGEST, LARGEST_STARTED = 25_000_000, 60_000_000  # from nothing; from the testbed's Wan, whose sizes it keeps
trained, models = Path(sys.argv[1]), Path(sys.argv[2])
source, target = trained / "wan", models / "rooms/wan"


def config(part):
    return json.loads((source / part / "config.json").read_text())


def parameters(part):
    """How many, and none of them may be other than a number."""
    count = 0
    for file in (source / part).glob("*.safetensors"):
        with safe_open(file, "pt") as tensors:
            for name in tensors.keys():
                tensor = tensors.get_tensor(name)
                if not tensor.isfinite().all():
                    raise SystemExit(f"{file}: {name} has values that are no numbers; do not ship these weights")
                count += math.prod(tensor.shape)
    return count


metrics = json.loads((source / "metrics.json").read_text())
missing = [key for key in ("evaluation", "netSteps", "arguments") if key not in metrics]
if missing:
    raise SystemExit(f"{source}/metrics.json has no {', '.join(missing)}: let train.py run to its end first")
size = sum(f.stat().st_size for f in source.rglob("*") if f.is_file())
most = LARGEST_STARTED if metrics.get("started") else LARGEST
if size > most:
    raise SystemExit(f"{source} has {size} bytes, at most {most} ship: train with fewer --layers or a smaller --base")
counts = {part: parameters(part) for part in ("vae", "text_encoder", "transformer")}
vae, text, net, found, asked = config("vae"), config("text_encoder"), config("transformer"), metrics["evaluation"], metrics["arguments"]
values = {
    "PARAMS": f"{counts['transformer'] / 1e6:.1f}", "BASE": vae["base_dim"],
    "START": "from the testbed's Wan (its VAE, text encoder and the expert of the low noise)" if metrics.get("started") else "from scratch",
    "TEXT": text["d_model"], "TEXTLAYERS": text["num_layers"],
    "LAYERS": net["num_layers"], "HEADS": net["num_attention_heads"], "FFN": net["ffn_dim"], "ROOMS": f"{metrics['rooms']:,}",
    "VAESTEPS": f"{metrics['vaeSteps']:,}", "NETSTEPS": f"{metrics['netSteps']:,}", "FAULTY": f"{100 * asked['faulty']:.0f} %",
    "HELD": asked["held"], "SEEDS": asked["seeds"], "VAEPSNR": f"{found['vaePsnr']:.1f}", "CLIPPSNR": f"{found['clipPsnr']:.1f}",
    "FIRSTPSNR": f"{found['firstFramePsnr']:.1f}", "LASTPSNR": f"{found['lastFramePsnr']:.1f}", "REACHED": f"{found['reached']:.2f}",
    "MOVED": f"{100 * found['moved']:.1f} %", "SPREAD": f"{found['lastFrameErrorWorstOverBest']:.2f}"}
shutil.rmtree(target, ignore_errors=True)
shutil.copytree(source, target)
(target / "README.md").write_text(filled((Path(__file__).parent / "card.md").read_text(), values))
for path in target.rglob("*"):
    path.chmod(0o755 if path.is_dir() else 0o644)
if len(sys.argv) > 3:
    with Image.open(trained / "sheet.jpg") as sheet:  # four of its rooms
        sheet.crop((0, 0, sheet.width, min(sheet.height, 8 * 128))).save(sys.argv[3], quality=88)
print(f"{size / 1e6:.1f} MB in {target}: {', '.join(f'{part} {n / 1e6:.2f} M' for part, n in counts.items())}")
