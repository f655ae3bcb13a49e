"""Turns a DINOv3, CLIP or SAM3 checkpoint (transformers layout) into the ONNX folder that Reelrank serves.

    python export.py dinov3 CHECKPOINT_DIR OUT_DIR
    python export.py clip   CHECKPOINT_DIR OUT_DIR --dense-size 336
    python export.py sam3   CHECKPOINT_DIR OUT_DIR --half

Run it once per checkpoint; serving needs no Python. Every size comes from config.json, so a checkpoint of a few
hundred kilobytes exports like the published one. The folder holds one .onnx per graph, manifest.json, config.json and,
for models that read text, tokenizer.json. The manifest names files with their hashes, inputs, outputs, preprocessing,
constants and limits; it is the only thing the Java side reads beside the graphs.

Before it returns, the script runs every graph in ONNX Runtime on fresh inputs and compares with PyTorch; a
difference above the tolerance is an error and leaves no manifest.

    --half            writes a second graph with float16 arithmetic beside each float32 one, for GPUs
    --half-weights    stores float32 graphs' weights as float16 with a cast: half the size, rounded once
    --dense-size N    side of the square that CLIP's dense tower sees (default: the image tower's own)
    --constants JSON  constants of this checkpoint, for example {"concentrationCentre": 1.7, "concentrationScale": 0.2}
    --limits TEXT     what the model can not do; printed on every run
    --device cuda     traces on a GPU, which is faster for large checkpoints; the check still runs on the CPU
    --check WHICH     all (default), fp32, or none for weights that were checked before
    --random SEED     no CHECKPOINT_DIR weights needed: builds the model of its config.json with random weights
    --exporter WHICH  dynamo traces every graph with PyTorch's newer exporter; usual (default) with the one it is known by

PyTorch's exporters are native code that may crash. The export runs in a process of its own: when that is killed, it
begins again with --exporter dynamo, and then on the CPU (attempts.py). Where it crashed is printed.
"""

import argparse
import copy
import hashlib
import json
import os
import shutil
import sys
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")

if __name__ == "__main__" and "--alone" not in sys.argv:
    import attempts

    sys.exit(attempts.run(os.path.abspath(__file__), sys.argv[1:]))

import graphs
import numpy as np
import onnx
import onnx.compose
import onnxruntime
import torch
import transformers

warnings.filterwarnings("ignore")  # the tracers warn about every shape they fix
FORMAT = 1
SERVED_BY = "1.24.1"  # onnxruntime.version of the root pom
# Weights beside a graph are mapped into memory and let go when they are packed; weights in it are copied twice.
EXTERNAL_BYTES = {"": 128 << 20, ".fp16": 1_500_000_000}  # an ONNX file itself ends at 2 GiB


def read_json(folder, *names):
    for name in names:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path) as f:
                return json.load(f)
    return {}


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as f:
        while block := f.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()


def load(kind, folder, random, device):
    cls = {"dinov3": transformers.DINOv3ViTModel, "clip": transformers.CLIPModel, "sam3": transformers.Sam3Model}[kind]
    # Eager attention traces into plain matrix products, which is what ONNX Runtime optimises.
    if random is None:
        model, info = cls.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
        if info["missing_keys"]:
            sys.exit(f"{folder} lacks weights: {sorted(info['missing_keys'])[:8]}")
        return model.to(device).eval()
    torch.manual_seed(random)
    config = transformers.AutoConfig.from_pretrained(folder)
    config._attn_implementation = "eager"
    with torch.device(device):
        return cls._from_config(config, attn_implementation="eager").to(device, torch.float32).eval()


def export(graph, path, half):
    if half and not graph.half_traced:
        # From the float32 graph: half-precision tracing on a CPU takes minutes at full size.
        from onnxruntime.transformers.float16 import convert_float_to_float16
        model = onnx.load(path.replace(".fp16.onnx", ".onnx"))
        onnx.save(convert_float_to_float16(model, keep_io_types=True, disable_shape_infer=True), path)
        return
    module, inputs = graph.module, graph.inputs
    if half:
        module = graphs.Half(graph.make())
    names = {"input_names": graph.input_names, "output_names": graph.output_names}
    if graph.dynamo:
        shapes = tuple({axis: torch.export.Dim.DYNAMIC for axis in axes} for axes in graph.dynamic_inputs())
        if half:
            shapes = (shapes,)
        torch.onnx.export(module, inputs, path, dynamo=True, dynamic_shapes=shapes, external_data=False, **names)
    else:
        torch.onnx.export(module, inputs, path, dynamo=False, opset_version=18,
                          dynamic_axes=graph.dynamic_axes(), do_constant_folding=True, **names)


