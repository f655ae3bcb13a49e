"""Fills the model cards from metrics.json:  python card.py METRICS MODELS_DIR [TESTBED_JSON]

METRICS is what train.py and evaluate.py wrote; its "before", where the training went on from weights that shipped, holds the metrics
of those (and so on). TESTBED_JSON is the output of `reelrank bench testbed`.
"""
import json
import shutil
import sys
from pathlib import Path

from safetensors.torch import load_file

metrics, models = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
bench = json.loads(Path(sys.argv[3]).read_text()) if len(sys.argv) > 3 else {}
cards = Path(__file__).parent / "cards"
row = lambda name, m: f"| {name} | {m['firstFramePsnr']:.1f} | {m['clipPsnr']:.1f} | {100 * m['actionAccuracy']:.1f} % | {m['maskIou']:.3f} |"
steps = [row(str(n), metrics[f"steps{n}"]) for n in (1, 2, 4, 8, 20) if f"steps{n}" in metrics]
table = ["| steps | first frame dB | clip dB | action right | mask IoU |", "| --- | --- | --- | --- | --- |", *steps]
if "steps8simplify" in metrics:
    table.append(row("8, prompts of simplify_v2", metrics["steps8simplify"]))


def history():
    """The metrics of each training that led here, the first one first."""
    chain = [metrics]
    while "before" in chain[0]:
        chain.insert(0, chain[0]["before"])
    return chain


def trained():
    first, *later = history()
    text = (f"from scratch on {first['clips']:,} rendered clips of the train split (`docs/testbed.md`) on one H200 by `modules/testbed/training/wan/train.py`:\n"
            f"VAE {first['vaeSteps']} steps on 64×64×9 boxes near the subject and {first['vae2Steps']} on whole clips; text encoder and transformer together "
            f"{first['jointSteps']} steps of batch 128 on\nnoise levels shifted by 5; then each expert on its own range ({first['highSteps']} and {first['lowSteps']} steps) "
            "with the text encoder frozen.")
    if later:
        text += (f"\nThose weights knew an earlier form of the world. From their low-noise expert both experts went on, each on its own range, for {later[0]['highSteps']} "
                 f"and {later[0]['lowSteps']}\nsteps on {later[0]['clips']:,} clips of the present world; the text encoder stayed, but for two new words.")
    for more in later[1:]:
        text += (f"\nFrom there each went on for {more['highSteps']} and {more['lowSteps']} steps on {more['clips']:,} clips, side by side on two H200, with what lies on a subject "
                 "weighing three times and what turns or has small parts\ndrawn more often.")
        if "decoderSteps" in more:
            text += (f" The VAE's decoder alone was trained for {more['decoderSteps']} steps on boxes and {more['decoder2Steps']} on whole clips; its encoder, and so what the experts know "
                     "of latents, stayed.")
    return text


def gain():
    """What choosing among candidates is worth, where the benchmark has measured it."""
    if "winnerGain" not in bench:
        return ""
    return (f"Of {bench['winnerSamples']} samples with three candidates each, the reranker's winner is better than their mean by {bench['winnerGain']:.3f} in mask IoU − colour "
            f"error − ghost (95 %: at least {bench['winnerGainLow95']:.3f}); the best possible choice would gain {bench['winnerGainPossible']:.3f}.")


size = metrics["size"]
params = sum(t.numel() for t in load_file(next((models / "wan/transformer").glob("*.safetensors"))).values()) / 1e6
values = {
    "LAYERS": size["layers"], "HEADS": size["heads"], "FFN": size["ffn"], "PARAMS": f"{params:.1f}", "SPOILT": f"{100 * metrics['spoilt']:.0f} %",
    "TRAINED": trained(), "TABLE": "\n".join(table), "PSNR": f"{metrics['vaePsnr']:.1f}", "GAIN": gain(), "SCENES": metrics.get("evaluated", 128),
    "WHERE": metrics.get("evaluatedOn", "from `evaluate.py`, bfloat16 on the GPU"), "LORAHIGH": metrics.get("loraHighSteps", 0), "LORALOW": metrics.get("loraLowSteps", 0),
    "ROWS": "\n".join(steps + [row("4 with this LoRA", metrics["lightning4"])] if "lightning4" in metrics else steps)}
for name in ("wan", "lightning"):
    text = (cards / f"{name}.md").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    if (models / name).is_dir():
        (models / name / "README.md").write_text(text)
shutil.copy(sys.argv[1], models / "wan" / "metrics.json")
