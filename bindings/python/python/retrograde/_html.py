"""What a notebook shows: scikit-learn's box, and of a fitted network its layers and the course of its loss."""

from html import escape
from math import isfinite

from sklearn.utils import estimator_html_repr

WIDTH, HEIGHT, POINTS = 300, 80, 150


def _curve(losses):
    """An SVG of the losses, or nothing where there are fewer than two; those that are not finite are left out."""
    step = max(1, -(-len(losses) // POINTS))
    places = [*range(0, len(losses) - 1, step), len(losses) - 1] if losses else []
    points = [(place, float(losses[place])) for place in places if isfinite(losses[place])]
    if len(points) < 2:
        return ""
    low, high = min(loss for _, loss in points), max(loss for _, loss in points)
    across, up = WIDTH / points[-1][0], HEIGHT / ((high - low) or 1.0)
    line = " ".join(f"{place * across:.1f},{HEIGHT - (loss - low) * up:.1f}" for place, loss in points)
    label = f"loss from {losses[places[0]]:.4g} to {losses[places[-1]]:.4g} in {len(losses)} epochs"
    return (
        f'<svg role="img" aria-label="{escape(label)}" width="{WIDTH + 4}" height="{HEIGHT + 4}" '
        f'viewBox="-2 -2 {WIDTH + 4} {HEIGHT + 4}"><title>{escape(label)}</title>'
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )


def _layers(estimator):
    """The network in a line."""
    sizes = estimator._sizes()
    names = estimator.activation
    names = [names] * (len(sizes) - 2) if isinstance(names, str) else list(names)
    units = [f"{size} {name}" for size, name in zip(sizes[1:], [*names, estimator.out_activation_])]
    n_weights = sum(part.size for part in (*estimator.coefs_, *estimator.intercepts_))
    loss = getattr(estimator, "loss_", None)
    told = "" if loss is None else f", {estimator.loss} {loss:.4g}"
    network = " → ".join([str(sizes[0]), *units])
    return f"{network} · {n_weights} weights · {estimator.n_iter_} epochs by {estimator.solver_}{told}"


class Picture:
    """The HTML of an estimator."""

    def _html_repr(self):
        box = estimator_html_repr(self)
        if "coefs_" not in vars(self):
            return box
        return f"{box}<div><code>{escape(_layers(self))}</code><br>{_curve(self.loss_curve_)}</div>"

    # Before scikit-learn 1.7 these two know nothing of the method above.
    def _repr_html_inner(self):
        return self._html_repr()

    def _repr_mimebundle_(self, **kwargs):
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] = self._html_repr()
        return bundle
