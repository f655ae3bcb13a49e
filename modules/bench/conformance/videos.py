"""Fixtures of whole videos of CogVideoX and AnimateDiff, made by diffusers."""

import json

import torch
from diffusers import (
    AnimateDiffPipeline,
    AutoencoderKL,
    AutoencoderKLCogVideoX,
    CogVideoXDDIMScheduler,
    CogVideoXDPMScheduler,
    CogVideoXImageToVideoPipeline,
    CogVideoXPipeline,
    CogVideoXTransformer3DModel,
    DDIMScheduler,
    DiffusionPipeline,
    MotionAdapter,
    UNet2DConditionModel,
    UNetMotionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast, T5Config, T5EncoderModel

from common import Case, generator, picture, pixels, randomise, rng_of, sentence, unigram_tokenizer, word_tokenizer


def seed(rng):
    return rng.randint(0, 1 << 30)


def random_cogvideox(folder, rng):
    rows, frames = rng.randint(20, 60), rng.choice([9, 17])
    tokenizer, vocabulary = unigram_tokenizer()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=rows)
    width = 8 * rng.randint(2, 5)
    text = randomise(T5EncoderModel(T5Config(
        vocab_size=vocabulary, d_model=width, d_kv=4 * rng.randint(1, 3), d_ff=8 * rng.randint(2, 6), num_layers=rng.randint(1, 3),
        num_heads=rng.randint(1, 4), relative_attention_num_buckets=rng.choice([8, 32]), feed_forward_proj="gated-gelu",
        dropout_rate=0.0)), seed(rng))
    with torch.no_grad():  # scores are not scaled: keep the softmax away from a single winner
        for name, p in text.named_parameters():
            if name.endswith((".q.weight", ".k.weight")):
                p.mul_(0.5)
    groups = rng.choice([2, 4])
    vae = randomise(AutoencoderKLCogVideoX(
        block_out_channels=[groups * rng.randint(1, 3) for _ in range(4)], latent_channels=4, layers_per_block=1, norm_num_groups=groups,
        scaling_factor=rng.choice([0.7, 1.15258426]), sample_height=32, sample_width=48), seed(rng))
    with_image, later = rng.random() < 0.5, rng.random() < 0.4
    transformer = randomise(CogVideoXTransformer3DModel(
        num_attention_heads=rng.randint(1, 3), attention_head_dim=16 * rng.randint(1, 2), in_channels=8 if with_image else 4, out_channels=4,
        time_embed_dim=24, ofs_embed_dim=24 if with_image and later else None, text_embed_dim=width, num_layers=rng.randint(1, 3),
        sample_width=12 if later else 6, sample_height=12 if later else 4, sample_frames=17 if later else frames, patch_size=2, patch_size_t=2 if later else None,
        max_text_seq_length=rows, use_rotary_positional_embeddings=True,
        use_learned_positional_embeddings=with_image and not later), seed(rng))
    scheduler = rng.choice([CogVideoXDDIMScheduler, CogVideoXDPMScheduler])(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, clip_sample=False, prediction_type="v_prediction",
        rescale_betas_zero_snr=True, set_alpha_to_one=True, snr_shift_scale=rng.choice([1.0, 3.0]), timestep_spacing="trailing")
    kind = CogVideoXImageToVideoPipeline if with_image else CogVideoXPipeline
    kind(tokenizer=fast, text_encoder=text, vae=vae, transformer=transformer, scheduler=scheduler).save_pretrained(folder)


