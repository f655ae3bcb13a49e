"""Writes steadiness.json: Video-DPO's warping errors of small clips, by OpenCV, SciPy and NumPy.

    pip install numpy scipy opencv-python-headless
    python make_steadiness.py > steadiness.json

The clips are drawn by a formula that the test draws as well, so no frames are stored.
"""
import json

import cv2
import numpy as np
from scipy.ndimage import map_coordinates

WIDTH, HEIGHT, FRAMES = 48, 40, 4


def clip(speed, flicker):
    """Waves that travel to the right; every second frame is darker. uint8, (frame, row, column, channel)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    frames = []
    for t in range(FRAMES):
        gain = 1 - flicker * (t % 2)
        channels = [
            (128 + 60 * np.sin((x - speed * t) * 0.35 + c) + 50 * np.cos(y * 0.27 + 0.5 * c)) * gain
            for c in range(3)
        ]
        frames.append(np.floor(np.clip(np.stack(channels, -1), 0, 255) + 0.5).astype(np.uint8))
    return frames


def grey(frame):
    """BT.601 in whole numbers, by the formula rather than by OpenCV's fixed point."""
    return np.floor(frame.astype(np.float64) @ np.array([0.299, 0.587, 0.114]) + 0.5)


def warped(image, u, v):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
    return map_coordinates(image, [y + v, x + u], order=1, mode="nearest")


def farneback(a, b):
    return cv2.calcOpticalFlowFarneback(
        a.astype(np.uint8), b.astype(np.uint8), None, 0.5, 3, 15, 3, 5, 1.2, 0
    ).astype(np.float64)


def notebook(a, b):
    flow = farneback(a, b)
    return np.mean((warped(a, flow[..., 0], flow[..., 1]) - b) ** 2)


def compensated(a, b):
    flow = farneback(a, b)
    return np.mean((warped(b, flow[..., 0], flow[..., 1]) - a) ** 2)


def source(a, b):
    a, b = a / 255, b / 255
    padded = np.pad(a, 1, mode="edge")
    ix = cv2.Sobel(padded, cv2.CV_64F, 1, 0, ksize=3)[1:-1, 1:-1] / 8
    iy = cv2.Sobel(padded, cv2.CV_64F, 0, 1, ksize=3)[1:-1, 1:-1] / 8
    it = b - a
    along = -it / (ix**2 + iy**2 + 1e-6)
    u, v = np.clip(ix * along, -50, 50), np.clip(iy * along, -50, 50)
    return np.mean((warped(a, u, v) - b) ** 2)


def like(frame, other):
    spread = frame.std()
    return (frame - frame.mean()) * (other.std() / spread if spread else 1) + other.mean()


def motion(a, b):
    c = np.clip(np.floor(like(b, a) + 0.5), 0, 255)
    flow = farneback(a, c)
    return np.mean(np.hypot(flow[..., 0], flow[..., 1]))


def measure(frames):
    greys = [grey(f) for f in frames]
    pairs = list(zip(greys, greys[1:]))
    difference = np.mean(
        [np.abs(a.astype(int) - b.astype(int)).mean() for a, b in zip(frames, frames[1:])]
    )
    return {
        "warping_error": np.mean([notebook(a, b) for a, b in pairs]),
        "warping_error_gradient": np.mean([source(a, b) for a, b in pairs]),
        "warping_error_compensated": np.mean([compensated(a, b) for a, b in pairs]),
        "frame_difference": difference,
        "frame_difference_unit": difference / 255,
        "motion": np.mean([motion(a, b) for a, b in pairs]),
    }


cases = [{"speed": s, "flicker": f} for s, f in ((0, 0), (1.5, 0), (1.5, 0.2), (0, 0.2), (3, 0.1))]
for case in cases:
    case["figures"] = {k: float(v) for k, v in measure(clip(case["speed"], case["flicker"])).items()}
print(json.dumps({"opencv": cv2.__version__, "cases": cases}, indent=1))
