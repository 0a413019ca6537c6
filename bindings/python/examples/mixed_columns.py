"""Gaps and texts: a dataframe as it is, and a file that the command reads too."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import retrograde
from retrograde import MLPClassifier

rng = np.random.default_rng(0)
rows = 1000
table = pd.DataFrame({
    "age": rng.normal(40, 12, rows),
    "city": rng.choice(["Ulm", "Graz", "Bern"], rows),
    "member": rng.random(rows) < 0.5,
})
buys = np.where((table.age > 40) ^ (table.city == "Bern"), "yes", "no")
table.loc[rng.random(rows) < 0.1, "age"] = np.nan
table["age"] /= 40

network = MLPClassifier((16,), allow_nan=True, categorical_features="from_dtype", max_iter=300, random_state=0)
network.fit(table[:800], buys[:800])
print("inputs:", ", ".join(network.input_names_))
print(f"accuracy on 200 other rows: {network.score(table[800:], buys[800:]):.3f}")

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "buys.rg"
    network.save(path)
    same = retrograde.load(path)
    assert (same.predict(table) == network.predict(table)).all()
    print(f"{path.stat().st_size} bytes; `retrograde predict buys.rg table.csv` says the same")
