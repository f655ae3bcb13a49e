"""What prompts are to the networks: token ids, and facts that the text encoder learns to name."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from tokenizers import Tokenizer

import model

FACTS = ("action", "subject", "colour", "pattern", "background", "speed", "second", "secondColour", "relation")
WORDS = 64  # at most so many of a fact


class Texts:
    """Ids [N, variants, TOKENS] of what may be asked for a scene; padding is the closing token, as CLIP's."""

    def __init__(self, file):
        self.tokenizer = Tokenizer.from_file(file)
        self.tokenizer.no_padding()
        self.tokenizer.no_truncation()
        self.end = self.tokenizer.token_to_id("<|endoftext|>")

    def ids(self, texts):
        rows = []
        for encoding in self.tokenizer.encode_batch(list(texts)):
            ids = encoding.ids if len(encoding.ids) <= model.TOKENS else encoding.ids[:model.TOKENS - 1] + [self.end]
            rows.append(ids + [self.end] * (model.TOKENS - len(ids)))
        return torch.tensor(rows)

    def of(self, scenes):
        flat = [t for s in scenes for t in (*s["prompts"], s["targets"]["ultra_enrich"], s["targets"]["simplify_v2"])]
        return self.ids(flat).view(len(scenes), -1, model.TOKENS).to(torch.int16)


class Meaning(nn.Module):
    """Names from the text rows what a prompt says: a loss that makes the text encoder useful early. It does not ship.

    Every fact has a query of its own that looks at all rows, as the UNet's attention does."""

    def __init__(self):
        super().__init__()
        self.queries = nn.Parameter(.1 * torch.randn(len(FACTS), model.TEXT))
        self.heads = nn.ModuleList(nn.Linear(model.TEXT, WORDS) for _ in FACTS)

    def forward(self, rows, facts):
        rows = rows.float()
        looked = (rows @ self.queries.t()).softmax(1).transpose(1, 2) @ rows
        return sum(F.cross_entropy(head(looked[:, i]), facts[:, i]) for i, head in enumerate(self.heads)) / len(self.heads)


def facts(scenes, known):
    """Numbers [N, facts] of what the scenes' prompts say; known collects the words of each fact. A fact may be missing: 0."""
    rows = []
    for scene in scenes:
        row = []
        for name in FACTS:
            words = known.setdefault(name, [None])
            word = scene["facts"].get(name)
            if word not in words:
                words.append(word)
            row.append(words.index(word))
        rows.append(row)
    return torch.tensor(rows, dtype=torch.uint8)
