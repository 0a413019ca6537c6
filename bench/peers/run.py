"""Measures retrograde beside its peers, in turn, and prints Markdown. Started by `cargo xtask bench peers`."""

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path

import report
from workers import ROOT, Busy, Missing, Worker, own_peer, peers

CASES = "ABCDEFGH"
# What the rate of everything else is held against.
PRODUCT = "P"
# Where one thread is measured beside all of them.
SCALING = "BC"
# Where the memory of a training is measured.
MEMORY = "A"

# One answer of a worker takes about this long: short measurements are repeated.
ANSWER_SECONDS = 0.3
LONGEST_COUNT = 1000

# Threads that wait for work by spinning have gone to sleep after this.
PAUSE_SECONDS = 0.25

# Case F when scikit-learn is not there to say where to stop: what it reached in 100 iterations.
COST = 0.42022282


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", default=",".join(CASES), help="letters, separated by commas")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default="", help="names, separated by commas; all by default")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of ours, and at most of a peer")
    parser.add_argument("--busy", action="store_true", help="another process keeps one core busy")
    target = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    parser.add_argument("--target", type=Path, default=target, help="where everything was built")
    args = parser.parse_args()
    args.cases = [case for case in args.cases.split(",") if case]
    unknown = [case for case in args.cases if case not in CASES]
    names = [peer.name for peer in peers(args.target)]
    args.peers = [name for name in args.peers.split(",") if name] or names
    unknown += [name for name in args.peers if name not in names]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(CASES)} and {', '.join(names)}")
    return args


def say(line):
    print(line, file=sys.stderr, flush=True)


def built(args, skipped):
    """The peers asked for whose programs are there."""
    found = []
    for peer in peers(args.target):
        if peer.name in args.peers and not Path(peer.command[0]).exists():
            skipped.append(f"{peer.name} was not built")
            say(f"left out: {skipped[-1]} ({peer.command[0]} is missing)")
        elif peer.name in args.peers:
            found.append(peer)
    return found


def started(workers, skipped):
    """Those that start."""
    return lasting(workers, Worker.start, skipped)


def measure(worker):
    """One answer, after a pause."""
    time.sleep(PAUSE_SECONDS)
    worker.seconds.append(worker.ask(worker.count))


def settle(worker):
    """How many measurements make an answer, by the time that a first one takes; it is not counted."""
    begun = time.perf_counter()
    worker.ask(1)
    once = time.perf_counter() - begun
    worker.count = max(1, min(LONGEST_COUNT, round(ANSWER_SECONDS / once)))


def lasting(workers, ask, skipped):
    """Those that answer when they are asked; the others are said to be left out."""
    found = []
    for worker in workers:
        try:
            ask(worker)
            found.append(worker)
        except Missing as why:
            say(f"left out: {why}")
            skipped.append(str(why))
    return found


def in_turn(own, others, rounds, skipped):
    """Peer, ours, peer, ours, … so that whatever slows the machine down slows both. Returns the peers that lasted."""

    def ours(ask):
        if lasting(own, ask, []) != own:
            sys.exit("there is nothing to compare with")

    def both(worker):
        measure(worker)
        ours(measure)

    ours(settle)
    others = lasting(others, settle, skipped)
    for _ in range(rounds):
        others = lasting(others, both, skipped)
        if not others:
            ours(measure)
    return others


def target_cost(args):
    """Where case F stops: what scikit-learn reaches in 100 iterations."""
    peer = next(peer for peer in peers(args.target) if peer.name == "scikit-learn")
    for worker in started([Worker(peer, "F", args.threads, 0.0)], []):
        worker.ask(1)
        worker.stop()
        # A millionth more: the last digits depend on the order of adding.
        return round(worker.notes["cost"] * (1 + 1e-6), 8)
    return COST


def run_case(case, found, args, skipped):
    cost = target_cost(args) if case == "F" else 0.0
    threads = sorted({1, args.threads}, reverse=True)
    own_threads = threads if case in SCALING else threads[:1]
    own = started([Worker(own_peer(args.target), case, n, cost) for n in own_threads], skipped)
    if len(own) < len(own_threads):
        sys.exit("retrograde itself is missing: cargo build --release -p retrograde --example epoch")
    others = [
        Worker(peer, case, n, cost)
        for peer in found
        if case in peer.cases
        for n in (threads if peer.threaded else [1])
    ]
    others = started(others, skipped)
    say(f"case {case}: {own[0].about['description']}; beside {len(others)} workers")
    try:
        return report.case_result(case, own, in_turn(own, others, args.rounds, skipped))
    finally:
        for worker in own + others:
            worker.stop()


def run_product(args):
    """GFLOP/s of a large matrix product."""
    [worker] = started([Worker(own_peer(args.target), PRODUCT, args.threads, 0.0)], [])
    settle(worker)
    for _ in range(args.rounds):
        measure(worker)
    worker.stop()
    return worker.about["flops"] / statistics.median(worker.seconds) / 1e9


def main():
    args = arguments()
    skipped = []
    found, machine = built(args, skipped), report.machine()
    with Busy(args.busy):
        rate = run_product(args)
        cases = [run_case(case, found, args, skipped) for case in args.cases]
    result = {
        "machine": machine,
        "threads": args.threads,
        "rounds": args.rounds,
        "busy": args.busy,
        "product_gflops": rate,
        "cases": cases,
        "left_out": sorted(set(skipped)),
    }
    path = args.target / "bench-peers.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(report.markdown(result))
    say(f"\n{path}")


if __name__ == "__main__":
    main()
