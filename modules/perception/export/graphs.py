"""The graphs of each model: what is cut where, and what the manifest says about it."""

import copy
import dataclasses
import os
import sys
import typing

import tokenizers
import torch
from torch import nn

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
OPENAI = ([0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711])


@dataclasses.dataclass
class Graph:
    name: str
    make: typing.Callable  # a fresh module over (a copy of) the weights
    module: nn.Module
    input_names: list
    inputs: tuple
    output_names: list
    input_axes: list  # per input {axis: name}
    output_axes: list
    dynamo: bool = False
    half: bool = True
    fresh: typing.Callable = None  # () -> other inputs for the check

    def __post_init__(self):
        # The half-precision graph is traced where the float32 one usually is; whichever exporter traces that in the end.
        self.half_traced = self.dynamo

    def dynamic_inputs(self):
        return [sorted(a) for a in self.input_axes]

    def dynamic_axes(self):
        pairs = list(zip(self.input_names, self.input_axes)) + list(zip(self.output_names, self.output_axes))
        return {n: {i: f"{n}_{s}" if s != "batch" else s for i, s in a.items()} for n, a in pairs if a}

    def other_inputs(self):
        return self.fresh() if self.fresh else tuple(
            torch.randn_like(x) if x.is_floating_point() else x for x in self.inputs)


@dataclasses.dataclass
class Described:
    graphs: list
    preprocessing: dict
    constants: dict
    text: dict = None
    whole: typing.Callable = None
    joined: tuple = None  # (name, first graph, second graph): one after the other, for GPUs


class Half(nn.Module):
    """float16 arithmetic between float32 inputs and outputs."""

    def __init__(self, module):
        super().__init__()
        self.module = module.half()

    def forward(self, *inputs):
        out = self.module(*(x.half() if x.is_floating_point() else x for x in inputs))
        return tuple(o.float() for o in out) if isinstance(out, tuple) else out.float()


def describe(kind, model, folder, dense_size, read_json):
    torch.manual_seed(7)
    processor = read_json(folder, "preprocessor_config.json", "processor_config.json")
    processor = processor.get("image_processor", processor)
    return {"dinov3": dinov3, "clip": clip, "sam3": sam3}[kind](model, processor, folder, dense_size, read_json)


RESAMPLE = {"bilinear": 2, "bicubic": 3}  # Pillow's numbers, which processors use


def require_usual(processor, folder, resample, crop):
    """Reelrank computes one preprocessing for each model; a processor that asks for another must not pass unseen."""
    usual = {"resample": RESAMPLE[resample], "do_resize": True, "do_rescale": True, "do_normalize": True,
             "do_center_crop": crop, "do_pad": False}
    for key, value in usual.items():
        said = processor.get(key)
        if said is not None and said != value:
            sys.exit(f"{folder}: the image processor's {key} is {said}, Reelrank computes only {value}")
    factor = processor.get("rescale_factor")
    if factor is not None and abs(factor * 255 - 1) > 1e-6:
        sys.exit(f"{folder}: the image processor's rescale_factor is {factor}, Reelrank computes only 1/255")


def preprocessing(processor, mean_std, side, folder, **values):
    require_usual(processor, folder, values["resample"], values["crop"])
    size = processor.get("size") or {}
    return {
        "height": size.get("height", size.get("shortest_edge", side)),
        "width": size.get("width", size.get("shortest_edge", side)),
        "mean": processor.get("image_mean", mean_std[0]),
        "std": processor.get("image_std", mean_std[1]),
        **values,
    }


def text_settings(config, folder, read_json):
    tokenizer = read_json(folder, "tokenizer_config.json")
    vocabulary = read_json(folder, "tokenizer.json")
    pad = tokenizer.get("pad_token")
    pad = pad.get("content") if isinstance(pad, dict) else pad
    ids = {t["content"]: t["id"] for t in vocabulary.get("added_tokens", [])}
    ids.update({k: v for k, v in (vocabulary.get("model", {}).get("vocab") or {}).items() if k == pad} if pad else {})
    pad_id = ids.get(pad, config.pad_token_id)
    if pad_id is None:
        sys.exit(f"{folder}: neither tokenizer_config.json nor config.json names a padding token")
    return {"maxLength": config.max_position_embeddings, "padId": int(pad_id), "endId": closing_id(folder)}


def closing_id(folder):
    """The token that the tokenizer puts behind every phrase. config.json's eos_token_id is no witness: OpenAI's says 2."""
    path = os.path.join(folder, "tokenizer.json")
    if not os.path.exists(path):
        sys.exit(f"{folder} has no tokenizer.json: save the fast tokenizer there first")
    tokenizer = tokenizers.Tokenizer.from_file(path)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    first, second = (tokenizer.encode(phrase).ids for phrase in ("a", "the photo of a dog"))
    if len(first) < 2 or first[-1] != second[-1]:
        sys.exit(f"{path} closes phrases with no token of its own: its post_processor has to add one")
    return first[-1]


