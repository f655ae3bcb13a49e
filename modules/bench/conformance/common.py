"""What the makers of fixtures share: a case on disk, random weights, tokenizers, pictures."""

import json
import pathlib
import random

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

FORMAT = 1
WORDS = "a the cat dog ring watch sails runs slowly over blue red green sea sky hill moon star in of photo".split()


class Case:
    """One fixture: case.json says what was computed, tensors.safetensors holds inputs and outputs.

    `model` is the folder's path below the models folder.
    """

    def __init__(self, kind, name, model):
        self.name = name
        self.description = {"format": FORMAT, "kind": kind, "model": model}
        self.tensors = {}

    def keep(self, name, tensor):
        self.tensors[name] = tensor.detach().to("cpu").contiguous().clone()
        return name

    def save(self, fixtures):
        folder = pathlib.Path(fixtures) / self.name
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.tensors, folder / "tensors.safetensors")
        (folder / "case.json").write_text(json.dumps(self.description, indent=1) + "\n", encoding="ascii")


def generator(seed):
    return torch.Generator("cpu").manual_seed(seed)


def randomise(module, seed):
    """Weights that keep signals at about their size and let differences through."""
    g = generator(seed)
    with torch.no_grad():
        for name, p in module.named_parameters():
            if "norm" in name and name.endswith("weight") or "gamma" in name:
                p.copy_(1 + 0.2 * torch.randn(p.shape, generator=g))
            elif p.ndim > 1 and "scale_shift_table" not in name:
                p.copy_(torch.randn(p.shape, generator=g) / p[0].numel() ** 0.5)
            else:
                p.copy_(0.2 * torch.randn(p.shape, generator=g))
    return module.eval()


def unigram_tokenizer():
    """The kind of UMT5's tokenizer, with a few words and letters."""
    pieces = ["▁" + w for w in WORDS] + ["▁"] + list("abcdefghijklmnopqrstuvwxyz.,!é")
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    vocabulary += [(p, -2.0 - 0.1 * i - (4 if len(p) == 1 else 0)) for i, p in enumerate(pieces)]
    t = Tokenizer(models.Unigram(vocabulary, unk_id=2))
    t.normalizer = normalizers.NFKC()
    t.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    t.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    t.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return t, len(vocabulary)


def word_tokenizer():
    """Whole words between a start and an end, as CLIP and SAM3 frame their texts."""
    vocabulary = {"<start>": 0, "<end>": 1, "<unk>": 2, **{w: i + 3 for i, w in enumerate(WORDS)}}
    t = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    t.normalizer = normalizers.Lowercase()
    t.pre_tokenizer = pre_tokenizers.Whitespace()
    t.post_processor = processors.TemplateProcessing(
        single="<start> $A <end>", special_tokens=[("<start>", 0), ("<end>", 1)])
    t.add_special_tokens(["<start>", "<end>"])
    return t, len(vocabulary)


def sentence(rng, least=1, most=9):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(least, most)))


def picture(width, height, seed):
    """Soft blobs and a hard edge, so that every filter has something to do."""
    r = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.zeros((height, width, 3))
    for _ in range(5):
        cx, cy, s = r.uniform(0, width), r.uniform(0, height), r.uniform(0.1, 0.3) * max(width, height)
        rgb += np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * s * s))[..., None] * r.uniform(-120, 200, 3)
    rgb[height // 3: height // 2, width // 4: width // 2] = r.uniform(0, 255, 3)
    rgb += r.normal(0, 12, rgb.shape[:2])[..., None]
    return Image.fromarray(rgb.clip(0, 255).astype(np.uint8))


def pixels(image):
    """A picture as uint8, shape (height, width, 3)."""
    return torch.from_numpy(np.array(image.convert("RGB")).copy())


def rng_of(*parts):
    return random.Random(".".join(map(str, parts)))