def random_animatediff(folder, rng):
    length, groups, heads = rng.randint(8, 24), rng.choice([2, 4]), rng.randint(1, 2)
    tokenizer, vocabulary = word_tokenizer()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<start>", eos_token="<end>", pad_token="<end>", unk_token="<unk>", model_max_length=length)
    width = 8 * rng.randint(2, 4)
    text = randomise(CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=rng.randint(2, 3), num_attention_heads=2,
        max_position_embeddings=length, hidden_act=rng.choice(["quick_gelu", "gelu"]))), seed(rng))
    vae = randomise(AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 4, up_block_types=["UpDecoderBlock2D"] * 4,
        block_out_channels=[groups * rng.randint(2, 4) for _ in range(4)], layers_per_block=rng.randint(1, 2), latent_channels=4,
        norm_num_groups=groups, sample_size=32), seed(rng))
    widths, layers = [groups * heads * 2 * rng.randint(1, 3) for _ in range(3)], rng.randint(1, 2)
    unet = randomise(UNet2DConditionModel(
        sample_size=4, block_out_channels=widths, layers_per_block=layers, cross_attention_dim=width, attention_head_dim=heads,
        norm_num_groups=groups, down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D")), seed(rng))
    motion = randomise(MotionAdapter(
        block_out_channels=widths, motion_layers_per_block=layers, motion_num_attention_heads=heads, motion_norm_num_groups=groups,
        motion_max_seq_length=rng.choice([24, 32]), use_motion_mid_block=rng.random() < 0.5), seed(rng))
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule=rng.choice(["linear", "scaled_linear"]), steps_offset=1, clip_sample=False,
        set_alpha_to_one=rng.random() < 0.5, timestep_spacing=rng.choice(["leading", "linspace", "trailing"]))
    AnimateDiffPipeline(
        vae=vae, text_encoder=text, tokenizer=fast, unet=UNetMotionModel.from_unet2d(unet, motion), motion_adapter=motion,
        scheduler=scheduler).save_pretrained(folder)


def make(kind, folder, name, number, device, fixtures):
    rng = rng_of(name, number)
    case = Case(kind, name, folder.name)
    index = json.loads((folder / "model_index.json").read_text())
    part = json.loads((folder / ("transformer" if kind == "cogvideox" else "unet") / "config.json").read_text())
    wanted = {
        "prompt": sentence(rng), "negative": rng.choice(["", sentence(rng)]), "steps": rng.randint(2, 5), "seed": seed(rng),
        "guidance": rng.choice([1.0, round(rng.uniform(2, 8), 2)]), "width": 16 * rng.randint(2, 3), "height": 16 * rng.randint(2, 3)}
    arguments, frames = {}, rng.randint(2, 20)
    if kind == "cogvideox":
        frames = part["sample_frames"]
        arguments["max_sequence_length"] = part["max_text_seq_length"]
        if part["use_learned_positional_embeddings"]:  # one size
            wanted.update(width=8 * part["sample_width"], height=8 * part["sample_height"])
        if index["_class_name"] == "CogVideoXImageToVideoPipeline":
            image = picture(wanted["width"], wanted["height"], seed(rng))
            wanted["image"] = case.keep("pipeline.image", pixels(image))
            arguments["image"] = image
    wanted["frames"] = frames
    pipe = DiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32).to(device)
    pipe.set_progress_bar_config(disable=True)
    if kind == "animatediff":
        pipe.motion_adapter = None

    def run(output):
        return pipe(
            prompt=wanted["prompt"], negative_prompt=wanted["negative"], width=wanted["width"], height=wanted["height"],
            num_frames=frames, num_inference_steps=wanted["steps"], guidance_scale=wanted["guidance"],
            generator=generator(wanted["seed"]), output_type=output, **arguments).frames

    with torch.no_grad():
        latents = run("latent")
        # Ours have channels before frames, whatever the pipeline has.
        wanted["latents"] = case.keep("pipeline.latents", latents.transpose(1, 2) if kind == "cogvideox" else latents)
        shown = (run("pt")[0].permute(0, 2, 3, 1) * 255).round().to(torch.uint8)
    wanted["pictures"] = case.keep("pipeline.pictures", shown)
    case.description["pipeline"] = wanted
    case.save(fixtures)


class Kind:
    """What make.py asks of a kind of model."""

    def __init__(self, name, prefix, random_model):
        self.name, self.prefix, self.random_model = name, prefix, random_model

    def recognises(self, folder):
        index = folder / "model_index.json"
        return index.exists() and json.loads(index.read_text())["_class_name"].startswith(self.prefix)

    def make(self, folder, name, number, device, fixtures):
        make(self.name, folder, name, number, device, fixtures)


COGVIDEOX = Kind("cogvideox", "CogVideoX", random_cogvideox)
ANIMATEDIFF = Kind("animatediff", "AnimateDiff", random_animatediff)
