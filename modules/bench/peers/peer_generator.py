"""Times a family of generators in diffusers at its published size, beside `reelrank bench generator`.

    python peer_generator.py FAMILY [FILE.json] [--tiny] [--eager] [--size WxH] [--frames N] [--runs N] [--attention cudnn,flash]

FAMILY as in the command: cogvideox-5b, cogvideox-5b-i2v, cogvideox-1.5-5b, animatediff, wan-ti2v. The configurations
are those of the command; weights are random, in bfloat16. A step has both evaluations of the published guidance, as
the pipeline makes them: in one batch, for wan-ti2v one after the other. Each attention kernel is tried, then the
faster one with compiled blocks. The VAE decodes the whole video without tiles. --tiny runs on the CPU too.
"""
import argparse, json, os, statistics, time
import torch, diffusers
from diffusers import (AutoencoderKL, AutoencoderKLCogVideoX, AutoencoderKLWan, CogVideoXTransformer3DModel,
                       UNetMotionModel, WanTransformer3DModel)
from diffusers.models.embeddings import get_3d_rotary_pos_embed
from diffusers.pipelines.cogvideo.pipeline_cogvideox import get_resize_crop_region_for_grid

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIGS = os.path.join(HERE, "../src/main/resources/dev/reelrank/bench/generator")
CLASSES = {c.__name__: c for c in (AutoencoderKL, AutoencoderKLCogVideoX, AutoencoderKLWan, CogVideoXTransformer3DModel,
                                   UNetMotionModel, WanTransformer3DModel)}
SIZES = {"cogvideox-5b": (720, 480, 49), "cogvideox-5b-i2v": (720, 480, 49), "cogvideox-1.5-5b": (1360, 768, 81),
         "animatediff": (512, 512, 16), "wan-ti2v": (1280, 704, 121)}
GUIDANCE = {"animatediff": 7.5, "wan-ti2v": 5.0}
BEGIN = time.time()

parser = argparse.ArgumentParser()
parser.add_argument("family", choices=SIZES)
parser.add_argument("json", nargs="?")
parser.add_argument("--tiny", action="store_true")
parser.add_argument("--eager", action="store_true", help="do not compile")
parser.add_argument("--size")
parser.add_argument("--frames", type=int)
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("--attention", default="cudnn,flash")
asked = parser.parse_args()
cuda = torch.cuda.is_available()
device = "cuda" if cuda else "cpu"
dtype = torch.bfloat16 if cuda else torch.float32
width, height, frames = SIZES[asked.family]
if asked.size:
    width, height = map(int, asked.size.split("x"))
frames = asked.frames or frames
guidance = GUIDANCE.get(asked.family, 6.0)
figures = {"family": asked.family, "torch": torch.__version__, "diffusers": diffusers.__version__, "size": f"{width}x{height}",
           "frames": frames, "device": torch.cuda.get_device_name() if cuda else "cpu", "parts": []}


def say(*words):
    print(f"[{time.time() - BEGIN:6.1f} s]", *words, flush=True)


def note(part, how, seconds, **more):
    peak = torch.cuda.max_memory_allocated() / 2**30 if cuda else 0.0
    figures["parts"].append({"part": part, "how": how, "seconds": seconds, "peakGib": peak, **more})
    say(part, how, f"{seconds:.3f} s, peak {peak:.1f} GiB")


def config(file):
    with open(os.path.join(CONFIGS, asked.family + ".json")) as stream:
        both = json.load(stream)
    chosen = dict(both["published"][file])
    if asked.tiny:
        chosen.update(both["tiny"].get(file, {}))
    return chosen


def build(file):
    chosen = config(file)
    kind = CLASSES[chosen.pop("_class_name")]
    if kind is UNetMotionModel:
        chosen.pop("act_fn")
    with torch.device(device):
        model = kind(**chosen)
    model = model.to(dtype).eval().requires_grad_(False)
    for p in model.parameters():
        p.normal_(0, 0.02)
    return model


def median(body, runs):
    body()
    took = []
    for _ in range(runs):
        if cuda:
            torch.cuda.synchronize()
        begin = time.time()
        body()
        if cuda:
            torch.cuda.synchronize()
        took.append(time.time() - begin)
    return statistics.median(took)


def fresh():
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def attention(name):
    torch.backends.cuda.enable_cudnn_sdp(name == "cudnn")
    torch.backends.cuda.enable_flash_sdp(name == "flash")
    # What the asked kernel cannot do, the one for any head size does.
    torch.backends.cuda.enable_mem_efficient_sdp(True)
    torch.backends.cuda.enable_math_sdp(True)
    if hasattr(model, "set_attention_backend") and cuda and asked.family == "wan-ti2v":
        model.set_attention_backend("_native_" + name)


def rand(*shape):
    return torch.randn(*shape, device=device, dtype=dtype)


