#!/usr/bin/env python3
"""Writes methods.json: golden numbers for the training methods, from PyTorch, SciPy and scikit-learn.

    python3 -m pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 torch==2.15.0    # the CPU build will do
    OMP_NUM_THREADS=1 python3 crates/retrograde/tests/golden/make_methods.py               # about ten seconds

What is in the file
  * steps: 50 full-batch steps (or 4 epochs of mini-batches) of torch.optim's first-order methods on one problem.
  * schedules: learning rates of torch.optim.lr_scheduler and of scikit-learn's invscaling.
  * regularisers: two convex problems with an L1 penalty, solved by scikit-learn, and torch.renorm.
  * minima: where SciPy's L-BFGS-B and CG end from a given start, and how many evaluations that took.
  * least_squares: the same for SciPy's least_squares, methods lm (MINPACK) and trf.

Conventions
  * Flat order of a parameter vector: layer after layer, W row by row (one row per unit of the next layer, as
    torch.nn.Linear.weight), then b.
  * A cost is J = (1/m) sum_k loss_k + (lambda/2m) sum W^2. Biases are never penalised. The losses are
    cross-entropy of softmax, binary cross-entropy of sigmoid, and 1/2 (a - y)^2 summed over the outputs.
  * A class y is its index. Everything is float64, and printed so that it reads back as the same double.

How far to trust the digits
  * Data and starts are rounded to 6 decimals before use, so they are exactly what the file shows. Where that would
    hide the point (least_squares, whose y has to be reachable exactly) y is the double that was used.
  * Results agree to rounding error with another machine's, not to the last bit. In `steps` that error is measured:
    `sensitivity` is how far the result moves, per unit, when theta0 is moved by 1e-10.
  * Seeds were tried out until a problem had one clear answer: weights of 0 that are clearly 0, a minimum that nearly
    every start reaches, a least-squares start from which lm, trf and two other damping rules converge, also when it
    is moved by 5 %. So the counts compare methods on these starts; they say nothing about starts in general.
  * The numbers of evaluations depend on the last bits too, and may differ by a few between machines.
  * SciPy's lm is not even repeatable: given the same residuals and Jacobian, its step can differ in the last bit from
    one run of this script to the next. What that changes is cost and njev of the teacher (there lm follows a flat
    valley to max_nfev), and for the sine nfev, njev and the last digits of cost and theta. The rest stays the same.
"""

import json
import math
import pathlib
from itertools import pairwise

import numpy as np
import scipy
import sklearn
import torch
import torch.nn.functional as F
from scipy.optimize import least_squares, minimize
from sklearn.linear_model import Lasso, LogisticRegression
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).resolve().parent


def must(holds, what):
    if not holds:
        raise SystemExit(f"does not hold: {what}")


# --------------------------------------------------------------------------------------------------- networks


def count(sizes):
    return sum(n_in * n_out + n_out for n_in, n_out in pairwise(sizes))


def unpack(theta, sizes):
    """The flat vector as a list of (W, b), one per layer; views, so that autograd sees through them."""
    layers, at = [], 0
    for n_in, n_out in pairwise(sizes):
        w = theta[at : at + n_in * n_out].reshape(n_out, n_in)
        at += n_in * n_out
        layers.append((w, theta[at : at + n_out]))
        at += n_out
    return layers


HIDDEN = {"tanh": torch.tanh, "sigmoid": torch.sigmoid}
# From the weighted inputs z of the output layer to the sum of the losses of all rows.
LOSSES = {
    "softmax_cross_entropy": lambda z, y: F.cross_entropy(z, y, reduction="sum"),
    "sigmoid_cross_entropy": lambda z, y: F.binary_cross_entropy_with_logits(z, y, reduction="sum"),
    "identity_squared_error": lambda z, y: ((z - y) ** 2).sum() / 2,
}


