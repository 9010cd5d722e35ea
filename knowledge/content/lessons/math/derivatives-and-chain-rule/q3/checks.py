"""The chain rule at work, on numbers drawn afresh for each grade."""

import math

from sandbox.judge import check, expect, fresh_rng, reference

ROW = "hub/1.2/objective-2"
EVIDENCE = ("derivatives-and-chain-rule",)


def pair_of(value, what):
    """A pair of numbers, such as a value and its slope, once it is one."""
    expect(value, what).type(tuple, list).length(2)
    return expect(list(value), what)


@check("one step has its own value and slope", points=2, task=ROW, visible=True, evidence=EVIDENCE, required=True)
def one_step(submission, data):
    for name, value, slope in (("square", 9.0, 6.0), ("double", 6.0, 2.0), ("reciprocal", 1 / 3, -1 / 9)):
        pair_of(submission.call("through", 3.0, [name]), f"through(3.0, [{name!r}])").close([value, slope])


@check("no step leaves x with slope 1", points=1, task=ROW, visible=True, evidence=EVIDENCE)
def no_step(submission, data):
    pair_of(submission.call("through", 0.7, []), "through(0.7, [])").close([0.7, 1.0])


@check("slopes are taken where the number has got to", points=2, task=ROW, visible=True, needs=("one-step",), evidence=EVIDENCE)
def slope_at_the_inner_value(submission, data):
    pair = submission.call("through", 2.0, ["square", "sin"])
    pair_of(pair, "through(2.0, ['square', 'sin'])").because(
        "the sine receives 4, so its local slope is cos(4)"
    ).close([math.sin(4), math.cos(4) * 4])


@check("long chains come out right", points=3, task=ROW, visible=False, needs=("slope-at-the-inner-value",), evidence=EVIDENCE, required=True)
def long_chains(submission, data):
    rng = fresh_rng()
    for _ in range(4):
        steps = [str(name) for name in rng.permutation(["sin", "square", "double", "exp", "sin", "reciprocal"])]
        x = float(rng.uniform(0.3, 0.9))
        pair_of(submission.call("through", x, steps), f"through({x:.3f}, {steps})").close(
            list(reference.call("through", x, steps)), rtol=1e-8
        )


@check("the loss has two slopes", points=2, task=ROW, visible=False, evidence=EVIDENCE, required=True)
def loss_has_two_slopes(submission, data):
    w, b, x, y = (float(value) for value in fresh_rng().normal(size=4))
    h = 1e-6
    loss = lambda w, b: (w * x + b - y) ** 2
    measured = [(loss(w + h, b) - loss(w - h, b)) / (2 * h), (loss(w, b + h) - loss(w, b - h)) / (2 * h)]
    pair_of(submission.call("loss_slopes", w, b, x, y), "loss_slopes(w, b, x, y)").close(measured, rtol=1e-5, atol=1e-7)
