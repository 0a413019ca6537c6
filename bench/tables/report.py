"""What was measured as Markdown."""

import statistics


def mean(runs, key):
    return statistics.mean(run[key] for run in runs)


def figure(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 1 else f"{value:.4f}"


def seconds(value):
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def score(result, runs):
    if not runs:
        return "–"
    if result["classes"]:
        return f"{mean(runs, 'accuracy'):.2%}, {mean(runs, 'log_loss'):.4f}"
    return f"{figure(mean(runs, 'rmse'))}, {mean(runs, 'r2'):.4f}"


def difference(result):
    """How much better ours is: points of accuracy, percent of the RMSE."""
    ours, theirs = result["retrograde"], result["scikit-learn"]
    if not ours or not theirs:
        return None
    if result["classes"]:
        return 100 * (mean(ours, "accuracy") - mean(theirs, "accuracy"))
    return 100 * (1 - mean(ours, "rmse") / mean(theirs, "rmse"))


def row(result):
    ours, theirs = result["retrograde"], result["scikit-learn"]
    apart = difference(result)
    unit = " points" if result["classes"] else " %"
    cells = [
        result["set"],
        f"{result['train_rows']:,} + {result['test_rows']:,}",
        str(result["columns"]),
        str(ours[0]["inputs"]) if ours else "–",
        seconds(mean(ours, "seconds")) if ours else "–",
        score(result, ours),
        seconds(mean(theirs, "seconds")) if theirs else "–",
        score(result, theirs),
        "–" if apart is None else f"{apart:+.2f}{unit}",
    ]
    return f"| {' | '.join(cells)} |"


HEAD = """\
| set | rows (training + test) | columns | inputs | seconds | retrograde | seconds | scikit-learn | better by |
|---|---:|---:|---:|---:|---|---:|---|---:|"""


def markdown(results, machine):
    lines = ["Classes: accuracy, log loss. Numbers: RMSE, R². Means over the seeds.", "", HEAD]
    lines += [row(result) for result in results]
    failures = sorted({(r["set"], failure) for r in results for failure in r["failures"]})
    lines += ["", *[f"- **{name}** failed: {failure}" for name, failure in failures]]
    lines += ["", f"{machine['processor']}, {machine['cores']} cores, load {machine['load']:.1f} before it began."]
    return "\n".join(lines)
