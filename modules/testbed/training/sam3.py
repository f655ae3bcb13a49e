"""Trains the testbed's SAM3: the published architecture, small, at 128 px.

Text in, instances out. A phrase names a subject of the picture (by any of its nouns, with or without
colour and pattern) or one that is not there (another kind, or the right kind in a wrong colour or
pattern). Copies of the subject, opaque or ghostly, count as further instances unless they overlap the
original by much. Matching of queries to at most two instances is exact and the same for all decoder
layers; every layer is supervised.
"""

import torch
import torch.nn.functional as F
from torch import nn
from transformers import Sam3Config
from transformers.models.sam3.modeling_sam3 import Sam3Model, box_cxcywh_to_xyxy, inverse_sigmoid

import data
import loop
import phrases

SIZE, LENGTH, INSTANCES = 128, 32, 2


def new_model(seed, vocabulary):
    torch.manual_seed(seed)
    width, heads, wide = 128, 8, 512
    common = dict(hidden_size=width, num_attention_heads=heads, dropout=0.0)
    config = Sam3Config(
        vision_config=dict(
            backbone_config=dict(
                model_type="sam3_vit_model", hidden_size=192, intermediate_size=768, num_hidden_layers=6,
                num_attention_heads=3, image_size=SIZE, patch_size=8, pretrain_image_size=SIZE, window_size=8,
                global_attn_indexes=[1, 3, 5]),
            fpn_hidden_size=width, backbone_feature_sizes=[[64, 64], [32, 32], [16, 16]]),
        text_config=dict(
            model_type="clip_text_model", vocab_size=vocabulary.get_vocab_size(), hidden_size=width,
            intermediate_size=wide, projection_dim=width, num_hidden_layers=3, num_attention_heads=4,
            max_position_embeddings=LENGTH, hidden_act="gelu", bos_token_id=vocabulary.token_to_id(phrases.START),
            eos_token_id=vocabulary.token_to_id(phrases.END), pad_token_id=vocabulary.token_to_id(phrases.END)),
        geometry_encoder_config=dict(num_layers=1, intermediate_size=wide, roi_size=1, **common),
        detr_encoder_config=dict(num_layers=3, intermediate_size=wide, **common),
        detr_decoder_config=dict(num_layers=3, num_queries=20, intermediate_size=wide, **common),
        mask_decoder_config=dict(hidden_size=width, num_upsampling_stages=2, num_attention_heads=heads))
    model = Sam3Model(config)
    with torch.no_grad():  # queries start spread over the picture, about as large as a subject
        at = torch.rand(20, 2) * 0.7 + 0.15
        model.detr_decoder.reference_points.weight.copy_(inverse_sigmoid(torch.cat([at, torch.full((20, 2), 0.35)], 1)))
    return model.eval()


def draw_phrases(names, look, own, absent, g):
    """Indices of phrases: for the subject ``own`` (0 or 1) of each row or, where ``absent``, for none.

    Also what each phrase says: kind, colour, pattern (B x 3, from 1, 0 where it is silent)."""
    n, device = len(own), look.device
    row = torch.arange(n, device=device)
    kind, colour, pattern = look[row, own].unbind(1)
    chance = lambda p: data.uniform((n,), 0, 1, g, device) < p
    below = lambda k: data.below(k, (n,), g, device)
    with_colour, with_pattern = chance(0.5), chance(0.25)
    how = below(10)  # absent: 0-5 another kind, 6-8 another colour, 9 another pattern
    other_kind = below(len(names.kinds))
    for _ in range(3):
        other_kind = torch.where((other_kind[:, None] == look[:, :, 0]).any(1), (other_kind + 1) % len(names.kinds), other_kind)
    wrong_colour = (colour + 1 + below(len(phrases.COLOURS) - 1)) % len(phrases.COLOURS)
    wrong_pattern = (pattern + 1 + below(len(phrases.PATTERNS) - 1)) % len(phrases.PATTERNS)
    by_kind, by_colour, by_pattern = absent & (how < 6), absent & (how >= 6) & (how < 9), absent & (how == 9)
    kind = torch.where(by_kind, other_kind, kind)
    colour, with_colour = torch.where(by_colour, wrong_colour, colour), with_colour | by_colour
    pattern, with_pattern = torch.where(by_pattern, wrong_pattern, pattern), with_pattern | by_pattern
    noun = names.of_kind[kind, below(2)]
    pattern, colour = torch.where(with_pattern, pattern + 1, 0), torch.where(with_colour, colour + 1, 0)
    return names.index(below(names.forms), pattern, colour, noun), torch.stack([kind + 1, colour, pattern], 1)


