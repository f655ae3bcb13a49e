"""The words for subjects and the small tokenizers of the text towers."""

import json
import random

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

NOUNS = {
    "ring": ["ring"], "watch": ["watch", "wristwatch"], "cat": ["cat", "kitten"], "fish": ["fish"],
    "apple": ["apple"], "mushroom": ["mushroom"], "person": ["person"], "star": ["star"], "heart": ["heart"],
    "circle": ["circle", "disc"], "square": ["square", "box"], "triangle": ["triangle"]}
COLOURS = ["red", "green", "blue", "yellow", "orange", "purple", "pink", "white"]
PATTERNS = ["plain", "striped", "dotted"]
BACKGROUNDS = ["gray", "brown", "teal", "navy", "beige", "black", "olive", "maroon"]
START, END = "<|startoftext|>", "<|endoftext|>"


SHORT = ["{}", "a {}", "the {}"]


def named(noun, colour, pattern):
    """A subject in the plainest words: "striped red ring", "person in red clothes"."""
    look = " ".join(x for x in (pattern, colour) if x)
    if noun == "person" and look:
        return f"person in {look} clothes"
    return f"{look} {noun}".strip()


class Table:
    """All phrases of the world as one table of token ids; a phrase is an index into it.

    Forms are templates around the phrase; one more form has a person's colours before the noun."""

    def __init__(self, vocabulary, length, device, forms=SHORT):
        self.kinds = list(NOUNS)
        nouns = [(i, n) for i, k in enumerate(self.kinds) for n in NOUNS[k]]
        self.nouns, self.forms = len(nouns), len(forms) + 1
        self.lines = [form.format(named(n, c, p)) for form in forms for p in [""] + PATTERNS for c in [""] + COLOURS
                      for _, n in nouns]
        self.lines += [" ".join(x for x in (p, c, n) if x) for p in [""] + PATTERNS for c in [""] + COLOURS for _, n in nouns]
        ids, mask = encode(vocabulary, self.lines, length)
        self.ids, self.mask = ids.to(device), mask.to(device)
        self.of_kind = torch.tensor([([j for j, (i, _) in enumerate(nouns) if i == k] * 2)[:2]
                                     for k in range(len(self.kinds))], device=device)

    def index(self, form, pattern, colour, noun):
        """Pattern and colour count from 1; 0 leaves them out."""
        return ((form * (1 + len(PATTERNS)) + pattern) * (1 + len(COLOURS)) + colour) * self.nouns + noun


def attributes(scenes, device):
    """N x 2 x 3: kind, colour and pattern of both subjects; -1 where there is none."""
    kinds, rows = list(NOUNS), []
    for s in scenes:
        found = [[kinds.index(x["kind"]), COLOURS.index(x["colour"]), PATTERNS.index(x["pattern"])] for x in s["subjects"]]
        rows.append(found + [[-1, -1, -1]] * (2 - len(found)))
    return torch.tensor(rows, device=device)


def texts(scenes):
    """Everything the text towers may be asked to read about these scenes."""
    rng = random.Random(5)
    for s in scenes:
        yield s["caption"]
        yield from s["prompts"]
        for subject in s["subjects"]:
            yield subject["phrase"]
            yield named(rng.choice(NOUNS[subject["kind"]]), subject["colour"], "")
            yield rng.choice(["a photo of a {}.", "a picture of the {}.", "a video of a {}."]).format(subject["noun"])
        yield f"a {s['background']} background, a {s['background']} wall"


def clip_tokenizer(corpus, size=1024):
    """A byte-level BPE in lower case with CLIP's two special tokens; any text can be written in it."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "),
                                         normalizers.Strip(), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r"\p{N}|[^\s\p{L}\p{N}]+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=True)])
    t.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=[START, END], min_frequency=2,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    t.train_from_iterator(corpus, trainer)
    t.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}", special_tokens=[(START, t.token_to_id(START)), (END, t.token_to_id(END))])
    return t


def encode(tokenizer, lines, length):
    """Ids (N x length, padded with the end token) and the mask of real tokens."""
    end = tokenizer.token_to_id(END)
    ids = torch.full((len(lines), length), end)
    mask = torch.zeros(len(lines), length, dtype=torch.long)
    for i, e in enumerate(tokenizer.encode_batch(list(lines))):
        row = e.ids if len(e.ids) <= length else e.ids[:length - 1] + [end]
        ids[i, :len(row)] = torch.tensor(row)
        mask[i, :len(row)] = 1
    return ids, mask


def save_clip_tokenizer(tokenizer, folder, length):
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length, "bos_token": START,
              "eos_token": END, "pad_token": END, "unk_token": END, "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    special = {k: config[k] for k in ("bos_token", "eos_token", "pad_token", "unk_token")}
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n", encoding="utf-8")
