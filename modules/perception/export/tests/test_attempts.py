"""Exports whose process is killed, with scripts that stand for the export. Run: python3 -B -m unittest discover tests"""

import contextlib
import io
import os
import sys
import tempfile
import textwrap
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import attempts

START = """
import os, resource, signal, sys
out = sys.argv[3]
with open(os.path.join(out, "seen"), "a") as f:
    f.write(" ".join(sys.argv[4:]) + "\\n")
"""


class Attempts(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def run_script(self, body, *options):
        """The status, and the options of each time that the script was started."""
        options = options or ("--device", "cuda")
        script = os.path.join(self.folder.name, "script.py")
        with open(script, "w") as f:
            f.write(START + textwrap.dedent(body))
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            status = attempts.run(script, ["clip", "checkpoint", self.folder.name, *options])
        with open(os.path.join(self.folder.name, "seen")) as f:
            return status, f.read().splitlines()

    def test_begins_once_when_nothing_is_wrong(self):
        status, seen = self.run_script("sys.exit(0)")
        self.assertEqual(0, status)
        self.assertEqual(["--device cuda --alone"], seen)

    def test_hands_an_error_on_without_trying_again(self):
        status, seen = self.run_script("sys.exit('no checkpoint')")
        self.assertEqual(1, status)
        self.assertEqual(1, len(seen))

    def test_tries_the_other_exporter_and_then_the_cpu(self):
        status, seen = self.run_script("sys.exit(0) if 'cpu' in sys.argv else os.kill(os.getpid(), signal.SIGSEGV)")
        self.assertEqual(0, status)
        self.assertEqual(["--device cuda --alone", "--device cuda --exporter dynamo --alone",
                          "--device cuda --exporter dynamo --device cpu --alone"], seen)

    def test_gives_up_with_the_status_that_shells_give_to_a_killed_process(self):
        status, seen = self.run_script("os.kill(os.getpid(), signal.SIGSEGV)")
        self.assertEqual(139, status)
        self.assertEqual(3, len(seen))

    def test_tries_nothing_twice(self):
        _, seen = self.run_script("os.kill(os.getpid(), signal.SIGSEGV)", "--exporter", "dynamo", "--device", "cuda")
        self.assertEqual(["--exporter dynamo --device cuda --alone", "--exporter dynamo --device cuda --device cpu --alone"], seen)

    def test_has_no_other_device_to_try_on_the_cpu(self):
        _, seen = self.run_script("os.kill(os.getpid(), signal.SIGSEGV)", "--device", "cpu")
        self.assertEqual(["--device cpu --alone", "--device cpu --exporter dynamo --alone"], seen)

    def test_stops_when_it_is_told_to(self):
        status, seen = self.run_script("os.kill(os.getpid(), signal.SIGTERM)")
        self.assertEqual(143, status)
        self.assertEqual(1, len(seen))

    def test_takes_what_was_complete_before_the_process_was_killed(self):
        status, seen = self.run_script("""
            open(os.path.join(out, "manifest.json"), "w").close()
            os.kill(os.getpid(), signal.SIGSEGV)""")
        self.assertEqual(0, status)
        self.assertEqual(1, len(seen))

    def test_gives_the_export_a_larger_stack(self):
        _, most = attempts.resource.getrlimit(attempts.resource.RLIMIT_STACK)
        wanted = attempts.STACK_BYTES if most == attempts.resource.RLIM_INFINITY else min(attempts.STACK_BYTES, most)
        status, _ = self.run_script(f"sys.exit(resource.getrlimit(resource.RLIMIT_STACK)[0] != {wanted})")
        self.assertEqual(0, status)


if __name__ == "__main__":
    unittest.main()
