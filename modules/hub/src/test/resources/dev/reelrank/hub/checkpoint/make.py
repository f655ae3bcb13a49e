"""Writes the checkpoints that ConvertTest reads, with PyTorch 2.15: python make.py

Every checkpoint is small. expected.safetensors has the tensors of all.pth, written by the safetensors library.
"""

import collections
import os
import pickle
import zipfile

import torch
from safetensors.torch import save_file

torch.manual_seed(5)
here = os.path.dirname(os.path.abspath(__file__))


def path(name):
    return os.path.join(here, name)


base = torch.randn(4, 6)
tensors = {
    "encoder.float32": base,
    "encoder.transposed": base.t(),
    "encoder.slice": base[1:3, 2:5],
    "bfloat16": torch.randn(3, 5).bfloat16(),
    "float16": torch.randn(2, 2, 2).half(),
    "float64": torch.randn(3, dtype=torch.float64),
    "float8": torch.randn(8).to(torch.float8_e4m3fn),
    "int64": torch.tensor([[1, -2], [3, 1 << 40]]),
    "int32": torch.tensor([7, -7], dtype=torch.int32),
    "uint8": torch.arange(5, dtype=torch.uint8),
    "bool": torch.tensor([True, False, True]),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(torch.randn(2, 3)),
}
torch.save(tensors, path("all.pth"))
save_file({k: v.detach().contiguous().clone() for k, v in tensors.items()}, path("expected.safetensors"))

# What a training leaves: the state dict of a module below other values.
module = torch.nn.Linear(3, 2)
torch.save({"step": 12, "lr": 1e-4, "name": "toy", "model": module.state_dict()}, path("training.pth"))
torch.save({"model": module.state_dict(), "ema": module.state_dict()}, path("two.pth"))
torch.save(module.state_dict(), path("protocol4.pth"), pickle_protocol=4)
torch.save(module.state_dict(), path("legacy.pth"), _use_new_zipfile_serialization=False)
torch.save(module, path("object.pth"))


class System:
    def __reduce__(self):
        return os.system, ("touch /tmp/reelrank-was-here",)


class Evaluate:
    def __reduce__(self):
        return eval, ("__import__('os')",)


torch.save({"weight": torch.ones(2), "extra": System()}, path("hostile-system.pth"))
torch.save(collections.OrderedDict(extra=Evaluate()), path("hostile-eval.pth"))


def archive(name, data, entries=None):
    """A zip as torch.save arranges it, with a pickle of our own."""
    with zipfile.ZipFile(path(name), "w") as z:
        z.writestr("archive/data.pkl", data)
        for key, value in (entries or {"0": b"\0" * 16}).items():
            z.writestr("archive/data/" + key, value)


def tensor(offset, shape, stride, elements):
    storage = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK" + bytes([elements]) + b"tQ"
    numbers = b"K" + bytes([offset]) + b"K" + bytes([shape]) + b"\x85K" + bytes([stride]) + b"\x85"
    return b"\x80\x02}X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n(" + storage + numbers + b"\x89}tRs."


archive("hostile-outside.pth", tensor(0, 5, 1, 4))
archive("hostile-offset.pth", tensor(3, 2, 1, 4))
archive("hostile-short.pth", tensor(0, 8, 1, 8))
archive("hostile-repeated.pth", tensor(0, 200, 0, 4))
archive("hostile-newobj.pth", b"\x80\x02ctorch\nSize\n)\x81.")
archive("hostile-truncated.pth", tensor(0, 4, 1, 4)[:40])
archive("hostile-underflow.pth", b"\x80\x02R.")
archive("hostile-setstate.pth", b"\x80\x02ctorch\nSize\n}b.")
archive("hostile-path.pth", tensor(0, 4, 1, 4).replace(b"X\x01\0\0\x000", b"X\x04\0\0\0../x"))
