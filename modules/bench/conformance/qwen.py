"""Fixtures of Qwen3-VL, made by transformers."""

import json
import os

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    AutoProcessor,
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessor,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
    Qwen3VLProcessor,
    Qwen3VLVideoProcessor,
)

from common import Case, picture, pixels, randomise, rng_of, sentence

PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
           r"|\s+(?!\S)|\s+")
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
           "<|image_pad|>", "<|video_pad|>"]
TEMPLATE = (
    "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}"
    "{%- if message.content is string %}{{- message.content }}{%- else %}{%- for part in message.content %}"
    "{%- if part.type == 'image' %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}{%- else %}{{- part.text }}{%- endif %}"
    "{%- endfor %}{%- endif %}{{- '<|im_end|>\\n' }}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}")
STEPS = 8


def recognises(folder):
    config = folder / "config.json"
    return config.exists() and json.loads(config.read_text()).get("model_type") == "qwen3_vl"


def tokenizer():
    """Byte-level BPE with the family's pre-tokenizer and special tokens, a few hundred entries."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    text = ["the red ring slides slowly to the left", "system user assistant", "Look at the image. yes no Yes No"] * 3
    t.train_from_iterator(text, trainers.BpeTrainer(
        vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens([AddedToken(s, special=True, normalized=False) for s in SPECIAL])
    return PreTrainedTokenizerFast(
        tokenizer_object=t, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE)


def random_model(folder, rng):
    fast = tokenizer()
    ident = fast.convert_tokens_to_ids
    patch, depth, heads = rng.choice([4, 8, 14, 16]), rng.randint(2, 4), rng.randint(1, 3)
    head_dim, key_heads, groups = 4 * rng.randint(2, 6), rng.randint(1, 2), rng.randint(1, 3)
    hidden, half = 8 * rng.randint(3, 8), head_dim // 2
    layers, rest = rng.randint(2, 4), half // 4
    deep = sorted(rng.sample(range(depth), rng.randint(1, min(depth, layers))))
    config = Qwen3VLConfig(
        vision_config=dict(
            depth=depth, hidden_size=heads * 4 * rng.randint(1, 5), intermediate_size=8 * rng.randint(2, 8),
            num_heads=heads, patch_size=patch, temporal_patch_size=2, spatial_merge_size=2, out_hidden_size=hidden,
            num_position_embeddings=rng.choice([16, 36, 64]), deepstack_visual_indexes=deep),
        text_config=dict(
            vocab_size=len(fast) + rng.randint(0, 20), hidden_size=hidden, intermediate_size=8 * rng.randint(2, 10),
            num_hidden_layers=layers, num_attention_heads=key_heads * groups, num_key_value_heads=key_heads,
            head_dim=head_dim, max_position_embeddings=4096, rms_norm_eps=rng.choice([1e-6, 1e-5]),
            rope_parameters=dict(rope_type="default", rope_theta=rng.choice([1e4, 1e6, 5e6]),
                                 mrope_section=[half - 2 * rest, rest, rest], mrope_interleaved=True)),
        image_token_id=ident("<|image_pad|>"), video_token_id=ident("<|video_pad|>"),
        vision_start_token_id=ident("<|vision_start|>"), vision_end_token_id=ident("<|vision_end|>"),
        tie_word_embeddings=rng.random() < 0.4)
    config.text_config.tie_word_embeddings = config.tie_word_embeddings
    config._attn_implementation = "eager"
    model = randomise(Qwen3VLForConditionalGeneration(config), rng.randint(0, 1 << 30))
    model.tie_weights()
    model.generation_config.eos_token_id = [ident("<|im_end|>"), ident("<|endoftext|>")]
    model.generation_config.pad_token_id = ident("<|endoftext|>")
    unit = 2 * patch
    size = dict(shortest_edge=rng.randint(2, 16) * unit * unit, longest_edge=rng.randint(17, 60) * unit * unit)
    processor = Qwen3VLProcessor(
        Qwen2VLImageProcessor(size=size, patch_size=patch, temporal_patch_size=2, merge_size=2,
                              image_mean=[0.5] * 3, image_std=[0.5] * 3),
        fast, Qwen3VLVideoProcessor(patch_size=patch), chat_template=TEMPLATE)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    for extra in ("video_preprocessor_config.json",):
        if os.path.exists(folder / extra):
            os.remove(folder / extra)


def make(folder, name, seed, device, fixtures):
    rng = rng_of(seed, name)
    case = Case("qwen", name, folder.name)
    model = Qwen3VLForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").to(device).eval()
    processor = AutoProcessor.from_pretrained(folder)
    chats = []
    for number, pictures in enumerate((1, 2, 0)):
        images = [picture(rng.randint(20, 200), rng.randint(20, 200), rng.randint(0, 1 << 30)) for _ in range(pictures)]
        system = sentence(rng) if rng.random() < 0.5 else ""
        text = sentence(rng) + rng.choice(["", " café 红色, 12 km/h — go!", "\n\n  it turns?"])
        turns = [dict(role="system", content=[dict(type="text", text=system)])] if system else []
        turns.append(dict(role="user", content=[dict(type="image", image=i) for i in images] + [dict(type="text", text=text)]))
        written = processor.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        inputs = processor(text=[written], images=images or None, return_tensors="pt").to(device)
        with torch.no_grad():
            run = model.generate(
                **inputs, max_new_tokens=STEPS, do_sample=False, output_logits=True, return_dict_in_generate=True,
                eos_token_id=[model.config.text_config.vocab_size - 1])
        ids = inputs["input_ids"][0].tolist()
        greedy = run.sequences[0, len(ids):].tolist()
        chats.append({
            "system": system, "text": text, "ids": ids, "greedy": greedy[: len(run.logits) - 1],
            "pictures": [case.keep(f"chat.{number}.picture.{i}", pixels(image)) for i, image in enumerate(images)],
            "logits": case.keep(f"chat.{number}.logits", torch.cat(run.logits))})
    case.description["chats"] = chats
    case.save(fixtures)
