"""How far the original libraries are from themselves when they compute in bfloat16: the yardstick for ours.

Adds `rounded` to the case.json of fixtures that are there: for each part, the largest error of the original in bfloat16
against the fixture, measured as Reelrank measures its own.
"""

import json

import torch
from diffusers import AutoencoderKLWan, WanImageToVideoPipeline, WanPipeline, WanTransformer3DModel
from PIL import Image
from safetensors.torch import load_file
from transformers import AutoProcessor, Qwen3VLForConditionalGeneration, UMT5EncoderModel

from common import generator
from wan import ROWS, Maker

BF16 = torch.bfloat16


class Rounding:
    def __init__(self, fixture, models, device):
        self.file = fixture / "case.json"
        self.fixture = fixture
        self.case = json.loads(self.file.read_text())
        self.tensors = load_file(fixture / "tensors.safetensors")
        self.folder = models / self.case["model"]
        self.device = device
        self.found = {}

    def note(self, part, actual, name):
        wanted = self.tensors[name].float()
        error = (actual.detach().float().cpu().reshape(wanted.shape) - wanted).abs().max() / wanted.abs().max()
        self.found[part] = max(self.found.get(part, 0.0), float(error))

    def add(self):
        with torch.no_grad():
            getattr(self, self.case["kind"])()
        self.case["rounded"] = self.found
        self.file.write_text(json.dumps(self.case, indent=1) + "\n", encoding="ascii")

    def part(self, cls, name):
        return cls.from_pretrained(self.folder / name, torch_dtype=BF16).to(self.device).eval()

    def wan(self):
        encoder = self.part(UMT5EncoderModel, "text_encoder")
        for entry in self.case["texts"]:
            ids = torch.tensor([entry["ids"] + [0] * (ROWS - len(entry["ids"]))], device=self.device)
            mask = (torch.arange(ROWS, device=self.device) < len(entry["ids"])).long()[None]
            rows = encoder(ids, mask).last_hidden_state[0, : len(entry["ids"])]
            self.note("text", rows, entry["rows"])
        del encoder
        vae = self.part(AutoencoderKLWan, "vae")
        for entry in self.case["vae"]["encode"]:
            video = self.tensors[entry["in"]].to(self.device, BF16)
            self.note("vae encoder", vae.encode(video).latent_dist.mode(), entry["out"])
        for entry in self.case["vae"]["decode"]:
            latents = self.tensors[entry["in"]].to(self.device, BF16)
            self.note("vae decoder", vae.decode(latents).sample, entry["out"])
        del vae
        self.experts()
        self.pipeline()

    def experts(self):
        experts = self.case["experts"]
        x = self.tensors[experts["x"]].to(self.device, BF16)
        text = self.tensors[experts["text"]]
        context = torch.zeros(1, ROWS, text.shape[1])
        context[0, : len(text)] = text
        lora = self.fixture / self.case["lora"]["file"]
        files = {"transformer": "high_noise_model", "transformer_2": "low_noise_model"}
        for entry in experts["answers"]:
            part = entry["part"]
            expert = self.part(WanTransformer3DModel, part)
            timestep = torch.tensor([entry["timestep"]], device=self.device)
            context = context.to(self.device, BF16)
            self.note(part, expert(x, timestep, context).sample, entry["out"])
            path = lora / f"{files[part]}.safetensors" if lora.is_dir() else lora
            Maker.apply_lora(self, expert, (path, self.case["lora"]["strength"]))
            self.note("lora on " + part, expert(x, timestep, context).sample, entry["withLora"])
            del expert

    def pipeline(self):
        wanted = self.case["pipeline"]
        cls = WanImageToVideoPipeline if "image" in wanted else WanPipeline
        pipe = cls.from_pretrained(self.folder, torch_dtype=BF16)
        if self.device == "cpu":
            pipe.to("cpu")
        else:
            pipe.enable_sequential_cpu_offload()
        pipe.set_progress_bar_config(disable=True)
        pipe.scheduler = Maker.scheduler(wanted["scheduler"], wanted["shift"])
        arguments = dict(
            prompt=wanted["prompt"], negative_prompt=wanted["negative"], width=wanted["width"], height=wanted["height"],
            num_frames=wanted["frames"], num_inference_steps=wanted["steps"], guidance_scale=wanted["guidance"])
        if "image" in wanted:
            arguments["image"] = Image.fromarray(self.tensors[wanted["image"]].numpy())
        latents = pipe(**arguments, generator=generator(wanted["seed"]), output_type="latent").frames
        self.note("pipeline", latents, wanted["latents"])
        frames = pipe(**arguments, generator=generator(wanted["seed"]), output_type="pt").frames[0]
        levels = (frames.float().cpu() * 255).round().permute(0, 2, 3, 1)
        apart = (levels - self.tensors[wanted["pictures"]].float()).abs() > 1
        self.found["frames"] = float(apart.float().mean())

    def qwen(self):
        model = Qwen3VLForConditionalGeneration.from_pretrained(
            self.folder, dtype=BF16, attn_implementation="eager").to(self.device).eval()
        processor = AutoProcessor.from_pretrained(self.folder)
        for chat in self.case["chats"]:
            images = [Image.fromarray(self.tensors[name].numpy()) for name in chat["pictures"]]
            turns = [dict(role="system", content=[dict(type="text", text=chat["system"])])] if chat["system"] else []
            turns.append(dict(role="user", content=[dict(type="image", image=i) for i in images]
                              + [dict(type="text", text=chat["text"])]))
            written = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
            inputs = processor(text=[written], images=images or None, return_tensors="pt").to(self.device)
            assert inputs["input_ids"][0].tolist() == chat["ids"]
            # Each step is computed after the fixture's choices, as Reelrank does.
            cache = None
            steps = []
            for step in range(len(chat["greedy"]) + 1):
                if step == 0:
                    out = model(**inputs, use_cache=True)
                else:
                    out = model(input_ids=torch.tensor([[chat["greedy"][step - 1]]], device=self.device),
                                past_key_values=cache, use_cache=True)
                cache = out.past_key_values
                steps.append(out.logits[0, -1].float().cpu())
            wanted = self.tensors[chat["logits"]].float()
            for step, logits in enumerate(steps):
                part = "prefill" if step == 0 else "decoding"
                error = float((logits - wanted[step]).abs().max() / wanted[step].abs().max())
                self.found[part] = max(self.found.get(part, 0.0), error)


def add(fixture, models, device):
    """Whether the fixture is of a kind that computes in bfloat16."""
    rounding = Rounding(fixture, models, device)
    if rounding.case["kind"] not in ("wan", "qwen"):
        return False
    rounding.add()
    return True