class Problem:
    def __init__(self, sizes, hidden, loss, penalty, x, y):
        self.sizes, self.hidden, self.loss, self.penalty = sizes, hidden, loss, penalty
        self.x, self.y = torch.tensor(x), torch.tensor(y)

    def cost(self, layers, rows=slice(None)):
        """J; with `rows`, the mean loss is that of these rows, and the penalty is still (lambda/2m) sum W^2."""
        a, y = self.x[rows], self.y[rows]
        for w, b in layers[:-1]:
            a = HIDDEN[self.hidden](a @ w.T + b)
        w, b = layers[-1]
        squares = sum((w * w).sum() for w, _ in layers)
        return LOSSES[self.loss](a @ w.T + b, y) / len(y) + self.penalty / (2 * len(self.x)) * squares

    def value(self, theta):
        return self.cost(unpack(torch.tensor(theta), self.sizes)).item()

    def gradient(self, theta):
        t = torch.tensor(theta, requires_grad=True)
        self.cost(unpack(t, self.sizes)).backward()
        return t.grad.numpy().copy()

    def hessian(self, theta):
        cost = lambda t: self.cost(unpack(t, self.sizes))  # noqa: E731
        return torch.autograd.functional.hessian(cost, torch.tensor(theta)).numpy()

    def as_json(self):
        columns = self.y.ndim == 1 or self.y.shape[1] == 1
        return {
            "sizes": list(self.sizes),
            "hidden": self.hidden,
            "loss": self.loss,
            "lambda": self.penalty,
            "m": len(self.x),
            "x": self.x.tolist(),
            # One output: one number a row, so y is one vector.
            "y": self.y.flatten().tolist() if columns else self.y.tolist(),
        }


# ------------------------------------------------------------------------------------------ first-order methods

STEPS = 50
EPOCHS = 4
BATCH = 5
PERTURBATION = 1e-10


def steps_problem():
    g = np.random.default_rng(3)
    y = np.array([0, 1] * 6)
    centres = np.array([[0.8, -0.5, 0.3], [-0.6, 0.4, 0.1]])
    x = np.round(centres[y] + g.normal(size=(12, 3)), 6)
    theta0 = np.round(0.5 * g.normal(size=count((3, 4, 2))), 6)
    return Problem((3, 4, 2), "tanh", "softmax_cross_entropy", 0.7, x, y), theta0


def plain(kind, **settings):
    """One parameter group; the L2 term is in J, so torch's own weight_decay stays 0."""
    return lambda layers: kind([p for layer in layers for p in layer], **settings)


