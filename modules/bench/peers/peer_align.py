"""One step of preference training of a Wan2.2 expert in PyTorch: diffusers' transformer, PEFT's LoRA, gradient checkpointing, AdamW.

    DIFFUSERS_SRC=DIR python peer_align.py WIDTHxHEIGHT[,...] [cudnn|flash|math] [a14b|testbed|tiny] [STEPS] [DEVICE] [THREADS]

The counterpart of `reelrank bench align --random-weights`: the same sizes, targets, rank (64) and order of passes. The reference is the
network with its adapters off. PEFT computes the LoRA in float32 unless BRANCH=bf16 is set, as ours does.
"""
import json, os, sys, time
import torch
import torch.nn.functional as F

if os.environ.get("DIFFUSERS_SRC"):
    sys.path.insert(0, os.environ["DIFFUSERS_SRC"])
os.environ["HF_HUB_OFFLINE"] = "1"
from diffusers.models.transformers.transformer_wan import WanRotaryPosEmbed, WanTransformer3DModel
from peft import LoraConfig, get_peft_model
from torch.nn.attention import SDPBackend, sdpa_kernel

argv = sys.argv[1:] + [None] * 6
sizes, kernel, architecture = argv[0].split(","), argv[1] or "cudnn", argv[2] or "a14b"
steps, device, threads = int(argv[3] or 2), argv[4] or "cuda", argv[5]
if threads:
    torch.set_num_threads(int(threads))
cuda = device.startswith("cuda")
frames = int(os.environ.get("FRAMES", 81))
rank = int(os.environ.get("RANK", 64))
dtype = torch.bfloat16 if cuda or os.environ.get("DTYPE") == "bf16" else torch.float32
SHAPES = {  # layers, heads, head size, feed-forward, text width, longest rope
    "a14b": (40, 40, 128, 13824, 4096, 1024),
    "testbed": (8, 6, 64, 1152, 256, 128),
    "tiny": (4, 4, 64, 1024, 256, 1024),
}
layers, heads, head, ffn, text_dim, rope = SHAPES[architecture]
config = dict(attention_head_dim=head, cross_attn_norm=True, eps=1e-6, ffn_dim=ffn, freq_dim=256, in_channels=36, num_attention_heads=heads,
              num_layers=layers, out_channels=16, patch_size=(1, 2, 2), qk_norm="rms_norm_across_heads", text_dim=text_dim, rope_max_seq_len=rope)
t0 = time.time()
with torch.device("meta"):
    base = WanTransformer3DModel(**config)
base = base.to(dtype).to_empty(device=device)
with torch.no_grad():
    for p in base.parameters():
        p.normal_(0, 0.02)
base.rope = WanRotaryPosEmbed(head, (1, 2, 2), rope).to(device)
for name in ("time_embedder", "scale_shift_table", "norm1", "norm2", "norm3"):  # as from_pretrained keeps them
    for n, m in base.named_modules():
        if n.split(".")[-1] == name:
            m.float()
for n, p in base.named_parameters():
    if n.endswith("scale_shift_table"):
        p.data = p.data.float()
base.enable_gradient_checkpointing()
peft = get_peft_model(base, LoraConfig(r=rank, lora_alpha=rank, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
if os.environ.get("BRANCH") == "bf16":
    from peft.tuners.lora.layer import Linear as LoraLinear
    # Weights stay float32, the product is bfloat16: what ours does.
    def forward(self, x, *args, **kwargs):
        y = self.base_layer(x)
        if self.disable_adapters:
            return y
        a, b = self.lora_A["default"].weight.to(x.dtype), self.lora_B["default"].weight.to(x.dtype)
        return y + F.linear(F.linear(x, a), b) * self.scaling["default"]
    LoraLinear.forward = forward
peft.train()
trained = [p for p in peft.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=1e-2)
print(f"torch {torch.__version__}, loaded in {time.time() - t0:.1f} s, {sum(p.numel() for p in trained)} trained", flush=True)
backend = {"cudnn": SDPBackend.CUDNN_ATTENTION, "flash": SDPBackend.FLASH_ATTENTION, "math": SDPBackend.MATH}[kernel]


def noise(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(device)


def synchronize():
    if cuda:
        torch.cuda.synchronize()


def step(pair, text, image, t, seed):
    epsilon, sigma = noise(seed, *pair[0].shape), t / 1000
    timestep = torch.tensor([t], device=device)

    def error(clean):
        x = torch.cat([(1 - sigma) * clean + sigma * epsilon, image], 1).to(dtype)
        y = peft(hidden_states=x, timestep=timestep, encoder_hidden_states=text, return_dict=False)[0]
        return F.mse_loss(y.float(), epsilon - clean)

    with torch.no_grad(), peft.disable_adapter():
        references = [error(clean) for clean in pair]
    w, l = error(pair[0]), error(pair[1])
    loss = -F.logsigmoid(2500 * ((references[0] - w) - (references[1] - l)))
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    optimizer.step()
    return loss.item()


results = []
for size in sizes:
    width, height = map(int, size.split("x"))
    shape = (1, 16, (frames - 1) // 4 + 1, height // 8, width // 8)
    pair = noise(1, *shape), noise(2, *shape)
    text = noise(3, 1, 512, text_dim).to(dtype)
    image = noise(4, 1, 20, *shape[2:])
    if cuda:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    times, losses = [], []
    from contextlib import nullcontext
    with sdpa_kernel([backend, SDPBackend.MATH]) if cuda else nullcontext():
        for i in range(steps + 1):
            synchronize()
            begin = time.time()
            losses.append(step(pair, text, image, 437.5, i))
            synchronize()
            times.append(time.time() - begin)
    peak = torch.cuda.max_memory_allocated() / 2**30 if cuda else None
    results.append(dict(size=size, frames=frames, attention=kernel, branch=os.environ.get("BRANCH", "fp32"), rank=rank, firstSeconds=times[0],
                        stepSeconds=sum(times[1:]) / max(1, steps), peakGib=peak, loss=losses))
    print(json.dumps(results[-1]), flush=True)
if os.environ.get("JSON"):
    json.dump(results, open(os.environ["JSON"], "w"), indent=2)
