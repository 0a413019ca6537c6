"""The Python package beside scikit-learn: speed, memory, import, size of the wheel, processes.

`cargo xtask bench python` builds what is compared and starts this. Everything is measured in turn, in one run; medians.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
SHORT, LONG = 1, 11


def epochs(case, name):
    """Seconds of an epoch, and of a whole fit of ten."""
    import numpy as np
    from sklearn.exceptions import ConvergenceWarning

    warnings.simplefilter("ignore", ConvergenceWarning)
    if name == "retrograde":
        from retrograde import MLPClassifier
    else:
        from sklearn.neural_network import MLPClassifier
    x, y = case.x(np.float32), case.classes()

    def fit(count):
        model = MLPClassifier(
            case.sizes[1:-1], alpha=0.0, batch_size=case.batch, tol=0.0, n_iter_no_change=10**9, random_state=1
        )
        begin = time.perf_counter()
        model.set_params(max_iter=count).fit(x, y)
        return time.perf_counter() - begin

    fit(SHORT)

    def measure():
        short, long = fit(SHORT), fit(LONG)
        return (long - short) / (LONG - SHORT), long

    return measure


def engine(example, case):
    """Seconds of an epoch of the Rust engine."""
    found = subprocess.run([example, "--case", case, "--json"], capture_output=True, text=True, check=True)
    return json.loads(found.stdout)["seconds_per_epoch"]


def speed(options):
    from cases import CASES

    print("| case | retrograde, an epoch | scikit-learn | ratio | a fit of 11 epochs, ratio | the engine itself | share of its speed |")
    print("|---|---|---|---|---|---|---|")
    for name in options.cases.split(","):
        ours, theirs = epochs(CASES[name], "retrograde"), epochs(CASES[name], "scikit-learn")
        rounds = []
        for _ in range(options.rounds):
            rounds.append((*ours(), *theirs(), engine(options.example, name)))
        our, our_fit, their, their_fit, rust = (statistics.median(column) for column in zip(*rounds))
        print(
            f"| {name} | {our * 1e3:.1f} ms | {their * 1e3:.1f} ms | {their / our:.2f} | {their_fit / our_fit:.2f} "
            f"| {rust * 1e3:.1f} ms | {rust / our:.0%} |",
            flush=True,
        )


def peak(of):
    """Runs a function of this file in a process of its own: what it prints."""
    found = subprocess.run([sys.executable, __file__, "--alone", of], capture_output=True, text=True, check=True)
    return json.loads(found.stdout)


def memory_alone(name):
    """The most memory of a fit on an array of 1 GB, and before it."""
    import numpy as np

    warnings.simplefilter("ignore")
    if name == "retrograde":
        from retrograde import MLPClassifier
    else:
        from sklearn.neural_network import MLPClassifier
    X = np.empty((1_000_000, 250), np.float32)
    for first in range(0, len(X), 10_000):
        X[first : first + 10_000] = np.random.default_rng(first).random((10_000, 250), np.float32)
    y = X[:, 0] > 0.5
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    MLPClassifier((16,), max_iter=2).fit(X, y)
    print(json.dumps([before / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6]))


def memory(_):
    for name in ["retrograde", "scikit-learn"]:
        before, most = peak(f"memory:{name}")
        print(f"fit on a C-ordered float32 array of 1 GB: {name} {most:.3f} GB at most, {before:.3f} GB before it")


def import_time(options):
    """What the package adds to scikit-learn's import."""
    code = "import time; import sklearn.neural_network; t = time.perf_counter(); {}; print(time.perf_counter() - t)"
    seconds = []
    for _ in range(max(options.rounds, 7)):
        found = subprocess.run(
            [sys.executable, "-c", code.format("from retrograde import MLPClassifier, MLPRegressor")],
            capture_output=True,
            text=True,
            check=True,
        )
        seconds.append(float(found.stdout))
    print(f"import on top of scikit-learn: {statistics.median(seconds) * 1e3:.0f} ms")


def wheel(options):
    print(f"wheel: {Path(options.wheel).stat().st_size / 1e6:.2f} MB")


def processes(options):
    """GridSearchCV in one process and in two."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import GridSearchCV

    from retrograde import MLPClassifier

    warnings.simplefilter("ignore")
    os.environ["PYTHONWARNINGS"] = "ignore"
    X, y = load_digits(return_X_y=True)
    grid = {"alpha": [1e-4, 1e-2, 1.0], "hidden_layer_sizes": [(64,), (128,)]}
    model = MLPClassifier(max_iter=60, tol=0, random_state=0)

    def search(jobs):
        begin = time.perf_counter()
        found = GridSearchCV(model, grid, cv=3, n_jobs=jobs).fit(X / 16, y)
        return time.perf_counter() - begin, found.cv_results_["mean_test_score"]

    search(2)
    pairs = [(search(1), search(2)) for _ in range(options.rounds)]
    same = all((one[1] == two[1]).all() for one, two in pairs)
    one, two = (statistics.median(pair[i][0] for pair in pairs) for i in (0, 1))
    print(f"GridSearchCV of 18 fits: n_jobs=1 {one:.2f} s, n_jobs=2 {two:.2f} s; same scores: {same}")


PARTS = {"speed": speed, "memory": memory, "import": import_time, "wheel": wheel, "processes": processes}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--cases", default="A,B,C,D")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--example", help="the program of crates/retrograde/examples/epoch")
    parser.add_argument("--wheel")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        memory_alone(options.alone.partition(":")[2])
        return
    for part in options.parts.split(","):
        PARTS[part](options)


if __name__ == "__main__":
    main()
