#!/usr/bin/env python3
"""Writes the golden numbers of this folder: activations.json, losses.json, mazur.json.

They are computed from the definitions, in another language than the library's and with arithmetic that cannot
lose a digit, so that the tests compare against mathematics and not against an earlier output of ours.

    python3 -m pip install mpmath==1.4.1
    python3 crates/retrograde/tests/golden/make_golden.py            # write the three files
    python3 crates/retrograde/tests/golden/make_golden.py --check    # exit 1 if a committed file would change

How the numbers are made
  * Everything is evaluated with 1,200 decimal digits: 1 - sigma(800) keeps 850 of them, so the textbook formula
    can be typed as it stands and at least 60 digits are always right.
  * z and y are the doubles that the JSON shows, taken exactly: z = 0.1 means 0.1000000000000000055511151231257827...
  * Every derivative away from a kink is compared with a central difference (step 1e-400) before it is written.
  * Every result is written twice. `x` is the nearest double (ties to even; null where that is infinite; a result
    that rounds to -0 is written 0). `x_digits` is the same number in 20 significant digits (25 in mazur.json),
    correctly rounded, and keeps its value where the double under- or overflows.
  * Nothing is random, and the files do not depend on the machine.
"""

import decimal
import json
import pathlib
import sys

from mpmath import mp, mpf

mp.dps = 1200
STEP = mpf(10) ** -400
AGREE = mpf(10) ** -60
HERE = pathlib.Path(__file__).resolve().parent


# ---------------------------------------------------------------------------------------------------- numbers


def as_ratio(x):
    """The mpf as a pair of integers (numerator, denominator), exactly."""
    sign, mantissa, exponent, _ = mpf(x)._mpf_
    mantissa = -int(mantissa) if sign else int(mantissa)
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def nearest_double(x):
    """The nearest double, subnormals included; None for overflow. Python's int / int is correctly rounded."""
    numerator, denominator = as_ratio(x)
    try:
        return numerator / denominator + 0.0  # -0.0 + 0.0 is 0.0
    except OverflowError:
        return None


def digits(x, count=20):
    """The number in `count` significant digits, correctly rounded, as a plain or scientific decimal string."""
    context = decimal.Context(prec=count, Emin=-999999999, Emax=999999999, rounding=decimal.ROUND_HALF_EVEN)
    numerator, denominator = as_ratio(x)
    if numerator == 0:
        return "0"
    rounded = context.divide(decimal.Decimal(numerator), decimal.Decimal(denominator))
    return str(rounded).lower().replace("e+", "e")


def both(name, x, count=20):
    """The two fields of one result: the nearest double and the digits. Lists are taken element by element."""
    if isinstance(x, list):
        return {name: [nearest_double(v) for v in x], f"{name}_digits": [digits(v, count) for v in x]}
    return {name: nearest_double(x), f"{name}_digits": digits(x, count)}


def slope(f, z):
    """Central difference: with 1,200 digits and a step of 1e-400 it is right to far more than 60."""
    return (f(z + STEP) - f(z - STEP)) / (2 * STEP)


def must_agree(what, claimed, measured):
    if abs(claimed - measured) > AGREE * max(1, abs(claimed)):
        raise SystemExit(f"{what}: the derivative is {mp.nstr(claimed, 25)}, measured {mp.nstr(measured, 25)}")
    # Tails too: a derivative of 4e-18 or 1e-348 has to be right relative to itself.
    if abs(claimed) > mpf(10) ** -400 and abs(claimed - measured) > AGREE * abs(claimed):
        raise SystemExit(f"{what}: the derivative's tail is {mp.nstr(claimed, 25)}, measured {mp.nstr(measured, 25)}")


# ------------------------------------------------------------------------------------------------ activations

LEAKY_SLOPE = mpf("0.01")
ELU_ALPHA = mpf(1)
SELU_LAMBDA = mpf("1.0507009873554804934193349852946")
SELU_ALPHA = mpf("1.6732632423543772848170429916717")


def exp(z):
    return mp.exp(z)


def sigmoid(z):
    return 1 / (1 + exp(-z))


def d_sigmoid(z):
    return sigmoid(z) * sigmoid(-z)


def normal_density(z):
    return exp(-z * z / 2) / mp.sqrt(2 * mp.pi)


