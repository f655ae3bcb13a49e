"""Fills the model cards from metrics.json:  python card.py METRICS MODELS_DIR"""
import json
import shutil
import sys
from pathlib import Path

from safetensors.torch import load_file

metrics, models = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
cards = Path(__file__).parent / "cards"
row = lambda name, m: f"| {name} | {m['firstFramePsnr']:.1f} | {m['clipPsnr']:.1f} | {100 * m['actionAccuracy']:.1f} % | {m['maskIou']:.3f} |"
steps = [row(str(n), metrics[f"steps{n}"]) for n in (1, 2, 4, 8, 20) if f"steps{n}" in metrics]
table = ["| steps | first frame dB | clip dB | action right | mask IoU |", "| --- | --- | --- | --- | --- |", *steps]
if "steps8simplify" in metrics:
    table.append(row("8, prompts of simplify_v2", metrics["steps8simplify"]))


def gain():
    """What judge.py found, where its figures lie beside the metrics."""
    judged = Path(sys.argv[1]).parent / "judge.json"
    if not judged.exists():
        return ""
    j = json.loads(judged.read_text())
    return (f"Of {j['seeds']} candidates the reranker's composite picks one that is better than their mean by {j['winnerGain']:.3f} "
            f"(95 %: {j['winnerGainLow95']:.3f} to {j['winnerGainHigh95']:.3f}; the best choice would gain {j['winnerGainPossible']:.3f}; "
            f"{j['scenes']} validation scenes, `judge.py`).")


eight = metrics["steps8"]
actions = ", ".join(f"{k.replace('_', ' ')} {100 * v:.0f} %" for k, v in eight["byAction"].items())
size = metrics["size"]
params = sum(t.numel() for t in load_file(next((models / "wan/transformer").glob("*.safetensors"))).values()) / 1e6
values = {
    "LAYERS": size["layers"], "HEADS": size["heads"], "FFN": size["ffn"], "PARAMS": f"{params:.1f}",
    "SPOILT": f"{100 * metrics['spoilt']:.0f} %", "GAIN": gain(),
    "CLIPS": f"{metrics['clips']:,}", "VAE": metrics["vaeSteps"], "VAE2": metrics["vae2Steps"], "JOINT": metrics["jointSteps"],
    "HIGH": metrics.get("highSteps", 0), "LOW": metrics.get("lowSteps", 0), "TABLE": "\n".join(table), "PSNR": f"{metrics['vaePsnr']:.1f}",
    "ACTIONS": actions, "SPREAD": f"{metrics['seedSpread']['bestMinusMean']:.3f}", "LORAHIGH": metrics.get("loraHighSteps", 0),
    "LORALOW": metrics.get("loraLowSteps", 0),
    "ROWS": "\n".join(steps + [row("4 with this LoRA", metrics["lightning4"])] if "lightning4" in metrics else steps)}
for name in ("wan", "lightning"):
    text = (cards / f"{name}.md").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    if (models / name).is_dir():
        (models / name / "README.md").write_text(text)
shutil.copy(sys.argv[1], models / "wan" / "metrics.json")
