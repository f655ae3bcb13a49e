"""Trains the testbed's Qwen3-VL: the published architecture, small, with a vocabulary of its own.

It learns the prompt modes and the extraction from the instruction files that serving reads, and yes/no
questions about one or several frames of clean and of corrupted clips. All questions about the same
frames share the frames' part of the sequence: each question sees that part and itself, as it would
alone. Beside the language loss, throw-away heads on the image tokens name what stands in each cell.
"""

import json
import random
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from torch.utils.data import DataLoader, IterableDataset
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.vision_utils import get_vision_position_ids

import data
import loop
import phrases
import tasks

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
           "<|image_pad|>", "<|video_pad|>"]
SIZE, PATCH, CELLS = 256, 16, 64  # a 128 px frame is doubled to the smallest size the processor allows
VOCABULARY = 2048
WAYS = ("left", "right", "clockwise", "counterclockwise", "upward", "downward")
TEMPLATE = """{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.content is string %}{{- message.content }}
{%- else %}{%- for part in message.content %}
{%- if part.type == 'image' or 'image' in part %}{{- '<|vision_start|><|image_pad|><|vision_end|>' }}
{%- elif part.type == 'video' or 'video' in part %}{{- '<|vision_start|><|video_pad|><|vision_end|>' }}
{%- elif 'text' in part %}{{- part.text }}{%- endif %}
{%- endfor %}{%- endif %}
{{- '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""


# Vocabulary -------------------------------------------------------------------------------------------------------------


def new_vocabulary(corpus):
    """Byte-level BPE: the world's words are single tokens, anything else is written in bytes."""
    t = Tokenizer(models.BPE())
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s*[\r\n]|\s+"), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    t.post_processor = processors.ByteLevel(trim_offsets=False)
    t.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(SPECIAL), min_frequency=2, show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet())))
    t.add_special_tokens(SPECIAL)
    return t


def corpus(scenes, instructions):
    rng = random.Random(9)
    yield from list(instructions.modes.values()) * 20 + [instructions.extract, instructions.yes_no, tasks.SLOW] * 20
    yield from ["yes", "no", "Yes", "No", "system", "user", "assistant", "Prompt:", "That breaks a rule: it has 12 words, 15-25 are asked. Write it again."] * 50
    yield from [f" {c}" for c in "abcdefghijklmnopqrstuvwxyz0123456789"] * 5
    for s in scenes:
        if s["corruption"] is None:
            yield from s["prompts"]
            for mode in tasks.WORDS:
                yield tasks.answer(mode, s, s["prompts"][0])
            yield tasks.extraction(s, s["prompts"][1])
        yield from (q for _, q, _ in tasks.questions(s, [0, 5, 10, 15, 16], rng))


# Model ------------------------------------------------------------------------------------------------------------------


def new_model(seed, vocabulary):
    torch.manual_seed(seed)
    ids = {t: vocabulary.token_to_id(t) for t in SPECIAL}
    size = (vocabulary.get_vocab_size() + 63) // 64 * 64
    return Qwen3VLForConditionalGeneration(Qwen3VLConfig(
        text_config=dict(
            vocab_size=size, hidden_size=256, intermediate_size=1024, num_hidden_layers=6, num_attention_heads=4,
            num_key_value_heads=2, head_dim=64, max_position_embeddings=8192, tie_word_embeddings=True,
            rope_parameters={"rope_type": "default", "rope_theta": 100000.0, "mrope_section": [12, 10, 10], "mrope_interleaved": True},
            bos_token_id=ids["<|endoftext|>"], eos_token_id=ids["<|im_end|>"], pad_token_id=ids["<|endoftext|>"]),
        vision_config=dict(
            depth=6, hidden_size=192, intermediate_size=768, num_heads=6, patch_size=PATCH, temporal_patch_size=2,
            spatial_merge_size=2, out_hidden_size=256, num_position_embeddings=256, deepstack_visual_indexes=[1, 3]),
        image_token_id=ids["<|image_pad|>"], video_token_id=ids["<|video_pad|>"],
        vision_start_token_id=ids["<|vision_start|>"], vision_end_token_id=ids["<|vision_end|>"], tie_word_embeddings=True)).eval()


def turn(x, cos, sin):
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