def batch(clips, look, names, n, each, g):
    """n pictures with ``each`` phrases: pixels, phrase indices (n*each), masks (n*each x 2), which are valid;

    for the hints: which subject is where (n x 128 x 128 from 1), looks (n x 2 x 3) and what the phrases say."""
    device = clips.frames.device
    clip, time = data.below(len(clips), (n,), g, device), data.below(len(clips.times), (n,), g, device)
    image, label = clips.image(clip, time), clips.mask(clip, time)
    seen = look[clip]
    parts = torch.stack([label == 1, label == 2], 1).float()
    chance = lambda p: data.uniform((n,), 0, 1, g, device) < p
    second = chance(0.4) & (seen[:, 1, 0] >= 0)
    copied = second.long()
    source = parts[torch.arange(n, device=device), copied][:, None]
    angle, far = data.uniform((n,), 0, 6.2832, g, device), data.uniform((n,), 6, 70, g, device)
    kind = data.uniform((n,), 0, 1, g, device)  # below .2 ghost, below .35 duplicate, else as it is
    alpha = torch.where(kind < 0.2, data.uniform((n,), 0.3, 0.65, g, device), torch.where(kind < 0.35, 1.0, 0.0))
    solid = (kind >= 0.2) | chance(0.4)
    far = torch.where(solid, far, far * 0.45)  # a double image lies close to the original
    dx, dy = (far * torch.cos(angle)).round().long(), (far * torch.sin(angle)).round().long()
    changed, copy = data.ghost(image, source, dx, dy, alpha)
    changed = torch.where(solid.view(n, 1, 1, 1), changed, data.double(image, source, dx, dy, alpha)[0])
    inside = copy.flatten(1).sum(1) > 0.5 * source.flatten(1).sum(1)  # a copy that left the frame is none
    has = (alpha > 0) & inside
    image = torch.where(has.view(n, 1, 1, 1), changed, image)
    copy = copy * has.view(n, 1, 1, 1)
    # An opaque copy hides what lies under it.
    hides = (has & (alpha == 1)).view(n, 1, 1, 1)
    parts = torch.where(hides, parts * (1 - copy), parts)
    overlap = (source * copy).flatten(1).sum(1) / source.flatten(1).sum(1).clamp(min=1)
    image = data.soften(image, g)
    turn = torch.where(chance(0.15), data.uniform((n,), -0.25, 0.25, g, device), 0.0)
    image = data.turn_hue(image, turn)
    # A third are seen at another scale and place, with the border repeated.
    scale, at = data.uniform((n, 1), 0.7, 1.5, g, device), data.uniform((n, 2), -20, 20, g, device)
    half = torch.where(chance(0.35)[:, None], data.SIDE / 2 * scale, data.SIDE / 2)
    centre = data.SIDE / 2 + torch.where((half != data.SIDE / 2), at, 0.0)
    box = torch.cat([centre - half, centre + half], 1)
    image = data.crop(image, box, SIZE)
    pad = 64
    both = data.crop(F.pad(torch.cat([parts, copy], 1), (pad,) * 4), box + pad, SIZE)
    parts, copy = (both[:, :2] > 0.5).float(), (both[:, 2:] > 0.5).float()
    row = torch.arange(n, device=device).repeat_interleave(each)
    own = data.below(2, (n * each,), g, device) * (seen[row, 1, 0] >= 0)
    absent = data.uniform((n * each,), 0, 1, g, device) < 0.4
    phrase, says = draw_phrases(names, seen[row], own, absent, g)
    label = torch.where(parts[:, 0] > 0, 1, torch.where(parts[:, 1] > 0, 2, torch.where(copy[:, 0] > 0, copied.view(n, 1, 1) + 1, 0)))
    first = parts[row, own]
    is_copied = has[row] & (copied[row] == own)
    merged = is_copied & (overlap[row] > 0.35)
    again = copy[row, 0] * is_copied.view(-1, 1, 1)
    target = torch.stack([torch.where(merged.view(-1, 1, 1), torch.maximum(first, again), first),
                          again * (~merged).view(-1, 1, 1)], 1)
    valid = (target.flatten(2).sum(2) >= 20) & ~absent[:, None]
    return image, phrase, target, valid, (label, seen + 1, says)


