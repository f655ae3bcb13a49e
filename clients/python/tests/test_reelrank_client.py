"""Runs with `python3 -m unittest discover tests` in clients/python; needs no broker."""

import base64
import json
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import reelrank_client as client  # noqa: E402

try:
    import fastavro  # noqa: F401

    AVRO = True
except ImportError:
    AVRO = False

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
SCHEMAS = HERE.parents[2] / "schemas" / "published"


class SubmissionTest(unittest.TestCase):
    def test_holds_the_fields_that_were_given_and_no_others(self):
        record = json.loads(client.submission("r", "fox", "ein Fuchs läuft", PNG, subject="fox"))
        self.assertEqual(record["prompt"], "ein Fuchs läuft")
        self.assertEqual(base64.b64decode(record["image"]["base64"]), PNG)
        self.assertEqual(set(record), {"run", "sample", "prompt", "image", "subject"})

    def test_is_utf_8(self):
        self.assertIn("läuft".encode("utf-8"), client.submission("r", "fox", "läuft", PNG))

    def test_refuses_what_the_farm_would_refuse(self):
        for arguments in (("a/b", "fox", "x", PNG), ("r", "", "x", PNG), ("r", "fox", " ", PNG), ("r", "fox", "x", b"GIF89a")):
            with self.assertRaises(ValueError):
                client.submission(*arguments)


class FactsTest(unittest.TestCase):
    def record(self, name):
        return base64.b64decode((HERE / name).read_text("ascii"))

    def test_names_the_schema_as_the_folder_does(self):
        number = client.fingerprint(self.record("run-updated.base64"))
        self.assertTrue((SCHEMAS / f"{number}.avsc").exists(), number)

    def test_refuses_bytes_that_are_no_event(self):
        with self.assertRaises(ValueError):
            client.fingerprint(b"{}")

    @unittest.skipUnless(AVRO, "fastavro is not installed")
    def test_decodes_what_flow_writes(self):
        fact = client.Facts(SCHEMAS).decode(self.record("run-updated.base64"))
        self.assertEqual(fact["runId"], "my-run")
        self.assertEqual(fact["status"], "DONE")
        self.assertEqual(fact["done"], 2)

    @unittest.skipUnless(AVRO, "fastavro is not installed")
    def test_says_what_to_do_about_a_newer_schema(self):
        newer = bytearray(self.record("run-updated.base64"))
        newer[5] ^= 0x55
        with self.assertRaisesRegex(LookupError, "newer version"):
            client.Facts(SCHEMAS).decode(bytes(newer))


if __name__ == "__main__":
    unittest.main()
