"""Graphs that are carried without their weights. Run: python3 -B -m unittest discover tests"""

import contextlib
import importlib.util
import io
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

MISSING = [name for name in ("numpy", "onnx") if not importlib.util.find_spec(name)]


@unittest.skipIf(MISSING, f"not installed: {MISSING}")
class Refill(unittest.TestCase):
    def setUp(self):
        import numpy as np
        import onnx
        import refill

        self.np, self.onnx, self.refill = np, onnx, refill
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.full, self.packed, self.filled = (os.path.join(folder.name, n) for n in ("full", "packed", "filled"))
        random = np.random.default_rng(5)
        self.tensors = {
            "weight": random.normal(0.5, 0.02, (600, 100)).astype(np.float32),
            "half": random.normal(0, 2, (300, 100)).astype(np.float16),
            "bias": random.normal(0, 1, 100).astype(np.float32),
            "ones": np.ones((300, 100), np.float32),
            "mask": np.where(random.random((300, 100)) < 0.5, -np.inf, random.normal(0, 1, (300, 100))).astype(np.float32),
            "indices": random.integers(0, 1 << 60, 30000),
        }
        self.write("random")

    def write(self, weights):
        """A folder as export.py makes it: the values lie beside the graph."""
        onnx = self.onnx
        os.makedirs(self.full, exist_ok=True)
        graph = onnx.helper.make_graph(
            [onnx.helper.make_node("Identity", [name], [name + "_out"]) for name in self.tensors], "g", [],
            [onnx.helper.make_tensor_value_info(name + "_out", onnx.helper.np_dtype_to_tensor_dtype(v.dtype), v.shape)
             for name, v in self.tensors.items()],
            [onnx.numpy_helper.from_array(v, name) for name, v in self.tensors.items()])
        path = os.path.join(self.full, "a.onnx")
        onnx.save(onnx.helper.make_model(graph), path, save_as_external_data=True, location="a.onnx.data")
        with open(os.path.join(self.full, "config.json"), "w") as f:
            f.write("{}")
        self.manifest = {"format": 1, "source": {"weights": weights}, "graphs": {"a": {"file": "a.onnx"}},
                         "files": {n: self.refill.described(os.path.join(self.full, n)) for n in os.listdir(self.full)}}
        with open(os.path.join(self.full, "manifest.json"), "w") as f:
            json.dump(self.manifest, f)

    def carry(self, seed=1):
        with contextlib.redirect_stdout(io.StringIO()):
            self.refill.pack(self.full, self.packed)
        self.refill.fill(self.packed, self.filled, seed, 2)
        model = self.onnx.load(os.path.join(self.filled, "a.onnx"))
        return {t.name: self.onnx.numpy_helper.to_array(t) for t in model.graph.initializer}

    def test_random_weights_come_back_with_their_type_shape_mean_and_deviation(self):
        self.addCleanup(setattr, self.refill, "BLOCK", self.refill.BLOCK)
        self.refill.BLOCK = 7000  # a tensor of several blocks, the last one short
        found = self.carry()
        for name in ("weight", "half"):
            wanted = self.tensors[name]
            self.assertEqual((wanted.dtype, wanted.shape), (found[name].dtype, found[name].shape))
            self.assertFalse(self.np.array_equal(wanted, found[name]))
            before, after = (v.astype(self.np.float64) for v in (wanted, found[name]))
            self.assertLess(abs(after.mean() - before.mean()), 0.02 * before.std())
            self.assertLess(abs(after.std() / before.std() - 1), 0.02)
            self.assertGreater(len(self.np.unique(after)), 0.9 * len(self.np.unique(before)))

    def test_everything_else_is_carried_exactly(self):
        found = self.carry()
        for name in ("bias", "ones", "mask", "indices"):
            self.assertTrue(self.np.array_equal(self.tensors[name], found[name]), name)

    def test_weights_are_not_carried(self):
        self.carry()
        size = sum(os.path.getsize(os.path.join(self.packed, n)) for n in os.listdir(self.packed))
        self.assertLess(size, sum(v.nbytes for n, v in self.tensors.items() if n not in ("weight", "half")) + 8000)

    def test_the_manifest_names_what_is_there(self):
        self.carry()
        with open(os.path.join(self.filled, "manifest.json")) as f:
            manifest = json.load(f)
        self.assertEqual({"a.onnx", "a.onnx.data", "config.json"}, set(manifest["files"]))
        for name, entry in manifest["files"].items():
            self.assertEqual(self.refill.described(os.path.join(self.filled, name)), entry)
        self.assertEqual(self.manifest["graphs"], manifest["graphs"])
        self.assertEqual("normal numbers of seed 1", manifest["source"]["weights"])

    def test_equal_seeds_give_equal_weights_and_others_do_not(self):
        first, again, other = self.carry(), self.carry(), self.carry(seed=2)
        self.assertTrue(self.np.array_equal(first["weight"], again["weight"]))
        self.assertFalse(self.np.array_equal(first["weight"], other["weight"]))

    def test_weights_of_a_checkpoint_are_not_thrown_away(self):
        self.write({"model.safetensors": "0" * 64})
        with self.assertRaisesRegex(SystemExit, "export it with --random"):
            self.refill.pack(self.full, self.packed)
        self.assertFalse(os.path.exists(self.packed))

    def test_a_folder_that_was_not_packed_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "refill.py pack"):
            self.refill.fill(self.full, self.filled, 1, 2)


if __name__ == "__main__":
    unittest.main()
