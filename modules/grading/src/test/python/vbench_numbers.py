"""Numbers for the Java tests of VBench's formulas and of ProxyCLIP's attention, computed independently with NumPy.

    python vbench_numbers.py > ../resources/dev/reelrank/grading/numbers.properties

The inputs come from a small linear congruential generator that the Java test runs too, so that the file holds results
only. Formulas: subject_consistency.py, temporal_flickering.py, motion_smoothness.py, dynamic_degree.py and
vbench2_beta_i2v of github.com/Vchitect/VBench; open_clip/transformer.py of github.com/mc-lan/ProxyCLIP.
"""

import numpy as np


class Generator:
    """Knuth's 64-bit LCG; the upper 24 bits as a number in [0, 1)."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 40) / 2**24

    def array(self, *shape):
        return np.array([self.next() for _ in range(int(np.prod(shape)))]).reshape(shape)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def consistency(features):
    f = unit(features)
    total = 0.0
    for i in range(1, len(f)):
        total += (max(0.0, f[i] @ f[i - 1]) + max(0.0, f[i] @ f[0])) / 2
    return total / (len(f) - 1)


def likeness(reference, features):
    r, f = unit(reference), unit(features)
    consecutive = (f[1:] * f[:-1]).sum(-1)
    return 0.4 * (f @ r).max() + 0.3 * consecutive.mean() + 0.3 * consecutive.min()


def flickering(frames):
    maes = [np.abs(a - b).mean() for a, b in zip(frames[:-1], frames[1:])]
    return (255.0 - np.mean(maes)) / 255.0


def proxy_attention(features, beta=1.2, gamma=3.0):
    f = unit(features)
    s = f @ f.T
    a = (s - s.mean() * beta) * gamma
    a = np.where(a < 0, -np.inf, a)
    e = np.exp(a - a.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def main():
    features = Generator(1).array(6, 12) - 0.2
    reference = Generator(2).array(12) - 0.2
    frames = np.floor(Generator(3).array(5, 7, 9, 3) * 256)
    others = np.floor(Generator(4).array(5, 7, 9, 3) * 256)
    flow = Generator(5).array(40) * 10
    patches = Generator(6).array(30, 16) - 0.3
    top = np.sort(-flow)[: int(40 * 0.05)]
    numbers = {
        "consistency": [consistency(features)],
        "likeness": [likeness(reference, features)],
        "flickering": [flickering(frames)],
        "smoothness": [(255.0 - np.mean([np.abs(a - b).mean() for a, b in zip(frames, others)])) / 255.0],
        "meanOfFastest": [-top.mean()],
        "normalised": [(consistency(features) - 0.1462) / (1.0 - 0.1462)],
        "attention": proxy_attention(patches).flatten(),
    }
    for name, values in numbers.items():
        print(name + "=" + " ".join(f"{v:.9g}" for v in values))


main()
