"""Train a network of retrograde's with SciPy's L-BFGS-B: every evaluation asks the command for J and its gradient.

    retrograde train @digits --hidden none --lambda 1 --validation none --epochs 1 -o start.rg
    python examples/gradient_with_scipy.py start.rg @digits
"""

import json
import subprocess
import sys

import numpy as np
from scipy.optimize import minimize

command = ["retrograde", "gradient", *sys.argv[1:3]]


def cost_and_grad(theta=None):
    options = {} if theta is None else {"input": json.dumps(theta.tolist())}
    words = command if theta is None else [*command, "--theta", "-"]
    answer = json.loads(subprocess.run(words, capture_output=True, check=True, text=True, **options).stdout)
    return answer["cost"], np.array(answer["grad"])


weights = cost_and_grad()[1].size
start = np.random.default_rng(1).normal(0, 0.1, weights)
found = minimize(cost_and_grad, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-8})
print(repr(float(found.fun)))
