"""Trains the testbed's DINOv3: the same architecture as the published ViT, small, for one small world.

What it learns, and from what:

* the class token tells subjects apart and knows the same one again: every view of a clip's subject
  (another frame, a crop with or without its background, the cut-out subject on a foreign background,
  slight blur, noise and gain) is a positive, subjects of other clips are negatives (supervised
  contrastive loss; clips whose subjects have the same kind, colour and pattern are left out);
* a ghosted, hue-turned or dimmed version of the same view must be less similar than the clean one,
  by a margin that grows with the damage;
* a patch token's cosine to the class token of another view is high on the subject and low beside it,
  so that peak over mean of these cosines says something about the subject.
"""

import torch
import torch.nn.functional as F
from transformers import DINOv3ViTConfig, DINOv3ViTModel

import data
import loop

SIZE, PATCH, REGISTERS = 224, 16, 4
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
PEAK, FLOOR = 0.9, 0.3  # wanted cosines of subject and background patches


def new_model(seed):
    torch.manual_seed(seed)
    return DINOv3ViTModel(DINOv3ViTConfig(
        patch_size=PATCH, hidden_size=192, intermediate_size=768, num_hidden_layers=6, num_attention_heads=3,
        image_size=SIZE, num_register_tokens=REGISTERS, layerscale_value=1.0)).eval()


def appearance(scene, k):
    s = scene["subjects"][k]
    return (s["kind"], s["colour"], s["pattern"])


def embed(model, pixels):
    """Unit class tokens (B x D) and unit patch tokens (B x 196 x D)."""
    tokens = model(pixel_values=data.normalise(pixels, MEAN, STD)).last_hidden_state.float()
    tokens = F.normalize(tokens, dim=-1)
    return tokens[:, 0], tokens[:, 1 + REGISTERS:]