def cogvideox():
    c, v = model.config, config("vae/config.json")
    factor = 2 ** (len(v["block_out_channels"]) - 1)
    count = (frames - 1) // 4 + 1
    pt = c.patch_size_t
    padded = count + (-count % pt if pt else 0)
    rows, columns = height // factor, width // factor
    grid = (rows // c.patch_size, columns // c.patch_size)
    if pt:
        base = (c.sample_height // c.patch_size, c.sample_width // c.patch_size)
        rope = get_3d_rotary_pos_embed(c.attention_head_dim, None, grid, (padded + pt - 1) // pt, grid_type="slice", max_size=base, device=device)
    else:
        crop = get_resize_crop_region_for_grid(grid, c.sample_width // c.patch_size, c.sample_height // c.patch_size)
        rope = get_3d_rotary_pos_embed(c.attention_head_dim, crop, grid, padded, device=device)
    latents, text = rand(1, padded, v["latent_channels"], rows, columns), rand(2, c.max_text_seq_length, c.text_embed_dim)
    image = rand(2, padded, c.in_channels - v["latent_channels"], rows, columns)
    t = torch.tensor([900, 900], device=device)

    def step():
        x = torch.cat([latents] * 2)
        x = torch.cat([x, image], dim=2) if image.shape[2] else x
        u, w = model(hidden_states=x, encoder_hidden_states=text, timestep=t, image_rotary_emb=rope, return_dict=False)[0].float().chunk(2)
        return u + guidance * (w - u)
    z = rand(1, v["latent_channels"], count, rows, columns)
    return step, lambda vae: vae.decode(z, return_dict=False)[0]


def animatediff():
    c, v = model.config, config("vae/config.json")
    factor = 2 ** (len(v["block_out_channels"]) - 1)
    rows, columns = height // factor, width // factor
    latents, text = rand(1, 4, frames, rows, columns), rand(2, 77, c.cross_attention_dim)
    t = torch.tensor(900, device=device)

    def step():
        u, w = model(torch.cat([latents] * 2), t, encoder_hidden_states=text.repeat_interleave(frames, dim=0)).sample.float().chunk(2)
        return u + guidance * (w - u)
    z = rand(frames, v["latent_channels"], rows, columns)
    return step, lambda vae: vae.decode(z, return_dict=False)[0]


def wan():
    c, v = model.config, config("vae/config.json")
    count, factor = (frames - 1) // 4 + 1, v["scale_factor_spatial"]
    rows, columns = height // factor, width // factor
    latents, texts = rand(1, c.in_channels, count, rows, columns), [rand(1, 512, c.text_dim) for _ in range(2)]
    tokens = count * (rows // 2) * (columns // 2)
    t = torch.full((1, tokens), 900.0, device=device)

    def step():
        w, u = (model(hidden_states=latents, timestep=t, encoder_hidden_states=text, return_dict=False)[0] for text in texts)
        return (u + guidance * (w - u)).float()
    z = rand(1, v["z_dim"], count, rows, columns)
    return step, lambda vae: vae.decode(z, return_dict=False)[0]


def compiled():
    torch._dynamo.config.recompile_limit = 256
    torch._dynamo.config.accumulated_recompile_limit = 1024
    if asked.family == "animatediff":
        # It names no repeated blocks: transformers and residual blocks are most of its work.
        from diffusers.models.attention import BasicTransformerBlock
        from diffusers.models.resnet import ResnetBlock2D
        for module in model.modules():
            if isinstance(module, (BasicTransformerBlock, ResnetBlock2D)):
                module.compile(dynamic=False)
    elif asked.family == "wan-ti2v":
        model.compile_repeated_blocks(fullgraph=True)
    else:
        for block in model.transformer_blocks:
            block.compile(fullgraph=True)


with torch.no_grad():
    network = "unet" if asked.family == "animatediff" else "transformer"
    model = build(network + "/config.json")
    say("built", f"{sum(p.numel() for p in model.parameters()) / 1e9:.2f} billion parameters")
    step, decode = {"animatediff": animatediff, "wan-ti2v": wan}.get(asked.family, cogvideox)()
    times = {}
    for name in asked.attention.split(",") if cuda else ["math"]:
        attention(name)
        fresh()
        try:
            times[name] = median(step, asked.runs)
            note("step", name, times[name])
        except RuntimeError as e:
            say("step", name, "failed:", str(e).strip().splitlines()[0])
    best = min(times, key=times.get)
    attention(best)
    if asked.family == "animatediff":
        model.to(memory_format=torch.channels_last)
        fresh()
        note("step", best + ", channels last", median(step, asked.runs))
    if not asked.eager:
        compiled()
        fresh()
        begin = time.time()
        step()
        if cuda:
            torch.cuda.synchronize()
        note("step", best + ", compiled", median(step, asked.runs), compileSeconds=time.time() - begin)
    del model
    fresh()
    vae = build("vae/config.json")
    fresh()
    note("decode", "whole", median(lambda: decode(vae), max(1, asked.runs - 1)))
    if asked.family == "animatediff":
        vae.to(memory_format=torch.channels_last)
        fresh()
        note("decode", "whole, channels last", median(lambda: decode(vae), max(1, asked.runs - 1)))
if asked.json:
    with open(asked.json, "w") as stream:
        json.dump(figures, stream, indent=1)