# DINOv3 ------------------------------------------------------------------------------------------------------------


class Dinov3Tokens(nn.Module):
    """Pixels to tokens after the last norm: CLS, registers, patches."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).last_hidden_state


def dinov3(model, processor, folder, dense_size, read_json):
    config = model.config
    settings = preprocessing(processor, IMAGENET, config.image_size, folder, resample="bilinear", crop=False, quantize=False)
    height, width = settings["height"], settings["width"]
    pixels = torch.randn(2, 3, height, width)
    graph = Graph(
        "tokens", lambda: Dinov3Tokens(copy.deepcopy(model)), Dinov3Tokens(model), ["pixel_values"], (pixels,), ["tokens"],
        [{0: "batch"}], [{0: "batch"}], dynamo=True, fresh=lambda: (torch.randn(3, 3, height, width),))
    constants = {"patchSize": config.patch_size, "registers": config.num_register_tokens, "width": config.hidden_size,
                 "concentrationCentre": 2.0, "concentrationScale": 0.5}
    return Described([graph], settings, constants)


# CLIP --------------------------------------------------------------------------------------------------------------


class ClipImage(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.vision, self.projection = model.vision_model, model.visual_projection

    def forward(self, pixel_values):
        return self.projection(self.vision(pixel_values=pixel_values).pooler_output)


class ClipText(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.text, self.projection = model.text_model, model.text_projection

    def forward(self, input_ids, attention_mask):
        return self.projection(self.text(input_ids=input_ids, attention_mask=attention_mask).pooler_output)


class ClipDenseValues(nn.Module):
    """Pixels to the values of the last block's attention, patches only, before the heads are split."""

    def __init__(self, model):
        super().__init__()
        vision = model.vision_model
        self.embeddings, self.norm = vision.embeddings, vision.pre_layrnorm
        self.layers, self.last = vision.encoder.layers[:-1], vision.encoder.layers[-1]

    def forward(self, pixel_values):
        side = self.embeddings.image_size
        resized = pixel_values.shape[-1] != side or pixel_values.shape[-2] != side
        x = self.norm(self.embeddings(pixel_values, interpolate_pos_encoding=resized))
        for layer in self.layers:
            x = layer(x, attention_mask=None)
            x = x[0] if isinstance(x, tuple) else x
        return self.last.self_attn.v_proj(self.last.layer_norm1(x))[:, 1:]


class ClipDenseHead(nn.Module):
    """Values and a given attention to projected patch embeddings; the attention is the same for every head."""

    def __init__(self, model):
        super().__init__()
        self.out = model.vision_model.encoder.layers[-1].self_attn.out_proj
        self.norm, self.projection = model.vision_model.post_layernorm, model.visual_projection

    def forward(self, values, attention):
        return self.projection(self.norm(self.out(attention @ values)))


def clip(model, processor, folder, dense_size, read_json):
    vision, text = model.config.vision_config, model.config.text_config
    settings = preprocessing(processor, OPENAI, vision.image_size, folder, resample="bicubic", crop=True, quantize=True)
    crop = processor.get("crop_size") or vision.image_size
    sizes = {settings["height"], settings["width"], *(crop.values() if isinstance(crop, dict) else [crop])}
    if sizes != {vision.image_size}:
        sys.exit(f"{folder}: the image processor makes pictures of {sorted(sizes)} pixels, the model takes {vision.image_size}")
    side = vision.image_size
    dense = dense_size or side
    grid = dense // vision.patch_size
    length = text.max_position_embeddings
    words = text_settings(text, folder, read_json)
    end = words["endId"]
    # transformers looks for the first eos_token_id, and with 2, which OpenAI's config says, for the highest id.
    if text.eos_token_id == 2 and end != text.vocab_size - 1:
        sys.exit(f"{folder}: eos_token_id 2 makes CLIP read a text at its highest id, which the closing token {end} is not")
    if text.eos_token_id != 2 and end != text.eos_token_id:
        sys.exit(f"{folder}: CLIP reads a text at eos_token_id {text.eos_token_id}, its tokenizer closes with {end}")
    image = lambda n, s: torch.randn(n, 3, s, s)
    batch = {0: "batch"}

    def tokens(n):
        ids = torch.randint(3, text.vocab_size, (n, length))
        ids[ids == end] = 1
        mask = torch.ones(n, length, dtype=torch.long)
        for i in range(n):
            last = 3 + i * 2
            ids[i, last:] = end
            mask[i, last + 1:] = 0
        return ids, mask

    def head(n, k):
        return torch.randn(n, k, vision.hidden_size), torch.randn(n, k, k).softmax(-1)

    graphs = [
        Graph("image", lambda: ClipImage(copy.deepcopy(model)), ClipImage(model), ["pixel_values"], (image(2, side),),
              ["image_embeds"], [batch], [batch], dynamo=True, fresh=lambda: (image(3, side),)),
        Graph("text", lambda: ClipText(copy.deepcopy(model)), ClipText(model), ["input_ids", "attention_mask"], tokens(2),
              ["text_embeds"], [batch, batch], [batch], fresh=lambda: tokens(3)),
        Graph("dense_values", lambda: ClipDenseValues(copy.deepcopy(model)), ClipDenseValues(model), ["pixel_values"],
              (image(2, dense),), ["patch_values"], [batch], [batch], dynamo=True, fresh=lambda: (image(3, dense),)),
        Graph("dense_head", lambda: ClipDenseHead(copy.deepcopy(model)), ClipDenseHead(model), ["patch_values", "attention"],
              head(2, grid * grid), ["patch_embeds"],
              [{0: "batch", 1: "patches"}, {0: "batch", 1: "patches", 2: "patches"}], [{0: "batch", 1: "patches"}],
              fresh=lambda: head(1, grid * grid + 3)),
    ]
    constants = {"patchSize": vision.patch_size, "denseSize": dense, "width": vision.hidden_size,
                 "embedding": model.config.projection_dim, "logitScale": model.logit_scale.exp().item()}
    return Described(graphs, settings, constants, words)


