from sandbox.judge import check, expect, fresh_rng, reference


@check("mean is the average", points=1, task="t", visible=True, required=True)
def mean_is_the_average(submission, data):
    values = [float(value) for value in fresh_rng().normal(size=6)]
    expect(submission.call("mean", values), "the mean").close(reference.call("mean", values))


@check("spread is the root of the mean square", points=2, task="t", visible=False, required=True)
def spread_is_the_root_mean_square(submission, data):
    values = [float(value) for value in fresh_rng().normal(size=6)]
    expect(submission.call("spread", values), "the spread").close(reference.call("spread", values))
