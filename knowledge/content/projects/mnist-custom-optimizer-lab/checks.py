"""What an optimizer of one's own must do: the formulas, the manners of torch.optim, and then to be of use."""

import functools
from pathlib import Path

import numpy as np
from oracle import best_plain_descent, right_walk

from sandbox.judge import check, expect, fail, fresh_rng
from sandbox.probes import one_batch_overfit

HARNESS = Path(__file__).with_name("harness.py").read_text(encoding="utf-8")
SGD = ("sgd-and-momentum",)
ADAM = ("adam-adamw-and-lion",)
MODULES = ("pytorch-nn-module",)
SHAPES = ((3, 2), (4,))
SETTINGS = {
    "Descent": {"lr": 0.1},
    "Momentum": {"lr": 0.1, "momentum": 0.9},
    "AdamW": {"lr": 0.05, "betas": (0.9, 0.99), "eps": 1e-6, "weight_decay": 0.2},
    "Lion": {"lr": 0.02, "betas": (0.9, 0.98), "weight_decay": 0.2},
}


def ready_to_name(function):
    """A check whose failure brings PyTorch in here once: solutions are then compared in forks, each of which
    would import it anew (and `_dynamo`, as the first optimizer does). A grade without a failure needs neither."""

    @functools.wraps(function)
    def checked(*args):
        try:
            function(*args)
        except Exception:
            import torch._dynamo  # noqa: F401
            raise

    return checked


def lend(submission):
    return submission.lend(HARNESS, "optimizer")


def kind_of(submission, name):
    """The learner's class, kept on their side."""
    return submission.ask_handle("get", name, (), {}, None)


def fresh_case(steps):
    """Starting points of two parameters and gradients for both, `steps` times."""
    rng = fresh_rng()
    return [rng.normal(size=s) for s in SHAPES], [[rng.normal(size=s) for s in SHAPES] for _ in range(steps)]


def walks_right(submission, name, starts, feeds, why, options=None, **more):
    options = options or SETTINGS[name]
    seen = lend(submission).call("step", kind_of(submission, name), starts, feeds, options, **more)
    right = right_walk(name, starts, feeds, options, **more)
    for index in range(len(starts)):
        what = f"parameter {index + 1} after each step of {name}"
        expect(seen[index], what).because(why).close(right[index], rtol=1e-5, atol=1e-7)


@check("a plain step follows the gradient downhill", points=2, visible=True, evidence=MODULES)
@ready_to_name
def a_plain_step_goes_downhill(submission, data):
    starts, feeds = fresh_case(3)
    why = "the model holds the parameter object, so that object has to move; a name for a new tensor moves nothing"
    walks_right(submission, "Descent", starts, feeds, why)


@check("momentum remembers", points=3, visible=True, evidence=SGD)
@ready_to_name
def momentum_remembers(submission, data):
    starts, feeds = fresh_case(6)
    walks_right(submission, "Momentum", starts, feeds, "v ← momentum·v + g, with v = 0 before the first step")


@check("AdamW corrects its averages for their start at zero", points=3, visible=True, evidence=ADAM)
@ready_to_name
def averages_are_corrected(submission, data):
    starts, feeds = fresh_case(6)
    calm = {"lr": 0.05, "betas": (0.9, 0.99), "eps": 0.3, "weight_decay": 0.0}
    why = "the averages start at 0, and each is divided by the weight that it has gathered; eps is added to the root"
    walks_right(submission, "AdamW", starts, feeds, why, calm)


@check("weight decay stays out of the averages", points=3, needs=("averages-are-corrected",),
       evidence=("adam-adamw-and-lion", "weight-decay-and-early-stopping"))
@ready_to_name
def decay_is_decoupled(submission, data):
    starts, feeds = fresh_case(6)
    why = "every entry shrinks by the factor 1 − lr·weight_decay, whatever its gradients were"
    walks_right(submission, "AdamW", starts, feeds, why)


@check("Lion takes the sign of the blend, then remembers", points=3, evidence=ADAM)
@ready_to_name
def lion_blends_then_remembers(submission, data):
    starts, feeds = fresh_case(12)
    why = "the sign is that of β₁·m + (1−β₁)·g with the old m; only then does m move on, with β₂"
    walks_right(submission, "Lion", starts, feeds, why)


@check("each group keeps its own settings", points=2, needs=("a-plain-step-goes-downhill", "decay-is-decoupled"),
       evidence=MODULES)
