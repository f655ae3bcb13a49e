"""Times the original VGGT-1B in PyTorch on ten frames of 518², as `bench geometry --random-weights` times ours.

    python peer_vggt.py ORIGINAL [REPEAT]
    python peer_vggt.py ORIGINAL 1 --tiny      # a tiny one on two frames, to see that all is there; no GPU needed

ORIGINAL is a folder with the original package ``vggt``: a clone of github.com/facebookresearch/vggt, of which the folder
``vggt`` alone is enough (less than 1 MB). It needs PyTorch, no weights and no other package. Its own licence covers it
(LICENSE.txt there), so it is not part of this project. Some forks keep only the last output of the aggregator ("to save
memory", models/aggregator.py): without the lines that do so they are the original, with them the dense heads fail.

Weights are random. As its authors run it: the aggregator in bfloat16 by autocast, the heads in float32. Frames come from the
host as bytes, results go back to it.
"""

import argparse
import json
import sys
import time

import torch


def main():
    parser = argparse.ArgumentParser(description="Times the original VGGT-1B in PyTorch.")
    parser.add_argument("original", help="folder with the package vggt")
    parser.add_argument("repeat", nargs="?", type=int, default=5, help="runs after a first one; the fastest counts")
    parser.add_argument("--tiny", action="store_true", help="only see that it runs")
    args = parser.parse_args()
    sys.path.insert(0, args.original)
    from vggt.heads.camera_head import CameraHead
    from vggt.heads.dpt_head import DPTHead
    from vggt.models.aggregator import Aggregator

    frames, side, dim, looks = (2, 56, 64, {"patch_embed": "conv", "depth": 4, "num_heads": 2}) if args.tiny else (10, 518, 1024, {})
    read = {"features": 16, "out_channels": [8, 12, 16, 16], "intermediate_layer_idx": [0, 1, 2, 3]} if args.tiny else {}
    trunk = {"trunk_depth": 2, "num_heads": 4} if args.tiny else {}
    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.device(device):
        aggregator = Aggregator(img_size=side, patch_size=14, embed_dim=dim, **looks).eval()
        camera = CameraHead(dim_in=2 * dim, **trunk).eval()
        points = DPTHead(dim_in=2 * dim, output_dim=4, activation="inv_log", conf_activation="expp1", **read).eval()
        depth = DPTHead(dim_in=2 * dim, output_dim=2, activation="exp", conf_activation="expp1", **read).eval()
    aggregator.to(device)  # its constants are made where the default device does not reach
    video = torch.randint(0, 256, (frames, side, side, 3), dtype=torch.uint8)

    @torch.no_grad()
    def look():
        images = video.to(device).permute(0, 3, 1, 2)[None].float() / 255
        with torch.autocast(device, dtype=torch.bfloat16):
            tokens, start = aggregator(images)
            with torch.autocast(device, enabled=False):
                # The heads' products are float32, as their weights are.
                tokens = [t.float() for t in tokens]
                pose = camera(tokens)[-1]
                d, c = depth(tokens, images=images, patch_start_idx=start)
                p, _ = points(tokens, images=images, patch_start_idx=start)
        return pose.cpu(), d.cpu(), c.cpu(), p.cpu()

    seconds = []
    for _ in range(args.repeat + 1):
        begin = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"what": f"original VGGT{' (tiny)' if args.tiny else '-1B'} in PyTorch {torch.__version__}", "device": device,
                      "networkSeconds": round(min(seconds[1:]), 4), "firstSeconds": round(seconds[0], 3),
                      "peakGib": round(torch.cuda.max_memory_allocated() / 2**30, 2) if device == "cuda" else None}))


if __name__ == "__main__":
    main()
