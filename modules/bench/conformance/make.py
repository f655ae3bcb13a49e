"""Makes conformance fixtures with the original libraries, for `reelrank bench conformance`.

    pip install -r requirements.txt
    python make.py --models DIR --fixtures OUT                      every model below DIR that it knows
    python make.py --models DIR --fixtures OUT --random 50 --seed S random configurations, written below DIR
    python make.py --models DIR --fixtures OUT --rounding           for bf16: add the original's own rounding to fixtures

A model is a folder directly below DIR: Wan2.2, CogVideoX or AnimateDiff as diffusers saves it, Qwen3-VL, DINOv3, CLIP or SAM3 as transformers
saves them. Reelrank serves the last three as ONNX folders: NAME-onnx beside NAME, which is exported if it is not there.
Each case is a folder below OUT. Published weights want a GPU: --device cuda; one part is in memory at a time.
"""

import argparse
import os
import pathlib
import sys
import time
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import diffusers.utils.logging  # noqa: E402
import torch  # noqa: E402
import transformers.utils.logging  # noqa: E402

diffusers.utils.logging.disable_progress_bar()
diffusers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
transformers.utils.logging.set_verbosity_error()

import perception  # noqa: E402
import qwen  # noqa: E402
import rounding  # noqa: E402
import videos  # noqa: E402
import wan  # noqa: E402
from common import rng_of  # noqa: E402

KINDS = {"wan": wan, "qwen": qwen, "dinov3": perception.kind("dinov3"), "clip": perception.kind("clip"),
         "sam3": perception.kind("sam3"), "cogvideox": videos.COGVIDEOX, "animatediff": videos.ANIMATEDIFF}
# Of ten random configurations: the generator has the most parts.
MIX = ["wan", "qwen", "wan", "dinov3", "wan", "clip", "wan", "sam3", "wan", "qwen"]
# Asked for by --only, they are made too.
MORE = ["cogvideox", "animatediff"]


def kind_of(folder):
    return next((name for name, kind in KINDS.items() if kind.recognises(folder)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", required=True, type=pathlib.Path)
    parser.add_argument("--fixtures", required=True, type=pathlib.Path)
    parser.add_argument("--random", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=sorted(KINDS), action="append", help="may be given several times")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounding", action="store_true", help="add to fixtures that are there, and make none")
    options = parser.parse_args()
    torch.set_num_threads(max(1, min(8, os.cpu_count() or 1)))
    options.fixtures.mkdir(parents=True, exist_ok=True)
    if options.rounding:
        for fixture in sorted(options.fixtures.iterdir()):
            began = time.time()
            if rounding.add(fixture, options.models, options.device):
                print(f"{fixture.name}: {time.time() - began:.1f} s", flush=True)
        return
    mix = [kind for kind in MIX if not options.only or kind in options.only]
    mix += [kind for kind in MORE if kind in (options.only or [])]
    folders = []
    if options.random:
        for number in range(options.random):
            kind = mix[number % len(mix)]
            folder = options.models / f"random-{options.seed}-{number:03d}-{kind}"
            folder.mkdir(parents=True, exist_ok=True)
            KINDS[kind].random_model(folder, rng_of(options.seed, number))
            folders.append(folder)
    else:
        folders = [f for f in sorted(options.models.iterdir()) if f.is_dir() and kind_of(f) in (options.only or KINDS)]
        if not folders:
            sys.exit(f"no model that this script knows is directly below {options.models}")
    for folder in folders:
        began = time.time()
        kind = kind_of(folder)
        KINDS[kind].make(folder, folder.name, options.seed, options.device, options.fixtures)
        print(f"{folder.name}: {kind}, {time.time() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