def softplus(z):
    return mp.log(1 + exp(z))


def d_tanh(z):
    return 1 - mp.tanh(z) ** 2


def d_gelu(z):
    return mp.ncdf(z) + z * normal_density(z)


def d_silu(z):
    return sigmoid(z) + z * d_sigmoid(z)


def mish(z):
    return z * mp.tanh(softplus(z))


def d_mish(z):
    return mp.tanh(softplus(z)) + z * d_tanh(softplus(z)) * sigmoid(z)


def selu(z):
    return SELU_LAMBDA * (z if z > 0 else SELU_ALPHA * (exp(z) - 1))


def d_selu(z):
    return SELU_LAMBDA * (mpf(1) if z > 0 else SELU_ALPHA * exp(z))


# name, g, g', is there a kink at 0, the parameters as written in the definition.
ACTIVATIONS = [
    ("identity", lambda z: z, lambda z: mpf(1), False, {}),
    ("sigmoid", sigmoid, d_sigmoid, False, {}),
    ("tanh", mp.tanh, d_tanh, False, {}),
    ("relu", lambda z: z if z > 0 else mpf(0), lambda z: mpf(1 if z > 0 else 0), True, {}),
    (
        "leaky_relu",
        lambda z: z if z > 0 else LEAKY_SLOPE * z,
        lambda z: mpf(1) if z > 0 else LEAKY_SLOPE,
        True,
        {"slope": "0.01"},
    ),
    (
        "elu",
        lambda z: z if z > 0 else ELU_ALPHA * (exp(z) - 1),
        lambda z: mpf(1) if z > 0 else ELU_ALPHA * exp(z),
        False,
        {"alpha": "1"},
    ),
    (
        "selu",
        selu,
        d_selu,
        True,
        {"lambda": "1.0507009873554804934193349852946", "alpha": "1.6732632423543772848170429916717"},
    ),
    ("gelu", lambda z: z * mp.ncdf(z), d_gelu, False, {}),
    ("silu", lambda z: z * sigmoid(z), d_silu, False, {}),
    ("softplus", softplus, sigmoid, False, {}),
    ("mish", mish, d_mish, False, {}),
    ("exp", exp, exp, False, {}),
]

MAGNITUDES = [
    *(1e-300, 1e-20, 1e-8, 1e-5, 1e-3, 0.01, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0),
    *(10.0, 13.0, 18.0, 20.0, 30.0, 36.7, 38.0, 40.0, 100.0, 300.0, 700.0, 709.0, 745.0, 800.0),
]
POINTS = [-m for m in reversed(MAGNITUDES)] + [0.0] + MAGNITUDES


def make_activations():
    entries = []
    for name, g, d_g, kink, parameters in ACTIVATIONS:
        cases = []
        for point in POINTS:
            z = mpf(point)
            if not (kink and point == 0.0):
                must_agree(f"{name} at {point}", d_g(z), slope(g, z))
            cases.append({"z": point, **both("value", g(z)), **both("derivative", d_g(z))})
        entries.append({"name": name, "parameters": parameters, "cases": cases})
    return {
        "about": "g(z) and g'(z) of every activation; see make_golden.py. At a kink (z = 0) the derivative is the "
        "left one: relu 0, leaky_relu its slope, selu lambda*alpha. gelu is exact: z * Phi(z).",
        "activations": entries,
    }


# ----------------------------------------------------------------------------------------------------- losses
# Every loss is the definition in terms of the output a and the target y, and z -> a is written out beside it.
# The derivative is with respect to z: by the chain rule, with softmax's full Jacobian, from d(loss)/da.


def total(terms):
    return mp.fsum(terms)


def softmax(z):
    e = [exp(v) for v in z]
    s = total(e)
    return [v / s for v in e]


def through_softmax(z, d_a):
    """dz_i = sum_j d_a_j * a_j * ([i = j] - a_i)"""
    a = softmax(z)
    n = range(len(z))
    return [total(d_a[j] * a[j] * ((1 if i == j else 0) - a[i]) for j in n) for i in n]


def through(g, d_g):
    """An output activation that works on each unit alone: z -> a, and (z, dl/da) -> dl/dz."""
    return (lambda z: [g(v) for v in z]), (lambda z, d_a: [d * d_g(v) for v, d in zip(z, d_a)])