class Views:
    """Draws views of a batch of subjects; all randomness comes from one generator."""

    def __init__(self, clips, generator):
        self.clips, self.g, self.device = clips, generator, clips.frames.device
        names = sorted({appearance(s, k) for s in clips.scenes for k in range(len(s["subjects"]))})
        index = {n: i for i, n in enumerate(names)}
        self.count = torch.tensor([len(s["subjects"]) for s in clips.scenes], device=self.device)
        self.looks = torch.tensor([[index[appearance(s, min(k, len(s["subjects"]) - 1))] for k in (0, 1)]
                                   for s in clips.scenes], device=self.device)

    def uniform(self, shape, low, high):
        return data.uniform(shape, low, high, self.g, self.device)

    def pick(self, n):
        clip = data.below(len(self.clips), (n,), self.g, self.device)
        second = (self.uniform((n,), 0, 1) < 0.5) & (self.count[clip] > 1)
        both = (self.uniform((n,), 0, 1) < 0.4) & (self.count[clip] > 1)
        return clip, torch.where(both, 2, second.long())

    def frame(self, clip, subject):
        """A frame in which the subject shows at least 40 pixels, its mask (B x 1) as 0..1.

        Subject 2 stands for both subjects of a clip together."""
        t = data.below(len(self.clips.times), clip.shape, self.g, self.device)

        def shown(t):
            label = self.clips.mask(clip, t)
            return torch.where((subject == 2)[:, None, None], label > 0, label == (subject + 1)[:, None, None])

        t = torch.where(shown(t).flatten(1).sum(1) < 40, 0, t)
        return self.clips.image(clip, t), shown(t)[:, None].float()

    def modes(self, clip, subject):
        """0 whole frame, 1 crop, 2 crop with the surroundings filled; the whole frame shows all there is."""
        n = len(clip)
        mode = data.below(3, (n,), self.g, self.device)
        mode = torch.where((mode == 0) & (self.count[clip] > 1), 1 + data.below(2, (n,), self.g, self.device), mode)
        return torch.where(subject == 2, 0, mode)

    def view(self, image, mask, mode):
        """Cuts, fills and stretches to 224; returns the image and the subject's share of every patch."""
        n = len(mode)
        wide = F.max_pool2d(mask, 3, 1, 1)
        keep = torch.where(self.uniform((n, 1, 1, 1), 0, 1) < 0.5, mask, wide)
        tones = torch.tensor([[0.0] * 3, [0.5] * 3, list(MEAN), [1.0] * 3], device=self.device)
        tone = tones[data.below(4, (n,), self.g, self.device)].view(n, 3, 1, 1)
        filled = image * keep + tone * (1 - keep)
        image = torch.where((mode == 2).view(n, 1, 1, 1), filled, image)
        box = data.boxes_of(mask[:, 0] > 0.5)
        centre, half = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]).clamp(min=4) / 2
        square = (self.uniform((n, 1), 0, 1) < 0.5)
        half = torch.where(square, half.amax(1, keepdim=True).expand_as(half), half)
        half = half * (1 + self.uniform((n, 1), -0.1, 0.35).clamp(min=0)) + 1
        part = torch.cat([centre - half, centre + half], 1)
        whole = torch.tensor([0.0, 0.0, data.SIDE, data.SIDE], device=self.device).expand(n, 4)
        part = torch.where((mode == 0)[:, None], whole, part)
        shape = data.crop(mask, part, SIZE)
        return data.crop(image, part, SIZE), F.avg_pool2d(shape, PATCH).flatten(1)

    def pasted(self, clip, subject):
        """The cut-out subject, moved and scaled, on another clip's softened frame or a plain colour."""
        image, mask = self.frame(clip, subject)
        n = len(clip)
        other = self.clips.image(clip.roll(1), data.below(len(self.clips.times), (n,), self.g, self.device))
        blurred = F.interpolate(F.avg_pool2d(other, 32), (data.SIDE, data.SIDE), mode="bilinear", align_corners=False)
        plain = self.uniform((n, 3, 1, 1), 0, 1).expand_as(blurred)
        ground = torch.where(self.uniform((n, 1, 1, 1), 0, 1) < 0.6, blurred, plain)
        box = data.boxes_of(mask[:, 0] > 0.5)
        centre, side = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]).amax(1, keepdim=True).clamp(min=6)
        half = side * self.uniform((n, 1), 0.6, 1.6)
        centre = centre + (half - side / 2).clamp(min=0) * self.uniform((n, 2), -1, 1)
        part = torch.cat([centre - half, centre + half], 1)
        # Border padding would smear the frame's edge: what lies outside of the frame is not subject.
        shape, look = data.crop(F.pad(mask, (32,) * 4), part + 32, SIZE), data.crop(image, part, SIZE)
        ground = F.interpolate(ground, (SIZE, SIZE), mode="bilinear", align_corners=False)
        pasted = look * shape + ground * (1 - shape)
        # Both subjects together stay where they are.
        whole = (subject == 2).view(n, 1, 1, 1)
        stretch = lambda x: F.interpolate(x, (SIZE, SIZE), mode="bilinear", align_corners=False)
        shape = torch.where(whole, stretch(mask), shape)
        return torch.where(whole, stretch(image), pasted), F.avg_pool2d(shape, PATCH).flatten(1)

    def damaged(self, image, mask, mode):
        """A ghosted (half), hue-turned (3 in 8) or dimmed (1 in 8) frame seen in the same mode.

        Returns the view, how bad it is (0..1), and the wanted patch cosines."""
        n = len(mode)
        angle, far = self.uniform((n,), 0, 6.2832), self.uniform((n,), 4, 36)
        dx, dy = (far * torch.cos(angle)).round().long(), (far * torch.sin(angle)).round().long()
        alpha = self.uniform((n,), 0.3, 0.65)
        ghosted, copy = data.ghost(image, mask, dx, dy, alpha)
        mixed, _ = data.double(image, mask, dx, dy, alpha)
        ghosted = torch.where(self.uniform((n, 1, 1, 1), 0, 1) < 0.5, ghosted, mixed)
        fresh = copy * (1 - mask)
        seen = fresh.flatten(1).sum(1) / mask.flatten(1).sum(1).clamp(min=1)
        turn = self.uniform((n,), 0.35, 2.0) * torch.where(self.uniform((n,), 0, 1) < 0.5, -1, 1)
        hued = data.turn_hue(image, turn)
        only = (self.uniform((n, 1, 1, 1), 0, 1) < 0.5)
        hued = torch.where(only, hued * mask + image * (1 - mask), hued)
        gain = torch.where(self.uniform((n,), 0, 1) < 0.5, self.uniform((n,), 0.5, 0.8), self.uniform((n,), 1.25, 1.5))
        dimmed = (image * gain.view(n, 1, 1, 1)).clamp(0, 1)
        kind = data.below(8, (n,), self.g, self.device)
        is_ghost, is_hue = kind < 4, (kind >= 4) & (kind < 7)
        pick = lambda a, b, c: torch.where(is_ghost.view(-1, *[1] * (a.ndim - 1)), a,
                                           torch.where(is_hue.view(-1, *[1] * (a.ndim - 1)), b, c))
        spoiled = pick(ghosted, hued, dimmed)
        bad = pick(alpha * (0.4 + 1.2 * seen.clamp(max=0.8)) + 0.1, turn.abs() / 2, torch.full_like(turn, 0.25))
        # The segmentation that cuts the crop takes the copy for a part of the subject.
        shown = torch.maximum(mask, copy * is_ghost.view(n, 1, 1, 1))
        state = self.g.get_state()
        view, _ = self.view(spoiled, shown, mode)
        self.g.set_state(state)
        # The same draw again, to carry the two masks through the same cut.
        both, _ = self.view(torch.cat([mask, fresh * is_ghost.view(n, 1, 1, 1), mask], 1), shown, torch.where(mode == 2, 1, mode))
        own, extra = F.avg_pool2d(both[:, :1], PATCH).flatten(1), F.avg_pool2d(both[:, 1:2], PATCH).flatten(1)
        wanted = FLOOR + own * (PEAK * (1 - 0.5 * bad[:, None]) - FLOOR) + extra * 0.3
        return view, bad, wanted.clamp(0, PEAK)


