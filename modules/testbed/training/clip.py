"""Trains the testbed's CLIP: the published two towers, small, with a tokenizer of their own.

Three contrasts share the towers: whole frames against captions and verbose prompts; crops of one
subject against phrases that may leave out colour or pattern (a phrase that fits several crops counts
for all of them); and single regions against the same phrases and against words for the background.
The regions go the way that dense segmentation with a proxy attention goes: values of the last block,
averaged by a given attention, output projection, no residual and no MLP, last norm, projection.
"""

import torch
import torch.nn.functional as F
from transformers import CLIPConfig, CLIPModel

import data
import loop
import phrases

SIZE, PATCH, LENGTH = 224, 16, 77
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
FORMS = ["{}", "a {}", "the {}", "a photo of a {}.", "a picture of the {}.", "a video of a {}."]
PLACES = ["{} background", "a {} background", "the {} background", "{} wall", "a photo of a {} background.", "a {} backdrop"]


def new_model(seed, vocabulary):
    torch.manual_seed(seed)
    ids = dict(bos_token_id=vocabulary.token_to_id(phrases.START), eos_token_id=vocabulary.token_to_id(phrases.END),
               pad_token_id=vocabulary.token_to_id(phrases.END))
    return CLIPModel(CLIPConfig(
        text_config=dict(vocab_size=vocabulary.get_vocab_size(), hidden_size=160, intermediate_size=640, num_hidden_layers=4,
                         num_attention_heads=5, max_position_embeddings=LENGTH, hidden_act="quick_gelu", projection_dim=160, **ids),
        vision_config=dict(hidden_size=160, intermediate_size=640, num_hidden_layers=5, num_attention_heads=5,
                           image_size=SIZE, patch_size=PATCH, hidden_act="quick_gelu", projection_dim=160),
        projection_dim=160)).eval()


class Places:
    """Phrases for backgrounds; the last colour is none ("the background")."""

    def __init__(self, vocabulary, device):
        names = phrases.BACKGROUNDS + [""]
        lines = [" ".join(form.format(c).split()) for form in PLACES for c in names]
        self.count = len(names)
        self.ids = phrases.encode(vocabulary, lines, LENGTH)[0].to(device)


def image_tower(model, pixels):
    """The last block's input (B x 197 x D) and the image embedding."""
    vision = model.vision_model
    x = vision.pre_layrnorm(vision.embeddings(data.normalise(pixels, MEAN, STD)))
    for layer in vision.encoder.layers[:-1]:
        x = plain(layer(x, attention_mask=None))
    out = plain(vision.encoder.layers[-1](x, attention_mask=None))
    return x, F.normalize(model.visual_projection(vision.post_layernorm(out[:, 0])).float(), dim=-1)


def plain(x):
    return x[0] if isinstance(x, tuple) else x


def regions(model, before, attention):
    """Embeddings of regions: attention is B x R x 196 with rows that sum to one."""
    last = model.vision_model.encoder.layers[-1]
    values = last.self_attn.v_proj(last.layer_norm1(before))[:, 1:]
    mixed = last.self_attn.out_proj(attention.to(values.dtype) @ values)
    return F.normalize(model.visual_projection(model.vision_model.post_layernorm(mixed)).float(), dim=-1)


def text_tower(model, ids):
    return F.normalize(model.get_text_features(input_ids=ids).pooler_output.float(), dim=-1)


def contrast(a, b, fits, scale):
    """Both ways; ``fits`` says which pairs belong together, every row and column may have several."""
    logits = scale * a @ b.T

    def one(x, yes):
        kept = yes.any(1)
        hit = x.masked_fill(~yes, -1e4).logsumexp(1)
        return ((x.logsumexp(1) - hit) * kept).sum() / kept.sum().clamp(min=1)

    return (one(logits, fits) + one(logits.T, fits.T)) / 2


def coverage_attention(cover):
    """B x 196 shares of a region to an attention row; the second value says whether it is usable."""
    weight = torch.where(cover >= 0.5, cover, 0.0)
    total = weight.sum(1)
    return weight / total.clamp(min=1e-3)[:, None], total >= 0.9


def one_patch(cover, g):
    """A random patch of the region as an attention row."""
    score = torch.rand(cover.shape, generator=g, device=cover.device) + (cover >= 0.75) * 2
    return F.one_hot(score.argmax(1), cover.shape[1]).float()


