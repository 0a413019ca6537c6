"""Wrong labels among the rows that pull hardest: how many of them `explain --worst` finds.

    cargo xtask bench labels
    python bench/labels/run.py --command target/release/retrograde --seeds 10

A share of the labels is changed to another class by chance, a network is trained on the table, and its rows are ranked by
‖∇J_k‖ (`pull` of `explain --worst`) and by ℓ_k (`cost`). Of as many rows as were changed, taken from the top: the share that was
changed. Chance gives the share itself. `seen` ranks the rows that the network was trained with, its judges among them; `unseen`
trains five networks, each without a fifth of the rows, and ranks every row by the network that has not seen it.
"""

import argparse
import csv
import gzip
import json
import random
import statistics
import subprocess
import tempfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "crates/retrograde-data/data"
# Name of the file, of the label, and of the other columns where the file has no header.
SETS = {
    "@digits": ("digits.csv.gz", "digit", [f"p{pixel}" for pixel in range(64)]),
    "@iris": ("iris.csv", "species", None),
}
WAYS = {
    "the defaults": "",
    "all rows learn": "--validation none",
    "the course's": "--hidden 25 --activation sigmoid --optimizer cg --lambda 1 --epochs 50",
    "linear": "--hidden none --optimizer lbfgs --lambda 1",
}
FOLDS = 5


def read(name):
    """The header, the rows, and which column has the label."""
    file, target, columns = SETS[name]
    path = DATA / file
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        rows = list(csv.reader(lines))
    header = [*columns, target] if columns else rows.pop(0)
    return header, rows, header.index(target)


def flipped(rows, label, share, seed):
    """The rows with a share of their labels changed, and which rows these are."""
    chance = random.Random(seed)
    classes = sorted({row[label] for row in rows})
    chosen = set(chance.sample(range(len(rows)), round(share * len(rows))))
    changed = [list(row) for row in rows]
    for k in sorted(chosen):
        changed[k][label] = chance.choice([name for name in classes if name != rows[k][label]])
    return changed, chosen


class Sandbox:
    def __init__(self, command, folder, header, label):
        self.command, self.folder, self.header, self.target = command, Path(folder), header, header[label]

    def write(self, name, rows):
        with (self.folder / name).open("w", newline="") as out:
            csv.writer(out).writerows([self.header, *rows])

    def run(self, *words):
        done = subprocess.run([self.command, *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}\n{done.stderr}")
        return done.stdout

    def train(self, name, way, seed):
        words = ["train", name, "--target", self.target, *way.split()]
        self.run(*words, "--seed", str(seed), "--no-check", "-q", "-o", "m.rg")

    def rank(self, name, rows):
        """(pull, cost) of every row."""
        found = json.loads(self.run("explain", "m.rg", name, "--worst", str(rows), "--json"))["rows"]
        return {row["row"]: (row["pull"], row["cost"]) for row in found}


def seen(sandbox, rows, way, seed):
    sandbox.write("all.csv", rows)
    sandbox.train("all.csv", way, seed)
    return sandbox.rank("all.csv", len(rows))


def unseen(sandbox, rows, way, seed):
    order = list(range(len(rows)))
    random.Random(f"folds {seed}").shuffle(order)
    ranked = {}
    for fold in range(FOLDS):
        out = sorted(order[fold::FOLDS])
        left = set(out)
        sandbox.write("in.csv", [row for k, row in enumerate(rows) if k not in left])
        sandbox.write("out.csv", [rows[k] for k in out])
        sandbox.train("in.csv", way, seed)
        ranked.update({out[k]: measures for k, measures in sandbox.rank("out.csv", len(out)).items()})
    return ranked


def precision(ranked, chosen, by):
    """Of as many rows as were changed, from the top: the share that was."""
    top = sorted(ranked, key=lambda k: (-ranked[k][by], k))[: len(chosen)]
    return sum(k in chosen for k in top) / len(chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="retrograde", help="the command to measure")
    parser.add_argument("--sets", default="@digits,@iris")
    parser.add_argument("--ways", default=",".join(WAYS), help="settings of the training")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--share", type=float, default=0.05, help="of the labels that are changed")
    options = parser.parse_args()
    command = str(Path(options.command).resolve()) if "/" in options.command else options.command
    print("| set | training | rows | by ‖∇J_k‖ | by ℓ_k | worst seed | chance |\n|---|---|---|---|---|---|---|")
    for name in options.sets.split(","):
        header, rows, label = read(name)
        for way in options.ways.split(","):
            for rank in (seen, unseen):
                found = []
                for seed in range(1, options.seeds + 1):
                    changed, chosen = flipped(rows, label, options.share, seed)
                    with tempfile.TemporaryDirectory() as folder:
                        ranked = rank(Sandbox(command, folder, header, label), changed, WAYS[way], seed)
                    found.append([precision(ranked, chosen, by) for by in (0, 1)])
                pull, cost = zip(*found)
                cells = [f"{statistics.mean(each):.1%} ± {statistics.stdev(each):.1%}" for each in (pull, cost)]
                least = f"{min(pull):.0%}, {min(cost):.0%}"
                line = [name, way, rank.__name__, *cells, least, f"{options.share:.0%}"]
                print("| " + " | ".join(line) + " |", flush=True)


if __name__ == "__main__":
    main()