IDENTITY = through(lambda z: z, lambda z: mpf(1))
SIGMOID = through(sigmoid, d_sigmoid)
EXP = through(exp, exp)
SOFTMAX = (softmax, through_softmax)


def sign(x):
    return mpf((x > 0) - (x < 0))


def cross_entropy(a, y):
    return -total(t * mp.log(p) for p, t in zip(a, y) if t != 0)


def d_cross_entropy(a, y):
    return [-t / p for p, t in zip(a, y)]


def binary_cross_entropy(a, y):
    return -total(t * mp.log(p) + (1 - t) * mp.log(1 - p) for p, t in zip(a, y))


def d_binary_cross_entropy(a, y):
    return [-t / p + (1 - t) / (1 - p) for p, t in zip(a, y)]


def squared_error(a, y):
    return total((p - t) ** 2 for p, t in zip(a, y)) / 2


def d_squared_error(a, y):
    return [p - t for p, t in zip(a, y)]


def absolute(a, y):
    return total(abs(p - t) for p, t in zip(a, y))


def d_absolute(a, y):
    return [sign(p - t) for p, t in zip(a, y)]


def huber(a, y):
    r = [abs(p - t) for p, t in zip(a, y)]
    return total(v * v / 2 if v <= 1 else v - mpf("0.5") for v in r)


def d_huber(a, y):
    return [p - t if abs(p - t) <= 1 else sign(p - t) for p, t in zip(a, y)]


def poisson(a, y):
    return total(p - t * mp.log(p) for p, t in zip(a, y))


def d_poisson(a, y):
    return [1 - t / p for p, t in zip(a, y)]


def gamma(a, y):
    return total(t / p + mp.log(p) for p, t in zip(a, y))


def d_gamma(a, y):
    return [1 / p - t / p**2 for p, t in zip(a, y)]


QUANTILES = [0.1, 0.5, 0.9]


def quantile(a, y):
    (t,) = y
    return total(max(mpf(q) * (t - p), (mpf(q) - 1) * (t - p)) for q, p in zip(QUANTILES, a))


def d_quantile(a, y):
    (t,) = y
    return [mpf(0) if p == t else (-mpf(q) if p < t else 1 - mpf(q)) for q, p in zip(QUANTILES, a)]


