"""What every Python worker has in common: its arguments, and answering a line with seconds.

A worker is started with --case, --threads and --cost (where case F ends), prepares the data in its own format, does the
work once to warm up or compile, and prints a JSON object that describes it. For every line read after that, which
holds a number of measurements, it prints a line: the median of their seconds, then name=value of what else it noted.
"""

import argparse
import json
import statistics
import sys
import time

from cases import CASES

# One-row predictions timed together.
CALLS = 2_000


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--cost", type=float, default=0.0)
    return parser.parse_args()


def timed(work, calls=1):
    """A measurement: the seconds of one call of `work`, which returns notes or None."""

    def measure():
        begun = time.perf_counter()
        for _ in range(calls):
            notes = work()
        return (time.perf_counter() - begun) / calls, notes or {}

    return measure


def repeated(measure):
    """Measurements one after the other: (seconds of each, notes of the last)."""

    def measure_all(count):
        samples = [measure() for _ in range(count)]
        return [seconds for seconds, _ in samples], samples[-1][1]

    return measure_all


def serve(peer, version, measure_all):
    """Answers until the input ends."""
    measure_all(1)
    print(json.dumps({"peer": peer, "version": version}), flush=True)
    for line in sys.stdin:
        seconds, notes = measure_all(int(line.strip() or 1))
        words = [f"{statistics.median(seconds):e}"] + [f"{name}={value}" for name, value in notes.items()]
        print(" ".join(words), flush=True)
