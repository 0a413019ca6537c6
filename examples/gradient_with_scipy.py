"""Trains a network with SciPy's L-BFGS-B: the command gives J and its gradient, SciPy takes the steps.

    retrograde train @digits --hidden none --lambda 10 --validation none --dtype f64 --epochs 1 -o start.rg
    python gradient_with_scipy.py start.rg @digits
"""

import json
import subprocess
import sys

import numpy as np
from scipy.optimize import minimize


def cost_and_grad(theta=None):
    words = ["retrograde", "gradient", *sys.argv[1:3]] + ([] if theta is None else ["--theta", "-"])
    given = None if theta is None else json.dumps(theta.tolist())
    answer = json.loads(subprocess.run(words, input=given, stdout=subprocess.PIPE, text=True, check=True).stdout)
    # JSON has no infinity: null is a number that overflowed, a step too far for the line search.
    numbers = np.array([answer["cost"], *answer["grad"]], dtype=float)
    return np.nan_to_num(numbers[0], nan=np.inf), numbers[1:]


start = np.random.default_rng(1).normal(0, 0.1, cost_and_grad()[1].size)
options = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-13, "gtol": 1e-9}
print(repr(float(minimize(cost_and_grad, start, jac=True, method="L-BFGS-B", options=options).fun)))
