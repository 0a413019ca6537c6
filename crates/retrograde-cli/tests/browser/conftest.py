"""Reports of good, bad and hostile models, and a browser without a network to open them in.

`RETROGRADE_COMMAND` is the command that writes them, `RETROGRADE_CHROMIUM` the browser.
"""

import os
import random
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

# What a browser of nobody needs: no sandbox as root, no calls to its maker.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

HOSTILE = '</title></svg><script>alert(1)</script><img src="http://example.invalid/x" onerror=alert(1)>'
RIGHT_TO_LEFT = "\u202eשלום עולם"
EMOJI = "💥👩‍👩‍👧‍👦 <b>bold</b>"


def retrograde(folder: Path, *words: str) -> None:
    command = [os.environ["RETROGRADE_COMMAND"], *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def write_hostile(path: Path) -> None:
    """Markup in headers, cells and classes; the class follows a number."""
    quoted = [f'"{text}"' for text in (HOSTILE.replace('"', '""'), RIGHT_TO_LEFT, EMOJI)]
    lines = [",".join([*quoted, "answer"])]
    for k in range(120):
        answer = quoted[0] if k % 3 else quoted[1]
        lines.append(f"{k % 3 + k / 1000},{quoted[k % 3]},{k % 7},{answer}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_large(path: Path) -> None:
    """10,000 rows, for some 10,000 weights."""
    draw = random.Random(1)
    lines = [",".join([*(f"x{j}" for j in range(20)), "y"])]
    for _ in range(10_000):
        x = [draw.gauss(0, 1) for _ in range(20)]
        lines.append(",".join(f"{value:.4f}" for value in [*x, x[0] * x[1] + x[2]]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


Case = namedtuple("Case", "data target training")

CASES = {
    "three classes": Case("@iris", None, "--hidden 8 --activation tanh --epochs 60"),
    "ten classes": Case("@digits", None, "--hidden 16 --epochs 5"),
    "numbers": Case("large.csv", "y", "--hidden 450 --epochs 2"),
    "vanishing": Case("@iris", None, "--hidden 6,6,6,6,6,6 --activation sigmoid --epochs 3"),
    "one weight per class": Case("@xor", None, "--hidden 1 --activation sigmoid --optimizer lbfgs --epochs 20"),
    "hostile": Case("hostile.csv", "answer", "--hidden 4 --epochs 5"),
}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    write_hostile(folder / "hostile.csv")
    write_large(folder / "large.csv")
    return folder


@pytest.fixture(scope="session", params=CASES)
def report(request, folder):
    """The HTML file of one case."""
    case = CASES[request.param]
    name = request.param.replace(" ", "-")
    target = [] if case.target is None else ["--target", case.target]
    retrograde(folder, "train", case.data, *target, *case.training.split(), "-o", f"{name}.rg", "-q")
    retrograde(folder, "report", f"{name}.rg", case.data, "-o", f"{name}.html", "-q")
    return folder / f"{name}.html"


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["RETROGRADE_CHROMIUM"], args=QUIET)
        yield browser
        browser.close()


class Opened:
    """A page, and everything that it asked for or complained of."""

    def __init__(self, page):
        self.page = page
        self.requests, self.complaints = [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))

    def at(self, path: Path):
        self.page.goto(path.as_uri())
        return self


@pytest.fixture
def opened(browser, report):
    """Opens the report at a width, in a colour scheme."""
    contexts = []

    def open_at(width: int, scheme: str = "light") -> Opened:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme, offline=True)
        contexts.append(context)
        return Opened(context.new_page()).at(report)

    yield open_at
    for context in contexts:
        context.close()
