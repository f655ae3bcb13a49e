"""Fixtures of Wan2.2, made by diffusers."""

import json
import pathlib
import sys

import numpy as np
import torch
from diffusers import (
    AutoencoderKLWan,
    FlowMatchEulerDiscreteScheduler,
    UniPCMultistepScheduler,
    WanImageToVideoPipeline,
    WanPipeline,
    WanTransformer3DModel,
)
from diffusers.pipelines.wan.pipeline_wan import prompt_clean
from safetensors.torch import save_file
from transformers import AutoTokenizer, PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

from common import Case, generator, picture, pixels, randomise, rng_of, sentence, unigram_tokenizer

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "diffusion/src/test/fixtures"))
import make_prompts  # noqa: E402

ROWS = 512  # of text that the experts see
LORA_NAMES = {
    "self_attn.q": "attn1.to_q", "self_attn.k": "attn1.to_k", "self_attn.v": "attn1.to_v",
    "self_attn.o": "attn1.to_out.0", "cross_attn.q": "attn2.to_q", "cross_attn.k": "attn2.to_k",
    "cross_attn.v": "attn2.to_v", "cross_attn.o": "attn2.to_out.0", "ffn.0": "ffn.net.0.proj", "ffn.2": "ffn.net.2"}


class LightningEuler(FlowMatchEulerDiscreteScheduler):
    """The list that the Lightning LoRAs were distilled for: even noise levels, shifted once."""

    def set_timesteps(self, num_inference_steps=None, device=None, sigmas=None, mu=None, timesteps=None):
        super().set_timesteps(sigmas=np.linspace(1, 0, num_inference_steps + 1)[:-1], device=device)


def recognises(folder):
    index = folder / "model_index.json"
    return index.exists() and json.loads(index.read_text())["_class_name"].startswith("Wan")


def random_model(folder, rng):
    """A pipeline of random sizes with random weights, as diffusers saves it."""
    tokenizer, vocabulary = unigram_tokenizer()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=ROWS)
    text_dim = 8 * rng.randint(2, 6)
    text = randomise(UMT5EncoderModel(UMT5Config(
        vocab_size=vocabulary + rng.randint(0, 9), d_model=text_dim, d_kv=4 * rng.randint(1, 4),
        d_ff=8 * rng.randint(2, 8), num_layers=rng.randint(1, 3), num_heads=rng.randint(1, 4),
        relative_attention_num_buckets=rng.choice([8, 16, 32]), relative_attention_max_distance=rng.choice([16, 32, 128]),
        feed_forward_proj="gated-gelu", is_encoder_decoder=True, dropout_rate=0.0,
        layer_norm_epsilon=rng.choice([1e-6, 1e-5]))), rng.randint(0, 1 << 30))
    with torch.no_grad():  # scores are not scaled: keep the softmax away from a single winner
        for name, p in text.named_parameters():
            if name.endswith((".q.weight", ".k.weight")):
                p.mul_(0.5)
    z = rng.choice([4, 6, 8, 16])
    levels = rng.choice([3, 4])
    temporal = [False] * (levels - 1)
    for step in rng.sample(range(levels - 1), 2):
        temporal[step] = True
    vae = randomise(AutoencoderKLWan(
        base_dim=rng.choice([4, 6, 8]), z_dim=z, dim_mult=[1] + [rng.randint(1, 3) for _ in range(levels - 1)],
        num_res_blocks=rng.randint(1, 2), temperal_downsample=temporal,
        scale_factor_spatial=2 ** (levels - 1), scale_factor_temporal=4,
        latents_mean=[rng.uniform(-0.5, 0.5) for _ in range(z)],
        latents_std=[rng.uniform(0.5, 2.5) for _ in range(z)]), rng.randint(0, 1 << 30))
    with_image = rng.random() < 0.6
    sizes = dict(
        patch_size=(1, 2, 2), num_attention_heads=rng.randint(1, 4), attention_head_dim=2 * rng.randint(3, 20),
        in_channels=2 * z + 4 if with_image else z, out_channels=z, text_dim=text_dim, freq_dim=2 * rng.randint(8, 40),
        ffn_dim=8 * rng.randint(2, 12), num_layers=rng.randint(1, 3), cross_attn_norm=rng.random() < 0.8,
        qk_norm="rms_norm_across_heads", eps=rng.choice([1e-6, 1e-5]), rope_max_seq_len=64)
    two = rng.random() < 0.75
    experts = [randomise(WanTransformer3DModel(**sizes), rng.randint(0, 1 << 30)) for _ in range(1 + two)]
    scheduler = UniPCMultistepScheduler(
        prediction_type="flow_prediction", use_flow_sigmas=True, num_train_timesteps=1000,
        flow_shift=rng.choice([1.0, 3.0, 5.0, 8.0, round(rng.uniform(0.5, 12), 2)]))
    pipeline = (WanImageToVideoPipeline if with_image else WanPipeline)(
        tokenizer=fast, text_encoder=text, vae=vae, scheduler=scheduler, transformer=experts[0],
        transformer_2=experts[1] if two else None, boundary_ratio=round(rng.uniform(0.5, 0.95), 3) if two else None)
    pipeline.save_pretrained(folder)


