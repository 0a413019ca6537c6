#!/usr/bin/env python3
"""Prints the coefficients of src/elementary.rs and writes elementary.json, the values its tests compare with.

    python3 -m pip install mpmath==1.4.1 numpy==2.4.6
    python3 crates/retrograde/tests/golden/make_elementary.py            # print the coefficients, write the file
    python3 crates/retrograde/tests/golden/make_elementary.py --check    # exit 1 if the committed file would change

How the coefficients are made
  * Each polynomial interpolates its function at the Chebyshev nodes of its interval, which is within a small factor
    of the best polynomial of that degree; it is then written in powers of the variable and every coefficient rounded.
  * The error printed beside it is the largest of the interpolation before rounding, at 2,000 points, relative.
How the values are made
  * The arguments are doubles, taken exactly, and everything is evaluated with 420 digits: 1 + x keeps 100 of the
    smallest x.
  * A case is [x, y, rest]: y is the double nearest to f(x), and f(x) = y + rest ulp, with the ulp of y.
"""

import json
import math
import pathlib
import sys

import numpy
from mpmath import mp, mpf

mp.dps = 420
HERE = pathlib.Path(__file__).resolve().parent
LN2 = mp.log(2)


# ----------------------------------------------------------------------------------------------- coefficients


def interpolate(f, low, high, degree):
    """Coefficients of 1, x, x^2, ... of the polynomial through f at the Chebyshev nodes of [low, high]."""
    nodes = [mp.cos(mp.pi * (2 * k + 1) / (2 * degree + 2)) for k in range(degree + 1)]
    xs = [(low + high) / 2 + (high - low) / 2 * node for node in nodes]
    rows = mp.matrix([[x**power for power in range(degree + 1)] for x in xs])
    return list(mp.lu_solve(rows, mp.matrix([f(x) for x in xs])))


def exp_series(r):
    """(e^r - 1 - r)/r^2, which is 1/2! + r/3! + r^2/4! + ..."""
    return mp.hyp1f1(1, 3, r) / 2


def log_series(z):
    """2 (atanh(s)/s - 1)/s^2 with s = sqrt(z): ln(1 + f) is 2 atanh(s), s = f/(2 + f)"""
    return 2 * (mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 1) / z if z else mpf(2) / 3


def tail_series(shift, centre):
    """Phi(-x) e^(x^2/2) / i with i = (shift/2)/(x + shift), as a function of t = x i - centre: 1 at x = 0"""

    def series(t):
        w = 2 * (t + centre) / shift  # x/(x + shift)
        x = shift * w / (1 - w)
        return mp.erfc(x / mp.sqrt(2)) * mp.exp(x * x / 2) / (1 - w)

    return series


def rust(value, bits):
    """The value as a Rust literal, with the fewest digits that are read as the same number."""
    text = str(numpy.float32(float(value))) if bits == 24 else repr(float(value))
    digits, _, exponent = text.partition("e")
    whole, _, fraction = digits.partition(".")
    fraction = "_".join(fraction[i : i + 3] for i in range(0, len(fraction), 3)) if len(fraction) > 5 else fraction
    return f"{whole}.{fraction or 0}" + (f"e{int(exponent)}" if exponent else "")


def print_series(name, f, low, high, degree, bits):
    mp.dps = 60
    low, high = mpf(low), mpf(high)
    coefficients = interpolate(f, low, high, degree)
    points = [low + (high - low) * k / 2000 for k in range(2001)]
    error = max(abs(mp.polyval(coefficients[::-1], x) / f(x) - 1) for x in points)
    print(f"{name}, degree {degree} on [{mp.nstr(low, 4)}, {mp.nstr(high, 4)}]: {mp.nstr(error, 2)}")
    print("   ", ", ".join(rust(c, bits) for c in coefficients))
    mp.dps = 420


def print_logarithm_of_two(bits, high_bits):
    high = mp.floor(LN2 * 2**high_bits) / 2**high_bits
    print(f"ln 2 = {rust(high, bits)} + {rust(LN2 - high, bits)}")


# bits, those of the upper part of ln 2, the degrees, and s, c and the largest x of tail_series. Of the s and c tried,
# these gave the smallest errors of erfc and Phi: at which x roundings add up is a matter of luck.
TYPES = [
    (24, 15, (4, 2, 9), mpf("4.25"), mpf(1), 15),
    (53, 41, (9, 6, 22), mpf("4.875"), mpf("0.96875"), 39),
]


