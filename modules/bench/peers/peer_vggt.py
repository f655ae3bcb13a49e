"""Times the original VGGT-1B in PyTorch on ten frames of 518², as `bench geometry --random-weights` times ours.

    python peer_vggt.py ORIGINAL [REPEAT]

ORIGINAL is a folder with the original package ``vggt``. Weights are random. As its authors run it: the aggregator in
bfloat16 by autocast, the heads in float32. Frames come from the host as bytes, results go back to it.
"""

import json
import sys
import time

import torch


def main():
    sys.path.insert(0, sys.argv[1])
    repeat = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    from vggt.heads.camera_head import CameraHead
    from vggt.heads.dpt_head import DPTHead
    from vggt.models.aggregator import Aggregator

    torch.manual_seed(0)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    with torch.device(device):
        aggregator = Aggregator(img_size=518, patch_size=14, embed_dim=1024).eval()
        camera = CameraHead(dim_in=2048).eval()
        points = DPTHead(dim_in=2048, output_dim=4, activation="inv_log", conf_activation="expp1").eval()
        depth = DPTHead(dim_in=2048, output_dim=2, activation="exp", conf_activation="expp1").eval()
    frames = torch.randint(0, 256, (10, 518, 518, 3), dtype=torch.uint8)

    @torch.no_grad()
    def look():
        images = frames.to(device).permute(0, 3, 1, 2)[None].float() / 255
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
    for _ in range(repeat + 1):
        begin = time.perf_counter()
        look()
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"what": "original VGGT-1B in PyTorch " + torch.__version__, "device": device,
                      "networkSeconds": round(min(seconds[1:]), 4), "firstSeconds": round(seconds[0], 3),
                      "peakGib": round(torch.cuda.max_memory_allocated() / 2**30, 2) if device == "cuda" else None}))


if __name__ == "__main__":
    main()
