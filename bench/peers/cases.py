"""The cases and their seeded data: the twin of crates/retrograde/examples/epoch/cases.rs, bit for bit."""

from dataclasses import dataclass

import numpy as np

LAMBDA = 1.0
LEARNING_RATE = 0.001

# The streams of random numbers.
INPUTS, IS_NOISE, NOISE, WEIGHTS = 1, 2, 3, 4

ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class Case:
    kind: str
    rows: int
    sizes: tuple
    batch: int

    def x(self, dtype):
        """X, uniform in [-2, 2)."""
        inputs = self.sizes[0]
        x = np.empty((self.rows, inputs), dtype)
        for first in range(0, self.rows, ROWS_AT_ONCE):
            last = min(first + ROWS_AT_ONCE, self.rows)
            x[first:last] = _inputs(first * inputs, last * inputs).reshape(-1, inputs)
        return x

    def classes(self):
        """The class of each row: where the sum of every K-th input is largest, but chance for a tenth of the rows."""
        x, k = self.x(np.float64), self.sizes[-1]
        sums = np.stack([x[:, c::k].sum(axis=1) for c in range(k)], axis=1)
        rows = np.arange(self.rows, dtype=np.uint64)
        chance = (_uniform(NOISE, rows) * k).astype(np.int64)
        return np.where(_uniform(IS_NOISE, rows) < 0.1, chance, sums.argmax(axis=1))

    def one_hot(self, dtype):
        return np.eye(self.sizes[-1], dtype=dtype)[self.classes()]

    def weights(self, dtype):
        """W (units x inputs) and b of each layer to start from."""
        layers, drawn = [], 0
        for inputs, units in zip(self.sizes, self.sizes[1:]):
            reach = np.sqrt(6.0 / (inputs + units))
            index = np.arange(drawn, drawn + inputs * units, dtype=np.uint64)
            drawn += inputs * units
            weights = reach * (2.0 * _uniform(WEIGHTS, index) - 1.0)
            layers.append((weights.reshape(units, inputs).astype(dtype), np.zeros(units, dtype)))
        return layers


CASES = {
    "A": Case("epoch", 60_000, (784, 100, 10), 200),
    "B": Case("epoch", 20_000, (784, 512, 512, 10), 256),
    "C": Case("epoch", 20_000, (20, 32, 2), 32),
    "D": Case("epoch", 50_000, (50, 128, 128, 5), 128),
    "E": Case("evaluation", 5_000, (400, 25, 10), 5_000),
    "F": Case("run", 5_000, (400, 25, 10), 5_000),
    "G": Case("prediction", 60_000, (784, 100, 10), 60_000),
    "H": Case("call", 1, (20, 32, 2), 1),
}


def _inputs(first, last):
    return 4.0 * _uniform(INPUTS, np.arange(first, last, dtype=np.uint64)) - 2.0


def _uniform(stream, index):
    """Numbers `index` of a stream, in [0, 1) with 24 bits: SplitMix64 (Steele, Lea & Flood 2014)."""
    z = (np.uint64(stream << 40) + index) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((z ^ (z >> np.uint64(31))) >> np.uint64(40)).astype(np.float64) / (1 << 24)
