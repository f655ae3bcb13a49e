"""The same work as `reelrank bench attention --sparse` in PyTorch: dense attention, and Triton's flex_attention over
random blocks of 128 queries by 128 keys.

    python peer_sparse_attention.py [TOKENS] [HEADS] [OUT.json]

Random numbers, bfloat16, one GPU. flex_attention is compiled once per share of blocks, which is not counted.
"""

import json
import sys
import time

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.attention.flex_attention import BlockMask, flex_attention

TOKENS = int(sys.argv[1]) if len(sys.argv) > 1 else 75648
HEADS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
BLOCK, HEAD, RUNS = 128, 128, 5

device = "cuda"
q, k, v = (torch.randn(1, HEADS, TOKENS, HEAD, device=device, dtype=torch.bfloat16) for _ in range(3))
rows = -(-TOKENS // BLOCK)
compiled = torch.compile(flex_attention, dynamic=False)


def timed(work):
    work()
    torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(RUNS):
        work()
    torch.cuda.synchronize()
    return (time.perf_counter() - begin) / RUNS * 1e3


times = []
with sdpa_kernel([SDPBackend.CUDNN_ATTENTION]):
    times.append(
        {
            "what": "dense, cuDNN",
            "kept": 1.0,
            "milliseconds": timed(lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v)),
        }
    )
for share in (0.1, 0.15, 0.3, 1.0):
    width = max(1, round(share * rows))
    indices = torch.rand(1, HEADS, rows, rows, device=device).argsort(-1).to(torch.int32)
    indices[..., :width] = indices[..., :width].sort(-1).values
    counts = torch.full((1, HEADS, rows), width, dtype=torch.int32, device=device)
    mask = BlockMask.from_kv_blocks(
        torch.zeros_like(counts), torch.zeros_like(indices), counts, indices, BLOCK_SIZE=BLOCK,
        seq_lengths=(TOKENS, TOKENS),
    )
    times.append(
        {
            "what": "sparse, Triton's flex_attention",
            "kept": width / rows,
            "milliseconds": timed(lambda: compiled(q, k, v, block_mask=mask)),
        }
    )
figures = {
    "command": f"python peer_sparse_attention.py {TOKENS} {HEADS}",
    "hardware": torch.cuda.get_device_name(),
    "torch": torch.__version__,
    "times": times,
}
print(json.dumps(figures, indent=1))
if len(sys.argv) > 3:
    with open(sys.argv[3], "w") as out:
        json.dump(figures, out, indent=1)