def forward(model, pixels, ids, mask, each, hints=None):
    """Every decoder layer's outputs: logits L x N x Q, boxes L x N x Q x 4 (x0 y0 x1 y1), presence L x N."""
    vision = model.vision_encoder(pixels * 2 - 1)
    grow = (lambda x: x.repeat_interleave(each, 0)) if each > 1 else (lambda x: x)
    features = [grow(f) for f in vision.fpn_hidden_states[:-1]]
    position = grow(vision.fpn_position_encoding[-2])
    text = model.get_text_features(input_ids=ids, attention_mask=mask, return_dict=True).pooler_output
    known = mask.bool()
    encoded = model.detr_encoder(vision_features=[features[-1]], text_features=text, vision_pos_embeds=[position], text_mask=known)
    decoded = model.detr_decoder(
        vision_features=encoded.last_hidden_state, text_features=text, vision_pos_encoding=encoded.pos_embeds_flattened,
        text_mask=known, spatial_shapes=encoded.spatial_shapes)
    hidden = decoded.intermediate_hidden_states
    boxes = (inverse_sigmoid(decoded.reference_boxes.float()) + model.detr_decoder.box_head(hidden).float()).sigmoid()
    logits = model.dot_product_scoring(decoder_hidden_states=hidden, text_features=text, text_mask=known).squeeze(-1)

    if hints is not None:
        hints.see(vision.fpn_hidden_states[-2], text, known)

    def masks(queries):
        out = model.mask_decoder(decoder_queries=queries, backbone_features=features,
                                 encoder_hidden_states=encoded.last_hidden_state, prompt_features=text, prompt_mask=known)
        return out.pred_masks.float(), out.semantic_seg.float()

    return logits.float(), boxes, decoded.presence_logits.float().squeeze(-1), hidden, masks


def overlap_of_boxes(a, b):
    """Generalised IoU of x0 y0 x1 y1 boxes that broadcast."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    area = lambda x: (x[..., 2:] - x[..., :2]).clamp(min=0).prod(-1)
    union = area(a) + area(b) - inter + 1e-6
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1) + 1e-6
    return inter / union - (hull - union) / hull


@torch.no_grad()
def match(logits, boxes, wanted, valid):
    """The cheapest distinct query for each of two instances: N x 2 indices."""
    corners = box_cxcywh_to_xyxy(boxes)[:, :, None]
    target = wanted[:, None]
    cost = -logits.sigmoid()[:, :, None] * 2 + 5 * (corners - target).abs().sum(-1) - 2 * overlap_of_boxes(corners, target)
    cost = cost * valid[:, None]
    n, q = logits.shape
    pair = cost[:, :, None, 0] + cost[:, None, :, 1] + torch.eye(q, device=logits.device)[None] * 1e6
    best = pair.flatten(1).argmin(1)
    return torch.stack([best // q, best % q], 1)


def focal(logits, target, gamma=2.0, alpha=0.4):
    p = logits.sigmoid()
    t = p * target + (1 - p) * (1 - target)
    weight = alpha * target + (1 - alpha) * (1 - target)
    return F.binary_cross_entropy_with_logits(logits, target, reduction="none") * (1 - t) ** gamma * weight


def mask_loss(logits, target, valid):
    """Cross-entropy and dice at the target's resolution over the valid masks."""
    logits = F.interpolate(logits, target.shape[-2:], mode="bilinear", align_corners=False)
    near = F.max_pool2d(target, 7, 1, 3) - (-F.max_pool2d(-target, 7, 1, 3))  # boundaries count five times
    cross = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * (1 + 4 * near)).flatten(2).mean(2)
    p = logits.sigmoid().flatten(2)
    t = target.flatten(2)
    dice = 1 - (2 * (p * t).sum(2) + 1) / (p.sum(2) + t.sum(2) + 1)
    count = valid.sum().clamp(min=1)
    return ((cross + dice) * valid).sum() / count


