"""The same work as `reelrank bench rank`, with the same models in PyTorch: three candidates are decoded, sixteen frames
of each scored with DINOv3 (whole frame and crop), four of each and the reference segmented with SAM3.

    python peer_rank.py VIDEO_DIR DINOV3_CONFIG_DIR SAM3_CONFIG_DIR [OUT.json]

Random weights, half precision, scaled-dot-product attention, one GPU; decoding in one thread a candidate, resizing on
the GPU. VIDEO_DIR holds the videos that `bench rank --videos` keeps.
"""

import glob
import json
import os
import sys
import threading
import time

os.environ["HF_HUB_OFFLINE"] = "1"
import cv2
import torch
from transformers import AutoConfig, DINOv3ViTModel, Sam3Model

device = "cuda" if torch.cuda.is_available() else "cpu"
half = torch.float16 if device == "cuda" else torch.float32
SCORED, SEGMENTED = 16, 4


def build(cls, folder):
    with torch.device(device):
        return cls._from_config(AutoConfig.from_pretrained(folder)).to(half).eval()


def evenly(count, n):
    return [int(i * (count - 1) / (n - 1) + 0.5) for i in range(n)]


def decode(path, out):
    capture = cv2.VideoCapture(path)
    wanted = set(evenly(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), SCORED))
    index = 0
    while capture.grab():
        if index in wanted:
            out.append(torch.from_numpy(cv2.cvtColor(capture.retrieve()[1], cv2.COLOR_BGR2RGB)))
        index += 1


def resized(frames, side):
    x = torch.stack(frames).to(device, non_blocking=True).permute(0, 3, 1, 2).float() / 255
    return torch.nn.functional.interpolate(x, (side, side), mode="bilinear", antialias=True).to(half)


def sync():
    if device == "cuda":
        torch.cuda.synchronize()


def rank(videos, dinov3, sam3, ids, mask):
    parts = {"decodeWait": 0.0, "segment": 0.0, "embed": 0.0}
    decoded = [[] for _ in videos]
    threads = [threading.Thread(target=decode, args=(v, d)) for v, d in zip(videos, decoded)]
    start = time.time()
    for t in threads:
        t.start()
    side = sam3.config.vision_config.backbone_config.image_size
    text = sam3.get_text_features(input_ids=ids, attention_mask=mask)
    for t, frames in zip(threads, decoded):
        t0 = time.time(); t.join(); parts["decodeWait"] += time.time() - t0
        t0 = time.time()
        chosen = [frames[i] for i in evenly(len(frames), SEGMENTED)] + ([frames[0]] if frames is decoded[0] else [])
        for frame in chosen:
            out = sam3(pixel_values=resized([frame], side), text_embeds=text, attention_mask=mask)
            scores = out.pred_logits.sigmoid() * out.presence_logits.sigmoid()
            best = scores[0].topk(2).indices
            m = torch.nn.functional.interpolate(out.pred_masks[:, best].sigmoid(), frame.shape[:2], mode="bilinear") > 0.5
            m.any(1).cpu()
        sync(); parts["segment"] += time.time() - t0
        t0 = time.time()
        crops = [f[100:600, 300:800] for f in frames]
        tokens = dinov3(pixel_values=torch.cat([resized(frames, 224), resized(crops, 224)])).last_hidden_state
        tokens.float().cpu(); parts["embed"] += time.time() - t0
    return time.time() - start, parts


def main():
    videos = sorted(glob.glob(os.path.join(sys.argv[1], "*.mp4")))
    dinov3, sam3 = build(DINOv3ViTModel, sys.argv[2]), build(Sam3Model, sys.argv[3])
    length = sam3.config.text_config.max_position_embeddings
    ids = torch.randint(3, 20, (1, length), device=device)
    mask = torch.ones(1, length, dtype=torch.long, device=device)
    with torch.no_grad():
        first, _ = rank(videos, dinov3, sam3, ids, mask)
        runs = [rank(videos, dinov3, sam3, ids, mask) for _ in range(3)]
    seconds, parts = min(runs, key=lambda r: r[0])
    result = {"device": device, "dtype": str(half), "candidates": len(videos), "first": first, "seconds": seconds, "parts": parts,
              "peakGib": torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else None}
    print(json.dumps(result, indent=1))
    if len(sys.argv) > 4:
        with open(sys.argv[4], "w") as f:
            json.dump(result, f, indent=1)


if __name__ == "__main__":
    main()
