"""Our reader of CSV beside polars': the same files, in turn, on the same cores.

    cargo build --release -p retrograde-data --example read
    python -m venv target/bench-csv && target/bench-csv/bin/pip install -r bench/csv/requirements.txt
    target/bench-csv/bin/python bench/csv/run.py --generate big.csv         # 1 GB, once
    target/bench-csv/bin/python bench/csv/run.py --runs 5 flights.csv big.csv

For each file and reader: the median of the seconds that reading took, as the reader's own clock has it, of the seconds of
all cores, and of the most memory that was resident, start of the process included.
"""

import argparse
import datetime
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READERS = {
    "retrograde": [],
    "polars": ["{}"],
    "polars, with dates": ["{'try_parse_dates': True}"],
}


def read(file, options):
    """Reads a file with polars in this process; prints the seconds and the megabytes."""
    import polars

    start = time.perf_counter()
    polars.read_csv(file, null_values=["NA", ""], **options)
    print(f"{time.perf_counter() - start:.3f} s, {peak():.0f} MB at most")


def peak():
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) * 1024 / 1e6


def measure(command, threads):
    """Seconds on the clock, seconds of all cores, megabytes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads)}
    words = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.split()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return float(words[0]), used, float(words[words.index("MB", words.index("at") - 2) - 1])


def compare(files, runs):
    threads = len(os.sched_getaffinity(0))
    print(f"{runs} runs each, in turn, {threads} threads; medians")
    for file in files:
        found = {name: [] for name in READERS}
        for _ in range(runs):
            for name, options in READERS.items():
                ours = [str(ROOT / "target/release/examples/read"), file]
                theirs = [sys.executable, __file__, "--polars", *options, file]
                found[name].append(measure(theirs if options else ours, threads))
        for name, all_runs in found.items():
            seconds, used, megabytes = (statistics.median(column) for column in zip(*all_runs))
            print(f"{file}  {name:20} {seconds:8.3f} s  {used:8.3f} s of cores  {megabytes:6.0f} MB")


def generate(file, size=1_000_000_000):
    """Numbers short and long, dates, moments, categories of 7 and of 5,000 levels."""
    draw = random.Random(1)
    first = datetime.datetime(2000, 1, 1)
    colours = ["red", "green", "blue", "yellow", "dark violet", "light grey", "NA"]
    with open(file, "w", encoding="utf-8") as out:
        out.write("id,count,price,measure,share,day,moment,colour,city,flag\n")
        row = 0
        while out.tell() < size:
            rows = []
            for row in range(row, row + 10_000):
                share = "" if draw.random() < 0.05 else f"{draw.random():.6f}"
                moment = first + datetime.timedelta(seconds=draw.randrange(700_000_000))
                rows.append(
                    f"{row},{draw.randrange(1000)},{draw.uniform(0, 5000):.2f},{draw.gauss(0, 1)!r},{share},"
                    f"{moment.date()},{moment},{draw.choice(colours)},city {draw.randrange(5000):04},"
                    f"{'true' if draw.random() < 0.5 else 'false'}\n"
                )
            row += 1
            out.write("".join(rows))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("files", nargs="*")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--generate")
    arguments.add_argument("--polars")
    given = arguments.parse_args()
    if given.generate:
        generate(given.generate)
    elif given.polars:
        import ast

        read(given.files[0], ast.literal_eval(given.polars))
    else:
        compare(given.files, given.runs)