def ordered(model):
    """Every node behind those it reads from; the converter to float16 does not keep to that."""
    known = {v.name for v in list(model.graph.input)} | {t.name for t in model.graph.initializer} | {""}
    waiting, nodes = list(model.graph.node), []
    while waiting:
        ready = [n for n in waiting if all(i in known for i in n.input)]
        if not ready:
            raise ValueError("a graph whose nodes wait for each other")
        left = []
        for node in waiting:
            if all(i in known for i in node.input):
                nodes.append(node)
                known.update(node.output)
            else:
                left.append(node)
        waiting = left
    nodes = [copy.deepcopy(n) for n in nodes]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def join(folder, joined):
    """The half-precision graph of one model's first part with its second behind it, as one file."""
    name, first, second = joined
    halves = [ordered(onnx.load(os.path.join(folder, g.name + (".fp16.onnx" if g.half else ".onnx"))))
              for g in (first, second)]
    for model, prefix in zip(halves, ("a/", "b/")):
        model.ir_version = max(m.ir_version for m in halves)
        onnx.compose.add_prefix(model, prefix, rename_inputs=False, rename_outputs=False, inplace=True)
    model = onnx.compose.merge_models(*halves, io_map=[(n, n) for n in first.output_names])
    file = name + ".fp16.onnx"
    onnx.save(model, os.path.join(folder, file))
    inputs = [n for n in first.input_names] + [n for n in second.input_names if n not in first.output_names]
    # Run once: a graph that does not load must not be found out on the day it is needed.
    feed = dict(zip(first.input_names + second.input_names, first.inputs + second.inputs))
    feed = {n: feed[n].cpu().numpy() for n in inputs}
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(os.path.join(folder, file), options, providers=["CPUExecutionProvider"])
    outputs = dict(zip(second.output_names, session.run(second.output_names, feed)))
    print(f"{file}: " + ", ".join(f"{n} {v.shape}" for n, v in outputs.items()), flush=True)
    return file, {"file": file, "half": file,
                  "inputs": [{"name": n, "type": str(v.dtype), "shape": list(v.shape)} for n, v in feed.items()],
                  "outputs": [{"name": n, "type": str(v.dtype), "shape": list(v.shape)} for n, v in outputs.items()]}


def likeness(values):
    """Equal for a weight and its transpose; tells weights from tables that tracing computed."""
    return values.size, float(values.min()), float(values.max())


def shorten(model):
    """The exporters' names take more room than small weights do."""
    if any(a.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS) for n in model.graph.node for a in n.attribute):
        return
    kept = {v.name for v in list(model.graph.input) + list(model.graph.output)} | {""}
    names = {}
    short = lambda name: name if name in kept else names.setdefault(name, f"v{len(names):x}")
    for tensor in model.graph.initializer:
        tensor.name = short(tensor.name)
    for i, node in enumerate(model.graph.node):
        node.name = ""
        node.input[:] = [short(n) for n in node.input]
        node.output[:] = [short(n) for n in node.output]
    del model.graph.value_info[:]