# SAM3 --------------------------------------------------------------------------------------------------------------


class Sam3Vision(nn.Module):
    """Pixels to the three feature maps that the rest of the model reads, finest first."""

    def __init__(self, model):
        super().__init__()
        self.encoder = model.vision_encoder
        # Tiling the positions while tracing leaves a branch in the graph that ONNX Runtime 1.24 folds into garbage;
        # the size is fixed, so are the positions.
        backbone = model.config.vision_config.backbone_config
        side = backbone.image_size // backbone.patch_size
        embeddings = self.encoder.backbone.embeddings
        tile = type(embeddings)._tile_position_embeddings
        with torch.no_grad():
            tiled = tile(embeddings, embeddings.position_embeddings, side, side).clone()
        self.register_buffer("positions", tiled)
        embeddings._tile_position_embeddings = lambda *_: self.positions

    def forward(self, pixel_values):
        return tuple(self.encoder(pixel_values).fpn_hidden_states[:-1])


class Sam3Text(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.text, self.projection = model.text_encoder, model.text_projection

    def forward(self, input_ids, attention_mask):
        return self.projection(self.text(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state)


INSTANCES = 64


class Sam3Decoder(nn.Module):
    """Feature maps and a phrase to instances, best first: mask logits, boxes (xyxy, 0..1), scores.

    The model answers 200 queries with a mask each, 66 MB of them; what is above any sensible threshold fits into the
    best INSTANCES, so only those leave the graph.
    """

    def __init__(self, model):
        super().__init__()
        # A shell without the encoders: their weights would make one export larger than ONNX files may be.
        shell = copy.copy(model)
        shell._modules = dict(model._modules)
        shell._modules["text_encoder"] = nn.Identity()
        shell._modules["vision_encoder"] = nn.Module()
        self.model, self.encode = shell, model.vision_encoder.neck.position_encoding
        self.count = min(INSTANCES, model.config.detr_decoder_config.num_queries)

    def forward(self, fine, middle, coarse, text_features, attention_mask):
        from transformers.modeling_outputs import BaseModelOutputWithPooling
        from transformers.models.sam3.modeling_sam3 import Sam3VisionEncoderOutput

        maps = (fine, middle, coarse)
        positions = tuple(self.encode(m.shape, m.device, m.dtype) for m in maps)
        # The model drops the last of four levels; it is never read, so the coarse map stands in its place.
        vision = Sam3VisionEncoderOutput(
            fpn_hidden_states=maps + (coarse,), fpn_position_encoding=positions + (positions[-1],))
        text = BaseModelOutputWithPooling(pooler_output=text_features)
        out = self.model(vision_embeds=vision, text_embeds=text, attention_mask=attention_mask)
        scores = out.pred_logits.sigmoid() * out.presence_logits.sigmoid()
        scores, best = scores.topk(self.count, dim=1, sorted=True)
        masks = out.pred_masks[0].index_select(0, best[0])[None]
        boxes = out.pred_boxes[0].index_select(0, best[0])[None]
        return masks, boxes, scores


def matched(wanted, found):
    """The found instances in the order of the wanted ones, each the nearest by box and mask."""
    order = []
    for box, mask in zip(wanted["boxes"], wanted["masks"]):
        distance = abs(found["boxes"] - box).max(-1) + abs(found["masks"] - mask).mean((-1, -2)) / abs(mask).max()
        order.append(int(distance.argmin()))
    return {name: values[order] for name, values in found.items()}


def likeness(masks, others, boxes, other_boxes):
    """Least intersection over union of masks in pixels of the model's, and largest difference of boxes in pixels."""
    ious = [(a & b).sum() / max(1, (a | b).sum()) for a, b in zip(masks, others) if a.sum() > 50]
    pixels = float(abs(boxes - other_boxes).max())
    print(f"whole: {len(ious)} masks with an intersection over union of at least {min(ious, default=1):.6f},"
          f" boxes within {pixels:.4f} px")
    return {"masks": len(ious), "leastIou": float(min(ious, default=1)), "boxPixels": pixels}


def sam3(model, processor, folder, dense_size, read_json):
    backbone = model.config.vision_config.backbone_config
    text = model.config.text_config
    side = backbone.image_size
    # Processors of other sizes than the backbone's would need other positions: the backbone decides.
    settings = preprocessing({k: v for k, v in processor.items() if k != "size"}, ([0.5] * 3, [0.5] * 3), side, folder,
                             resample="bilinear", crop=False, quantize=True)
    length = text.max_position_embeddings
    one = {0: "batch"}

    def tokens(end):
        ids = torch.randint(3, text.vocab_size, (1, length))
        ids[ids == text.eos_token_id] = 1
        ids[:, end:] = text.eos_token_id
        mask = torch.ones(1, length, dtype=torch.long)
        mask[:, end + 1:] = 0
        return ids, mask

    vision, words, decoder = Sam3Vision(model), Sam3Text(model), Sam3Decoder(model)
    pixels = torch.randn(1, 3, side, side)
    with torch.no_grad():
        maps = vision(pixels)
        features = words(*tokens(4))
    mask = tokens(4)[1]

    def decoder_inputs():
        other = tokens(6)
        with torch.no_grad():
            return (*vision(torch.randn_like(pixels)), words(*other), other[1])

    graphs = [
        Graph("vision", lambda: Sam3Vision(copy.deepcopy(model)), vision, ["pixel_values"], (pixels,),
              ["fine", "middle", "coarse"], [{}], [{}, {}, {}]),
        Graph("text", lambda: Sam3Text(copy.deepcopy(model)), words, ["input_ids", "attention_mask"], tokens(4),
              ["text_features"], [one, one], [one], fresh=lambda: tokens(6)),
        Graph("decoder", lambda: Sam3Decoder(copy.deepcopy(model)), decoder,
              ["fine", "middle", "coarse", "text_features", "attention_mask"], (*maps, features, mask),
              ["masks", "boxes", "scores"], [{}] * 5, [{}] * 3, half=False, fresh=decoder_inputs),
    ]

    ids, attention = tokens(5)
    image = torch.randn_like(pixels)
    with torch.no_grad():
        expected = model(pixel_values=image, input_ids=ids, attention_mask=attention)

    def whole(run, tolerance):
        """The three graphs in a row against the model in one piece; returns what people compare masks and boxes by."""
        to = lambda arrays: tuple(torch.from_numpy(a) for a in arrays)  # stays on the CPU, where the check runs
        actual = run(graphs[2], (*to(run(graphs[0], (image,))), *to(run(graphs[1], (ids, attention))), attention))
        scores = (expected.pred_logits.sigmoid() * expected.presence_logits.sigmoid())[0]
        best = scores.argsort(descending=True)[: decoder.count]
        wanted = {"masks": expected.pred_masks[0, best], "boxes": expected.pred_boxes[0, best], "scores": scores[best]}
        wanted = {name: want.cpu().numpy() for name, want in wanted.items()}
        # Scores that differ in their last digit may change places; the very last may have changed with one left out.
        sure = wanted["scores"] > wanted["scores"].min() + 1e-4 * abs(wanted["scores"]).max()
        actual = matched(wanted, {name: got[0] for name, got in zip(wanted, actual)})
        for name in wanted:
            want, got = wanted[name][sure], actual[name][sure]
            error = float(abs(want - got).max() / abs(want).max()) if sure.any() else 0.0
            print(f"whole {name}: {error:.1e}")
            if not error <= 3 * tolerance:
                sys.exit(f"the split model's {name} differs from the whole one's by {error:.2e} relative")
        return likeness(wanted["masks"][sure] > 0, actual["masks"][sure] > 0,
                        wanted["boxes"][sure] * side, actual["boxes"][sure] * side)

    constants = {"scoreThreshold": 0.3, "maskThreshold": 0.5, "instances": decoder.count,
                 "maskHeight": maps[0].shape[-2], "maskWidth": maps[0].shape[-1]}
    # A picture is mostly asked for one phrase: then its maps (110 MB) need not leave the GPU in between.
    return Described(graphs, settings, constants, text_settings(text, folder, read_json), whole,
                     ("once", graphs[0], graphs[2]))