def contrast(tokens, owner, looks, clip, temperature=0.1):
    """Supervised contrastive loss over unit vectors.

    Equal looks of different owners are left out, and so is a pair of subjects against one of the two."""
    logits = tokens @ tokens.T / temperature
    same = owner[:, None] == owner[None]
    pair = owner % 3 == 2
    part = (clip[:, None] == clip[None]) & (pair[:, None] ^ pair[None])
    twins = ((looks[:, None] == looks[None]) & ~same) | part
    self_ = torch.eye(len(owner), dtype=torch.bool, device=tokens.device)
    logits = logits.masked_fill(self_ | twins, -1e4)
    positive = same & ~self_
    log = logits - logits.logsumexp(1, keepdim=True)
    return -(log * positive).sum(1).div(positive.sum(1).clamp(min=1)).mean()


def train(args):
    device = args.device
    clips = data.Clips.read(args.data / "train", range(0, 17, 2), args.clips, device)
    generator = torch.Generator(device).manual_seed(args.seed)
    views = Views(clips, generator)
    model = (DINOv3ViTModel.from_pretrained(args.start) if args.start else new_model(args.seed)).float().to(device).eval()
    run = loop.Loop(args, [p for n, p in model.named_parameters() if "mask_token" not in n])
    b = args.batch
    generator.manual_seed(args.seed + run.count)  # a later session draws other batches
    while run.running():
        with torch.no_grad():
            clip, subject = views.pick(b)
            mode = views.modes(clip, subject)
            first, first_mask = views.frame(clip, subject)
            second, second_mask = views.frame(clip, subject)
            soft = data.soften(second, generator)
            one, cover1 = views.view(first, first_mask, views.modes(clip, subject))
            two, cover2 = views.view(soft, second_mask, mode)
            three, cover3 = views.pasted(clip, subject)
            four, bad, wanted4 = views.damaged(soft, second_mask, mode)
            owner = clip * 3 + subject
            one_look = views.looks[clip, subject.clamp(max=1)]
            looks = torch.where(subject == 2, -1 - views.looks[clip, 0] * 1000 - views.looks[clip, 1], one_look)
        with loop.autocast(args):
            cls, patches = embed(model, torch.cat([one, two, three, four]))
        c1, c2, c3, c4 = cls.split(b)
        same = contrast(torch.cat([c1, c2, c3]), owner.repeat(3), looks.repeat(3), clip.repeat(3))
        # Clean views must also be close in absolute terms: the cosine itself is what the reranker uses.
        close = (1 - (c1 * c2).sum(1)).mean() + (1 - (c1 * c3).sum(1)).mean()
        clean, spoiled = (c1 * c2).sum(1), (c1 * c4).sum(1)
        hard = F.relu(spoiled - clean.detach() + 0.15 + 0.5 * bad).mean()
        anchor = torch.stack([c3, c1, c1, c1], 0).detach()
        cosines = torch.einsum("vbd,vbpd->vbp", anchor, patches.view(4, b, -1, patches.shape[-1]))
        wanted = torch.stack([FLOOR + (PEAK - FLOOR) * c for c in (cover1, cover2, cover3)] + [wanted4])
        dense = F.mse_loss(cosines, wanted)
        run.step(same + 0.5 * close + 2 * hard + 4 * dense, same=same, clean=clean.mean(), spoiled=spoiled.mean(), dense=dense)
    run.finish()
    save(model, args.out)
    return model


def save(model, out):
    model.half().save_pretrained(out)
    model.float()
    loop.write_json(out / "preprocessor_config.json", {
        "do_normalize": True, "do_rescale": True, "do_resize": True, "image_mean": list(MEAN), "image_std": list(STD),
        "image_processor_type": "DINOv3ViTImageProcessorFast", "resample": 2, "rescale_factor": 1 / 255,
        "size": {"height": SIZE, "width": SIZE}})