class Maker:
    """Makes the case of one folder; every part is loaded, used and dropped on its own."""

    def __init__(self, folder, name, rng, device, fixtures):
        self.folder = folder
        self.rng = rng
        self.device = device
        self.case = Case("wan", name, folder.name)
        self.fixture = pathlib.Path(fixtures) / name
        self.index = json.loads((folder / "model_index.json").read_text())
        self.two = self.index.get("transformer_2", [None, None])[1] is not None
        self.config = json.loads((folder / "transformer/config.json").read_text())
        self.vae_config = json.loads((folder / "vae/config.json").read_text())
        self.z = self.vae_config["z_dim"]
        self.with_image = self.config["in_channels"] != self.z
        self.spatial = 2 ** len(self.vae_config["temperal_downsample"])
        self.multiple = max(16, self.spatial * 2)  # the pipeline asks for 16

    def part(self, cls, name):
        return cls.from_pretrained(self.folder / name, torch_dtype=torch.float32).to(self.device).eval()

    def drop(self):
        if self.device != "cpu":
            torch.cuda.empty_cache()

    def make(self):
        with torch.no_grad():
            self.text()
            self.vae()
            self.experts()
            self.schedulers()
            self.pipeline()
        self.case.save(self.fixture.parent)

    def text(self):
        tokenizer = AutoTokenizer.from_pretrained(self.folder / "tokenizer")
        encoder = self.part(UMT5EncoderModel, "text_encoder")
        hard = list(make_prompts.prompts(self.rng.randint(0, 1 << 30), 4))[-4:]
        prompts = [sentence(self.rng), "  The &amp;quot;dog&amp;quot;   runs!\n over\tthe hill ", "", "red " * 600] + hard
        found = []
        for i, prompt in enumerate(prompts):
            cleaned = prompt_clean(prompt)
            batch = tokenizer(
                [cleaned], padding="max_length", max_length=ROWS, truncation=True, add_special_tokens=True,
                return_attention_mask=True, return_tensors="pt").to(self.device)
            length = int(batch.attention_mask.sum())
            rows = encoder(batch.input_ids, batch.attention_mask).last_hidden_state[0, :length]
            found.append({
                "prompt": prompt, "cleaned": cleaned, "ids": batch.input_ids[0, :length].tolist(),
                "rows": self.case.keep(f"text.{i}", rows)})
        self.case.description["texts"] = found
        del encoder
        self.drop()

    def vae(self):
        vae = self.part(AutoencoderKLWan, "vae")
        found = {"encode": [], "decode": []}
        for i in range(2):
            frames = 1 + 4 * self.rng.randint(0, 3)
            rows, columns = (self.rng.randint(2, 4) for _ in range(2))
            video = torch.randn(
                1, 3, frames, rows * self.spatial, columns * self.spatial, generator=generator(i)).clamp(-1, 1)
            latents = vae.encode(video.to(self.device)).latent_dist.mode()
            found["encode"].append({
                "in": self.case.keep(f"vae.video.{i}", video), "out": self.case.keep(f"vae.encoded.{i}", latents)})
            noise = torch.randn(latents.shape, generator=generator(50 + i))
            found["decode"].append({
                "in": self.case.keep(f"vae.latents.{i}", noise),
                "out": self.case.keep(f"vae.decoded.{i}", vae.decode(noise.to(self.device)).sample)})
        self.case.description["vae"] = found
        del vae
        self.drop()

    def experts(self):
        shape = (1, self.config["in_channels"], self.rng.randint(1, 4), 2 * self.rng.randint(1, 4), 2 * self.rng.randint(1, 4))
        x = torch.randn(shape, generator=generator(20))
        rows = self.rng.randint(1, 40)
        context = torch.zeros(1, ROWS, self.config["text_dim"])
        context[:, :rows] = torch.randn(1, rows, self.config["text_dim"], generator=generator(21))
        self.case.keep("expert.x", x)
        self.case.keep("expert.text", context[0, :rows])
        lora = self.lora_files()
        found = []
        for part in ["transformer", "transformer_2"][: 1 + self.two]:
            expert = self.part(WanTransformer3DModel, part)
            timestep = round(self.rng.uniform(1, 999), 1)

            def answer():
                return expert(x.to(self.device), torch.tensor([timestep], device=self.device), context.to(self.device)).sample

            entry = {"part": part, "timestep": timestep, "out": self.case.keep(f"expert.{part}", answer())}
            self.apply_lora(expert, lora[part])
            entry["withLora"] = self.case.keep(f"expert.{part}.lora", answer())
            found.append(entry)
            del expert
            self.drop()
        self.case.description["experts"] = {"x": "expert.x", "text": "expert.text", "answers": found}
        self.case.description["lora"] = {
            "file": "lora" if self.two else "lora/adapter.safetensors", "strength": lora["strength"]}

    def lora_files(self):
        """A LoRA in Lightning's form, a file for each expert."""
        folder = self.fixture / "lora"
        folder.mkdir(parents=True, exist_ok=True)
        made = {"strength": self.rng.choice([1.0, 0.75, -0.5])}
        dim = self.config["num_attention_heads"] * self.config["attention_head_dim"]
        ffn = self.config["ffn_dim"]
        widths = {"ffn.0": (ffn, dim), "ffn.2": (dim, ffn)}
        files = {"transformer": "high_noise_model", "transformer_2": "low_noise_model"} if self.two else {"transformer": "adapter"}
        for part, name in files.items():
            g = generator(self.rng.randint(0, 1 << 30))
            rank = self.rng.randint(1, 6)
            alpha = self.rng.choice([None, 1.0, 2.0, 8.0])
            lora = {}
            for block in range(self.config["num_layers"]):
                for original in LORA_NAMES:
                    outputs, inputs = widths.get(original, (dim, dim))
                    key = f"diffusion_model.blocks.{block}.{original}"
                    lora[f"{key}.lora_down.weight"] = torch.randn(rank, inputs, generator=g) / inputs ** 0.5
                    lora[f"{key}.lora_up.weight"] = torch.randn(outputs, rank, generator=g) / rank ** 0.5 / 4
                    if alpha is not None:
                        lora[f"{key}.alpha"] = torch.tensor(alpha)
            path = folder / f"{name}.safetensors"
            save_file(lora, path)
            made[part] = (path, made["strength"])
        return made

    def apply_lora(self, expert, lora):
        """By diffusers' own reader of this form."""
        path, strength = lora
        state = WanPipeline.lora_state_dict(str(path))
        expert.load_lora_adapter(state, prefix="transformer", adapter_name="lora")
        expert.set_adapters("lora", weights=strength)

    def schedulers(self):
        found = []
        for name, steps, shift in (
                ("unipc", self.rng.randint(1, 60), self.rng.choice([1.0, 3.0, 5.0, round(self.rng.uniform(0.5, 12), 2)])),
                ("unipc", 4, 5.0),
                ("euler", self.rng.randint(1, 12), self.rng.choice([3.0, 5.0, 8.0]))):
            scheduler = self.scheduler(name, shift)
            scheduler.set_timesteps(steps)
            x = torch.randn(1, 2, 3, generator=generator(30))
            samples = [x]
            for t in scheduler.timesteps:
                velocity = torch.sin(x * 3) + float(t) / 1000 * x
                x = scheduler.step(velocity, t, x, return_dict=False)[0]
                samples.append(x)
            key = f"schedule.{len(found)}"
            found.append({
                "name": name, "steps": steps, "shift": shift,
                "timesteps": self.case.keep(key + ".timesteps", scheduler.timesteps.to(torch.float32)),
                "sigmas": self.case.keep(key + ".sigmas", scheduler.sigmas.to(torch.float32)),
                "samples": self.case.keep(key + ".samples", torch.cat(samples))})
        self.case.description["schedulers"] = found

    @staticmethod
    def scheduler(name, shift):
        if name == "euler":
            return LightningEuler(num_train_timesteps=1000, shift=shift)
        return UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, num_train_timesteps=1000, flow_shift=shift)

    def pipeline(self):
        cls = WanImageToVideoPipeline if self.with_image else WanPipeline
        pipe = cls.from_pretrained(self.folder, torch_dtype=torch.float32)
        if self.device == "cpu":
            pipe.to("cpu")
        else:
            pipe.enable_sequential_cpu_offload()
        pipe.set_progress_bar_config(disable=True)
        name = self.rng.choice(["unipc", "euler"])
        shift = self.rng.choice([3.0, 5.0])
        pipe.scheduler = self.scheduler(name, shift)
        wanted = dict(
            width=self.multiple * self.rng.randint(1, 3), height=self.multiple * self.rng.randint(1, 3),
            frames=1 + 4 * self.rng.randint(0, 3), steps=self.rng.randint(1, 5),
            guidance=self.rng.choice([1.0, round(self.rng.uniform(1.5, 5), 1)]), seed=self.rng.randint(0, 1 << 31))
        prompt, negative = sentence(self.rng), sentence(self.rng, 0)
        arguments = dict(
            prompt=prompt, negative_prompt=negative, width=wanted["width"], height=wanted["height"],
            num_frames=wanted["frames"], num_inference_steps=wanted["steps"], guidance_scale=wanted["guidance"])
        description = {**wanted, "prompt": prompt, "negative": negative, "scheduler": name, "shift": shift}
        if self.two:
            description["boundary"] = pipe.config.boundary_ratio
        if self.with_image:
            image = picture(self.rng.randint(20, 150), self.rng.randint(20, 150), self.rng.randint(0, 1 << 30))
            # The Java side resizes as the pipeline does, so the picture goes in at its own size.
            arguments["image"] = image
            description["image"] = self.case.keep("pipeline.image", pixels(image))
        latents = pipe(**arguments, generator=generator(wanted["seed"]), output_type="latent").frames
        description["latents"] = self.case.keep("pipeline.latents", latents)
        frames = pipe(**arguments, generator=generator(wanted["seed"]), output_type="pil").frames[0]
        description["frames"] = wanted["frames"]
        description["pictures"] = self.case.keep("pipeline.frames", torch.stack([pixels(frame) for frame in frames]))
        self.case.description["pipeline"] = description


def make(folder, name, seed, device, fixtures):
    Maker(folder, name, rng_of(seed, name), device, fixtures).make()
