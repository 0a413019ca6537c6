"""The examples run as they are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# test_gallery.py runs those of scikit-learn's gallery.
ALL = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
EXAMPLES = [path for path in ALL if not path.stem.startswith("gallery_")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, tmp_path):
    if path.stem == "onnx_export":
        pytest.importorskip("skl2onnx")
        pytest.importorskip("onnxruntime")
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    found = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=300, cwd=tmp_path, env=environment
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip(), "it says something"


def test_there_are_ten_at_least():
    assert len(EXAMPLES) >= 10
