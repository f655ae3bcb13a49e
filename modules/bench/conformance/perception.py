"""Fixtures of DINOv3, CLIP and SAM3, made by transformers from the checkpoint that the ONNX folder was exported from."""

import contextlib
import io
import json
import pathlib
import sys

import torch
from tokenizers import Tokenizer
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    DINOv3ViTConfig,
    DINOv3ViTImageProcessor,
    DINOv3ViTModel,
    Sam3Config,
    Sam3ImageProcessor,
    Sam3Model,
)
from transformers.modeling_outputs import BaseModelOutputWithPooling

from common import Case, picture, pixels, randomise, rng_of, sentence, word_tokenizer

EXPORT = pathlib.Path(__file__).parents[2] / "perception/export/export.py"
TYPES = {"dinov3": "dinov3_vit", "clip": "clip", "sam3": "sam3"}
CLASSES = {"dinov3": DINOv3ViTModel, "clip": CLIPModel, "sam3": Sam3Model}
CONTEXT = 12  # tokens that the random models read


def text_config(vocabulary, rng, width, end=1):
    return dict(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=8 * rng.randint(2, 6),
        num_hidden_layers=rng.randint(1, 3), num_attention_heads=2, max_position_embeddings=CONTEXT, eos_token_id=end,
        bos_token_id=0, pad_token_id=1, projection_dim=16)


def random_dinov3(folder, rng, vocabulary):
    patch, heads = 16, rng.randint(1, 3)
    side = patch * rng.randint(2, 5)
    (folder / "preprocessor_config.json").write_text(json.dumps({"size": {"height": side, "width": side}}))
    return DINOv3ViTModel(DINOv3ViTConfig(
        patch_size=patch, hidden_size=heads * 4 * rng.randint(2, 6), intermediate_size=8 * rng.randint(2, 8),
        num_hidden_layers=rng.randint(1, 4), num_attention_heads=heads, num_register_tokens=4, image_size=side,
        use_gated_mlp=rng.random() < 0.3))


def random_clip(folder, rng, vocabulary):
    patch, heads = rng.choice([8, 14, 16]), rng.randint(1, 3)
    return CLIPModel(CLIPConfig(
        text_config=text_config(vocabulary, rng, 8 * rng.randint(2, 4)), projection_dim=16,
        vision_config=dict(
            hidden_size=heads * 4 * rng.randint(2, 6), intermediate_size=8 * rng.randint(2, 8),
            num_hidden_layers=rng.randint(2, 4), num_attention_heads=heads, image_size=patch * rng.randint(2, 5),
            patch_size=patch, projection_dim=16)))


def random_sam3(folder, rng, vocabulary):
    width = 16 * rng.randint(1, 2)
    small = dict(hidden_size=width, intermediate_size=8 * rng.randint(2, 6), num_attention_heads=2)
    return Sam3Model(Sam3Config(
        vision_config=dict(
            backbone_config=dict(
                model_type="sam3_vit_model", hidden_size=8 * rng.randint(2, 4), intermediate_size=32,
                num_hidden_layers=rng.randint(2, 3), num_attention_heads=2, image_size=112, patch_size=14, window_size=4,
                global_attn_indexes=[1], pretrain_image_size=56),
            fpn_hidden_size=width, backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]]),
        text_config=text_config(vocabulary, rng, 8 * rng.randint(2, 4)),
        geometry_encoder_config=dict(num_layers=1, **small), detr_encoder_config=dict(num_layers=rng.randint(1, 2), **small),
        detr_decoder_config=dict(num_layers=rng.randint(1, 3), num_queries=10, **small),
        mask_decoder_config=dict(hidden_size=width, num_attention_heads=2)))