@ready_to_name
def groups_keep_their_settings(submission, data):
    starts, feeds = fresh_case(5)
    factors = [1.0, 1.0, 0.5, 0.5, 3.0]
    why = "the settings that count are those in param_groups at the moment of the step; a schedule changes them there"
    groups = [{"lr": 0.3}, {"lr": 0.02}]
    walks_right(submission, "Descent", starts, feeds, why, groups=groups, factors=factors)
    groups = [{"lr": 0.1, "weight_decay": 0.5}, {"lr": 0.01, "weight_decay": 0.0}]
    walks_right(submission, "AdamW", starts, feeds, why, groups=groups, factors=factors)


@check("a parameter without a gradient stays where it is", points=2,
       needs=("a-plain-step-goes-downhill", "momentum-remembers", "decay-is-decoupled", "lion-blends-then-remembers"),
       evidence=MODULES)
@ready_to_name
def no_gradient_no_step(submission, data):
    starts, feeds = fresh_case(7)
    for gradients in feeds[3:]:
        gradients[1] = None
    why = "p.grad is None for a layer that is frozen or was not used: no step, no decay, no leftover velocity"
    for name in ("Momentum", "AdamW", "Lion", "Descent"):
        walks_right(submission, name, starts, feeds, why)


@check("every parameter counts its own steps", points=2, needs=("no-gradient-no-step",), evidence=ADAM)
@ready_to_name
def steps_are_counted_apart(submission, data):
    starts, feeds = fresh_case(7)
    for gradients in feeds[:4]:
        gradients[1] = None
    why = "a layer that is thawed late has averages as young as at the very first step"
    walks_right(submission, "AdamW", starts, feeds, why)


@check("gradients are read, not kept and not changed", points=2,
       needs=("momentum-remembers", "decay-is-decoupled", "lion-blends-then-remembers"), evidence=MODULES)
@ready_to_name
def gradients_are_only_read(submission, data):
    starts, feeds = fresh_case(5)
    feeds = [gradients[:1] for gradients in feeds]
    for name in ("Momentum", "AdamW", "Lion"):
        kind, options = kind_of(submission, name), SETTINGS[name]
        seen = lend(submission).call("step_in_reused_memory", kind, starts[0], feeds, options)
        expect(np.array(seen["gradients"]), f"p.grad after each step of {name}").because(
            "clipping, logging and accumulation read p.grad too; it is not your scratch paper"
        ).close(np.array([gradients[0] for gradients in feeds]))
        expect(np.array(seen["places"]), f"the path of {name}").because(
            "PyTorch may write the next gradient into the same memory, and what you kept changes with it"
        ).close(right_walk(name, starts[:1], feeds, options)[0], rtol=1e-5, atol=1e-7)


@check("a step leaves no graph behind", points=2, needs=("a-plain-step-goes-downhill", "gradients-are-only-read"),
       evidence=("autograd",))
@ready_to_name
def no_graph_is_left_behind(submission, data):
    start = fresh_rng().uniform(0.5, 1.0, size=5)
    for name, options in SETTINGS.items():
        seen = lend(submission).call("leave_no_trace", kind_of(submission, name), start, options)
        expect(seen["leaf"], name).true(f"after a step of {name} the parameter is no trainable leaf any more")
        expect(seen["moved"], name).true(f"three steps of {name} move nothing when the gradient has a graph itself")
        if seen["kept_with_graph"]:
            fail(
                f"what {name} keeps between steps hangs on to autograd's graph, which grows with every step",
                f"{seen['kept_with_graph']} tensors of its state require a gradient", "none",
            )  # fmt: skip


@check("a closure is asked once a step, with gradients on", points=2, needs=("a-plain-step-goes-downhill",),
       evidence=MODULES)
@ready_to_name
def closure_is_asked_with_gradients(submission, data):
    rng = fresh_rng()
    root, start = rng.normal(size=(4, 4)), rng.normal(size=4)
    matrix = root @ root.T / 4 + np.eye(4)
    seen = lend(submission).call("step_with_closure", kind_of(submission, "Descent"), start, matrix, {"lr": 0.1})
    after = start - 0.1 * matrix @ start
    last = after - 0.1 * matrix @ after
    expect(seen["grad_enabled"], "whether gradients were on, for each call of the closure").because(
        "the closure runs loss.backward(), which needs autograd, and step(closure) calls it once"
    ).equals([True, True])
    expect(seen["returned"], "what step(closure) returned").because("it returns the closure's loss").close(
        [0.5 * x @ matrix @ x for x in (start, after)], rtol=1e-6
    )
    expect(seen["without"], "what step() returned").equals(None)
    expect(seen["place"], "the parameter after two steps with a closure and one without").because(
        "the closure computes the gradient that this very step uses"
    ).close(last - 0.1 * matrix @ after, rtol=1e-6)


