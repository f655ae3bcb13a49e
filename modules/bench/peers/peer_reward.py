"""transformers on the folder of `reelrank bench evaluate --make DIR`, DIR/videoreward: seconds per video, and the same scores.

  python peer_reward.py DIR [--device cuda] [--videos 9] [--width 1280] [--height 720] [--json FILE]

Needs torch, torchvision, transformers and tokenizers. Frames are in memory, as in `bench evaluate --reward DIR`. They are
resized where it takes the least time: on the CPU as bytes, as transformers' users do, and on the device, one after the other.
"""
import argparse, glob, json, os, struct, time
import numpy as np, torch, transformers
from tokenizers import Tokenizer
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import resize
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

args = argparse.ArgumentParser()
args.add_argument("folder"); args.add_argument("--device", default="cuda"); args.add_argument("--videos", type=int, default=9)
args.add_argument("--width", type=int, default=1280); args.add_argument("--height", type=int, default=720)
args.add_argument("--json", help="also write the figures to this file")
args = args.parse_args()
DTYPE = torch.bfloat16 if args.device.startswith("cuda") else torch.float32
raw = json.load(open(os.path.join(args.folder, "config.json")))
raw["vocab_size"] = 151660
vision = raw.pop("vision_config")
keys = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "rms_norm_eps", "max_position_embeddings", "hidden_act", "tie_word_embeddings")
sections = dict(rope_type="default", mrope_section=[16, 24, 24])
rope = dict(rope_parameters=dict(sections, rope_theta=1e6)) if int(transformers.__version__.split(".")[0]) > 4 else dict(rope_scaling=sections, rope_theta=1e6)
config = Qwen2VLConfig(vision_config=vision, text_config=dict({k: raw[k] for k in keys}, **rope), tie_word_embeddings=True)


def tensors():
    """Reads safetensors without their library: a length, a JSON header, bytes."""
    kinds = {"BF16": torch.bfloat16, "F32": torch.float32, "F16": torch.float16}
    for path in sorted(glob.glob(os.path.join(args.folder, "*.safetensors"))):
        data = np.memmap(path, mode="r", dtype=np.uint8)
        length = struct.unpack("<Q", data[:8].tobytes())[0]
        header = json.loads(data[8:8 + length].tobytes())
        for name, info in header.items():
            if name != "__metadata__":
                a, b = info["data_offsets"]
                yield name, torch.frombuffer(bytearray(data[8 + length + a:8 + length + b]), dtype=kinds[info["dtype"]]).reshape(info["shape"])


def fresh(module, *arguments):
    """Computes the buffers of a module that was made without memory; versions of transformers ask for other arguments."""
    for argument in arguments:
        try:
            return module.__init__(argument)
        except (TypeError, AttributeError):
            pass
    raise SystemExit(f"transformers {transformers.__version__} makes {type(module).__name__} from something else")


begin = time.time()
with torch.device("meta"):
    model = Qwen2VLForConditionalGeneration(config)
state = {}
for name, value in tensors():
    if name == "rm_head.weight": head = value.to(args.device, DTYPE); continue
    name = name.replace("model.", "model.language_model.", 1) if name.startswith("model.") else "model." + name
    state[name] = value.to(args.device, DTYPE)
state["lm_head.weight"] = state["model.language_model.embed_tokens.weight"]
missing = model.load_state_dict(state, strict=False, assign=True)
assert not missing.missing_keys and not missing.unexpected_keys, missing
visual = model.model.visual
fresh(visual.rotary_pos_emb, config.vision_config, config.vision_config.embed_dim // config.vision_config.num_heads // 2)
for name, module in model.model.language_model.named_modules():
    if name.endswith("rotary_emb"): fresh(module, config.text_config)  # transformers 4 has one in every layer too
model = model.eval().to(args.device)
print("loaded in %.2f s" % (time.time() - begin))
tok = Tokenizer.from_file(os.path.join(args.folder, "tokenizer.json"))
template = open(os.path.join(args.folder, "prompt_template.txt"), newline="").read()
MEAN = torch.tensor([.48145466, .4578275, .40821073], device=args.device).view(1, 3, 1, 1)
STD = torch.tensor([.26862954, .26130258, .27577711], device=args.device).view(1, 3, 1, 1)


def frames(count, shift):
    x, y, c = np.meshgrid(np.arange(args.width), np.arange(args.height), np.arange(3), indexing="xy")
    return np.stack([((x * (c + 1) // 8 + y // 4 + 9 * f + shift) & 255).astype(np.uint8) for f in range(count)])


def on_host(video, size):
    return resize(torch.from_numpy(video).permute(0, 3, 1, 2), size, interpolation=InterpolationMode.BICUBIC, antialias=True).to(args.device).float()


def on_device(video, size):
    wide = torch.from_numpy(video).to(args.device).permute(0, 3, 1, 2).float().contiguous()
    return resize(wide, size, interpolation=InterpolationMode.BICUBIC, antialias=True).round().clamp(0, 255)


@torch.inference_mode()
def judge(video, resized, rows=336, columns=588):
    pixels = (resized(video, [rows, columns]) / 255 - MEAN) / STD
    gt, gh, gw = len(video) // 2, rows // 14, columns // 14
    patches = pixels.reshape(gt, 2, 3, gh // 2, 2, 14, gw // 2, 2, 14).permute(0, 3, 6, 4, 7, 2, 1, 5, 8).reshape(gt * gh * gw, 1176)
    seen = model.model.visual(patches.to(DTYPE), grid_thw=torch.tensor([[gt, gh, gw]], device=args.device), return_dict=True)
    seen = getattr(seen, "pooler_output", seen)  # transformers 4 returns the merged tokens alone
    seen = torch.cat(list(seen)) if isinstance(seen, (list, tuple)) else seen
    text = ("<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n<|vision_start|>" + "<|video_pad|>" * len(seen)
            + "<|vision_end|>" + template.replace("{text_prompt}", "A red ring slides to the left.") + "<|im_end|>\n<|im_start|>assistant\n")
    ids = torch.tensor([tok.encode(text, add_special_tokens=False).ids], device=args.device)
    embeds = model.get_input_embeddings()(ids).clone()
    embeds[ids == tok.token_to_id("<|video_pad|>")] = seen
    hidden = model.model.language_model(inputs_embeds=embeds, attention_mask=torch.ones_like(ids), use_cache=False).last_hidden_state
    rewards = hidden @ head.T
    return [rewards[0, (ids[0] == tok.token_to_id(f"<|{n}_reward|>")).nonzero().item(), 0].item() for n in ("VQ", "MQ", "TA")]


best, first = {}, None
for i in range(args.videos):
    video = frames(10, 0 if i == 0 else i)
    for resized in (on_host, on_device):
        begin = time.time()
        scores = judge(video, resized)
        if args.device.startswith("cuda"): torch.cuda.synchronize(args.device)
        best[resized.__name__] = min(best.get(resized.__name__, float("inf")), time.time() - begin)
        first = first or scores
figures = dict(device=torch.cuda.get_device_name(args.device) if args.device.startswith("cuda") else args.device, torch=torch.__version__,
               transformers=transformers.__version__, dtype=str(DTYPE), attention=model.config._attn_implementation, videos=args.videos, size=f"{args.width}x{args.height}",
               seconds_per_video=min(best.values()), seconds_by_resizing=best, scores=first)
print(json.dumps(figures))
if args.json:
    json.dump(figures, open(args.json, "w"), indent=1)