class Kind:
    def __init__(self, name):
        self.name = name

    def recognises(self, folder):
        config = folder / "config.json"
        if folder.name.endswith("-onnx") or not config.exists():
            return False
        return json.loads(config.read_text()).get("model_type") == TYPES[self.name]

    def random_model(self, folder, rng):
        tokenizer, vocabulary = word_tokenizer()
        made = {"dinov3": random_dinov3, "clip": random_clip, "sam3": random_sam3}[self.name](folder, rng, vocabulary)
        model = randomise(made, rng.randint(0, 1 << 30))
        model.save_pretrained(folder)
        if self.name != "dinov3":
            tokenizer.save(str(folder / "tokenizer.json"))
            (folder / "tokenizer_config.json").write_text(json.dumps({"pad_token": "<end>"}))

    def make(self, folder, name, seed, device, fixtures):
        served = folder.with_name(folder.name + "-onnx")
        if not (served / "manifest.json").exists():
            export(self.name, folder, served)
        rng = rng_of(seed, name)
        model = CLASSES[self.name].from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager").to(device).eval()
        case = Case(self.name, name, served.name)
        pictures = [
            picture(rng.randint(20, 300), rng.randint(20, 300), rng.randint(0, 1 << 30)) for _ in range(3)]
        with torch.no_grad():
            getattr(self, self.name)(case, model, folder, pictures, rng, device)
        case.save(fixtures)

    def dinov3(self, case, model, folder, pictures, rng, device):
        side = model.config.image_size
        processor = DINOv3ViTImageProcessor(size={"height": side, "width": side})
        case.description["pictures"] = []
        for i, image in enumerate(pictures):
            values = processor(images=[image], return_tensors="pt").pixel_values
            case.description["pictures"].append({
                "picture": case.keep(f"picture.{i}", pixels(image)),
                "values": case.keep(f"values.{i}", values),
                "tokens": case.keep(f"tokens.{i}", model(pixel_values=values.to(device)).last_hidden_state)})

    def clip(self, case, model, folder, pictures, rng, device):
        side = model.config.vision_config.image_size
        processor = CLIPImageProcessor(
            size={"shortest_edge": side}, crop_size={"height": side, "width": side})
        case.description["pictures"] = []
        for i, image in enumerate(pictures):
            values = processor(images=[image], return_tensors="pt").pixel_values.to(device)
            case.description["pictures"].append({
                "picture": case.keep(f"picture.{i}", pixels(image)),
                "embedding": case.keep(f"image.{i}", model.get_image_features(pixel_values=values).pooler_output)})
        case.description["texts"] = []
        length = model.config.text_config.max_position_embeddings
        for i, text in enumerate([sentence(rng, 1, 5), sentence(rng, 6, 9), sentence(rng, 30, 40)]):
            ids, mask = tokens(folder, text, length)
            embedding = model.get_text_features(input_ids=ids.to(device), attention_mask=mask.to(device)).pooler_output
            case.description["texts"].append({"text": text, "embedding": case.keep(f"text.{i}", embedding)})

    def sam3(self, case, model, folder, pictures, rng, device):
        side = model.config.vision_config.backbone_config.image_size
        processor = Sam3ImageProcessor(size={"height": side, "width": side})
        length = model.config.text_config.max_position_embeddings
        case.description["segments"] = []
        for i, image in enumerate(pictures):
            values = processor(images=[image], return_tensors="pt").pixel_values
            case.keep(f"picture.{i}", pixels(image))
            case.keep(f"values.{i}", values)
            phrase = sentence(rng, 1, 4)
            ids, mask = tokens(folder, phrase, length)
            text = BaseModelOutputWithPooling(
                pooler_output=model.get_text_features(ids.to(device), mask.to(device)).pooler_output)
            vision = model.get_vision_features(values.to(device))
            out = model(vision_embeds=vision, text_embeds=text, attention_mask=mask.to(device))
            scores = (out.pred_logits.sigmoid() * out.presence_logits.sigmoid())[0]
            order = scores.argsort(descending=True)
            ranked = scores[order].tolist()
            # A threshold in the widest gap of the upper half, so that rounding moves no instance over it.
            cut = max(range(1, len(ranked) // 2 + 1), key=lambda n: ranked[n - 1] - ranked[n])
            width, height = image.size
            boxes = out.pred_boxes[0, order[:cut]].cpu() * torch.tensor([width, height, width, height])
            masks = torch.nn.functional.interpolate(
                out.pred_masks[0, order[:cut]].sigmoid()[None], (height, width), mode="bilinear", align_corners=False)[0]
            case.description["segments"].append({
                "picture": f"picture.{i}", "values": f"values.{i}", "phrase": phrase,
                "threshold": (ranked[cut - 1] + ranked[cut]) / 2,
                "scores": case.keep(f"scores.{i}", scores[order[:cut]]), "boxes": case.keep(f"boxes.{i}", boxes),
                "masks": case.keep(f"masks.{i}", masks)})


def export(kind_name, folder, served):
    """As export.py does it from a shell; in this process, which has loaded the libraries already."""
    sys.path.insert(0, str(EXPORT.parent))
    import export as exporter

    before = sys.argv
    sys.argv = [str(EXPORT), kind_name, str(folder), str(served)]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exporter.main()
    finally:
        sys.argv = before


def tokens(folder, text, length):
    """Ids padded to the model's context, the end kept, as the original processor makes them."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = tokenizer.encode(text).ids
    if len(ids) > length:
        ids = ids[: length - 1] + ids[-1:]
    mask = [1] * len(ids) + [0] * (length - len(ids))
    return torch.tensor([ids + ids[-1:] * (length - len(ids))]), torch.tensor([mask])


def kind(name):
    return Kind(name)