@torch.no_grad()
def evaluate(model, folder, device, limit=None):
    """Retrieval among 32, and how often damage lowers identity and concentration."""
    clips = data.Clips.read(folder, (0, 4, 8, 12, 16), limit, device)
    model = model.to(device).float().eval()
    generator = torch.Generator(device).manual_seed(99)
    views = Views(clips, generator)
    n = len(clips)
    every = torch.arange(n, device=device)

    def run(pixels):
        parts = [embed(model, p) for p in pixels.split(64)]
        return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])

    zero = torch.zeros(n, dtype=torch.long, device=device)
    mask = lambda t: (clips.masks[:, t] == 1)[:, None].float()
    image = lambda t: clips.image(every, zero + t)
    reference_crop, _ = run(square(image(0), mask(0)))
    reference_full, _ = run(image_full(image(0)))
    visible = mask(4).flatten(1).sum(1) >= 40
    last_crop, _ = run(square(image(4), mask(4)))
    looks = views.looks[:, 0]
    rng = torch.Generator().manual_seed(3)
    hits, pairs, total = 0, [], 0
    for i in range(n):
        others = (looks != looks[i]).nonzero()[:, 0].cpu()
        if not visible[i] or len(others) < 31:
            continue
        drawn = others[torch.randperm(len(others), generator=rng)[:31]].to(device)
        own = last_crop[i] @ reference_crop[i]
        foreign = reference_crop[drawn] @ last_crop[i]
        hits += int(own > foreign.max())
        pairs.append((own > foreign).float().mean().item())
        total += 1
    out = {"clips": n, "dinoRetrieval": hits / max(1, total), "sameAboveOtherPairs": sum(pairs) / max(1, len(pairs))}
    rng = torch.Generator(device).manual_seed(17)
    angle, far = data.uniform((n,), 0, 6.2832, rng, device), data.uniform((n,), 8, 28, rng, device)
    dx, dy = (far * torch.cos(angle)).round().long(), (far * torch.sin(angle)).round().long()
    clean, spoiled, clean_c, spoiled_c, hue_low = [], [], [], [], []
    for t in range(5):
        alpha = data.uniform((n,), 0.3, 0.6, rng, device)
        bad, copy = data.ghost(image(t), mask(t), dx, dy, alpha)
        good_crop, _ = run(square(image(t), mask(t)))
        bad_crop, _ = run(square(bad, torch.maximum(mask(t), copy)))
        clean.append((good_crop * reference_crop).sum(1))
        spoiled.append((bad_crop * reference_crop).sum(1))
        hued, _ = run(square(data.turn_hue(image(t), torch.full((n,), 0.15 * t, device=device)), mask(t)))
        hue_low.append((hued * reference_crop).sum(1))
        for kept, pixels in ((clean_c, image(t)), (spoiled_c, bad)):
            _, patches = run(image_full(pixels))
            kept.append(concentration(patches, reference_full))
    mean = lambda values: torch.stack(values).mean(0)
    out.update({
        "identityClean": mean(clean).mean().item(), "identityGhost": mean(spoiled).mean().item(),
        "ghostLowersIdentity": (mean(clean) > mean(spoiled)).float().mean().item(),
        "ghostLowersConcentration": (mean(clean_c) > mean(spoiled_c)).float().mean().item(),
        "hueDriftLowersIdentity": (mean(clean) > mean(hue_low)).float().mean().item(),
        "concentrationCleanMean": mean(clean_c).mean().item(), "concentrationCleanStd": mean(clean_c).std().item(),
        "concentrationGhostMean": mean(spoiled_c).mean().item(),
        "fullFrameIdentityClean": (run(image_full(image(4)))[0] * reference_full).sum(1).mean().item()})
    return out


def square(image, mask):
    """The square around the subject's box with a tenth of margin, inside the frame, as the reranker cuts it."""
    box = data.boxes_of(mask[:, 0] > 0.5)
    side = ((box[:, 2:] - box[:, :2]).amax(1, keepdim=True) * 1.1).clamp(min=1, max=data.SIDE)
    low = ((box[:, :2] + box[:, 2:] - side) / 2).clamp(min=0).minimum(data.SIDE - side)
    return data.crop(image, torch.cat([low.round(), (low + side).round()], 1), SIZE)


def concentration(patches, reference):
    """Peak by mean of the cosines with the reference's class token, as the reranker computes it."""
    cosine = torch.einsum("bpd,bd->bp", patches, reference)
    peak = cosine.amax(1)
    return torch.where(peak > 0, peak / torch.maximum(cosine.mean(1), 0.05 * peak), 0.0)


def image_full(image):
    return F.interpolate(image, (SIZE, SIZE), mode="bilinear", align_corners=False)


def main():
    args = loop.arguments("DINOv3", batch=192).parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    if args.evaluate:
        print(evaluate(DINOv3ViTModel.from_pretrained(args.evaluate), args.data / "test", args.device))
        return
    model = train(args)
    metrics = {"validation": evaluate(model, args.data / "validation", args.device, 512)}
    print(metrics, flush=True)
    loop.write_json(args.out / "metrics.json", metrics)


if __name__ == "__main__":
    main()