@check("a resumed run goes on as if it had never stopped", points=3,
       needs=("momentum-remembers", "decay-is-decoupled", "lion-blends-then-remembers"), evidence=MODULES)
@ready_to_name
def resumed_runs_go_on(submission, data):
    starts, feeds = fresh_case(10)
    for name in ("Momentum", "AdamW", "Lion"):
        options = SETTINGS[name]
        seen = lend(submission).call("state_dict", kind_of(submission, name), starts, feeds, options, 5)
        right = right_walk(name, starts, feeds, options)
        for index in range(len(starts)):
            expect(seen[index], f"parameter {index + 1} after 5 + 5 steps of {name}").because(
                "a new optimizer knows only the state_dict of the old one; what you keep elsewhere is lost"
            ).close(right[index][-1], rtol=1e-5, atol=1e-7)


@check("your own optimizer is a class of yours", points=1, visible=True, evidence=MODULES)
@ready_to_name
def your_optimizer_is_yours(submission, data):
    factory = kind_of(submission, "my_optimizer")
    for problem in ("valley", "digits"):
        seen = lend(submission).call("kinship", factory, problem)
        expect(seen["is_optimizer"], "it").true(
            f"my_optimizer(params, {problem!r}) returns no torch.optim.Optimizer"
        )
        expect(seen["ready_made"], "the ready-made optimizers of torch.optim that your file leads to").because(
            "here the update is to be yours; torch.optim.Optimizer alone may be borrowed"
        ).equals([])


@check("your optimizer crosses the valleys", points=4, needs=("your-optimizer-is-yours",),
       evidence=("sgd-and-momentum", "adam-adamw-and-lion"))
@ready_to_name
def your_optimizer_crosses_the_valleys(submission, data):
    factory = kind_of(submission, "my_optimizer")
    for valley in data.valleys:
        losses = lend(submission).call("cross_valley", factory, valley.matrix, valley.start, 200)
        expect(losses, f"the losses in the valley of condition number {valley.condition}").finite().length(201)
        left = losses[-1] / losses[0]
        expect(left, f"the share of the loss left in the valley of condition number {valley.condition}").at_most(1e-3)
    best = best_plain_descent(valley, 200)
    expect(left / best, "your final loss, divided by that of plain descent at its best rate").because(
        "with one rate for all directions the flat ones crawl; a memory, or a scale for each, has to help"
    ).at_most(0.2)


@check("your optimizer can be stopped and resumed", points=2, needs=("your-optimizer-is-yours",), evidence=MODULES)
@ready_to_name
def your_optimizer_resumes(submission, data):
    starts, feeds = fresh_case(8)
    factory = kind_of(submission, "my_optimizer")
    for problem in ("valley", "digits"):
        right = lend(submission).call("state_dict", factory, starts, feeds, {"problem": problem}, None)
        seen = lend(submission).call("state_dict", factory, starts, feeds, {"problem": problem}, 4)
        for index in range(len(starts)):
            expect(right[index], f"parameter {index + 1} after 8 steps").finite().differs_from(starts[index])
            expect(seen[index], f"parameter {index + 1} after 4 + 4 steps on {problem}").because(
                "a run of 4 + 4 steps ends where a run of 8 does"
            ).close(right[index], rtol=1e-5, atol=1e-7)


@check("16 digits are learned by heart", points=2, needs=("your-optimizer-is-yours",),
       evidence=("training-diagnostics",))
@ready_to_name
def one_batch_is_learned_by_heart(submission, data):
    same_rows = np.tile(np.arange(16), (60, 1))
    X, y = data.train
    seen = lend(submission).call(
        "train", kind_of(submission, "my_optimizer"), data.weights, X[:16], y[:16], same_rows, X[:16]
    )
    one_batch_overfit(seen["losses"], factor=0.2)


@check("unseen digits are named", points=4, task="syllabus/project/1.3", needs=("one-batch-is-learned-by-heart",),
       evidence=("adam-adamw-and-lion", "pytorch-nn-module"))
@ready_to_name
def digits_are_named(submission, data):
    (X, y), (unseen, answers) = data.train, data.test
    seen = lend(submission).call(
        "train", kind_of(submission, "my_optimizer"), data.weights, X, y, data.batches, unseen
    )
    expect(seen["answers"], "the answers").shape(len(unseen))
    accuracy = float((seen["answers"] == answers).mean())
    expect(accuracy, "the share of unseen digits named after 150 steps").at_least(0.88)