def described(scenes, vocabulary, device):
    """N x 5 x 77 ids: the caption and four verbose prompts."""
    lines = [t for s in scenes for t in [s["caption"]] + s["prompts"]]
    return phrases.encode(vocabulary, lines, LENGTH)[0].view(len(scenes), -1, LENGTH).to(device)


def train(args):
    device, b = args.device, args.batch
    clips = data.Clips.read(args.data / "train", (0, 4, 8, 12, 16), args.clips, device)
    g = torch.Generator(device).manual_seed(args.seed)
    vocabulary = phrases.clip_tokenizer(phrases.texts(clips.scenes))
    texts = described(clips.scenes, vocabulary, device)
    table, places = phrases.Table(vocabulary, LENGTH, device, FORMS), Places(vocabulary, device)
    look = phrases.attributes(clips.scenes, device)
    back = torch.tensor([phrases.BACKGROUNDS.index(s["background"]) for s in clips.scenes], device=device)
    model = (CLIPModel.from_pretrained(args.start) if args.start else new_model(args.seed, vocabulary)).float().to(device).eval()
    run = loop.Loop(args, model.parameters())
    chance = lambda n, p: data.uniform((n,), 0, 1, g, device) < p
    below = lambda k, n: data.below(k, (n,), g, device)
    g.manual_seed(args.seed + run.count)  # a later session draws other batches
    while run.running():
        with torch.no_grad():
            clip, time = below(len(clips), b), below(len(clips.times), b)
            image, label = data.soften(clips.image(clip, time), g), clips.mask(clip, time)
            # The first text is the caption; it names things in the same words every time and is drawn twice as often.
            written = texts[clip, (below(6, b) - 1).clamp(min=0)]
            own = (chance(b, 0.5) & (look[clip, 1, 0] >= 0)).long()
            kind, colour, pattern = look[clip, own].unbind(1)
            shape = (label == (own + 1)[:, None, None])[:, None].float()
            seen = shape.flatten(1).sum(1) >= 60
            say_colour, say_pattern = chance(b, 0.6), chance(b, 0.3)
            phrase = table.index(below(table.forms, b), torch.where(say_pattern, pattern + 1, 0),
                                 torch.where(say_colour, colour + 1, 0), table.of_kind[kind, below(2, b)])
            fits = (kind[:, None] == kind) & (~say_colour | (colour[:, None] == colour)) & (~say_pattern | (pattern[:, None] == pattern))
            fits = fits & seen[:, None]
            box = data.boxes_of(shape[:, 0] > 0.5)
            centre, half = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]).amax(1, keepdim=True).clamp(min=8) / 2
            half = half * data.uniform((b, 1), 1.0, 1.8, g, device)
            part = torch.cat([centre - half, centre + half], 1)
            empty = chance(b, 0.35).view(b, 1, 1, 1)
            tone = data.uniform((b, 3, 1, 1), 0, 1, g, device)
            cut = data.crop(torch.where(empty, image * shape + tone * (1 - shape), image), part, SIZE)
            whole = F.interpolate(image, (SIZE, SIZE), mode="bicubic", align_corners=False)
            cover = F.adaptive_avg_pool2d(shape, SIZE // PATCH).flatten(1)
            free = F.adaptive_avg_pool2d((label == 0)[:, None].float(), SIZE // PATCH).flatten(1)
            subject_row, usable = coverage_attention(cover)
            ground_row, _ = coverage_attention(free)
            rows = torch.stack([subject_row, one_patch(cover, g), ground_row, one_patch(free, g)], 1)
            single = cover.amax(1) >= 0.75
            bare = chance(b, 0.25)
            place = torch.where(bare, places.count - 1, back[clip])
            place_ids = places.ids[below(len(PLACES), b) * places.count + place]
            place_fits = (back[clip][:, None] == back[clip]) | bare[None]
        with loop.autocast(args):
            before, both = image_tower(model, torch.cat([whole, cut]))
            parts = regions(model, before[:b], rows)
            words = text_tower(model, torch.cat([written, table.ids[phrase], place_ids]))
        scale = model.logit_scale.exp().clamp(max=100)
        said, short, place_words = words.split(b)
        frames, crops = both.split(b)
        whole_loss = contrast(frames, said, torch.eye(b, dtype=torch.bool, device=device), scale)
        crop_loss = contrast(crops, short, fits, scale)
        # A region stands against all phrases, those of things and those of places.
        off = torch.zeros(b, b, dtype=torch.bool, device=device)
        either = torch.cat([short, place_words])
        thing = lambda e, ok: contrast(e, either, torch.cat([fits & ok[:, None], off], 1), scale)
        where = lambda e: contrast(e, either, torch.cat([off, place_fits], 1), scale)
        dense = (thing(parts[:, 0], usable) + thing(parts[:, 1], single) + where(parts[:, 2]) + where(parts[:, 3])) / 4
        run.step(whole_loss + crop_loss + dense, whole=whole_loss, crop=crop_loss, dense=dense, scale=scale)
    run.finish()
    with torch.no_grad():
        model.logit_scale.clamp_(max=4.6052)
    save(model, vocabulary, args.out)
    return model, vocabulary


def save(model, vocabulary, out):
    model.half().save_pretrained(out)
    model.float()
    phrases.save_clip_tokenizer(vocabulary, out, LENGTH)
    loop.write_json(out / "preprocessor_config.json", {
        "crop_size": {"height": SIZE, "width": SIZE}, "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True,
        "do_rescale": True, "do_resize": True, "image_mean": list(MEAN), "image_std": list(STD),
        "image_processor_type": "CLIPImageProcessor", "resample": 3, "rescale_factor": 1 / 255, "size": {"shortest_edge": SIZE}})


@torch.no_grad()
def evaluate(model, vocabulary, folder, device, limit=None):
    """Right text among 32 for a middle frame, and whether patches know subject from background."""
    clips = data.Clips.read(folder, (0, 8, 16), limit, device)
    model = model.float().to(device).eval()
    texts = described(clips.scenes, vocabulary, device)
    table, places = phrases.Table(vocabulary, LENGTH, device, FORMS), Places(vocabulary, device)
    look = phrases.attributes(clips.scenes, device)
    n = len(clips)
    every = torch.arange(n, device=device)
    before, frames = [], []
    for part in F.interpolate(clips.image(every, torch.ones_like(every)), (SIZE, SIZE), mode="bicubic", align_corners=False).split(64):
        x, e = image_tower(model, part)
        before.append(x), frames.append(e)
    before, frames = torch.cat(before), torch.cat(frames)
    read = lambda ids: torch.cat([text_tower(model, i) for i in ids.split(256)])
    caption, prompt = read(texts[:, 0]), read(texts[:, 1])
    rng = torch.Generator().manual_seed(3)
    right = {"caption": 0, "prompt": 0, "image": 0}
    for i in range(n):
        others = [j for j in torch.randperm(n, generator=rng)[:80].tolist() if clips.scenes[j]["caption"] != clips.scenes[i]["caption"]][:31]
        drawn = torch.tensor([i] + others, device=device)
        right["caption"] += int((caption[drawn] @ frames[i]).argmax() == 0)
        right["prompt"] += int((prompt[drawn] @ frames[i]).argmax() == 0)
        right["image"] += int((frames[drawn] @ caption[i]).argmax() == 0)
    kind, colour, _ = look[:, 0].unbind(1)
    zero = torch.zeros_like(kind)
    name = read(table.ids[table.index(zero + 1, zero, colour + 1, table.of_kind[kind, 0])])
    ground = read(places.ids[places.count + places.count - 1][None])[0]
    eye = torch.eye(196, device=device).expand(n, -1, -1)
    patches = torch.cat([regions(model, b, a) for b, a in zip(before.split(64), eye.split(64))])
    chosen = (patches @ name[:, :, None])[..., 0] > patches @ ground
    cover = F.adaptive_avg_pool2d((clips.masks[:, 1] == 1)[:, None].float(), SIZE // PATCH).flatten(1)
    truth = cover >= 0.5
    iou = (chosen & truth).sum(1) / (chosen | truth).sum(1).clamp(min=1)
    return {"clips": n, "clipRetrieval": right["caption"] / n, "promptRetrieval": right["prompt"] / n,
            "imageRetrieval": right["image"] / n, "patchIou": iou.mean().item()}


def main():
    args = loop.arguments("CLIP", batch=384).parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    if args.evaluate:
        vocabulary = phrases.Tokenizer.from_file(str(args.evaluate / "tokenizer.json"))
        print(evaluate(CLIPModel.from_pretrained(args.evaluate), vocabulary, args.data / "test", args.device))
        return
    model, vocabulary = train(args)
    metrics = {"validation": evaluate(model, vocabulary, args.data / "validation", args.device, 512)}
    print(metrics, flush=True)
    loop.write_json(args.out / "metrics.json", metrics)


if __name__ == "__main__":
    main()
