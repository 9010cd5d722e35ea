"""A line by medians: the slopes, their middle, and what wild points may do to it."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng, reference

TASK = "fit-by-medians"
LESSON = ("robust:theil-sen",)


def points(count):
    rng = fresh_rng()
    return rng.permutation(count * 3)[:count].astype(float), rng.normal(size=count) * 5


@check("slopes of all pairs", points=2, task=TASK, visible=True, evidence=LESSON, required=True)
def slopes_of_all_pairs(submission, data):
    x, y = points(9)
    seen = submission.call("pairwise_slopes", x, y)
    expect(seen, "pairwise_slopes(x, y)").type(np.ndarray).shape(36).finite().close(
        reference.call("pairwise_slopes", x, y)
    )


@check("pairs of equal x give no slope", points=2, task=TASK, visible=False,
       needs=("slopes-of-all-pairs",), evidence=LESSON, required=True)
def equal_x_give_no_slope(submission, data):
    x, y = points(8)
    x[1], x[5] = x[0], x[4]
    seen = submission.call("pairwise_slopes", x, y)
    wanted = reference.call("pairwise_slopes", x, y)
    expect(seen, "pairwise_slopes(x, y) with two pairs of equal x").because(
        "an upright pair says nothing about y per x"
    ).close(wanted)


@check("the slope is the middle of all slopes", points=2, task=TASK, visible=True,
       needs=("slopes-of-all-pairs",), evidence=LESSON, required=True)
def slope_is_the_middle(submission, data):
    x, y = points(12)
    seen = submission.call("fit_line", x, y)
    expect(seen, "fit_line(x, y)").type(tuple, list).length(2)
    expect(seen[0], "the slope").close(reference.call("fit_line", x, y)[0])


@check("the height is a middle too", points=2, task=TASK, visible=False,
       needs=("slope-is-the-middle",), evidence=LESSON, required=True)
def height_is_the_middle(submission, data):
    x, y = points(12)
    seen = submission.call("fit_line", x, y)
    expect(seen[1], "the height at x = 0").close(reference.call("fit_line", x, y)[1])


@check("wild points do no harm", points=2, task=TASK, visible=False,
       needs=("height-is-the-middle",), evidence=LESSON, required=True)
def wild_points_do_no_harm(submission, data):
    for x, y, rise in data.lakes:
        slope = submission.call("fit_line", x, y)[0]
        expect(slope, "the rise of the lake an hour").because(
            "a quarter of wild hours is below what the middle stands"
        ).close(rise, rtol=0, atol=0.1)
