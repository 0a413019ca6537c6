"""What one command of retrograde reaches on tables, beside scikit-learn behind a hand-made encoding of the same
rows; prints Markdown. Started by `cargo xtask bench tables`."""

import argparse
import json
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path

# The layers are small: handing them to several threads costs scikit-learn more than it gains.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.dont_write_bytecode = True

import learners
import report
import scores
import sets

ROOT = Path(__file__).resolve().parents[2]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with the sets")
    parser.add_argument("--sets", default="", help="names, separated by commas; all by default")
    parser.add_argument("--seeds", type=int, default=3, help="splits, or of a set with its own test file, trainings")
    parser.add_argument("--cached", action="store_true", help="take what scikit-learn came to before, where it did")
    parser.add_argument("--without-scikit-learn", action="store_true", help="train retrograde alone")
    parser.add_argument("--options", default="", help="more of retrograde's options, as one word")
    parser.add_argument("--labelled-only", action="store_true", help="leave rows without a target out beforehand")
    target = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    parser.add_argument("--target", type=Path, default=target, help="where everything was built")
    parser.add_argument("--program", type=Path, help="a retrograde [default: the one in --target]")
    args = parser.parse_args()
    args.program = args.program or args.target / "release/retrograde"
    args.options = shlex.split(args.options)
    known = {s.name: s for s in sets.every()}
    names = [name for name in args.sets.split(",") if name] or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    args.sets = [known[name] for name in names]
    return args


def say(line):
    print(line, file=sys.stderr, flush=True)


def machine():
    processor = "a processor"
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {"processor": processor, "cores": os.cpu_count(), "load": load}


def run_of(set_, truth, answer):
    return {
        "seconds": answer.seconds,
        "inputs": answer.inputs,
        "epochs": answer.epochs,
        "best_epoch": answer.best_epoch,
        **scores.of(set_, truth, answer),
    }


def theirs(args, folder, set_, dealt, seed, truth):
    cache = folder / "scikit-learn.json"
    if args.cached and cache.exists():
        return json.loads(cache.read_text())
    if args.without_scikit_learn:
        return None
    found = run_of(set_, truth, learners.scikit_learn(set_, dealt, seed))
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text(json.dumps(found) + "\n")
    return found


def labelled(dealt, set_):
    """The files without the rows that lack a target, beside those that were dealt."""

    def kept(path):
        if path.suffix != ".csv":
            return path
        frame = dealt.read(path, dealt.options)
        if frame[set_.targets].notna().all(axis=None):
            return path
        path = path.with_stem(f"{path.stem}-labelled")
        if not path.exists():
            frame.dropna(subset=set_.targets).to_csv(path, index=False)
        return path

    return replace(dealt, train=kept(dealt.train), test=kept(dealt.test))


def run_set(args, set_):
    result = {"set": set_.name, "classes": set_.classes, "retrograde": [], "scikit-learn": [], "failures": []}
    for seed in range(1, (set_.seeds or args.seeds) + 1):
        folder = args.target / "bench-tables" / set_.name.replace(" ", "-") / str(seed)
        dealt = set_.deal(args.data, folder, seed)
        if args.labelled_only:
            dealt = labelled(dealt, set_)
        test = dealt.read(dealt.test, dealt.test_options)
        # An unknown answer cannot be scored: the harness leaves these rows out of the test, not of the training.
        has_target = test[set_.targets].notna().all(axis=1).to_numpy()
        truth = learners.truth(test[has_target], set_)
        result["train_rows"] = len(dealt.read(dealt.train, dealt.options))
        result["test_rows"], result["columns"] = len(truth), test.shape[1] - len(set_.targets)
        result["command"] = shlex.join(["retrograde", *learners.command_of(set_, dealt, 1, args.options)])
        try:
            answer = learners.retrograde(args.program, set_, dealt, seed, args.options)
            answer.values = answer.values[has_target]
            result["retrograde"].append(run_of(set_, truth, answer))
            say(f"{set_.name} {seed}: retrograde {result['retrograde'][-1]}")
        except learners.Failed as why:
            result["failures"].append(str(why))
            say(f"{set_.name} {seed}: retrograde failed: {why}")
        peer = theirs(args, folder, set_, dealt, seed, truth)
        if peer:
            result["scikit-learn"].append(peer)
            say(f"{set_.name} {seed}: scikit-learn {peer}")
    return result


def main():
    args = arguments()
    about = machine()
    results = [run_set(args, set_) for set_ in args.sets]
    print(report.markdown(results, about))


if __name__ == "__main__":
    main()
