"""Runs Culebra and PyTorch in turn on the same work and prints one line a case.

Both sides are processes that wait for commands (pytorch_peer.py, dev.culebra.bench.Peer). While one
runs the other is stopped with SIGSTOP, so that spinning threads cost nobody anything. Each case: both
sides warm up, then ROUNDS alternating measurements; the medians are compared.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


class Case:
    def __init__(self, name, work, target, dtype, compiled, layers, hidden, heads, length, batch,
                 vocabulary):
        self.name, self.work, self.target, self.compiled = name, work, target, compiled
        self.arguments = [work, "--dtype", dtype]
        sizes = dict(layers=layers, hidden=hidden, heads=heads, length=length, batch=batch,
                     vocabulary=vocabulary)
        for key, value in sizes.items():
            self.arguments += ["--" + key, str(value)]


SMALL = dict(layers=4, hidden=128, heads=4, length=64, batch=12, vocabulary=65)
MEDIUM = dict(layers=6, hidden=384, heads=6, length=256, batch=8, vocabulary=4096)
GPT2 = dict(layers=12, hidden=768, heads=12, length=256, batch=4, vocabulary=50257)
DECODE = dict(GPT2, length=1024, batch=1)

CASES = [
    Case("train-small-f32", "train", 1.5, "f32", True, **SMALL),
    Case("train-medium-f32", "train", 1.1, "f32", True, **MEDIUM),
    Case("train-medium-bf16", "train", 1.3, "bf16", True, **MEDIUM),
    Case("train-gpt2-f32", "train", 1.15, "f32", False, **GPT2),
    Case("train-gpt2-bf16", "train", 1.3, "bf16", False, **GPT2),
    Case("decode-gpt2-bf16", "decode", None, "bf16", False, **DECODE),
]


class Side:
    """One process, stopped unless it is its turn."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)

    def ask(self, command):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended early (its errors are above)")
        self.process.send_signal(signal.SIGSTOP)
        return json.loads(line)

    def speed(self, steps):
        answer = self.ask(f"run {steps}")
        return answer["tokens"] / answer["seconds"]

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait(60)


# Just-in-time compilers on both sides are done by then.
WARM_UP_SECONDS = 15


def steps_for(side, seconds):
    """Warms a side up and returns how many steps take about that long."""
    side.ask("run 1")
    deadline = time.monotonic() + WARM_UP_SECONDS
    while True:
        answer = side.ask("run 2")
        if time.monotonic() > deadline:
            return max(1, round(2 * seconds / answer["seconds"]))


def compare(case, args):
    common = case.arguments + ["--threads", str(args.threads)]
    environment = dict(os.environ, OMP_NUM_THREADS=str(args.threads))
    python = [args.python, os.path.join(HERE, "pytorch_peer.py")] + common
    sides = [Side("culebra", args.culebra + common), Side("eager", python, environment)]
    if case.compiled:
        sides.append(Side("compiled", python + ["--compile"], environment))
    steps = {side.name: steps_for(side, args.seconds) for side in sides}
    memory = {side.name: side.ask("memory")["peak_bytes"] / 2**20 for side in sides}
    speeds = {side.name: [] for side in sides}
    facts = []  # the memory's speed changes with the machine's neighbours, so it is asked each time
    for _ in range(args.rounds):
        for side in sides:
            speeds[side.name].append(side.speed(steps[side.name]))
            if case.work == "decode" and side is sides[0]:
                facts.append(side.ask("facts"))
    for side in sides:
        side.close()
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    ours = medians.pop("culebra")
    peer = max(medians, key=medians.get)
    line = (f"{case.name:18} ours {ours:10.1f} tok/s   pytorch {peer} {medians[peer]:10.1f} tok/s"
            f"   ratio {ours / medians[peer]:5.2f}")
    if case.target:
        line += f" (at least {case.target})"
    line += f"   peak MiB ours {memory['culebra']:.0f}, eager {memory['eager']:.0f}"
    if facts:
        share = statistics.median(speed / fact["bound_tokens_per_second"]
                                  for speed, fact in zip(speeds["culebra"], facts))
        bandwidth = statistics.median(fact["bandwidth"] for fact in facts)
        line += (f"   {share:.0%} of the bound by memory: {facts[0]['bytes_per_token'] / 1e6:.0f} MB"
                 f" a token at {bandwidth / 1e9:.1f} GB/s (at least 90%)")
    print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="names, or beginnings of names; default all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of one measurement")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--python", required=True)
    parser.add_argument("--culebra", nargs="+", required=True, help=argparse.SUPPRESS)
    own, culebra = sys.argv[1:], []
    if "--culebra" in own:
        at = own.index("--culebra")
        own, culebra = own[:at] + ["--culebra", "x"], own[at + 1:]
    args = parser.parse_args(own)
    args.culebra = culebra
    version = subprocess.run([args.python, "-c", "import torch; print(torch.__version__)"],
                             capture_output=True, text=True)
    if version.returncode != 0:
        sys.exit(f"{args.python} has no PyTorch: set PYTHON to one that has")
    print(f"PyTorch {version.stdout.strip()}, {args.threads} threads each side, "
          f"medians of {args.rounds} alternating rounds of {args.seconds:g} s", flush=True)
    chosen = [case for case in CASES
              if not args.cases or any(case.name.startswith(name) for name in args.cases)]
    if not chosen:
        sys.exit("no such case; there are: " + ", ".join(case.name for case in CASES))
    for case in chosen:
        compare(case, args)


main()