def adamw(layers):
    # Decoupled decay of the weights only. AdamW's default weight_decay is not 0, hence the second group.
    groups = [
        {"params": [w for w, _ in layers], "weight_decay": 0.1},
        {"params": [b for _, b in layers], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.05, betas=(0.9, 0.999), eps=1e-8)


ADAM = {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
make_sgd = plain(torch.optim.SGD, lr=0.1)
make_momentum = plain(torch.optim.SGD, lr=0.1, momentum=0.9)
make_nesterov = plain(torch.optim.SGD, lr=0.1, momentum=0.9, nesterov=True)
make_adam = plain(torch.optim.Adam, lr=0.05, betas=(0.9, 0.999), eps=1e-8)
make_rmsprop = plain(torch.optim.RMSprop, lr=0.01, alpha=0.99, eps=1e-8)
make_rprop = plain(torch.optim.Rprop, lr=0.05, etas=(0.5, 1.2), step_sizes=(1e-6, 50))

# The formulas are torch's; g is the gradient of J at the current theta, every state starts at 0, t counts from 1.
FORMULA_ADAM = (
    "m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; "
    "theta -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)"
)
FORMULA_MOMENTUM = "v = momentum v + g; theta -= lr v"
METHODS = [
    ("sgd", make_sgd, {"lr": 0.1, "momentum": 0.0}, "theta -= lr g"),
    ("sgd_momentum", make_momentum, {"lr": 0.1, "momentum": 0.9}, FORMULA_MOMENTUM),
    ("nesterov", make_nesterov, {"lr": 0.1, "momentum": 0.9}, "v = momentum v + g; theta -= lr (g + momentum v)"),
    ("adam", make_adam, ADAM, FORMULA_ADAM),
    (
        *("adamw", adamw, {**ADAM, "weight_decay": 0.1}),
        "W *= 1 - lr weight_decay (weights only, not scaled by 1/m); then as adam",
    ),
    (
        *("rmsprop", make_rmsprop, {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": False}),
        "v = alpha v + (1 - alpha) g^2; theta -= lr g / (sqrt(v) + eps)",
    ),
    (
        *("rprop", make_rprop),
        {"initial_step": 0.05, "eta_minus": 0.5, "eta_plus": 1.2, "min_step": 1e-6, "max_step": 50.0},
        "per parameter: s *= eta_plus if g g_previous > 0, eta_minus if < 0, 1 if = 0; s is clamped; if g g_previous "
        "< 0 then g = 0; theta -= s sign(g); g_previous = g. s starts at initial_step, g_previous at 0",
    ),
]
BATCH_METHODS = ("sgd_momentum", "adam")


def train(problem, theta0, make, batches):
    """Theta after one step for each element of `batches`, which say the rows whose loss is averaged."""
    layers = [(w.clone(), b.clone()) for w, b in unpack(torch.tensor(theta0), problem.sizes)]
    for w, b in layers:
        w.requires_grad_()
        b.requires_grad_()
    method = make(layers)
    for rows in batches:
        method.zero_grad()
        problem.cost(layers, rows).backward()
        method.step()
    return np.concatenate([p.detach().numpy().ravel() for layer in layers for p in layer])


def make_steps():
    problem, theta0 = steps_problem()
    full = [slice(None)] * STEPS
    # The last batch is the smaller one: 0..4, 5..9, 10..11.
    batched = [slice(at, min(at + BATCH, 12)) for at in range(0, 12, BATCH)] * EPOCHS
    moved = theta0 + PERTURBATION * np.random.default_rng(0).choice([-1.0, 1.0], len(theta0))
    runs = [(*m, {"batch": 12, "steps": STEPS}, full) for m in METHODS]
    runs += [
        (f"{name}_mini_batch", make, settings, formula, {"batch": BATCH, "epochs": EPOCHS}, batched)
        for name, make, settings, formula in METHODS
        if name in BATCH_METHODS
    ]
    entries = []
    for name, make, settings, formula, length, batches in runs:
        theta = train(problem, theta0, make, batches)
        sensitivity = np.abs(train(problem, moved, make, batches) - theta).max() / PERTURBATION
        # Rprop and Adam's first steps look at signs: a gradient near 0 would make the result a coin toss.
        must(sensitivity < 1e3, f"{name} is stable, sensitivity {sensitivity}")
        entries.append(
            {
                "name": name,
                "settings": settings,
                "formula": formula,
                **length,
                "theta": theta.tolist(),
                "cost": problem.value(theta),
                "sensitivity": float(f"{sensitivity:.2g}"),
            }
        )
    return {
        "about": "theta and J (over all rows) after the steps. Mini-batches are rows 0-4, 5-9, 10-11, in this order "
        "in every epoch; the gradient of one is that of (mean loss of its rows) + (lambda/2m) sum W^2 with m = 12.",
        "problem": problem.as_json(),
        "theta0": theta0.tolist(),
        "cost0": problem.value(theta0),
        "methods": entries,
    }


# --------------------------------------------------------------------------------------------------- schedules

BASE = 0.2
SCHEDULERS = torch.optim.lr_scheduler


def torch_rates(steps, make):
    """The rate in force at step t = 0, 1, ...: the scheduler moves on after each step of the method."""
    method = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=BASE)
    schedule = make(method)
    rates = []
    for t in range(steps):
        if t > 0:
            method.step()
            schedule.step()
        rates.append(float(method.param_groups[0]["lr"]))
    return rates


def cosine(start, end, part):
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


def warm_restarts(t, first, factor, floor):
    length = first
    while t >= length:
        t, length = t - length, length * factor
    return cosine(BASE, floor, t / length)


def one_cycle(t, total, part, div, final_div):
    # Note the - 1: the peak is at step 11 of 40, not at 12.
    peak, last = part * total - 1, total - 1
    start = BASE / div
    if t <= peak:
        return cosine(start, BASE, t / peak)
    return cosine(BASE, start / final_div, (t - peak) / (last - peak))


def sklearn_invscaling(epochs, samples):
    """
    MLPClassifier(solver="sgd", learning_rate="invscaling"): after each epoch fit does t_ += n_samples and calls
    SGDOptimizer.iteration_ends(t_), which sets learning_rate = learning_rate_init / (t_ + 1)^power_t. So t counts
    samples, the rate is constant within an epoch, and the first epoch (t_ = 0) has learning_rate_init itself.
    """
    method = SGDOptimizer([], learning_rate_init=BASE, lr_schedule="invscaling", power_t=0.5)
    rates = []
    for epoch in range(epochs):
        rates.append(float(method.learning_rate))
        method.iteration_ends((epoch + 1) * samples)
    return rates


def make_schedules():
    entries = []

    def add(name, settings, formula, rates, closed):
        # torch computes some of them recursively, from the rate before: the closed form is the same to rounding.
        for t, rate in enumerate(rates):
            must(abs(rate - closed(t)) <= 1e-13 * rate, f"{name} at {t}: {rate}, by the formula {closed(t)}")
        entries.append({"name": name, "settings": {"base": BASE, **settings}, "formula": formula, "rates": rates})

    add(
        "step",
        {"step_size": 7, "gamma": 0.5},
        "base gamma^floor(t / step_size)",
        torch_rates(30, lambda m: SCHEDULERS.StepLR(m, step_size=7, gamma=0.5)),
        lambda t: BASE * 0.5 ** (t // 7),
    )
    add(
        "cosine",
        {"t_max": 30, "eta_min": 0.002},
        "eta_min + (base - eta_min) (1 + cos(pi t / t_max)) / 2",
        torch_rates(30, lambda m: SCHEDULERS.CosineAnnealingLR(m, T_max=30, eta_min=0.002)),
        lambda t: cosine(BASE, 0.002, t / 30),
    )
    add(
        "cosine_warm_restarts",
        {"t_0": 4, "t_mult": 2, "eta_min": 0.002},
        "periods of 4, 8, 16, ... steps; cosine from base within each, with t counted from its begin",
        torch_rates(30, lambda m: SCHEDULERS.CosineAnnealingWarmRestarts(m, T_0=4, T_mult=2, eta_min=0.002)),
        lambda t: warm_restarts(t, 4, 2, 0.002),
    )
    one_cycle_settings = {"total_steps": 40, "pct_start": 0.3, "div_factor": 25.0, "final_div_factor": 1e4}
    add(
        "one_cycle",
        {"max_lr": BASE, **one_cycle_settings, "anneal": "cos", "three_phase": False},
        "first = max_lr / div_factor, last = first / final_div_factor, peak = pct_start total_steps - 1; cosine from "
        "first to max_lr over t = 0..peak, then from max_lr to last over t = peak..total_steps - 1",
        torch_rates(
            *(40, lambda m: SCHEDULERS.OneCycleLR(m, max_lr=BASE, cycle_momentum=False, **one_cycle_settings)),
        ),
        lambda t: one_cycle(t, 40, 0.3, 25, 1e4),
    )
    add(
        "linear_warm_up",
        {"start_factor": 0.2, "end_factor": 1.0, "total_iters": 4},
        "base (start_factor + (end_factor - start_factor) min(t, total_iters) / total_iters)",
        torch_rates(8, lambda m: SCHEDULERS.LinearLR(m, start_factor=1 / 5, end_factor=1, total_iters=4)),
        lambda t: BASE * (0.2 + 0.8 * min(t, 4) / 4),
    )
    add(
        "sklearn_invscaling",
        {"power_t": 0.5, "n_samples": 12},
        "base / (1 + n_samples e)^power_t in epoch e = 0, 1, ...",
        sklearn_invscaling(6, 12),
        lambda e: BASE / (1 + 12 * e) ** 0.5,
    )
    return {"about": "The rate used at step (sklearn_invscaling: in epoch) t = 0, 1, ...", "schedules": entries}


# ------------------------------------------------------------------------------------------------ regularisers


def l1_violation(gradient, coef, weight):
    """How far a point is from the optimality conditions of f + weight * sum |w|; `gradient` is of f (w, then b)."""
    *slopes, bias = gradient
    off = [abs(g + weight * np.sign(w)) if w != 0 else max(0.0, abs(g) - weight) for g, w in zip(slopes, coef)]
    return max(*off, abs(bias))


def l1_problem(name, loss, x, y, lambda1, coef, intercept, zeros, tolerance, solver):
    problem = Problem((5, 1), None, loss, 0.0, x, y[:, None])
    theta = np.array([*coef, intercept])
    weight = lambda1 / len(x)
    gradient = problem.gradient(theta)
    violation = l1_violation(gradient, coef, weight)
    must(violation < tolerance, f"{name} is optimal, off by {violation}")
    must(sum(c == 0 for c in coef) == zeros, f"{name} has {zeros} weights of 0: {coef}")
    # A zero that is only just one, or a weight that is only just none, would make a poor test.
    slack = max(abs(g) / weight for g, w in zip(gradient, coef) if w == 0)
    must(slack < 0.9, f"{name}: its zeros are clear, |slope| / (lambda1/m) = {slack}")
    must(min(abs(c) for c in coef if c != 0) > 0.05, f"{name}: its other weights are clear")
    return {
        "loss": loss,
        "solver": solver,
        "m": len(x),
        "lambda1": lambda1,
        "x": x.tolist(),
        "y": y.tolist(),
        "coef": (coef + 0.0).tolist(),  # -0.0 becomes 0.0
        "intercept": float(intercept),
        "cost": problem.value(theta) + weight * float(np.abs(coef).sum()),
        "violation": float(f"{violation:.2g}"),
    }


def make_lasso():
    g = np.random.default_rng(0)
    x = np.round(g.normal(size=(20, 5)), 6)
    y = np.round(x @ [1.5, 0.0, -0.8, 0.0, 0.6] + 0.4 + 0.3 * g.normal(size=20), 6)
    lambda1 = 3.0
    # scikit-learn's objective is 1/(2m) |y - Xw - b|^2 + alpha |w|_1: J with alpha = lambda1 / m.
    fit = Lasso(alpha=lambda1 / 20, tol=1e-14, max_iter=1_000_000).fit(x, y)
    return l1_problem(
        *("lasso", "identity_squared_error", x, y, lambda1, fit.coef_, fit.intercept_, 2, 1e-12),
        "sklearn Lasso(alpha=lambda1/m, tol=1e-14)",
    )


def make_logistic_l1():
    g = np.random.default_rng(11)
    x = np.round(g.normal(size=(30, 5)), 6)
    p = 1 / (1 + np.exp(-(x @ [2.0, 0.0, -1.2, 0.1, 0.8] + 0.5)))
    y = (g.uniform(size=30) < p).astype(float)
    lambda1 = 1.5
    # scikit-learn's objective is C sum BCE + |w|_1: J times m/lambda1 with C = 1 / lambda1. l1_ratio=1 is what
    # penalty="l1" was before 1.8. Not liblinear: it penalises the bias too.
    fit = LogisticRegression(solver="saga", l1_ratio=1, C=1 / lambda1, tol=1e-14, max_iter=200_000, random_state=0)
    fit.fit(x, y)
    return l1_problem(
        *("logistic_l1", "sigmoid_cross_entropy", x, y, lambda1, fit.coef_[0], fit.intercept_[0], 2, 1e-9),
        "sklearn LogisticRegression(solver='saga', l1_ratio=1, C=1/lambda1, tol=1e-14)",
    )


def make_max_norm():
    # Row norms above 1, below 1 and above 1.
    matrix = torch.tensor([[0.9, -1.2, 0.4, 2.0], [0.3, -0.2, 0.5, 0.1], [-0.7, 0.6, 0.55, -0.05]])
    out = torch.renorm(matrix, p=2, dim=0, maxnorm=1.0)
    norm = matrix.norm(dim=1, keepdim=True)
    exact = torch.where(norm > 1, matrix / norm, matrix)
    # torch multiplies by maxnorm / (norm + 1e-7), so that its rows end up a little shorter than maxnorm.
    by_formula = torch.where(norm > 1, matrix / (norm + 1e-7), matrix)
    must(torch.allclose(out, by_formula, rtol=1e-15, atol=0), "torch.renorm is as described")
    return {
        "about": "torch.renorm(p=2, dim=0, maxnorm=1): a row whose norm is above 1 is multiplied by 1/(norm + 1e-7) "
        "(out), which `exact` does without the 1e-7.",
        "maxnorm": 1.0,
        "in": matrix.tolist(),
        "out": out.tolist(),
        "exact": exact.tolist(),
    }


def make_regularisers():
    return {
        "about": "J = (1/m) sum loss + (lambda1/m) sum |W|, the bias not penalised, at its minimum. `violation` is "
        "how far the gradient is from the optimality conditions.",
        "lasso": make_lasso(),
        "logistic_l1": make_logistic_l1(),
        "max_norm": make_max_norm(),
    }


# ------------------------------------------------------------------------------------------------------ minima


def regression_2_3_1():
    g = np.random.default_rng(0)
    x = np.round(g.uniform(-1.5, 1.5, (40, 2)), 6)
    y = np.round(np.sin(x[:, :1]) + 0.5 * x[:, 1:] ** 2 - 0.3 * x[:, :1] * x[:, 1:], 6)
    return Problem((2, 3, 1), "tanh", "identity_squared_error", 0.1, x, y)


def classes_4_3_3():
    g = np.random.default_rng(26)
    centres = g.normal(size=(3, 4))
    y = np.arange(30) % 3
    x = np.round(centres[y] + g.normal(size=(30, 4)), 6)
    return Problem((4, 3, 3), "sigmoid", "softmax_cross_entropy", 1.0, x, y)


def logistic_4_1():
    g = np.random.default_rng(0)
    x = np.round(g.normal(size=(50, 4)), 6)
    p = 1 / (1 + np.exp(-(x @ [1.5, -1.0, 0.5, 0.0] + 0.3)))
    y = (g.uniform(size=50) < p).astype(float)[:, None]
    return Problem((4, 1), None, "sigmoid_cross_entropy", 0.5, x, y)


def minimise(problem, theta0, method, options):
    """SciPy's result and the costs of all points it asked for, in order."""
    costs, gradients = [], [0]

    def value(theta):
        costs.append(problem.value(theta))
        return costs[-1]

    def gradient(theta):
        gradients[0] += 1
        return problem.gradient(theta)

    result = minimize(value, theta0, jac=gradient, method=method, options=options)
    must(result.success, f"{method}: {result.message}")
    must((result.nfev, result.njev) == (len(costs), gradients[0]), f"{method} counts as we do")
    return result, costs


SECOND_ORDER = [
    ("l_bfgs_b", "L-BFGS-B", {"maxcor": 10, "ftol": 0.0, "gtol": 1e-9, "maxiter": 20000, "maxfun": 20000}),
    ("cg", "CG", {"gtol": 1e-8, "maxiter": 20000}),
]
OTHER_STARTS = 20


def make_minimum(name, problem, seed):
    theta0 = np.round(0.5 * np.random.default_rng(seed).normal(size=count(problem.sizes)), 6)
    methods, ends = {}, []
    for key, method, options in SECOND_ORDER:
        result, costs = minimise(problem, theta0, method, options)
        ends.append(result.fun)
        near = next(i for i, c in enumerate(costs) if c <= result.fun * (1 + 1e-6))
        methods[key] = {
            "options": options,
            "stopped": result.message,
            "cost": float(result.fun),
            "gradient_max": float(f"{np.abs(problem.gradient(result.x)).max():.2g}"),
            "nfev": result.nfev,
            "njev": result.njev,
            "evaluations_to_1e-6": near + 1,
            "theta": result.x.tolist(),
        }
    must(max(ends) / min(ends) - 1 < 1e-9, f"{name}: both methods end in the same minimum, {ends}")

    # How easy is it to end elsewhere? Twenty more starts, with a third method. None may find anything better.
    others = [
        minimise(problem, 0.5 * np.random.default_rng(1000 + i).normal(size=len(theta0)), "BFGS", {"gtol": 1e-7})
        for i in range(OTHER_STARTS)
    ]
    must(all(r.fun > min(ends) * (1 - 1e-9) for r, _ in others), f"{name}: this is the best minimum known")
    same = sum(r.fun < min(ends) * (1 + 1e-8) for r, _ in others)

    # One eigenvalue is 0 after softmax: adding the same number to all output biases changes nothing.
    eigenvalues = np.linalg.eigvalsh(problem.hessian(result.x))
    curved = [e for e in eigenvalues if abs(e) > 1e-10]
    flat = len(eigenvalues) - len(curved)
    must(flat == (problem.loss == "softmax_cross_entropy") and min(curved) > 0, f"{name} is a minimum: {eigenvalues}")
    return {
        "name": name,
        "problem": problem.as_json(),
        "theta0": theta0.tolist(),
        "cost0": problem.value(theta0),
        "hessian_condition": float(f"{max(curved) / min(curved):.3g}"),
        "other_starts": OTHER_STARTS,
        "other_starts_with_this_minimum": same,
        "methods": methods,
    }


def make_minima():
    return {
        "about": "nfev and njev count single calls: each evaluation is one of J and one of its gradient. "
        "evaluations_to_1e-6 is how many there were, the start included, when J was first within 1e-6 (relative) of "
        "the method's final cost. hessian_condition is at the minimum, without softmax's flat direction. other_starts "
        "says from how many random starts (0.5 * normal) BFGS reached the same cost; none reached a lower one.",
        "problems": [
            make_minimum("regression_2_3_1", regression_2_3_1(), 100),
            make_minimum("classes_4_3_3", classes_4_3_3(), 100),
            make_minimum("logistic_4_1", logistic_4_1(), 100),
        ],
    }


# ----------------------------------------------------------------------------------------------- least squares


def outputs(theta, hidden, activation, x):
    """A 1-h-1 network with identity output: its outputs and their Jacobian with respect to the flat vector."""
    (w1, b1), (w2, b2) = unpack(theta, (1, hidden, 1))
    z = x[:, None] * w1[:, 0] + b1
    a = np.tanh(z) if activation == "tanh" else scipy.special.expit(z)
    slope = 1 - a * a if activation == "tanh" else a * (1 - a)
    delta = slope * w2[0]
    return a @ w2[0] + b2[0], np.hstack([delta * x[:, None], delta, a, np.ones((len(x), 1))])


def must_have_jacobian(theta, hidden, activation, x):
    """The Jacobian above against torch's."""

    def f(t):
        (w1, b1), (w2, b2) = unpack(t, (1, hidden, 1))
        return HIDDEN[activation](torch.tensor(x)[:, None] @ w1.T + b1) @ w2[0] + b2[0]

    torchs = torch.autograd.functional.jacobian(f, torch.tensor(theta)).numpy()
    must(np.allclose(outputs(theta, hidden, activation, x)[1], torchs, rtol=1e-12, atol=1e-14), "the Jacobian")


MAX_NFEV = 2000
# x_scale is each method's default since SciPy 1.16: lm scales by the columns of the Jacobian, trf does not scale.
LEAST_SQUARES = [("lm", {"method": "lm", "x_scale": "jac"}), ("trf", {"method": "trf", "x_scale": 1.0})]


def make_least_squares_problem(name, hidden, activation, x, y, theta0, goals, extra):
    m = len(x)
    must_have_jacobian(theta0, hidden, activation, x)
    methods = {}
    for key, options in LEAST_SQUARES:
        costs = []

        def residuals(theta, costs=costs):
            r = outputs(theta, hidden, activation, x)[0] - y
            costs.append(float(r @ r) / (2 * m))
            return r

        result = least_squares(
            residuals,
            theta0,
            jac=lambda theta: outputs(theta, hidden, activation, x)[1],
            **{**options, "xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15, "max_nfev": MAX_NFEV},
        )
        # MINPACK also counts a step too small to move theta, for which SciPy has the residuals already.
        must(0 <= result.nfev - len(costs) <= 2, f"{key} counts as we do")
        best = min(costs)
        first = lambda goal, costs=costs: next(i for i, c in enumerate(costs) if c <= goal) + 1  # noqa: E731
        methods[key] = {
            "cost": best,
            "nfev": int(result.nfev),
            "njev": int(result.njev),
            "stopped": {0: "max_nfev", 1: "gtol", 2: "ftol", 3: "xtol", 4: "ftol and xtol"}[result.status],
        }
        if goals:  # The way to an exact fit has no end: neither where it was given up nor its cost says much.
            methods[key] |= {f"evaluations_to_{goal:.0e}".replace("e-0", "e-"): first(goal) for goal in goals}
        else:
            methods[key] |= {"evaluations_to_1e-6_relative": first(best * (1 + 1e-6)), "theta": result.x.tolist()}
    return {
        "name": name,
        "sizes": [1, hidden, 1],
        "hidden": activation,
        "m": m,
        **extra,
        "x": x.tolist(),
        "y": y.tolist(),
        "theta0": theta0.tolist(),
        "cost0": float(np.mean((outputs(theta0, hidden, activation, x)[0] - y) ** 2) / 2),
        "methods": methods,
    }


def make_least_squares():
    # An exact fit exists (seven of the ten hidden units are one too many), so J can go to 0.
    teacher = np.array([1.5, -1.0, 0.8, 0.5, 0.3, -1.0, 1.0, 0.7, -1.2, 0.1])
    x = np.round(np.linspace(-2, 2, 60), 6)
    y = outputs(teacher, 3, "tanh", x)[0]
    theta0 = np.round(np.random.default_rng(12).normal(size=31), 6)
    exact = make_least_squares_problem(
        *("teacher_1_10_1", 10, "tanh", x, y, theta0, (1e-6, 1e-8, 1e-10)),
        {"teacher_sizes": [1, 3, 1], "teacher_theta": teacher.tolist()},
    )

    # Three hidden units and not five: with five the valley is so flat that 2,000 evaluations do not reach its end.
    x = np.round(np.linspace(0, 1, 40), 6)
    y = np.sin(2 * np.pi * x)
    theta0 = np.round(np.random.default_rng(0).normal(size=10), 6)
    sine = make_least_squares_problem("sine_1_3_1", 3, "sigmoid", x, y, theta0, (), {})
    ends = [method["cost"] for method in sine["methods"].values()]
    must(max(ends) / min(ends) - 1 < 1e-9, f"both methods end in the same minimum, {ends}")
    must(all(method["nfev"] < 300 for method in sine["methods"].values()), "sine_1_3_1 converges quickly")
    return {
        "about": "J = (1/m) sum 1/2 (z - y)^2 with identity output and no penalty, xtol = ftol = gtol = 1e-15, "
        "max_nfev = 2000. cost is the least J that was seen. evaluations_to_... is how many residual vectors were "
        "computed, the start included, until J was at most that (or within 1e-6, relative, of the method's cost). "
        "teacher_1_10_1 has a manifold of exact fits, and near it SciPy creeps on until max_nfev: only the goals are "
        "comparable there, not cost.",
        "problems": [exact, sine],
    }


# ------------------------------------------------------------------------------------------------------- file


def as_json(document):
    """Indented JSON, but a vector (or an object of plain values) takes one line."""

    def block(value, pad):
        inner = pad + "  "
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if not any(isinstance(child, (dict, list)) for child in children):
            return json.dumps(value, ensure_ascii=False, allow_nan=False)
        if isinstance(value, dict):
            lines = [f"{inner}{json.dumps(k)}: {block(v, inner)}" for k, v in value.items()]
            return "{\n" + ",\n".join(lines) + f"\n{pad}}}"
        return "[\n" + ",\n".join(inner + block(v, inner) for v in value) + f"\n{pad}]"

    return block(document, "") + "\n"


def main():
    versions = {module.__name__: module.__version__.split("+")[0] for module in (np, scipy, sklearn, torch)}
    document = {
        "about": "Golden numbers for the training methods; see make_methods.py. Parameter vectors are flat: layer "
        "after layer, W row by row (one row per unit of the next layer), then b. "
        "J = (1/m) sum loss + (lambda/2m) sum W^2, biases not penalised.",
        "versions": versions,
        "steps": make_steps(),
        "schedules": make_schedules(),
        "regularisers": make_regularisers(),
        "minima": make_minima(),
        "least_squares": make_least_squares(),
    }
    text = as_json(document)
    must(json.loads(text) == document, "the file reads back as the same doubles")
    (HERE / "methods.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