class Hints(nn.Module):
    """Throw-away heads that ground words early: what stands in each of the 256 coarse cells, what a phrase

    says, and which cells a phrase means, by the product of a cell's and a phrase's projection."""

    def __init__(self, width):
        super().__init__()
        self.sizes = [len(phrases.NOUNS) + 1, len(phrases.COLOURS) + 1, len(phrases.PATTERNS) + 1]
        self.cell, self.word = nn.Linear(width, sum(self.sizes)), nn.Linear(width, sum(self.sizes))
        self.place, self.meaning, self.bias = nn.Linear(width, 64), nn.Linear(width, 64), nn.Parameter(torch.tensor(-3.0))

    def see(self, coarse, text, known):
        self.cells = coarse.flatten(2).transpose(1, 2)
        self.words = (text * known[:, :, None]).sum(1) / known.sum(1, keepdim=True)

    def loss(self, label, look, says, target, valid, each):
        size = label.shape[-1] // 16
        share = torch.stack([F.avg_pool2d((label == k).float()[:, None], size).flatten(1) for k in (1, 2)], 2)
        best, which = share.max(2)
        seen = best > 0.3
        total = 0.0
        weight = torch.where(seen, 5.0, 1.0)
        for j, (cell, word) in enumerate(zip(self.cell(self.cells).float().split(self.sizes, -1), self.word(self.words).float().split(self.sizes, -1))):
            wanted = torch.where(seen, look[:, :, j].gather(1, which).clamp(min=0), 0)
            total = total + (F.cross_entropy(cell.transpose(1, 2), wanted, reduction="none") * weight).sum() / weight.sum()
            total = total + F.cross_entropy(word, says[:, j])
        cover = F.avg_pool2d((target * valid[:, :, None, None]).amax(1, keepdim=True), size).flatten(1)
        product = (self.place(self.cells).repeat_interleave(each, 0).float() @ self.meaning(self.words).float()[:, :, None])[..., 0] / 4 + self.bias
        dense = F.binary_cross_entropy_with_logits(product, cover, reduction="none")
        return total / 3 + 3 * (dense * (1 + 9 * cover)).mean()


def losses(model, pixels, ids, mask, target, valid, each, hints, truth):
    logits, boxes, presence, hidden, masks = forward(model, pixels, ids, mask, each, hints)
    layers, n, _ = logits.shape
    wanted = data.boxes_of(target.flatten(0, 1) > 0.5).view(n, INSTANCES, 4) / SIZE
    chosen = match(logits[-1], boxes[-1], wanted, valid)
    label = torch.zeros_like(logits[-1]).scatter_add(1, chosen, valid.float()).clamp(max=1)
    score = focal(logits, label.expand_as(logits)).sum(2).mean()
    take = lambda x: x.gather(2, chosen[None, :, :, None].expand(layers, n, INSTANCES, x.shape[-1]))
    corners = box_cxcywh_to_xyxy(take(boxes))
    count = valid.sum().clamp(min=1) * layers
    box = ((corners - wanted).abs().sum(-1) * valid).sum() / count
    giou = ((1 - overlap_of_boxes(corners, wanted.expand_as(corners))) * valid).sum() / count
    there = F.binary_cross_entropy_with_logits(presence, valid.any(1).float().expand_as(presence))
    queries = take(hidden).permute(1, 0, 2, 3).flatten(1, 2)
    drawn, meaning = masks(queries)
    shape = mask_loss(drawn, target.repeat(1, layers, 1, 1), valid.repeat(1, layers))
    everything = (target * valid[:, :, None, None]).amax(1, keepdim=True)
    whole = mask_loss(meaning, everything, torch.ones_like(valid[:, :1]))
    hint = hints.loss(*truth, target, valid, each)
    total = 2 * score + 5 * box + 2 * giou + there + 4 * shape + whole + 2 * hint
    return total, dict(score=score, box=box, there=there, shape=shape, whole=whole, hint=hint)


