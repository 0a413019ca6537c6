"""What was measured as data, and the data as Markdown."""

import os
import platform
import statistics
from pathlib import Path

# Notes that are results of the arithmetic, the same for everybody who does the same work.
SAME = {"E": "cost", "G": "first", "H": "first"}
SAME_TO = 1e-4

# More processes than this that run or want to, on average of the last minute, and the machine was not idle.
IDLE_LOAD = 0.5


def machine():
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        flags = next(line.split(":", 1)[1].split() for line in lines if line.startswith("flags"))
        model += "".join(f", {name}" for name in ("avx2", "avx512f", "amx_tile") if name in flags)
    except (OSError, StopIteration):
        pass
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system(), "load": load}


def measured(worker):
    return {
        "peer": worker.about.get("peer", worker.peer.name),
        "version": worker.about.get("version"),
        "threads": worker.threads,
        "seconds": statistics.median(worker.seconds),
        "least": min(worker.seconds),
        "most": max(worker.seconds),
        "notes": worker.notes,
        "peak_memory_bytes": worker.memory(),
    }


def case_result(case, own, others):
    """The medians of one case. Our first entry is the one that peers are compared with."""
    about = own[0].about
    mine = [measured(worker) for worker in own]
    result = {
        "case": case,
        "description": about["description"],
        "unit": about["unit"],
        "flops": about["flops"],
        "data_bytes": about["data_bytes"],
        "ours": mine,
        "peers": [measured(worker) for worker in others],
    }
    same = SAME.get(case)
    for peer in result["peers"]:
        peer["ratio"] = peer["seconds"] / mine[0]["seconds"]
        peer["differs"] = differs(peer["notes"].get(same), mine[0]["notes"].get(same))
    return result


def differs(a, b):
    """Whether two results that should be the same are not; those that nobody stated do not count."""
    return None not in (a, b) and not abs(a - b) <= SAME_TO * max(abs(a), abs(b))


def short(seconds):
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1.0:
            break
    else:
        unit, scale = "ns", 1e9
    return f"{seconds * scale:.3g} {unit}" if seconds * scale < 1000 else f"{seconds * scale:.0f} {unit}"


def fastest(entries):
    """One entry for each peer: that of the number of threads it is fastest with."""
    best = {}
    for entry in entries:
        name = entry["peer"]
        if name not in best or entry["seconds"] < best[name]["seconds"]:
            best[name] = entry
    return best


def comparison(result):
    cases = result["cases"]
    best = {case["case"]: fastest(case["peers"]) for case in cases}
    names = list(dict.fromkeys(name for case in cases for name in best[case["case"]]))
    lines = ["| case | retrograde | " + " | ".join(names) + " | fastest peer / ours |"]
    lines.append("|---" * (len(names) + 3) + "|")
    for case in cases:
        peers = best[case["case"]]
        ratio = min((peer["ratio"] for peer in peers.values()), default=None)
        cells = [f"**{case['case']}**, {case['unit']}", f"**{short(case['ours'][0]['seconds'])}**"]
        for name in names:
            peer = peers.get(name)
            wrong = ", other results!" if peer and peer["differs"] else ""
            cells.append(f"{short(peer['seconds'])} ({peer['ratio']:.2f}x{wrong})" if peer else "–")
        cells.append(f"**{ratio:.2f}x**" if ratio else "–")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def engine(result):
    """What our own figures say without peers."""
    rate = result["product_gflops"]
    lines = [f"Matrix product on {result['threads']} threads: {rate:.0f} GFLOP/s.", ""]
    lines += ["| case | GFLOP/s | of the product's rate | more |", "|---|---|---|---|"]
    for case in result["cases"]:
        mine, more = case["ours"], []
        gflops = case["flops"] and case["flops"] / mine[0]["seconds"] / 1e9
        if len(mine) > 1:
            one = mine[1]["seconds"]
            more.append(f"{one / mine[0]['seconds']:.2f}x as fast as one thread ({short(one)})")
        if case["case"] == "A" and mine[0]["peak_memory_bytes"]:
            beyond = (mine[0]["peak_memory_bytes"] - case["data_bytes"]) / 2**20
            more.append(f"{beyond:.0f} MiB beside the data's {case['data_bytes'] / 2**20:.0f} MiB")
        if "evaluations" in mine[0]["notes"]:
            notes = mine[0]["notes"]
            more.append(f"{notes['evaluations']:.0f} evaluations to a cost of {notes['cost']:.6f}")
        # f64 products have half the rate.
        share = f"{100 * gflops / rate:.0f} %" if gflops and case["unit"] != "evaluation" else "–"
        shown = f"{gflops:.1f}" if gflops else "–"
        lines.append(f"| {case['case']} | {shown} | {share} | {'; '.join(more)} |")
    return lines


def versions(result):
    found = {}
    for case in result["cases"]:
        for peer in case["peers"]:
            found[peer["peer"]] = peer["version"]
    return ", ".join(f"{name} {version}" for name, version in found.items())


def threads_of_peers(result):
    """Which were faster with one thread than with all of them, by case."""
    found = []
    for case in result["cases"]:
        entries = [entry["peer"] for entry in case["peers"]]
        best = fastest(case["peers"])
        names = [n for n in best if entries.count(n) > 1 and best[n]["threads"] != result["threads"]]
        if names:
            found.append(f"{case['case']}: {', '.join(names)}")
    return "; ".join(found)


def markdown(result):
    box = result["machine"]
    busy = ", **one core kept busy by another process**" if result["busy"] else ""
    if (box["load"] or 0) > IDLE_LOAD:
        busy += f", **load {box['load']:.1f} before it began: other programs ran**"
    lines = [
        f"{box['processor']}, {box['cores']} cores, {result['threads']} threads{busy}; medians of "
        f"{result['rounds']} rounds in turn; in brackets the peer's time / ours. {versions(result)}.",
        "",
        *comparison(result),
        "",
        *engine(result),
        "",
    ]
    with_fewer = threads_of_peers(result)
    if with_fewer:
        lines.append(f"Each peer ran with all threads and with one. One was faster in {with_fewer}.")
    lines += [f"Left out: {why}." for why in result["left_out"]]
    lines += ["", *(f"- {case['case']}: {case['description']}" for case in result["cases"])]
    return "\n".join(lines)