# Smoothed targets are dyadic (7/8, 1/16, ...), so that they add up to exactly 1 in binary, as the definition asks.
SOFTMAX_CASES = [
    ([0.0, 0.0], [1.0, 0.0]),
    ([0.0, 0.0], [0.5, 0.5]),
    ([0.3, -1.2], [1.0, 0.0]),
    ([0.3, -1.2], [0.0, 1.0]),
    ([0.3, -1.2], [0.9375, 0.0625]),
    ([40.0, 0.0], [1.0, 0.0]),
    ([40.0, 0.0], [0.0, 1.0]),
    ([40.0, 0.0], [0.9375, 0.0625]),
    ([800.0, -800.0], [1.0, 0.0]),
    ([800.0, -800.0], [0.0, 1.0]),
    ([-800.0, -800.0], [1.0, 0.0]),
    ([800.0, 800.0], [0.0, 1.0]),
    ([800.0, 760.0], [1.0, 0.0]),
    ([1e-20, 0.0], [1.0, 0.0]),
    ([0.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
    ([1.0, 2.0, 3.0], [0.0, 0.0, 1.0]),
    ([1.0, 2.0, 3.0], [1.0, 0.0, 0.0]),
    ([1.0, 2.0, 3.0], [0.0625, 0.0625, 0.875]),
    ([1001.0, 1002.0, 1003.0], [0.0, 0.0, 1.0]),
    ([-1001.0, -1002.0, -1003.0], [0.0, 0.0, 1.0]),
    ([800.0, 0.0, -800.0], [1.0, 0.0, 0.0]),
    ([800.0, 0.0, -800.0], [0.0, 1.0, 0.0]),
    ([800.0, 0.0, -800.0], [0.0, 0.0, 1.0]),
    ([40.0, 0.0, 0.0], [1.0, 0.0, 0.0]),
    ([0.0, 40.0, 40.0], [0.0, 1.0, 0.0]),
    ([20.0, -15.0, 5.0], [0.875, 0.0625, 0.0625]),
    ([0.1, 0.1, 0.1, 0.1, 0.1], [0.0, 0.0, 0.0, 1.0, 0.0]),
    ([0.5, -1.0, 2.0, 0.0, -3.0], [0.0, 0.0, 1.0, 0.0, 0.0]),
    ([0.5, -1.0, 2.0, 0.0, -3.0], [0.0, 0.0, 0.0, 0.0, 1.0]),
    ([0.5, -1.0, 2.0, 0.0, -3.0], [0.0625, 0.0625, 0.75, 0.0625, 0.0625]),
    ([-40.0, -20.0, 0.0, 20.0, 40.0], [0.0, 0.0, 0.0, 0.0, 1.0]),
    ([-40.0, -20.0, 0.0, 20.0, 40.0], [1.0, 0.0, 0.0, 0.0, 0.0]),
    ([-800.0, 800.0, 0.0, 800.0, 30.0], [0.0, 1.0, 0.0, 0.0, 0.0]),
]

BINARY_CASES = (
    [([z], [y]) for z in (-800.0, -40.0, -2.5, -1e-8, 0.0, 0.7, 5.0, 40.0, 800.0) for y in (0.0, 0.1, 0.9, 1.0)]
    + [([36.7], [1.0]), ([-36.7], [0.0]), ([745.0], [1.0]), ([-745.0], [0.0])]
    + [
        ([0.2, -0.4, 1.5], [1.0, 0.0, 1.0]),
        ([0.2, -0.4, 1.5], [0.0, 1.0, 1.0]),
        ([0.2, -0.4, 1.5], [0.9, 0.1, 0.9]),
        ([40.0, -40.0, 0.0], [1.0, 0.0, 1.0]),
        ([800.0, -800.0], [0.0, 1.0]),
        ([800.0, -800.0], [1.0, 0.0]),
        ([40.0, -40.0, 800.0, -800.0, 3.0], [0.9, 0.1, 0.1, 0.9, 1.0]),
    ]
)

VALUE_CASES = [
    ([0.0], [0.0]),
    ([0.5], [0.0]),
    ([0.1], [0.3]),
    ([-2.0], [1.0]),
    ([1.0], [1.0]),
    ([2.0], [1.0]),
    ([1.0], [2.0]),
    ([1.0000000000000002], [0.0]),
    ([1e-8], [0.0]),
    ([1e-300], [0.0]),
    ([800.0], [-800.0]),
    ([123456.75], [123456.5]),
    ([0.3, -1.7], [0.1, -1.7]),
    ([3.0, -4.0, 0.25], [0.0, 0.0, 0.0]),
    ([0.9, 2.5, -3.0, 7.0, 1.0], [1.0, 2.0, -1.0, 7.0, 1e-20]),
]

SIGMOID_SQUARED_CASES = [
    *[([z], [y]) for z in (-800.0, -40.0, -1.0, 0.0, 0.4, 10.0, 40.0, 800.0) for y in (0.0, 1.0)],
    ([0.4], [0.9]),
    ([1.3, -0.2], [0.01, 0.99]),
    ([40.0, -40.0, 0.5], [1.0, 0.0, 0.25]),
]

SOFTMAX_SQUARED_CASES = [
    ([0.0, 0.0], [1.0, 0.0]),
    ([0.3, -1.2], [0.0, 1.0]),
    ([40.0, 0.0], [1.0, 0.0]),
    ([40.0, 0.0], [0.0, 1.0]),
    ([800.0, -800.0], [0.0, 1.0]),
    ([1.0, 2.0, 3.0], [0.0, 0.0, 1.0]),
    ([1.0, 2.0, 3.0], [0.0625, 0.0625, 0.875]),
    ([1001.0, 1002.0, 1003.0], [1.0, 0.0, 0.0]),
    ([20.0, -15.0, 5.0], [1.0, 0.0, 0.0]),
    ([0.5, -1.0, 2.0, 0.0, -3.0], [0.0, 0.0, 1.0, 0.0, 0.0]),
    ([0.5, -1.0, 2.0, 0.0, -3.0], [0.2, 0.4, 0.1, 0.7, -0.5]),
]

EXP_SQUARED_CASES = [
    ([0.0], [1.0]),
    ([0.0], [0.0]),
    ([-1.5], [2.0]),
    ([2.25], [3.5]),
    ([-40.0], [0.0]),
    ([-800.0], [1.0]),
    ([20.0], [0.1]),
    ([300.0], [5.0]),
    ([0.5, -0.5, 3.0], [1.0, 1.0, 20.0]),
]

POISSON_CASES = [
    ([0.0], [0.0]),
    ([0.0], [1.0]),
    ([0.5], [3.0]),
    ([-2.0], [0.0]),
    ([3.0], [20.0]),
    ([-40.0], [0.0]),
    ([-40.0], [2.0]),
    ([-800.0], [0.0]),
    ([-800.0], [1.0]),
    ([40.0], [1.0]),
    ([300.0], [4.0]),
    ([2.0], [7.5]),
    ([0.1, -0.3, 1.2], [0.0, 2.0, 5.0]),
]

GAMMA_CASES = [
    ([0.0], [1.0]),
    ([0.0], [2.5]),
    ([1.5], [0.25]),
    ([-2.0], [0.1]),
    ([10.0], [20000.0]),
    ([40.0], [1.0]),
    ([-40.0], [1.0]),
    ([800.0], [3.0]),
    ([-300.0], [2.0]),
    ([0.1, -0.3, 1.2], [0.5, 2.0, 5.0]),
]

QUANTILE_CASES = [
    ([0.0, 0.0, 0.0], [1.0]),
    ([0.0, 0.0, 0.0], [-1.0]),
    ([-1.0, 0.0, 1.0], [0.0]),
    ([-1.0, 0.25, 1.0], [0.5]),
    ([2.0, 2.0, 2.0], [2.0]),
    ([3.5, -1.25, 0.1], [0.3]),
    ([800.0, -800.0, 0.0], [1e-8]),
]

# name, output, loss, formula, z -> a and chain rule, l(a, y), dl/da, cases
LOSSES = [
    (
        *("softmax_cross_entropy", "softmax", "cross-entropy", "-sum_j y_j ln a_j"),
        *(SOFTMAX, cross_entropy, d_cross_entropy, SOFTMAX_CASES),
    ),
    (
        *("sigmoid_cross_entropy", "sigmoid", "cross-entropy", "-sum_j (y_j ln a_j + (1 - y_j) ln(1 - a_j))"),
        *(SIGMOID, binary_cross_entropy, d_binary_cross_entropy, BINARY_CASES),
    ),
    (
        *("identity_squared_error", "identity", "squared error", "1/2 sum_j (a_j - y_j)^2"),
        *(IDENTITY, squared_error, d_squared_error, VALUE_CASES),
    ),
    (
        *("sigmoid_squared_error", "sigmoid", "squared error", "1/2 sum_j (a_j - y_j)^2"),
        *(SIGMOID, squared_error, d_squared_error, SIGMOID_SQUARED_CASES),
    ),
    (
        *("softmax_squared_error", "softmax", "squared error", "1/2 sum_j (a_j - y_j)^2"),
        *(SOFTMAX, squared_error, d_squared_error, SOFTMAX_SQUARED_CASES),
    ),
    (
        *("exp_squared_error", "exp", "squared error", "1/2 sum_j (a_j - y_j)^2"),
        *(EXP, squared_error, d_squared_error, EXP_SQUARED_CASES),
    ),
    (
        *("identity_absolute", "identity", "absolute", "sum_j |a_j - y_j|; derivative 0 where a_j = y_j"),
        *(IDENTITY, absolute, d_absolute, VALUE_CASES),
    ),
    (
        *("identity_huber", "identity", "huber", "sum_j (r_j^2 / 2 if |r_j| <= 1 else |r_j| - 1/2), r = a - y"),
        *(IDENTITY, huber, d_huber, VALUE_CASES),
    ),
    (
        *("exp_poisson", "exp", "poisson", "sum_j (a_j - y_j ln a_j) = sum_j (e^z_j - y_j z_j)"),
        *(EXP, poisson, d_poisson, POISSON_CASES),
    ),
    (
        *("exp_gamma", "exp", "gamma", "sum_j (y_j / a_j + ln a_j) = sum_j (y_j e^-z_j + z_j)"),
        *(EXP, gamma, d_gamma, GAMMA_CASES),
    ),
    (
        *("identity_quantile", "identity", "quantile"),
        "sum_j max(q_j (y - a_j), (q_j - 1)(y - a_j)); one y for all outputs; derivative 0 where a_j = y",
        *(IDENTITY, quantile, d_quantile, QUANTILE_CASES),
    ),
]

KINKED = {"identity_absolute", "identity_quantile"}


def loss_case(name, output, loss, d_loss, z, y):
    forward, chain = output
    zs, ys = [mpf(v) for v in z], [mpf(v) for v in y]
    dz = chain(zs, d_loss(forward(zs), ys))
    for i, claimed in enumerate(dz):
        target = ys[i] if i < len(ys) else ys[0]
        if name in KINKED and zs[i] == target:
            continue
        moved = lambda v: loss(forward(zs[:i] + [v] + zs[i + 1 :]), ys)  # noqa: E731
        must_agree(f"{name} z={z} y={y} dz[{i}]", claimed, slope(moved, zs[i]))
    return {"z": z, "y": y, **both("cost", loss(forward(zs), ys)), **both("dz", dz)}


def make_losses():
    entries = []
    for name, output_name, loss_name, formula, output, loss, d_loss, cases in LOSSES:
        entry = {"name": name, "output": output_name, "loss": loss_name, "formula": formula}
        if name == "identity_quantile":
            entry["quantiles"] = QUANTILES
        if name == "identity_huber":
            entry["delta"] = 1.0
        entry["cases"] = [loss_case(name, output, loss, d_loss, z, y) for z, y in cases]
        entries.append(entry)
    return {
        "about": "The cost of one example and its derivative dz = d(cost)/dz, computed from z; see make_golden.py.",
        "losses": entries,
    }


# ------------------------------------------------------------------------------------------------------ Mazur
# Matt Mazur, "A Step by Step Backpropagation Example" (2015): 2-2-2, sigmoid everywhere, half squared error.

PUBLISHED = {
    "a2": ["0.593269992", "0.596884378"],
    "a3": ["0.751365070", "0.772928465"],
    "cost": "0.298371109",
    "grad_w2[0][0]": "0.082167041",
    "grad_w1[0][0]": "0.000438568",
    "stepped_w1": [["0.149780716", "0.19956143"], ["0.24975114", "0.29950229"]],
    "stepped_w2": [["0.35891648", "0.408666186"], ["0.511301270", "0.561370121"]],
}
# Not in the table: the often quoted cost after that step, 0.291027924. The stepped weights above give 0.291027774.


def mazur_forward(w1, b1, w2, b2, x):
    z2 = [total([b, *(w * v for w, v in zip(row, x))]) for row, b in zip(w1, b1)]
    a2 = [sigmoid(v) for v in z2]
    z3 = [total([b, *(w * v for w, v in zip(row, a2))]) for row, b in zip(w2, b2)]
    return z2, a2, z3, [sigmoid(v) for v in z3]


def matches_published(name, exact, published):
    """Published digits are rounded or cut: the exact value may differ by less than one unit of their last place."""
    if isinstance(published, list):
        for i, (e, p) in enumerate(zip(exact, published, strict=True)):
            matches_published(f"{name}[{i}]", e, p)
        return
    if abs(exact - mpf(published)) >= mpf(10) ** -len(published.split(".")[1]):
        raise SystemExit(f"Mazur's {name}: published {published}, computed {mp.nstr(exact, 25)}")


def make_mazur():
    number = lambda v: [number(e) for e in v] if isinstance(v, list) else mpf(v)  # noqa: E731
    inputs = {
        "x": ["0.05", "0.10"],
        "y": ["0.01", "0.99"],
        "w1": [["0.15", "0.20"], ["0.25", "0.30"]],
        "b1": ["0.35", "0.35"],
        "w2": [["0.40", "0.45"], ["0.50", "0.55"]],
        "b2": ["0.60", "0.60"],
        "learning_rate": "0.5",
    }
    x, y, w1, b1, w2, b2, rate = (number(v) for v in inputs.values())
    z2, a2, z3, a3 = mazur_forward(w1, b1, w2, b2, x)
    cost = squared_error(a3, y)

    delta3 = [(a - t) * d_sigmoid(z) for a, t, z in zip(a3, y, z3)]
    delta2 = [total(d * row[j] for d, row in zip(delta3, w2)) * d_sigmoid(z2[j]) for j in range(2)]
    grad_w2 = [[d * a for a in a2] for d in delta3]
    grad_w1 = [[d * v for v in x] for d in delta2]

    # Each of the eight weights and four biases against a central difference of the cost.
    for layer, weights, grad in ((w1, "w1", grad_w1), (w2, "w2", grad_w2)):
        for i in range(2):
            for j in range(2):
                kept = layer[i][j]

                def moved(v, layer=layer, i=i, j=j):
                    layer[i][j] = v
                    return squared_error(mazur_forward(w1, b1, w2, b2, x)[3], y)

                must_agree(f"Mazur's {weights}[{i}][{j}]", grad[i][j], slope(moved, kept))
                layer[i][j] = kept
    for bias, name, grad in ((b1, "b1", delta2), (b2, "b2", delta3)):
        for i in range(2):
            kept = bias[i]

            def moved(v, bias=bias, i=i):
                bias[i] = v
                return squared_error(mazur_forward(w1, b1, w2, b2, x)[3], y)

            must_agree(f"Mazur's {name}[{i}]", grad[i], slope(moved, kept))
            bias[i] = kept

    step = lambda v, g: [step(a, b) for a, b in zip(v, g)] if isinstance(v, list) else v - rate * g  # noqa: E731
    stepped = {
        "stepped_w1": step(w1, grad_w1),
        "stepped_b1": step(b1, delta2),
        "stepped_w2": step(w2, grad_w2),
        "stepped_b2": step(b2, delta3),
    }
    after = lambda b1, b2: squared_error(  # noqa: E731
        mazur_forward(stepped["stepped_w1"], b1, stepped["stepped_w2"], b2, x)[3], y
    )
    results = {
        **{"z2": z2, "a2": a2, "z3": z3, "a3": a3, "cost": cost, "delta3": delta3, "delta2": delta2},
        **{"grad_w1": grad_w1, "grad_b1": delta2, "grad_w2": grad_w2, "grad_b2": delta3, **stepped},
        "cost_after_step": after(stepped["stepped_b1"], stepped["stepped_b2"]),
        "cost_after_step_of_weights_only": after(b1, b2),
    }
    for name, published in PUBLISHED.items():
        exact = {"grad_w2[0][0]": grad_w2[0][0], "grad_w1[0][0]": grad_w1[0][0], **results}[name]
        matches_published(name, exact, published)

    doubles = lambda v: [doubles(e) for e in v] if isinstance(v, list) else nearest_double(v)  # noqa: E731
    strings = lambda v: [strings(e) for e in v] if isinstance(v, list) else digits(v, 25)  # noqa: E731
    entries = {}
    for name, value in results.items():
        entries[name] = doubles(value)
        entries[f"{name}_digits"] = strings(value)
    return {
        "about": "Mazur's 2-2-2 example: sigmoid everywhere, 1/2 squared error summed over both outputs, no "
        "regularisation. w[i][j] leads from unit j to unit i. His own step leaves the biases alone "
        "(cost_after_step_of_weights_only); cost_after_step moves them too. The inputs are exact decimals.",
        "inputs": {name: doubles(number(v)) for name, v in inputs.items()},
        "published": PUBLISHED,
        "results": entries,
    }


# ------------------------------------------------------------------------------------------------------ files


def as_json(document):
    """JSON with one case a line, so that a change shows as the lines that changed."""

    def flat(value):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    def block(value, indent):
        pad = "  " * indent
        if isinstance(value, dict) and indent < 3 and any(isinstance(v, (dict, list)) for v in value.values()):
            lines = [f"{pad}  {flat(k)}: {block(v, indent + 1)}" for k, v in value.items()]
            return "{\n" + ",\n".join(lines) + f"\n{pad}}}"
        if isinstance(value, list) and value and isinstance(value[0], dict):
            lines = [f"{pad}  {block(v, indent + 1)}" for v in value]
            return "[\n" + ",\n".join(lines) + f"\n{pad}]"
        return flat(value)

    return block(document, 0) + "\n"


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        raise SystemExit(__doc__)
    changed = []
    for name, make in (("activations", make_activations), ("losses", make_losses), ("mazur", make_mazur)):
        path = HERE / f"{name}.json"
        text = as_json(make())
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                changed.append(path.name)
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    if changed:
        raise SystemExit(f"differs from what make_golden.py computes: {', '.join(changed)}")


if __name__ == "__main__":
    main()
