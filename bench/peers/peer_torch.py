"""PyTorch on the processor: fused Adam, automatic derivatives, its own L-BFGS."""

import numpy as np
import torch
import torch.nn.functional as F
from cases import CASES, LAMBDA, LEARNING_RATE
from worker import CALLS, arguments, repeated, serve, timed


def network(case, activation, dtype):
    layers = []
    for weights, bias in case.weights(np.float64):
        layer = torch.nn.Linear(weights.shape[1], weights.shape[0], dtype=dtype)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weights))
            layer.bias.copy_(torch.from_numpy(bias))
        layers += [layer, activation()]
    return torch.nn.Sequential(*layers[:-1])


def epochs(case):
    x, y = torch.from_numpy(case.x(np.float32)), torch.from_numpy(case.classes())
    model = network(case, torch.nn.ReLU, torch.float32)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)

    def epoch():
        for rows in torch.randperm(case.rows).split(case.batch):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        return {"cost": loss.item()}

    return repeated(timed(epoch))


def cost_of(case, decay):
    """A model, and its J with derivatives at the weights it has."""
    x, y = torch.from_numpy(case.x(np.float64)), torch.from_numpy(case.one_hot(np.float64))
    model = network(case, torch.nn.Sigmoid, torch.float64)

    def cost():
        model.zero_grad(set_to_none=True)
        loss = F.binary_cross_entropy_with_logits(model(x), y, reduction="sum") / case.rows
        if decay:
            squares = sum((p * p).sum() for p in model.parameters() if p.dim() == 2)
            loss = loss + decay / (2 * case.rows) * squares
        loss.backward()
        return loss

    return model, cost


def evaluations(case):
    _, cost = cost_of(case, 0.0)
    return repeated(timed(lambda: {"cost": cost().item()}))


class Reached(Exception):
    pass


def descents(case, target):
    model, cost = cost_of(case, LAMBDA)
    start = {name: value.clone() for name, value in model.state_dict().items()}

    def run():
        model.load_state_dict(start)
        optimizer = torch.optim.LBFGS(
            model.parameters(),
            max_iter=10_000,
            max_eval=10_000,
            history_size=10,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            line_search_fn="strong_wolfe",
        )
        notes = {"evaluations": 0}

        def closure():
            loss = cost()
            notes["evaluations"] += 1
            notes["cost"] = loss.item()
            if notes["cost"] <= target:
                raise Reached
            return loss

        try:
            optimizer.step(closure)
        except Reached:
            return notes
        raise RuntimeError(f"L-BFGS stopped at a cost of {notes['cost']}")

    return repeated(timed(run))


def predictor(case, calls):
    x = torch.from_numpy(case.x(np.float32))
    model = network(case, torch.nn.ReLU, torch.float32).append(torch.nn.Softmax(dim=1))
    model.eval()

    @torch.inference_mode()
    def predict():
        return {"first": model(x)[0, 0].item()}

    return repeated(timed(predict, calls))


def main():
    args = arguments()
    case = CASES[args.case]
    torch.set_num_threads(args.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    prepare = {
        "epoch": epochs,
        "evaluation": evaluations,
        "run": lambda case: descents(case, args.cost),
        "prediction": lambda case: predictor(case, 1),
        "call": lambda case: predictor(case, CALLS),
    }[case.kind]
    serve("PyTorch", torch.__version__.partition("+")[0], prepare(case))


main()
