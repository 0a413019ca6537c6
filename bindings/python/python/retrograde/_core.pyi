"""The compiled core: arrays in, one call, arrays out.

theta is all weights and biases in one flat array: layer after layer, W (a row for each unit) and then b. Its type, float32 or
float64, is that of the computation; x, y and weights must have it too, C-ordered. x may be (data, indices, indptr) of a CSR matrix
with the columns of each row in order. `threads` is the most that are used, 0 for all.
"""

from collections.abc import Callable
from typing import Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
Inputs: TypeAlias = Floats | tuple[Floats, NDArray[np.uint32], NDArray[np.uintp]]
Column: TypeAlias = tuple[str, NDArray[Any]] | tuple[str, list[str], NDArray[np.int32]]
Target: TypeAlias = tuple[str, list[str]] | list[str]
Rows: TypeAlias = tuple[Inputs, Floats, Floats | None]

class EpochSettings(TypedDict):
    alpha: float
    batch: int
    threads: int
    weight_decay: float
    dropout: list[float]
    seed: int

class BatchSettings(TypedDict):
    alpha: float
    max_iter: int
    max_fun: int
    tol: float
    cost_tol: float
    threads: int

class CheckSettings(TypedDict):
    alpha: float
    weights: int | None
    rows: int
    seed: int

class Network:
    """Sizes, activations (one for all hidden layers, or one for each), output and loss.

    `constants` are the delta of "huber", or the level of each output of "quantile".
    """

    def __new__(
        cls, sizes: list[int], activations: list[str], output: str, loss: str, constants: list[float] = ...
    ) -> Network: ...
    @property
    def weight_count(self) -> int: ...
    def automatic(self, rows: int) -> str:
        """The method that suits so many rows: lm, lbfgs or adam."""

class Method:
    """A step method with its state; it pickles."""

    def __new__(cls, bytes: bytes) -> Method: ...
    @staticmethod
    def sgd(theta: Floats, momentum: float) -> Method: ...
    @staticmethod
    def nesterov(theta: Floats, momentum: float) -> Method: ...
    @staticmethod
    def adam(theta: Floats, beta_1: float, beta_2: float, epsilon: float) -> Method: ...
    @staticmethod
    def adamw(theta: Floats, beta_1: float, beta_2: float, epsilon: float) -> Method: ...
    @staticmethod
    def rmsprop(theta: Floats, decay: float, epsilon: float) -> Method: ...
    @staticmethod
    def rprop(theta: Floats) -> Method: ...
    def __getnewargs__(self) -> tuple[bytes]: ...

def fit_epochs(
    network: Network,
    theta: Floats,
    rows: Rows,
    method: Method,
    settings: EpochSettings,
    next_epoch: Callable[[float | None], tuple[NDArray[np.uint32] | None, float] | None],
) -> None:
    """Moves theta, in place, epoch by epoch.

    `next_epoch` is given the cost of the epoch before, or None before the first, and returns the order of rows (None: as they
    lie) and the rate of the next, or None to end.
    """

def fit_batch(
    network: Network,
    theta: Floats,
    rows: Rows,
    optimizer: str,
    settings: BatchSettings,
    after_iteration: Callable[[int, float], bool | None] | None = None,
) -> tuple[int, int, float, str]:
    """Moves theta, in place, by lbfgs, cg, scg or lm: iterations, evaluations, cost, and why it ended.

    After each iteration theta is moved, and `after_iteration(iterations, cost)` called.

    The reasons are "flat" (no derivative above tol), "slow" (the cost fell by less than cost_tol), "stalled" (no lower point
    was found), "iterations", "evaluations", "asked" (`after_iteration` returned False) and "not finite" (at the start).
    """

def predict(network: Network, theta: Floats, x: Inputs, threads: int) -> Floats:
    """What the network says of every row."""

def layers(network: Network, theta: Floats, x: Inputs, threads: int) -> list[Floats]:
    """The activations of every layer but the inputs, of every row."""

def pull(network: Network, theta: Floats, rows: Rows, threads: int) -> NDArray[np.float64]:
    """The norm of each row's own gradient, with its weight, without alpha."""

def cost_and_grad(
    network: Network, theta: Floats, rows: Rows, alpha: float, threads: int
) -> tuple[float, Floats]:
    """J and its gradient at theta."""

def check(
    network: Network, theta: NDArray[np.float64], rows: Rows, settings: CheckSettings
) -> dict[str, Any]:
    """Every derivative beside a numerical one, its uncertainty and a verdict."""

def explain(
    network: Network, theta: NDArray[np.float64], rows: Rows, question: dict[str, Any]
) -> tuple[str, str]:
    """The trace document of a row as JSON, and the text that the command prints."""

class Encoder:
    """How the columns of a table become inputs; it pickles.

    A column is (name, numbers), (name, moments in microseconds) or (name, levels, codes); a target (column, classes) or a list of
    columns of numbers.
    """

    def __new__(cls, text: str) -> Encoder: ...
    @staticmethod
    def fit(columns: list[Column], target: Target, max_levels: int) -> Encoder: ...
    @staticmethod
    def plain(names: list[str], target: Target) -> Encoder: ...
    def with_target(self, target: Target) -> Encoder: ...
    def transform(self, columns: list[Column], is_single: bool) -> NDArray[Any]: ...
    def scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]: ...
    def unscale(self, values: NDArray[np.float64]) -> NDArray[np.float64]: ...
    @property
    def has_plain_inputs(self) -> bool: ...
    @property
    def has_plain_targets(self) -> bool: ...
    @property
    def columns(self) -> list[tuple[str, str]]: ...
    @property
    def names(self) -> list[str]: ...
    @property
    def notes(self) -> list[str]: ...
    @property
    def target(self) -> tuple[str, list[str], list[str] | None]: ...
    def __getnewargs__(self) -> tuple[str]: ...

def save_model(
    path: str, encoder: Encoder, network: Network, theta: Floats, about: dict[str, Any]
) -> None:
    """Writes the command's model file, whole or not at all."""

def load_model(path: str) -> dict[str, Any]:
    """What a model file holds: sizes, activations, output, loss, theta, encoder, and the course of the training, what was seen of the layers as JSON."""

def command(words: list[str]) -> int:
    """Runs the command `retrograde` with these words after its name, and returns its exit code. Ctrl-C is the command's from then on."""
