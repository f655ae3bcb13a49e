"""Runs an export in a process of its own, and begins again in another way when that process is killed.

PyTorch's exporters are native code, and a crash in one takes the whole process along. What is left to try then is the
other exporter, and after that the CPU. An export that ends with an error of its own is not tried again.
"""

import os
import resource
import signal
import subprocess
import sys
import time

ALONE = "--alone"  # says that the process is the one that exports
STACK_BYTES = 1 << 29  # passes over a graph call themselves once a node; the usual 8 MiB are for smaller graphs


def says(arguments, option, value):
    """Whether an option has a value at last: of several, the one that stands last counts."""
    values = [arguments[i + 1] for i, argument in enumerate(arguments[:-1]) if argument == option]
    return values[-1:] == [value]


def ways(arguments):
    """The command lines to try, one after the other, none twice."""
    tries = [list(arguments)]
    if not says(tries[-1], "--exporter", "dynamo"):
        tries.append([*tries[-1], "--exporter", "dynamo"])
    if any(argument.startswith("cuda") for argument in arguments):
        tries.append([*tries[-1], "--device", "cpu"])
    return tries


def deepen():
    """Lets the processes that are started have a stack as large as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = STACK_BYTES if most == resource.RLIM_INFINITY else min(STACK_BYTES, most)
    resource.setrlimit(resource.RLIMIT_STACK, (wanted, most))


def written(arguments, since):
    """Whether one of the arguments is a folder whose manifest was written since then: it is the last file of an export."""
    for argument in arguments:
        manifest = os.path.join(argument, "manifest.json")
        if os.path.isfile(manifest) and os.path.getmtime(manifest) >= since:
            return True
    return False


def run(script, arguments):
    """Exit status of the first way that is not killed, else that of the last one."""
    deepen()
    code = 1
    for way in ways(arguments):
        begin = int(time.time())
        code = subprocess.call([sys.executable, "-X", "faulthandler", script, *way, ALONE])
        if code >= 0:
            return code
        name = signal.Signals(-code).name
        if written(arguments, begin):
            print(f"the export was complete when its process was killed by {name}", flush=True)
            return 0
        print(f"the process that ran `{' '.join(way)}` was killed by {name}", file=sys.stderr, flush=True)
        if -code in (signal.SIGINT, signal.SIGTERM):
            break
    return 128 - code
