"""JAX: a whole epoch is one compiled function, whose state is handed over and not copied."""

import os
from functools import partial

from cases import CASES, LEARNING_RATE
from worker import CALLS, arguments, repeated, serve, timed

ARGS = arguments()
os.environ["JAX_PLATFORMS"] = "cpu"
# Its name for the number of threads.
os.environ["NPROC"] = str(ARGS.threads)

import jax  # noqa: E402: reads the environment
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402


def outputs(layers, x, activation):
    for weights, bias in layers[:-1]:
        x = activation(x @ weights + bias)
    weights, bias = layers[-1]
    return x @ weights + bias


def start(case, dtype):
    return [(jnp.asarray(weights.T.copy()), jnp.asarray(bias)) for weights, bias in case.weights(dtype)]


def mean_loss(layers, x, y):
    logs = jax.nn.log_softmax(outputs(layers, x, jax.nn.relu))
    return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()


def adam(layers, grads, moments):
    """One step of Adam (Kingma & Ba 2015)."""
    first, second, t = moments
    t = t + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, grads)
    second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, grads)
    rate, root = LEARNING_RATE / (1 - 0.9**t), 1 / jnp.sqrt(1 - 0.999**t)
    layers = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) * root + 1e-8), layers, first, second)
    return layers, (first, second, t)


def epochs(case):
    x, y = jnp.asarray(case.x(np.float32)), jnp.asarray(case.classes().astype(np.int32))
    whole = case.rows // case.batch * case.batch

    @partial(jax.jit, donate_argnums=0)
    def epoch(state, order, x, y):
        def step(state, rows):
            layers, moments = state
            loss, grads = jax.value_and_grad(mean_loss)(layers, x[rows], y[rows])
            return adam(layers, grads, moments), loss

        state, losses = jax.lax.scan(step, state, order[:whole].reshape(-1, case.batch))
        if whole < case.rows:
            state, _ = step(state, order[whole:])
        return state, losses[-1]

    layers = start(case, np.float32)
    zeros = jax.tree.map(jnp.zeros_like, layers)
    held = [(layers, (zeros, jax.tree.map(jnp.copy, zeros), jnp.float32(0)))]
    # NumPy's permutation takes less time than that of jax.random, which sorts.
    orders = np.random.default_rng(1)

    def run():
        held[0], loss = epoch(held[0], orders.permutation(case.rows).astype(np.int32), x, y)
        return {"cost": float(loss)}

    return repeated(timed(run))


def evaluations(case):
    x, y = jnp.asarray(case.x(np.float64)), jnp.asarray(case.one_hot(np.float64))

    @jax.jit
    def cost_and_grad(layers, x, y):
        def cost(layers):
            z = outputs(layers, x, jax.nn.sigmoid)
            return (jax.nn.softplus(z) - y * z).sum() / case.rows

        return jax.value_and_grad(cost)(layers)

    layers = start(case, np.float64)
    return repeated(timed(lambda: {"cost": float(jax.block_until_ready(cost_and_grad(layers, x, y))[0])}))


def predictor(case, calls):
    x, layers = jnp.asarray(case.x(np.float32)), start(case, np.float32)
    predict = jax.jit(lambda layers, x: jax.nn.softmax(outputs(layers, x, jax.nn.relu)))
    first = {"first": float(predict(layers, x)[0, 0])}

    def run():
        predict(layers, x).block_until_ready()
        return first

    return repeated(timed(run, calls))


def main():
    case = CASES[ARGS.case]
    jax.config.update("jax_enable_x64", case.kind == "evaluation")
    prepare = {
        "epoch": epochs,
        "evaluation": evaluations,
        "prediction": lambda case: predictor(case, 1),
        "call": lambda case: predictor(case, CALLS),
    }[case.kind]
    serve("JAX", jax.__version__, prepare(case))


main()
