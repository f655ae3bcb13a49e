"""Writes config folders of DINOv3 ViT-B/16, SAM3 and CLIP ViT-B/16 at their published sizes, for
`export.py --random`: measurements need shapes, not weights.

    python full_size.py OUT_DIR
"""

import json
import os
import sys

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


def main():
    out = sys.argv[1]
    dinov3 = DINOv3ViTConfig(patch_size=16, hidden_size=768, intermediate_size=3072, num_hidden_layers=12,
                             num_attention_heads=12, num_register_tokens=4, image_size=224)
    clip = CLIPConfig(vision_config={"patch_size": 16})
    for name, config in (("dinov3", dinov3), ("clip", clip), ("sam3", Sam3Config())):
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        config.save_pretrained(folder)
        if name != "dinov3":
            words(folder, "<end>", config.text_config.bos_token_id, config.text_config.eos_token_id)


if __name__ == "__main__":
    main()