def slim(path, weights, external):
    """Drops the exporter's traces, moves large weights beside the graph; stores those given as float16."""
    model = onnx.load(path)
    del model.metadata_props[:]
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    for value in list(model.graph.value_info) + list(model.graph.input) + list(model.graph.output):
        del value.metadata_props[:]
    if weights:
        casts = []
        for tensor in list(model.graph.initializer):
            if tensor.data_type == onnx.TensorProto.FLOAT and np.prod(tensor.dims) >= 256:
                values = onnx.numpy_helper.to_array(tensor)
                if likeness(values) not in weights:
                    continue
                name, values = tensor.name, values.astype(np.float16)
                model.graph.initializer.remove(tensor)
                model.graph.initializer.append(onnx.numpy_helper.from_array(values, name + ".f16"))
                casts.append(onnx.helper.make_node("Cast", [name + ".f16"], [name], to=onnx.TensorProto.FLOAT))
        for i, node in enumerate(casts):
            model.graph.node.insert(i, node)
    shorten(model)
    for old in os.listdir(os.path.dirname(path)):
        if old not in KEEP and not old.endswith((".onnx", ".onnx.data", ".json")):
            os.remove(os.path.join(os.path.dirname(path), old))
    data = os.path.basename(path) + ".data"
    beside = os.path.join(os.path.dirname(path), data)
    if os.path.exists(beside):
        os.remove(beside)  # onnx would append to it
    if model.ByteSize() > external:
        onnx.save(model, path, save_as_external_data=True, all_tensors_to_one_file=True, location=data)
        os.chmod(beside, 0o644)
        return [os.path.basename(path), data]
    onnx.save(model, path)
    return [os.path.basename(path)]


KEEP = {"tokenizer.json", "config.json", "manifest.json"}