def print_coefficients():
    reach = LN2 / 2 + mpf("0.001")
    steepest = (mp.sqrt(2) - 1) ** 2 / (mp.sqrt(2) + 1) ** 2
    for bits, high_bits, degrees, shift, centre, largest in TYPES:
        print(f"\nf{'32' if bits == 24 else '64'}")
        print_logarithm_of_two(bits, high_bits)
        print(f"s/sqrt 2 = {rust(shift / mp.sqrt(2), bits)}")
        print_series("exp_series", exp_series, -reach, reach, degrees[0], bits)
        print_series("log_series", log_series, 0, steepest * mpf("1.0001"), degrees[1], bits)
        end = shift / 2 * mpf(largest) / (largest + shift) - centre
        print_series("tail_series", tail_series(shift, centre), -centre, end, degrees[2], bits)


# ----------------------------------------------------------------------------------------------------- values

FUNCTIONS = {
    "exp": mp.exp,
    "exp_m1": mp.expm1,
    "ln_1p": mp.log1p,
    "tanh": mp.tanh,
    "erfc": mp.erfc,
    "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "normal_density": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
}


def spread(low, high, count):
    """`count` doubles from low to high with all their digits in use."""
    return [low + (high - low) * ((k * 0.6180339887498949) % 1.0) for k in range(count)]


def powers(low, high, count):
    """Doubles of both signs whose exponents are spread over 2^low ... 2^high."""
    return [
        math.copysign(2.0 ** (low + (high - low) * k / count), (-1) ** k) * (1 + (k * 0.6180339887498949) % 1.0)
        for k in range(count)
    ]


def around(centres):
    """The centres and their neighbours on both sides."""
    return [v for c in centres for v in (math.nextafter(c, -math.inf), c, math.nextafter(c, math.inf))]


def arguments(name):
    tiny = powers(-1060, 0, 80) + powers(-60, 0, 80)
    halves = around([(n + 0.5) * math.log(2) for n in range(-6, 7)] + [n * math.log(2) for n in range(-3, 4)])
    if name == "exp":
        return spread(-745.5, 709.7, 300) + spread(-745.2, -708, 50) + spread(-1, 1, 150) + tiny + halves
    if name == "exp_m1":
        return spread(-40, 709.7, 150) + spread(709.4, 709.78, 20) + spread(-3, 3, 350) + tiny + halves
    if name == "ln_1p":
        near = [2.0**k * v - 1 for k in range(-8, 9) for v in spread(0.7, 1.42, 12)]
        edges = around([2.0**k * math.sqrt(0.5) - 1 for k in range(-3, 5)])
        return near + edges + [abs(x) for x in powers(0, 1022, 100)] + [x for x in tiny if x > -1] + [-1 + 2**-53]
    if name == "tanh":
        return spread(-20, 20, 100) + spread(-2, 2, 350) + tiny + [x / 2 for x in halves]
    if name == "erfc":
        return spread(-6, 0, 50) + spread(0, 2, 200) + spread(0, 26.5, 250) + spread(26.5, 27.2, 20) + tiny
    if name == "normal_cdf":
        return spread(0, 8, 50) + spread(-3, 0, 200) + spread(-37.5, 0, 250) + spread(-38.4, -37.5, 20) + tiny
    return spread(-37.5, 37.5, 250) + spread(-38.5, -37.5, 20) + spread(-3, 3, 100) + tiny


def case(f, x):
    exact = f(mpf(x))
    numerator, denominator = as_ratio(exact)
    y = numerator / denominator
    return [x, y, round(float((exact - mpf(y)) / mpf(math.ulp(y))), 3)]


def as_ratio(x):
    sign, mantissa, exponent, _ = x._mpf_
    mantissa = -int(mantissa) if sign else int(mantissa)
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def make_values():
    return {name: [case(f, x) for x in arguments(name)] for name, f in FUNCTIONS.items()}


def as_json(values):
    lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, cases)) + "\n]" for name, cases in values.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    check = sys.argv[1:] == ["--check"]
    if sys.argv[1:] and not check:
        raise SystemExit(__doc__)
    path = HERE / "elementary.json"
    text = as_json(make_values())
    if not check:
        print_coefficients()
        path.write_text(text, encoding="utf-8", newline="\n")
    elif not path.exists() or path.read_text(encoding="utf-8") != text:
        raise SystemExit(f"differs from what {pathlib.Path(__file__).name} computes: {path.name}")


if __name__ == "__main__":
    main()
