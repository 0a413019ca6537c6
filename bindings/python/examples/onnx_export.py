"""ONNX: as scikit-learn's own network, by skl2onnx, for whatever runs ONNX."""

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.datasets import load_digits

from retrograde import MLPClassifier

X, y = load_digits(return_X_y=True)
X = (X / 16).astype(np.float32)
network = MLPClassifier((32,), max_iter=30, tol=0, random_state=0).fit(X, y)

same = network.to_sklearn()
model = to_onnx(same, X[:1], options={id(same): {"zipmap": False}})
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
_, p = session.run(None, {"X": X})
print(f"{len(model.SerializeToString())} bytes; probabilities differ by at most {np.abs(p - network.predict_proba(X)).max():.1e}")
