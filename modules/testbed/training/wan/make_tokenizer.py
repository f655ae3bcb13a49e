"""The text encoder's tokenizer: a small Unigram model in the layout of the published one (pad 0, eos 1, unknown 2).

    python make_tokenizer.py SCENES_JSONL OUT_DIR

Its pieces are the words of the world; whatever else is written is spelled in letters or bytes, so no text fails.
"""
import json
import math
import re
import sys
from collections import Counter
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

PUNCTUATION = ".,:;!?"
WORD = re.compile(rf"[{re.escape(PUNCTUATION)}]|[^\s{re.escape(PUNCTUATION)}]+")
def texts(path):
    for line in open(path, encoding="utf-8"):
        scene = json.loads(line)
        yield from scene["prompts"]
        yield from scene["targets"].values()
        yield scene["caption"]


def main(scenes, out):
    counts = Counter(word for text in texts(scenes) for word in WORD.findall(text))
    total = sum(counts.values())
    pieces = [["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0]]
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        piece = word if word in PUNCTUATION else "▁" + word
        pieces.append([piece, math.log(count / total)])
    known = {piece for piece, _ in pieces}
    # Letters and bytes cost more than any word of the world, so they only spell what is no such word.
    pieces += [[c, -16.0] for c in ["▁"] + [chr(c) for c in range(33, 127)] if c not in known]
    pieces += [[f"<0x{b:02X}>", -24.0] for b in range(256)]

    tokenizer = Tokenizer(models.Unigram([tuple(p) for p in pieces], unk_id=2, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="always")])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])

    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(out / "tokenizer.json"))
    special = {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    config = {"tokenizer_class": "T5TokenizerFast", "model_max_length": 512, "extra_ids": 0, **special}
    (out / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (out / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")

    longest = max(len(tokenizer.encode(t).ids) for t in texts(scenes))
    print(f"{tokenizer.get_vocab_size()} pieces; the longest text of the world has {longest} tokens")


if __name__ == "__main__":
    main(*sys.argv[1:])
