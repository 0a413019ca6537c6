"""The calculus of one row."""

import json
import re
from html import escape

from retrograde import _core

WEIGHT = re.compile(r"[Ll](\d+)\[(\d+),\s*(.+)\]")
UNIT = re.compile(r"[Ll](\d+)\[(.+)\]")


class Explanation(dict):
    """The trace document ``retrograde.trace/1`` of a row. Printed, it is what the command ``retrograde explain`` prints."""

    def __init__(self, document, text):
        super().__init__(document)
        self._text = text

    def __str__(self):
        return self._text

    def _repr_html_(self):
        return f"<pre>{escape(self._text)}</pre>"


def explain(estimator, theta, rows, question):
    """Asks the core; `question` has names of weight and unit, or None."""
    sizes = estimator._sizes()
    inputs = list(estimator.input_names_)
    outputs = _outputs(estimator)
    question = {
        **question,
        "weight": _weight(question["weight"], sizes, inputs),
        "unit": _unit(question["unit"], sizes, outputs),
        "names": (inputs, outputs),
    }
    document, text = _core.explain(estimator._network(), theta, rows, question)
    return Explanation(json.loads(document), text)


def _outputs(estimator):
    """What each output stands for."""
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return []
    names = [str(label) for label in classes]
    return names[1:] if estimator.n_outputs_ == 1 else names


def _weight(name, sizes, inputs):
    """`L1[2,u]`: matrix, unit and source from 0."""
    if name is None:
        return None
    found = WEIGHT.fullmatch(str(name).strip())
    if found is None:
        raise ValueError(f"no weight {name!r}: expected a name like 'L1[2,x0]' or, for a bias, 'L2[1,0]'")
    layer, unit, source = int(found[1]), int(found[2]), found[3].strip()
    if not 1 <= layer < len(sizes):
        raise ValueError(f"no weight {name!r}: the layers are L1 to L{len(sizes) - 1}")
    if not 1 <= unit <= sizes[layer]:
        raise ValueError(f"no weight {name!r}: L{layer} feeds units 1 to {sizes[layer]}")
    if layer == 1 and source in inputs:
        return 0, unit - 1, inputs.index(source)
    if not source.isdecimal() or int(source) > sizes[layer - 1]:
        known = f"1 to {sizes[layer - 1]}, and 0 for the bias"
        raise ValueError(f"no weight {name!r}: L{layer} reads {', '.join(inputs[:8]) if layer == 1 else known}")
    return layer - 1, unit - 1, int(source) - 1 if int(source) else None


def _unit(name, sizes, outputs):
    """`L2[3]`: layer that computes and unit, from 0."""
    if name is None:
        return None
    found = UNIT.fullmatch(str(name).strip())
    if found is None or not 2 <= int(found[1]) <= len(sizes):
        raise ValueError(f"no unit {name!r}: expected a name like 'L2[1]'; the layers are L2 to L{len(sizes)}")
    layer, unit = int(found[1]), found[2].strip()
    if not unit.isdecimal() and layer == len(sizes) and unit in outputs:
        return layer - 2, outputs.index(unit)
    if not unit.isdecimal() or not 1 <= int(unit) <= sizes[layer - 1]:
        raise ValueError(f"no unit {name!r}: layer {layer} has units 1 to {sizes[layer - 1]}")
    return layer - 2, int(unit) - 1