def train(args):
    device = args.device
    clips = data.Clips.read(args.data / "train", (0, 3, 6, 10, 13, 16), args.clips, device)
    g = torch.Generator(device).manual_seed(args.seed)
    vocabulary = phrases.clip_tokenizer(phrases.texts(clips.scenes))
    model = (Sam3Model.from_pretrained(args.start) if args.start else new_model(args.seed, vocabulary)).float().to(device).eval()
    names, look = phrases.Table(vocabulary, LENGTH, device), phrases.attributes(clips.scenes, device)
    used = [p for n, p in model.named_parameters()
            if "geometry_encoder" not in n and "fpn_layers.3" not in n and "text_encoder.text_projection" not in n]
    hints = Hints(128).to(device)
    run = loop.Loop(args, used + list(hints.parameters()))
    each = 3
    g.manual_seed(args.seed + run.count)  # a later session draws other batches
    while run.running():
        with torch.no_grad():
            pixels, phrase, target, valid, truth = batch(clips, look, names, args.batch, each, g)
        with loop.autocast(args):
            total, parts = losses(model, pixels, names.ids[phrase], names.mask[phrase], target, valid, each, hints, truth)
        run.step(total, **parts)
    run.finish()
    save(model, vocabulary, args.out)
    return model, vocabulary


def save(model, vocabulary, out):
    model.half().save_pretrained(out)
    model.float()
    phrases.save_clip_tokenizer(vocabulary, out, LENGTH)
    loop.write_json(out / "preprocessor_config.json", {
        "do_convert_rgb": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_mean": [0.5] * 3, "image_std": [0.5] * 3, "image_processor_type": "Sam3ImageProcessorFast",
        "processor_class": "Sam3Processor", "resample": 2, "rescale_factor": 1 / 255, "size": {"height": SIZE, "width": SIZE}})


@torch.no_grad()
def evaluate(model, vocabulary, folder, device, limit=None, threshold=0.5):
    """IoU of the union of accepted masks for the named subject, and how often an absent one is refused."""
    clips = data.Clips.read(folder, (0, 8, 16), limit, device)
    model = model.float().to(device).eval()
    g = torch.Generator(device).manual_seed(11)
    names, look = phrases.Table(vocabulary, LENGTH, device), phrases.attributes(clips.scenes, device)
    row = {"iou": [], "refused": [], "found": [], "single": [], "refusedKind": []}
    for start in range(0, len(clips), 32):
        clip = torch.arange(start, min(len(clips), start + 32), device=device)
        for t in range(3):
            time = torch.full_like(clip, t)
            seen = look[clip]
            for absent in (False, True):
                own = torch.zeros_like(clip)
                gone = torch.full_like(clip, int(absent), dtype=torch.bool)
                phrase, _ = draw_phrases(names, seen, own, gone, g)
                logits, _, presence, hidden, masks = forward(model, clips.image(clip, time), names.ids[phrase], names.mask[phrase], 1)
                scores = logits[-1].sigmoid() * presence[-1].sigmoid()[:, None]
                drawn, _ = masks(hidden[-1])
                drawn = F.interpolate(drawn, (data.SIDE, data.SIDE), mode="bilinear", align_corners=False) > 0
                kept = scores > threshold
                union = (drawn & kept[:, :, None, None]).any(1)
                if absent:
                    row["refused"] += (~kept.any(1)).tolist()
                else:
                    truth = clips.mask(clip, time) == 1
                    iou = (union & truth).flatten(1).sum(1) / (union | truth).flatten(1).sum(1).clamp(min=1)
                    row["iou"] += iou.tolist()
                    row["found"] += kept.any(1).tolist()
                    row["single"] += (kept.sum(1) == 1).tolist()
    mean = lambda x: sum(x) / max(1, len(x))
    return {"clips": len(clips), "sam3Iou": mean(row["iou"]), "sam3IouAtLeast80": mean([x >= 0.8 for x in row["iou"]]),
            "sam3AbsentRejected": mean(row["refused"]), "found": mean(row["found"]), "exactlyOne": mean(row["single"]),
            "threshold": threshold}


def main():
    args = loop.arguments("SAM3", batch=48, rate=8e-4).parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    if args.evaluate:
        vocabulary = phrases.Tokenizer.from_file(str(args.evaluate / "tokenizer.json"))
        print(evaluate(Sam3Model.from_pretrained(args.evaluate), vocabulary, args.data / "test", args.device))
        return
    model, vocabulary = train(args)
    metrics = {"validation": evaluate(model, vocabulary, args.data / "validation", args.device, 512)}
    print(metrics, flush=True)
    loop.write_json(args.out / "metrics.json", metrics)


if __name__ == "__main__":
    main()
