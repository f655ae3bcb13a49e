"""Writes what ships: models/testbed/wan and models/testbed/lightning in the published layouts, in bfloat16."""
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

import data
import model

# The modules that diffusers keeps in single precision whatever is asked.
SINGLE = ("time_embedder", "scale_shift_table", "norm1", "norm2", "norm3")


def stored(name, tensor):
    single = any(f"{part}." in f"{name}." for part in SINGLE)
    return tensor.detach().cpu().to(torch.float32 if single else torch.bfloat16).contiguous()


def write(folder, stem, tensors, part, keep_single=True):
    """One file, or an index and files of at most ``part`` bytes where something between limits their size."""
    folder.mkdir(parents=True, exist_ok=True)
    parts, size = [{}], 0
    for name in sorted(tensors):
        tensor = stored(name, tensors[name]) if keep_single else tensors[name].detach().cpu().to(torch.bfloat16).contiguous()
        if part and size + tensor.nbytes > part:
            parts.append({})
            size = 0
        parts[-1][name] = tensor
        size += tensor.nbytes
    names, total = {}, 0
    for i, part in enumerate(parts):
        file = f"{stem}.safetensors" if len(parts) == 1 else f"{stem}-{i + 1:05d}-of-{len(parts):05d}.safetensors"
        save_file(part, folder / file, metadata={"format": "pt"})
        total += sum(t.nbytes for t in part.values())
        names.update({name: file for name in part})
    if len(parts) > 1:
        index = {"metadata": {"total_size": total}, "weight_map": names}
        (folder / f"{stem}.safetensors.index.json").write_text(json.dumps(index, indent=1) + "\n")


def run(run):
    root = run.state / "models"
    shutil.rmtree(root, ignore_errors=True)
    wan = root / "wan"
    vae = model.new_vae()
    vae.register_to_config(latents_mean=run.metrics["latentsMean"], latents_std=run.metrics["latentsStd"])
    configs = {"vae": vae, "transformer": run.new_transformer(), "transformer_2": run.new_transformer()}
    for name, module in configs.items():
        (wan / name).mkdir(parents=True)
        module.save_config(wan / name)
    text = model.new_text_encoder(run.tokenizer.get_vocab_size())
    text.config.architectures = ["UMT5EncoderModel"]
    text.config.save_pretrained(wan / "text_encoder")
    part = run.args.part_mib * 2**20
    experts = ["high", "low"] if (run.state / "low.pt").exists() else ["joint", "joint"]
    write(wan / "vae", "diffusion_pytorch_model", run.load("vae"), part, keep_single=False)
    write(wan / "transformer", "diffusion_pytorch_model", run.load(experts[0]), part)
    write(wan / "transformer_2", "diffusion_pytorch_model", run.load(experts[1]), part)
    tensors = {k: v for k, v in run.load("text").items() if k != "encoder.embed_tokens.weight"}
    write(wan / "text_encoder", "model", tensors, part, keep_single=False)
    shutil.copytree(Path(run.args.tokenizer).parent, wan / "tokenizer")
    (wan / "scheduler").mkdir()
    files = {
        "model_index.json": {
            "_class_name": "WanImageToVideoPipeline", "_diffusers_version": "0.42.1", "boundary_ratio": model.BOUNDARY,
            "expand_timesteps": False, "image_encoder": [None, None], "image_processor": [None, None],
            "scheduler": ["diffusers", "UniPCMultistepScheduler"], "text_encoder": ["transformers", "UMT5EncoderModel"],
            "tokenizer": ["transformers", "T5TokenizerFast"], "transformer": ["diffusers", "WanTransformer3DModel"],
            "transformer_2": ["diffusers", "WanTransformer3DModel"], "vae": ["diffusers", "AutoencoderKLWan"]},
        "scheduler/scheduler_config.json": {
            "_class_name": "UniPCMultistepScheduler", "_diffusers_version": "0.42.1", "num_train_timesteps": 1000,
            "prediction_type": "flow_prediction", "use_flow_sigmas": True, "flow_shift": model.SHIFT, "solver_order": 2,
            "solver_type": "bh2", "lower_order_final": True, "predict_x0": True, "final_sigmas_type": "zero"},
    }
    files["generation_defaults.json"] = {
        "width": data.SIDE, "height": data.SIDE, "frames": data.FRAMES, "fps": 8, "steps": 8, "guidance": 1, "scheduler": "euler",
        "shift": model.SHIFT, "loras": []}
    for name, value in files.items():
        (wan / name).write_text(json.dumps(value, indent=2) + "\n")
    for name in ("high", "low"):
        if (run.state / f"lora_{name}.pt").exists():
            folder = root / "lightning"
            folder.mkdir(exist_ok=True)
            tensors = {k: v.cpu().to(torch.bfloat16).contiguous() for k, v in run.load(f"lora_{name}").items()}
            save_file(tensors, folder / f"{name}_noise_model.safetensors")
    for path in sorted(root.rglob("*.safetensors")):
        print(path.relative_to(root), path.stat().st_size, flush=True)