def run(path, graph, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {name: value.cpu().numpy() for name, value in zip(graph.input_names, inputs)}
    wanted = {i.name for i in session.get_inputs()}
    return session.run(graph.output_names, {k: v for k, v in feed.items() if k in wanted})


def relative(expected, actual):
    expected = expected.detach().float().cpu().numpy()
    return float(np.abs(expected - actual).max() / max(1e-6, np.abs(expected).max()))


def expectation(graph):
    """Fresh inputs, another batch size where the batch is free: a baked-in size shows here."""
    with torch.no_grad():
        inputs = graph.other_inputs()
        expected = graph.module(*inputs)
    return inputs, expected if isinstance(expected, tuple) else (expected,)


def check(path, graph, expectation, tolerance, label):
    inputs, expected = expectation
    actual = run(path, graph, inputs)
    errors = {n: relative(e, a) for n, e, a in zip(graph.output_names, expected, actual)}
    print(f"{label}: " + ", ".join(f"{n} {v:.1e}" for n, v in errors.items()), flush=True)
    worst = max(errors.values())
    if not worst <= tolerance:
        sys.exit(f"{label} differs from PyTorch by {worst:.2e} relative, above {tolerance:.0e}")
    return worst


def signature(graph):
    def rows(names, tensors, axes):
        return [{"name": n, "type": str(t.dtype).replace("torch.", ""),
                 "shape": [a.get(i, s) for i, s in enumerate(t.shape)]} for n, t, a in zip(names, tensors, axes)]
    with torch.no_grad():
        outputs = graph.module(*graph.inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    return {"inputs": rows(graph.input_names, graph.inputs, graph.input_axes),
            "outputs": rows(graph.output_names, outputs, graph.output_axes)}


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("kind", choices=["dinov3", "clip", "sam3"])
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--half-weights", action="store_true")
    parser.add_argument("--dense-size", type=int, default=0)
    parser.add_argument("--constants", default="{}")
    parser.add_argument("--limits", default="")
    parser.add_argument("--random", type=int)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--check", choices=["all", "fp32", "none"], default="all")
    parser.add_argument("--exporter", choices=["usual", "dynamo"], default="usual")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()

    if not os.path.isfile(os.path.join(args.checkpoint, "config.json")):
        sys.exit(f"no checkpoint in {args.checkpoint}: there is no config.json; download the model's folder there first")
    if args.random is None and not any(n.endswith((".safetensors", ".bin")) for n in os.listdir(args.checkpoint)):
        sys.exit(f"no weights in {args.checkpoint}: there is no .safetensors; download the whole folder, or say --random SEED")
    for name in os.listdir(args.checkpoint):
        path = os.path.join(args.checkpoint, name)
        if os.path.isfile(path) and open(path, "rb").read(42).startswith(b"version https://git-lfs.github.com/spec/v1"):
            sys.exit(f"{path} is a Git LFS pointer, not the file itself: run 'git lfs pull' where it was cloned")
    if onnxruntime.__version__ != SERVED_BY:
        print(f"note: the check runs on ONNX Runtime {onnxruntime.__version__}, Reelrank serves with {SERVED_BY}")
    os.makedirs(args.out, exist_ok=True)
    manifest_path = os.path.join(args.out, "manifest.json")
    if os.path.exists(manifest_path):
        os.remove(manifest_path)
    torch.backends.cudnn.allow_tf32 = False
    model = load(args.kind, args.checkpoint, args.random, args.device)
    torch.set_default_device(args.device)
    described = graphs.describe(args.kind, model, args.checkpoint, args.dense_size, read_json)
    if args.exporter == "dynamo":
        for graph in described.graphs:
            graph.dynamo = True
    manifest = {
        "format": FORMAT,
        "model": args.kind,
        "source": {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0],
                   "weights": "random" if args.random is not None else weights_hash(args.checkpoint)},
        "preprocessing": described.preprocessing,
        "constants": {**described.constants, **json.loads(args.constants)},
        "limits": args.limits,
        "graphs": {},
        "files": {},
    }
    if described.text:
        manifest["text"] = described.text
    files = []
    weights = set()
    if args.half_weights:
        weights = {likeness(p.detach().cpu().numpy()) for p in model.parameters() if p.dim() > 0}
    # Before anything is traced: tracing leaves its marks in caches that the modules share.
    expectations = {} if args.check == "none" else {g.name: expectation(g) for g in described.graphs}
    for graph in described.graphs:
        entry = signature(graph)
        variants = [("file", "", False)] + ([("half", ".fp16", True)] if args.half and graph.half else [])
        for key, suffix, half in variants:
            name = graph.name + suffix + ".onnx"
            path = os.path.join(args.out, name)
            with torch.no_grad():
                export(graph, path, half)
            entry[key] = name
        for key, suffix, half in variants:
            name = graph.name + suffix + ".onnx"
            path = os.path.join(args.out, name)
            files += slim(path, weights if args.half_weights and not half else None, EXTERNAL_BYTES[suffix])
            if args.check == "all" or args.check == "fp32" and not half:
                entry[key + "Error"] = check(
                    path, graph, expectations[graph.name], 5e-2 if half else 1e-3 if args.half_weights else 1e-4, name)
        manifest["graphs"][graph.name] = entry
    if described.whole and args.check != "none":
        manifest["whole"] = described.whole(
            lambda g, x: run(os.path.join(args.out, g.name + ".onnx"), g, x), 1e-3 if args.half_weights else 1e-4)
        if args.half and args.check == "all":
            halves = {g.name: ".fp16.onnx" if g.half else ".onnx" for g in described.graphs}
            manifest["wholeHalf"] = described.whole(
                lambda g, x: run(os.path.join(args.out, g.name + halves[g.name]), g, x), float("inf"))
    if args.half and described.joined:
        try:
            file, manifest["graphs"][described.joined[0]] = join(args.out, described.joined)
            files.append(file)
        except Exception as e:  # nothing but speed is lost: the parts serve as well
            print(f"no {described.joined[0]} graph: {e}")
    for name in ("config.json", "tokenizer.json"):
        source = os.path.join(args.checkpoint, name)
        if os.path.exists(source):
            if os.path.abspath(source) != os.path.abspath(os.path.join(args.out, name)):
                shutil.copyfile(source, os.path.join(args.out, name))
            files.append(name)
    if described.text and "tokenizer.json" not in files:
        sys.exit(f"{args.checkpoint} has no tokenizer.json: save the fast tokenizer there first")
    for name in files:
        path = os.path.join(args.out, name)
        manifest["files"][name] = {"bytes": os.path.getsize(path), "sha256": sha256(path)}
    with open(manifest_path, "w") as f:
        json.dump(manifest, f, indent=1)
        f.write("\n")
    print("wrote", manifest_path, flush=True)
    if args.alone:
        # Everything is on the disk. Native libraries that take each other down on their way out would spoil the status.
        os._exit(0)


def weights_hash(folder):
    names = sorted(n for n in os.listdir(folder) if n.endswith(".safetensors"))
    return {n: sha256(os.path.join(folder, n)) for n in names}


if __name__ == "__main__":
    main()