class Fast:
    """The model's own weights run over batches of equal pictures and shared prefixes.

    ``check`` compares with the class's forward; both give the same numbers."""

    def __init__(self, model):
        self.model, self.visual, self.text = model, model.model.visual, model.model.language_model
        device = next(model.parameters()).device
        grid = torch.tensor([[1, SIZE // PATCH, SIZE // PATCH]], device=device)
        at = get_vision_position_ids(grid, 2)
        self.places = at[:, 0] * (SIZE // PATCH) + at[:, 1]
        self.cos, self.sin = self.visual.rotary_pos_emb(torch.zeros(1, device=device), at)

    def see(self, image):
        """B x 3 x 128 x 128 in 0..1 to merged tokens (B x 64 x D) and the tokens for the first decoder layers."""
        n = len(image)
        x = F.interpolate(image, (SIZE, SIZE), mode="bicubic", align_corners=False).clamp(0, 1) * 2 - 1
        m = SIZE // PATCH // 2
        x = x.view(n, 3, m, 2, PATCH, m, 2, PATCH).permute(0, 2, 5, 3, 6, 1, 4, 7).reshape(n, CELLS * 4, -1)
        v = self.visual
        weight = v.patch_embed.proj.weight.sum(2).flatten(1)  # a still picture fills both halves of a temporal patch
        x = F.linear(x, weight, v.patch_embed.proj.bias) + v.pos_embed.weight[self.places]
        deep = []
        for i, block in enumerate(v.blocks):
            a = block.attn
            q, k, w = a.qkv(block.norm1(x)).view(n, CELLS * 4, 3, a.num_heads, -1).permute(2, 0, 3, 1, 4)
            cos, sin = self.cos.to(q.dtype), self.sin.to(q.dtype)
            o = F.scaled_dot_product_attention(turn(q, cos, sin), turn(k, cos, sin), w)
            x = x + a.proj(o.transpose(1, 2).flatten(2))
            x = x + block.mlp(block.norm2(x))
            if i in v.deepstack_visual_indexes:
                deep.append(v.deepstack_merger_list[v.deepstack_visual_indexes.index(i)](x).view(n, CELLS, -1))
        return v.merger(x).view(n, CELLS, -1), deep

    def read(self, ids, positions, merged, deep, image_at, mask):
        """Last hidden states (B x L x D). ``image_at``: B x (k 64) columns; ``mask``: B x 1 x L x L to add, or None for causal."""
        t = self.text
        x = t.embed_tokens(ids)
        b, l, c = x.shape
        rows = torch.arange(b, device=ids.device)[:, None]
        cos, sin = (f[:, None] for f in t.rotary_emb(x, positions))
        if merged is not None:
            x = x.index_put((rows.expand_as(image_at), image_at), merged.reshape(b, -1, c).to(x.dtype))
        for i, layer in enumerate(t.layers):
            a = layer.self_attn
            h = F.rms_norm(x, (c,), layer.input_layernorm.weight, 1e-6)
            heads = lambda y: y.view(b, l, -1, a.head_dim).transpose(1, 2)
            q = F.rms_norm(heads(a.q_proj(h)).float(), (a.head_dim,), a.q_norm.weight, 1e-6)
            k = F.rms_norm(heads(a.k_proj(h)).float(), (a.head_dim,), a.k_norm.weight, 1e-6)
            v = heads(a.v_proj(h))
            q, k = turn(q, cos, sin).to(v.dtype), turn(k, cos, sin).to(v.dtype)
            k, v = (y.repeat_interleave(a.num_key_value_groups, 1) for y in (k, v))
            o = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
            x = x + a.o_proj(o.transpose(1, 2).flatten(2))
            x = x + layer.mlp(F.rms_norm(x, (c,), layer.post_attention_layernorm.weight, 1e-6))
            if merged is not None and i < len(deep):
                add = torch.zeros_like(x).index_put((rows.expand_as(image_at), image_at), deep[i].reshape(b, -1, c).to(x.dtype))
                x = x + add
        return F.rms_norm(x, (c,), t.norm.weight, 1e-6)

    def logits(self, hidden):
        return F.linear(hidden, self.text.embed_tokens.weight.to(hidden.dtype))


class Cells(nn.Module):
    """Throw-away heads on the 64 cells of a picture: what stands there, and from the first subject's
    cells how far its centre is, how large it is and how it is turned."""

    def __init__(self, width):
        super().__init__()
        self.sizes = [len(phrases.NOUNS) + 1, len(phrases.COLOURS) + 1, len(phrases.PATTERNS) + 1, len(phrases.BACKGROUNDS)]
        self.out = nn.Linear(width, sum(self.sizes) + 5)
        at = torch.arange(CELLS)
        self.register_buffer("centre", torch.stack([at % 8 * 16 + 8.0, at // 8 * 16 + 8.0], -1))

    def forward(self, merged, label, look, back, pose, known):
        """label: B x 128 x 128 masks, look: B x 2 x 3 attributes from 1 with 0 for none, back: B,
        pose: B x 4 as x, y, radius, angle, known: B, whether the pose is."""
        share = torch.stack([F.avg_pool2d((label == k).float()[:, None], 16).flatten(1) for k in (1, 2)], 2)
        best, which = share.max(2)
        seen = best > 0.12
        kind, colour, pattern = (torch.where(seen, look[:, :, j].gather(1, which), 0) for j in range(3))
        wanted = [kind, colour, pattern, back[:, None].expand_as(kind)]
        *parts, place = self.out(merged.float()).split(self.sizes + [5], -1)
        weight = torch.where(seen, 4.0, 1.0)
        named = sum((F.cross_entropy(p.transpose(1, 2), w, reduction="none") * weight).sum() / weight.sum()
                    for p, w in zip(parts, wanted)) / 4
        x, y, radius, angle = (v[:, None].expand(-1, CELLS) for v in pose.unbind(-1))
        truth = torch.stack([(self.centre[:, 0] - x) / 32, (self.centre[:, 1] - y) / 32, (radius - 22) / 10, angle.cos(), angle.sin()], -1)
        there = (seen & (which == 0) & known[:, None]).float()
        off = F.smooth_l1_loss(place, truth, reduction="none", beta=0.2).mean(-1)
        return named, (off * there).sum() / there.sum().clamp(min=1)


# Batches ----------------------------------------------------------------------------------------------------------------


class Batches(IterableDataset):
    """Endless batches as small tensors; pictures are named by clip and frame and looked up on the device."""

    # what, pictures, sequences a batch, odds
    KINDS = [("mode", 1, 96, 0.20), ("text", 0, 96, 0.04), ("ask", 1, 144, 0.18), ("ask", 2, 96, 0.05), ("ask", 3, 84, 0.05),
             ("ask", 4, 72, 0.26), ("ask", 5, 64, 0.12), ("ask", 6, 48, 0.04), ("ask", 8, 40, 0.06)]

    # The same for a last stage that dwells on how two subjects stand to each other.
    RELATIONS = [("mode", 1, 96, 0.10), ("text", 0, 96, 0.03), ("ask", 1, 144, 0.42), ("ask", 2, 96, 0.05), ("ask", 3, 84, 0.05),
                 ("ask", 4, 72, 0.20), ("ask", 5, 64, 0.08), ("ask", 6, 48, 0.03), ("ask", 8, 40, 0.04)]

    def __init__(self, scenes, clean, spoiled, vocabulary, instructions, seed, scale=1.0, relations=False):
        self.kinds, self.two = (self.RELATIONS, 0.75) if relations else (self.KINDS, 0.4)
        self.scenes, self.clean, self.spoiled = scenes, clean, spoiled  # indices into scenes; spoiled by corruption
        two = lambda some: [i for i in some if len(scenes[i]["subjects"]) > 1] or list(some)
        self.clean_two, self.spoiled_two = two(clean), {how: two(some) for how, some in spoiled.items()}
        self.v, self.instructions, self.seed, self.scale = vocabulary, instructions, seed, scale
        self.pad, self.image = vocabulary.token_to_id("<|endoftext|>"), vocabulary.token_to_id("<|image_pad|>")
        self.end = vocabulary.token_to_id("<|im_end|>")
        self.ways = {vocabulary.token_to_id(space + word) for space in ("", "\u0120") for word in WAYS} - {None}
        self.tokens = {}

    def encode(self, text):
        return self.v.encode(text, add_special_tokens=False).ids

    def cached(self, text):
        if text not in self.tokens:
            self.tokens[text] = self.encode(text)
        return self.tokens[text]

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(self.seed * 1000 + (worker.id if worker else 0))
        odds = [k[3] for k in self.kinds]
        while True:
            what, k, n, _ = rng.choices(self.kinds, odds)[0]
            n = max(2, int(n * self.scale))
            rows = [self.ask(rng, k) if what == "ask" else self.tell(rng, what) for _ in range(n)]
            yield self.together(rows, k, what)

    def head(self, system, pictures):
        one = self.cached("<|vision_start|>") + [self.image] * CELLS + self.cached("<|vision_end|>")
        return self.cached(f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n") + one * pictures

    def tell(self, rng, what):
        """A mode that sees the picture, or a text-only task: ids, answer spans, clip, times."""
        i = rng.choice(self.clean)
        s = self.scenes[i]
        prompt = rng.choice(s["prompts"])
        if what == "text" and rng.random() < 0.5:
            ids, spans = self.head(self.instructions.extract, 0) + self.encode(f"Prompt: {prompt}"), []
            return self.closing(ids, tasks.extraction(s, prompt)), i, [], False
        if what == "text":
            mode = "simplify_v1"
        else:
            mode = rng.choices([m for m in tasks.WORDS if self.instructions.sees[m]], [4, 1.5, 3, 1, 1, 1])[0]
        slow = rng.random() < 0.12
        system = self.instructions.modes[mode] + (tasks.SLOW if slow else "")
        right = tasks.answer(mode, s, prompt, slow)
        ids = self.head(system, int(what == "mode")) + self.encode(f"Prompt: {prompt}")
        if rng.random() < 0.04:
            words = right.split()
            wrong = " ".join(words[:rng.randint(3, len(words) - 2)]) if rng.random() < 0.6 else right + " " + right
            low, high = tasks.WORDS[mode]
            reason = f"it has {tasks.count(wrong)} words, {low}-{high} are asked"
            ids = ids + self.cached("<|im_end|>\n<|im_start|>assistant\n") + self.encode(wrong)
            ids = ids + self.cached("<|im_end|>\n<|im_start|>user\n") + self.encode(f"That breaks a rule: {reason}. Write it again.")
        # The reference is the first frame; now and then another one, so that nothing hangs on it.
        return self.closing(ids, right), i, [0] if what == "mode" else [], False

    def closing(self, ids, text):
        ids = ids + self.cached("<|im_end|>\n<|im_start|>assistant\n")
        said = self.encode(text) + [self.end]
        return ids + said, [(len(ids), len(said))], None

    def ask(self, rng, k):
        two = rng.random() < self.two
        if rng.random() < 0.5:
            i = rng.choice(self.clean_two if two else self.clean)
        else:
            spoiled = self.spoiled_two if two else self.spoiled
            i = rng.choice(spoiled[rng.choice(sorted(spoiled))])
        s = self.scenes[i]
        if k == 1:
            times = [16] if s["corruption"] else [0] if rng.random() < 0.7 else [rng.randrange(17)]
        elif rng.random() < 0.5:
            times = [round(j * 16 / (k - 1)) for j in range(k)]
        else:
            times = [0] + sorted(rng.sample(range(1, 16), k - 2)) + [16]
        if k > 1 and s["corruption"] is None:
            odd = rng.random()
            if odd < 0.05:
                times = [rng.randrange(17)] * k
            elif odd < 0.25:
                times = times[::-1]
        flip = rng.random() < 0.3
        pairs = [(tasks.mirrored(question) if flip else question, yes) for _, question, yes in tasks.questions(s, times, rng)]
        rng.shuffle(pairs)
        ids = self.head(self.instructions.yes_no, k)
        prefix, segments, spans = len(ids), [0] * len(ids), []
        for number, (question, yes) in enumerate(pairs[:20], 1):
            asked = self.encode(question) + self.cached("<|im_end|>\n<|im_start|>assistant\n")
            said = [self.cached("yes" if yes else "no")[0], self.end]
            spans.append((len(ids) + len(asked), 2))
            ids = ids + asked + said
            segments += [number] * (len(asked) + 2)
        return (ids, spans, (prefix, segments)), i, times, flip

    def positions(self, ids, prefix):
        """Time, height, width of every token: a picture takes eight steps, a question starts after the prefix."""
        out, at, j = [], 0, 0
        while j < len(ids):
            if ids[j] == self.image:
                out += [(at, at + c // 8, at + c % 8) for c in range(CELLS)]
                at, j = at + 8, j + CELLS
            else:
                out.append((at,) * 3)
                at, j = at + 1, j + 1
        if prefix:
            start, segments = prefix[0], prefix[1]
            base, seen = out[start - 1][0] + 1, {}
            for j in range(start, len(ids)):
                n = seen.get(segments[j], 0)
                out[j], seen[segments[j]] = (base + n,) * 3, n + 1
        return out

    def together(self, rows, k, what):
        n = len(rows)
        length = (max(len(r[0][0]) for r in rows) + 31) // 32 * 32
        ids = torch.full((n, length), self.pad)
        positions = torch.zeros(3, n, length, dtype=torch.long)
        segments = torch.full((n, length), -1, dtype=torch.int16)
        image_at, row, column, token = torch.zeros(n, k * CELLS, dtype=torch.long), [], [], []
        for r, ((line, spans, prefix), *_) in enumerate(rows):
            ids[r, :len(line)] = torch.tensor(line)
            positions[:, r, :len(line)] = torch.tensor(self.positions(line, prefix)).T
            if prefix:
                segments[r, :len(line)] = torch.tensor(prefix[1], dtype=torch.int16)
            if k:
                image_at[r] = (ids[r] == self.image).nonzero()[:, 0]
            for start, count in spans:
                row += [r] * count
                column += range(start - 1, start + count - 1)
                token += line[start:start + count]
        # Answers count by their first token; in texts the words that say which way count more than those around them.
        first = [1, 0] * (len(row) // 2) if what == "ask" else [6 if t in self.ways else 1 for t in token]
        return {"what": what, "ids": ids, "positions": positions, "segments": segments, "image_at": image_at,
                "row": torch.tensor(row), "column": torch.tensor(column), "token": torch.tensor(token),
                "clip": torch.tensor([r[1] for r in rows]), "times": torch.tensor([r[2] for r in rows], dtype=torch.long).view(n, -1),
                "flip": torch.tensor([r[3] for r in rows]),
                "first": torch.tensor(first)}


def sharing_mask(segments, dtype):
    """0 where a token may look: causal, and the prefix or its own question."""
    a, b = segments[:, :, None], segments[:, None, :]
    l = segments.shape[1]
    causal = torch.ones(l, l, dtype=torch.bool, device=segments.device).tril()
    allowed = ((b == 0) | (a == b)) & causal
    return torch.where(allowed[:, None], 0.0, -1e4).to(dtype)


# Training ---------------------------------------------------------------------------------------------------------------


class World:
    """Frames and labels of clean and corrupted clips on the device, scenes on the host."""

    def __init__(self, folders, limit, device):
        parts = [data.Clips.read(f, range(17), limit, device) for f in folders]
        self.frames = torch.cat([p.frames for p in parts])
        self.masks = torch.cat([p.masks for p in parts])
        keep = ("subjects", "relation", "background", "action", "speed", "manner", "camera", "corruption", "prompts", "targets", "questions")
        self.scenes = []
        for s in (s for p in parts for s in p.scenes):
            slim = {k: s[k] for k in keep}
            slim["scene"] = {"size": s["scene"]["size"], "subjects": [{"x": q["x"], "y": q["y"]} for q in s["scene"]["subjects"]]}
            slim["shown"] = {k: s["scene"][k] and s["scene"][k].lower() for k in ("action", "relation")}
            self.scenes.append(slim)
        self.clean = [i for i, s in enumerate(self.scenes) if s["corruption"] is None]
        self.spoiled = {}
        for i, s in enumerate(self.scenes):
            if s["corruption"]:
                self.spoiled.setdefault(s["corruption"], []).append(i)
        self.pose = torch.tensor([s["motion"][0] for p in parts for s in p.scenes], device=device)
        self.posed = torch.tensor([s["corruption"] in (None, "wrong_direction", "wrong_place", "wrong_subject") for s in self.scenes], device=device)
        look = phrases.attributes(self.scenes, device) + 1
        self.look, self.back = look, torch.tensor([phrases.BACKGROUNDS.index(s["background"]) for s in self.scenes], device=device)

    def pictures(self, clip, times, flip):
        """(B k) x 3 x 128 x 128 in 0..1, of the rows marked the mirror images."""
        image = self.frames[clip[:, None], times].permute(0, 1, 4, 2, 3)
        return torch.where(flip[:, None, None, None, None], image.flip(-1), image).flatten(0, 1).float() / 255

    def labels(self, clip, times, flip):
        label = self.masks[clip[:, None], times]
        return torch.where(flip[:, None, None, None], label.flip(-1), label).flatten(0, 1)


def train(args):
    device = args.device
    instructions = tasks.Instructions(args.instructions)
    world = World([args.data / "train", args.data / "mixed"], args.clips, device)
    if args.start:
        vocabulary = Tokenizer.from_file(str(args.start / "tokenizer.json"))
        model = Qwen3VLForConditionalGeneration.from_pretrained(args.start).float().to(device).eval()
    else:
        vocabulary = new_vocabulary(corpus(world.scenes[:4000] + world.scenes[-4000:], instructions))
        model = new_model(args.seed, vocabulary).to(device)
    fast = Fast(model)
    cells = Cells(256).to(device)
    run = loop.Loop(args, list({id(p): p for p in model.parameters()}.values()) + list(cells.parameters()))
    batches = Batches(world.scenes, world.clean, world.spoiled, vocabulary, instructions, args.seed + run.count, args.batch / 96, args.relations)
    loader = iter(DataLoader(batches, batch_size=None, num_workers=args.workers, prefetch_factor=6 if args.workers else None))
    g = torch.Generator(device).manual_seed(args.seed + run.count)
    while run.running():
        batch = next(loader)
        what = batch["what"]
        batch = {k: v.to(device, non_blocking=True) for k, v in batch.items() if torch.is_tensor(v)}
        k = batch["times"].shape[1]
        aux = placed = torch.zeros((), device=device)
        with loop.autocast(args):
            merged = deep = None
            if k:
                flip = batch["flip"]
                image = world.pictures(batch["clip"], batch["times"], flip)
                noisy = data.soften(image, g, 0.4)
                merged, deep = fast.see(noisy)
                clip = batch["clip"].repeat_interleave(k)
                label = world.labels(batch["clip"], batch["times"], flip)
                pose = world.pose[batch["clip"][:, None], batch["times"]].flatten(0, 1)
                known = (world.posed[batch["clip"]] & ~flip).repeat_interleave(k)
                aux, placed = cells(merged, label, world.look[clip], world.back[clip], pose, known)
            mask = sharing_mask(batch["segments"], torch.bfloat16 if device.startswith("cuda") else torch.float32) if what == "ask" else None
            hidden = fast.read(batch["ids"], batch["positions"], merged, deep, batch["image_at"], mask)
            logits = fast.logits(hidden[batch["row"], batch["column"]])
        entropy = F.cross_entropy(logits.float(), batch["token"], reduction="none")
        first = batch["first"].float()
        rest = (first == 0).float()
        loss = (entropy * first).sum() / first.sum() + 0.05 * (entropy * rest).sum() / rest.sum().clamp(min=1)
        share = run.share()
        parts = {f"{what}{k}" if what == "ask" else what: loss.detach(), "cells": aux.detach(), "place": placed.detach()}
        run.step(loss + (1.0 - 0.8 * share) * (aux + 2 * placed), **parts)
    run.finish()
    save(model, vocabulary, args.out)
    return model, vocabulary, instructions


def save(model, vocabulary, out):
    model.to(torch.bfloat16).save_pretrained(out)
    model.float()
    vocabulary.save(str(out / "tokenizer.json"))
    state = json.loads((out / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    loop.write_json(out / "vocab.json", state["vocab"])
    merges = [" ".join(m) if isinstance(m, list) else m for m in state["merges"]]
    (out / "merges.txt").write_text("\n".join(merges) + "\n", encoding="utf-8")
    loop.write_json(out / "tokenizer_config.json", {
        "tokenizer_class": "Qwen2Tokenizer", "add_prefix_space": False, "bos_token": None, "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>", "unk_token": None, "model_max_length": 8192, "additional_special_tokens": SPECIAL[1:],
        "added_tokens_decoder": {str(vocabulary.token_to_id(t)): {
            "content": t, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
            for t in SPECIAL}})
    loop.write_json(out / "chat_template.json", {"chat_template": TEMPLATE})
    (out / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    loop.write_json(out / "preprocessor_config.json", {
        "size": {"shortest_edge": SIZE * SIZE, "longest_edge": 16777216}, "patch_size": PATCH, "temporal_patch_size": 2,
        "merge_size": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "processor_class": "Qwen3VLProcessor",
        "image_processor_type": "Qwen2VLImageProcessorFast"})
    end, pad = vocabulary.token_to_id("<|im_end|>"), vocabulary.token_to_id("<|endoftext|>")
    loop.write_json(out / "generation_config.json", {"do_sample": False, "eos_token_id": [end, pad], "pad_token_id": pad})


# Measuring --------------------------------------------------------------------------------------------------------------


def flat_patches(image):
    """The processor's layout of patches (256 x 1536) for one 3 x 128 x 128 picture in 0..1."""
    x = F.interpolate(image[None], (SIZE, SIZE), mode="bicubic", align_corners=False).clamp(0, 1) * 2 - 1
    m = SIZE // PATCH // 2
    x = x.view(3, m, 2, PATCH, m, 2, PATCH).permute(1, 4, 2, 5, 0, 3, 6).reshape(CELLS * 4, 3, 1, PATCH, PATCH)
    return x.expand(-1, -1, 2, -1, -1).reshape(CELLS * 4, -1)


@torch.no_grad()
def generate(fast, batches, rows, images, limit=220):
    """Greedy answers of the class itself, one row after the other; ``images``: one a row, or None."""
    model, out = fast.model, []
    device = next(model.parameters()).device
    for i, row in enumerate(rows):
        ids = torch.tensor([row], device=device)
        seen = {} if images is None else {
            "pixel_values": flat_patches(images[i]), "mm_token_type_ids": (ids == batches.image).int(),
            "image_grid_thw": torch.tensor([[1, SIZE // PATCH, SIZE // PATCH]], device=device)}
        said = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=limit, do_sample=False,
                              eos_token_id=batches.end, pad_token_id=batches.pad, **seen)
        out.append(batches.v.decode(said[0, len(row):].tolist(), skip_special_tokens=True))
    return out


@torch.no_grad()
def evaluate(model, vocabulary, instructions, folders, device, prompts=64, asked=256):
    """Rules kept, facts named and questions answered right on clips that were not trained on."""
    model = model.float().to(device).eval()
    fast = Fast(model)
    world = World(folders, max(prompts, asked), device)
    batches = Batches(world.scenes, world.clean, world.spoiled, vocabulary, instructions, 77)
    rng = random.Random(21)
    out, kept, facts, total, examples = {}, 0, 0, 0, {}
    chosen = world.clean[:prompts]
    for mode in tasks.WORDS if chosen else ():
        good = right = 0
        for part in (chosen[i:i + 64] for i in range(0, len(chosen), 64)):
            scenes = [world.scenes[i] for i in part]
            sees = instructions.sees[mode]
            rows = [batches.head(instructions.modes[mode], int(sees)) + batches.encode(f"Prompt: {s['prompts'][0]}")
                    + batches.cached("<|im_end|>\n<|im_start|>assistant\n") for s in scenes]
            image = world.pictures(torch.tensor(part, device=device), torch.zeros(len(part), 1, dtype=torch.long, device=device),
                                   torch.zeros(len(part), dtype=torch.bool, device=device)) if sees else None
            for s, text in zip(scenes, generate(fast, batches, rows, image)):
                low, high = tasks.WORDS[mode]
                first = s["subjects"][0]
                done = tasks.done_of(s, "slowly" if s["speed"] == "slow" else "quickly")
                good += low <= tasks.count(text) <= high
                right += first["noun"] in text and first["colour"] in text and done in text
                examples.setdefault(mode, []).append({"prompt": s["prompts"][0], "answer": text})
        out[mode] = {"rulesKept": good / len(chosen), "factsRight": right / len(chosen)}
    if chosen:
        modes = [out[m] for m in tasks.WORDS]
        out["promptRulesKept"] = sum(m["rulesKept"] for m in modes) / len(modes)
        out["promptFactsRight"] = sum(m["factsRight"] for m in modes) / len(modes)
        exact = []
        for part in (chosen[i:i + 32] for i in range(0, len(chosen), 32)):
            scenes = [world.scenes[i] for i in part]
            rows = [batches.head(instructions.extract, 0) + batches.encode(f"Prompt: {s['prompts'][0]}")
                    + batches.cached("<|im_end|>\n<|im_start|>assistant\n") for s in scenes]
            exact += [text == tasks.extraction(s, s["prompts"][0]) for s, text in zip(scenes, generate(fast, batches, rows, None))]
        out["extractionExact"] = sum(exact) / len(exact)
    yes, no = batches.cached("yes")[0], batches.cached("no")[0]
    by_kind, hits = {}, []
    for k, times in ((1, [0]), (4, [0, 5, 11, 16]), (5, [0, 5, 10, 15, 16])):
        rows, truths = [], []
        for i, s in enumerate(world.scenes):
            if k == 1 and s["corruption"]:
                continue  # some show only later
            pairs = tasks.questions(s, times, rng)
            ids = batches.head(instructions.yes_no, k)
            prefix, segments, spans = len(ids), [0] * len(ids), []
            for number, (_, question, _) in enumerate(pairs, 1):
                asked_ids = batches.encode(question) + batches.cached("<|im_end|>\n<|im_start|>assistant\n")
                spans.append((len(ids) + len(asked_ids), 1))
                ids = ids + asked_ids + [yes]
                segments += [number] * (len(asked_ids) + 1)
            rows.append(((ids, spans, (prefix, segments)), i, times, False))
            truths.append(pairs)
        for start in range(0, len(rows), 16):
            batch = batches.together(rows[start:start + 16], k, "mode")
            batch = {key: v.to(device) for key, v in batch.items() if torch.is_tensor(v)}
            merged, deep = fast.see(world.pictures(batch["clip"], batch["times"], batch["flip"]))
            hidden = fast.read(batch["ids"], batch["positions"], merged, deep, batch["image_at"], sharing_mask(batch["segments"], torch.float32))
            logits = fast.logits(hidden[batch["row"], batch["column"]])
            said = (logits[:, yes] > logits[:, no]).tolist()
            flat = [(about, q, t, world.scenes[r[1]]) for r, p in zip(rows[start:start + 16], truths[start:start + 16]) for about, q, t in p]
            for answer, (about, question, truth, scene) in zip(said, flat):
                hits.append(answer == truth)
                names = [f"{k} frames", f"{k} frames, {scene['corruption']}", f"{about}, {k} frames"]
                if about == "action" and question.startswith("Is the"):
                    names += [f"action {scene['shown']['action']}, {k} frames", f"action, {scene['corruption']}, {k} frames"]
                for name in names:
                    by_kind.setdefault(name, []).append(answer == truth)
    out["yesNoAccuracy"] = sum(hits) / len(hits)
    out["yesNo"] = {name: [round(sum(v) / len(v), 3), len(v)] for name, v in sorted(by_kind.items())}
    out["examples"] = {m: v[:3] for m, v in examples.items()}
    return out


@torch.no_grad()
def check(model, vocabulary):
    """The class's own forward against the batched one: one picture and a question."""
    model = model.float().cpu().eval()
    fast = Fast(model)
    batches = Batches([], [], {}, vocabulary, None, 1)
    image = torch.rand(1, 3, data.SIDE, data.SIDE)
    ids = batches.head("Look.", 1) + batches.encode("Is there a ring?") + batches.cached("<|im_end|>\n<|im_start|>assistant\n")
    position = torch.tensor(batches.positions(ids, None)).T[:, None]
    line = torch.tensor([ids])
    at = (line == batches.image).nonzero()[:, 1][None]
    merged, deep = fast.see(image)
    ours = fast.logits(fast.read(line, position, merged, deep, at, None))[0]
    flat = flat_patches(image[0])
    theirs = model(input_ids=line, pixel_values=flat, image_grid_thw=torch.tensor([[1, SIZE // PATCH, SIZE // PATCH]]),
                   mm_token_type_ids=(line == batches.image).int()).logits[0]
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def main():
    p = loop.arguments("Qwen3-VL", batch=96)
    p.add_argument("--instructions", type=Path, required=True, help="the folder with modes/ and questions/ that serving reads")
    p.add_argument("--relations", action="store_true", help="dwell on relations: for a last stage with --start and a lower --rate")
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--measure", type=int, default=64, help="how many scenes' prompts are written to measure the modes; 0: none")
    p.add_argument("--asked", type=int, default=256, help="about how many scenes of each kind questions are asked to measure; 0: none")
    args = p.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    if args.evaluate:
        vocabulary = Tokenizer.from_file(str(args.evaluate / "tokenizer.json"))
        model = Qwen3VLForConditionalGeneration.from_pretrained(args.evaluate)
        instructions = tasks.Instructions(args.instructions)
        folders = [args.data / "test", args.data / "test_mixed"]
    else:
        model, vocabulary, instructions = train(args)
        folders = [args.data / "validation", args.data / "validation_mixed"]
    metrics = {"differenceToClass": check(model, vocabulary)}
    print(metrics, flush=True)
    if args.measure or args.asked:
        metrics.update(evaluate(model, vocabulary, instructions, folders, args.device, args.measure, args.asked))
    print(json.dumps({k: v for k, v in metrics.items() if k != "examples"}), flush=True)
    if args.evaluate:
        print(json.dumps(metrics.get("examples"), indent=1))
    else:
        loop.write_json(args.out / "metrics.json", metrics)


if __name__ == "__main__":
    main()
