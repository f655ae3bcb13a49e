"""Writes config folders of DINOv3 ViT-B/16, SAM3 and CLIP ViT-B/16 at their published sizes, for
`export.py --random`: measurements need shapes, not weights.

    python full_size.py OUT_DIR [--clip-patch 32]
    python full_size.py OUT_DIR --qwen TOKENIZER_DIR [--size tiny] [--device cuda]

The second also writes OUT_DIR/qwen, a Qwen3-VL-8B checkpoint of random bfloat16 weights (17.5 GB) that reads and writes
with the tokenizer of another Qwen3-VL folder (the testbed's is enough): with it, and with what export.py makes of the
config folders, `reelrank bench grade --models` measures grading at full size.
"""

import argparse
import json
import os
import shutil

from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import CLIPConfig, DINOv3ViTConfig, Sam3Config


def words(folder, pad, start, end):
    vocabulary = {"ring": 5, "a": 6, "red": 7, "<unk>": 8, "<start>": start, "<end>": end}
    t = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    t.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", start), ("<end>", end)])
    t.save(os.path.join(folder, "tokenizer.json"))
    with open(os.path.join(folder, "tokenizer_config.json"), "w") as f:
        json.dump({"pad_token": pad}, f)


# Of the published Qwen3-VL-8B-Instruct, and one that a CPU answers with in a second.
QWEN = {
    "8b": (dict(hidden_size=4096, intermediate_size=12288, num_hidden_layers=36, num_attention_heads=32, vocab_size=151936,
                num_key_value_heads=8, head_dim=128, max_position_embeddings=262144, rope_theta=5e6),
           dict(depth=27, hidden_size=1152, intermediate_size=4304, num_heads=16, out_hidden_size=4096,
                deepstack_visual_indexes=[8, 16, 24]), [24, 20, 20]),
    "tiny": (dict(hidden_size=128, intermediate_size=256, num_hidden_layers=3, num_attention_heads=2, vocab_size=2048,
                  num_key_value_heads=1, head_dim=64, max_position_embeddings=8192, rope_theta=5e6),
             dict(depth=3, hidden_size=64, intermediate_size=128, num_heads=2, out_hidden_size=128,
                  deepstack_visual_indexes=[0, 1]), [12, 10, 10]),
}


def qwen(out, tokenizer, size, device):
    import torch
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    text, vision, sections = QWEN[size]
    text = {**text, "rope_parameters": {"rope_type": "default", "rope_theta": text["rope_theta"],
                                        "mrope_section": sections, "mrope_interleaved": True}}
    with open(os.path.join(tokenizer, "config.json")) as f:
        other = json.load(f)
    ids = {k: other[k] for k in ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id")}
    config = Qwen3VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=False, **ids)
    torch.manual_seed(3)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = Qwen3VLForConditionalGeneration._from_config(config)
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.fill_(1) if "norm" in name and name.endswith("weight") else p.normal_(0, 0.02)
    folder = os.path.join(out, "qwen")
    model.save_pretrained(folder, max_shard_size="5GB")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "chat_template.json",
                 "generation_config.json"):
        if os.path.exists(os.path.join(tokenizer, name)):
            shutil.copyfile(os.path.join(tokenizer, name), os.path.join(folder, name))
    with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
        json.dump({"size": {"shortest_edge": 65536, "longest_edge": 16777216}, "patch_size": 16, "temporal_patch_size": 2,
                   "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}, f, indent=1)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--qwen", metavar="TOKENIZER_DIR")
    parser.add_argument("--size", choices=sorted(QWEN), default="8b")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--clip-patch", type=int, default=16, help="32: CLIP ViT-B/32, which the evaluation uses")
    args = parser.parse_args()
    out = args.out
    if args.qwen:
        qwen(out, args.qwen, args.size, args.device)
    dinov3 = DINOv3ViTConfig(patch_size=16, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                             num_attention_heads=12, num_register_tokens=4, image_size=224)
    clip = CLIPConfig(vision_config={"patch_size": args.clip_patch})
    for name, config in (("dinov3", dinov3), ("clip", clip), ("sam3", Sam3Config())):
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        config.save_pretrained(folder)
        if name != "dinov3":
            words(folder, "<end>", config.text_config.bos_token_id, config.text_config.eos_token_id)


if __name__ == "__main__":
    main()
