"""Carries exported graphs of random weights without their weights: a few megabytes instead of gigabytes.

    python refill.py pack FOLDER PACKED              (needs onnx and numpy)
    python refill.py fill PACKED FOLDER [--seed 1]   (needs numpy)

A benchmark at full size needs the graphs, but any weights will do, and where the GPU is the export may not be possible.
`pack` takes a folder that export.py made with --random. It drops the values of every large tensor that a packer cannot
make small, and notes where they lie, their type, mean and standard deviation. Tables, masks and small tensors stay as
they are. `fill` writes normal numbers of the same mean and deviation instead, in seconds, and a manifest of its own. Equal
seeds give equal files with equal versions of numpy. A filled graph computes as long as the exported one, not the same:
its outputs mean nothing, and a graph and its float16 form no longer belong together.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import shutil
import sys
import zlib

import numpy as np

WEIGHTS = "weights.json"
LARGE = 16 << 10  # bytes; smaller tensors stay
SAMPLE = 1 << 18  # bytes of a tensor that are packed to see whether it is random
ALIGNMENT = 4096  # so that a runtime may map the tensors
BLOCK = 1 << 22  # numbers that are made at a time


def random_values(values):
    """Whether these are weights: finite, and a packer finds nothing in them."""
    if values.dtype not in (np.float16, np.float32) or values.nbytes < LARGE or not np.isfinite(values).all():
        return False
    sample = values.tobytes()[:SAMPLE]
    return len(zlib.compress(sample, 1)) > len(sample) / 2


def drop(model, data):
    """Takes the random tensors' values out of a graph; returns where they are to lie in the file of that name."""
    import onnx

    dropped, offset = [], 0
    for tensor in model.graph.initializer:
        if tensor.data_type not in (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16):
            continue
        values = onnx.numpy_helper.to_array(tensor)
        if not random_values(values):
            continue
        dropped.append({"offset": offset, "count": int(values.size), "type": str(values.dtype),
                        "mean": float(values.mean(dtype=np.float64)), "std": float(values.std(dtype=np.float64))})
        for field in ("raw_data", "float_data", "int32_data", "external_data"):
            tensor.ClearField(field)
        for key, value in (("location", data), ("offset", offset), ("length", values.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        tensor.data_location = onnx.TensorProto.EXTERNAL
        offset = -(-(offset + values.nbytes) // ALIGNMENT) * ALIGNMENT
    return dropped


def pack(folder, packed):
    import onnx

    with open(os.path.join(folder, "manifest.json")) as f:
        manifest = json.load(f)
    if manifest["source"]["weights"] != "random":
        sys.exit(f"{folder} has weights of a checkpoint, which cannot be made again: export it with --random 1")
    os.makedirs(packed, exist_ok=True)
    weights = {}
    for name in manifest["files"]:
        if not name.endswith((".onnx", ".onnx.data")):
            shutil.copyfile(os.path.join(folder, name), os.path.join(packed, name))
        elif name.endswith(".onnx"):
            model = onnx.load(os.path.join(folder, name))
            dropped = drop(model, name + ".data")
            if dropped:
                weights[name + ".data"] = dropped
            with open(os.path.join(packed, name), "wb") as f:
                f.write(model.SerializeToString())
            print(f"{name}: {sum(t['count'] for t in dropped)} numbers of {len(dropped)} tensors dropped", flush=True)
    manifest["files"] = {name: None for name in manifest["files"] if not name.endswith(".data")}
    with open(os.path.join(packed, WEIGHTS), "w") as f:
        json.dump({"manifest": manifest, "data": weights}, f)


def write(file, tensor, first, seed):
    """One block of a tensor, from its first number on."""
    count = min(BLOCK, tensor["count"] - first)
    values = np.random.Generator(np.random.SFC64(seed)).standard_normal(count, dtype=np.float32)
    values *= np.float32(tensor["std"])
    values += np.float32(tensor["mean"])
    values = memoryview(values.astype(tensor["type"], copy=False)).cast("B")
    at = tensor["offset"] + first * np.dtype(tensor["type"]).itemsize
    while values:
        done = os.pwrite(file, values, at)
        values, at = values[done:], at + done


def described(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(BLOCK):
            digest.update(block)
    return {"bytes": os.path.getsize(path), "sha256": digest.hexdigest()}


def fill(packed, folder, seed, threads):
    source = os.path.join(packed, WEIGHTS)
    if not os.path.isfile(source):
        sys.exit(f"{packed} has no {WEIGHTS}: make the folder with `refill.py pack`")
    with open(source) as f:
        about = json.load(f)
    manifest = about["manifest"]
    os.makedirs(folder, exist_ok=True)
    for name in manifest["files"]:
        shutil.copyfile(os.path.join(packed, name), os.path.join(folder, name))
    names = list(manifest["files"]) + list(about["data"])
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        files, blocks = [], []
        try:
            for i, (name, tensors) in enumerate(about["data"].items()):
                files.append(os.open(os.path.join(folder, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644))
                blocks += [pool.submit(write, files[-1], tensor, first, [seed, i, j, first])
                           for j, tensor in enumerate(tensors) for first in range(0, tensor["count"], BLOCK)]
            for block in blocks:
                block.result()
        finally:
            pool.shutdown(cancel_futures=True)
            for file in files:
                os.close(file)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        found = pool.map(lambda name: described(os.path.join(folder, name)), names)
        manifest["files"] = dict(zip(names, found))
    manifest["source"]["weights"] = f"normal numbers of seed {seed}"
    with open(os.path.join(folder, "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("what", choices=["pack", "fill"])
    parser.add_argument("source")
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    if args.what == "pack":
        pack(args.source, args.out)
    else:
        fill(args.source, args.out, args.seed, args.threads)


if __name__ == "__main__":
    main()
