"""Codes, lookups and a step of an embedding table, held against one-hot matrices. All fresh for each grade."""

import numpy as np

from sandbox.judge import check, expect, fresh_rng
from sandbox.probes import input_not_mutated

HERE = ("entity-embeddings",)


@check("names get the codes 1, 2, 3, in sorted order", points=2, visible=True, evidence=HERE)
def names_get_codes(submission, data):
    rng = fresh_rng()
    seen = submission.call("learn_codes", np.array(["park", "harbour", "park", "campus"]))
    expect(seen, "learn_codes(['park', 'harbour', 'park', 'campus'])").because(
        "code 0 is kept for what is unknown"
    ).equals({"campus": 1, "harbour": 2, "park": 3})
    numbers = np.sort(rng.choice(np.arange(100, 999), size=9, replace=False))
    seen = submission.call("learn_codes", rng.permutation(np.repeat(numbers, 2)))
    expect(seen, "learn_codes(numbers)").equals({int(x): i + 1 for i, x in enumerate(numbers)})


@check("rare names get no code", points=2, visible=False, needs=("names-get-codes",), evidence=HERE)
def rare_names_get_none(submission, data):
    rng = fresh_rng()
    counts = rng.permutation([1, 2, 3, 4, 5, 6])
    names = np.array(["a", "b", "c", "d", "e", "f"])
    values = rng.permutation(np.repeat(names, counts))
    kept = [str(name) for name, count in zip(names, counts, strict=True) if count >= 3]
    expect(submission.call("learn_codes", values, 3), "learn_codes(values, 3)").because(
        "a name seen 3 times stays, one seen twice goes"
    ).equals({name: i for i, name in enumerate(kept, start=1)})


@check("an unknown name is coded 0", points=2, visible=True, evidence=HERE)
def unknown_is_zero(submission, data):
    codes = {"campus": 1, "harbour": 2, "park": 3}
    seen = submission.call("encode", np.array(["park", "airport", "campus", "park"]), codes)
    expect(seen, "encode(['park', 'airport', 'campus', 'park'], codes)").dtype("int").equals(np.array([3, 0, 1, 3]))


@check("lookups stand side by side", points=2, visible=True, evidence=HERE)
def lookups_side_by_side(submission, data):
    rng = fresh_rng()
    tables = [rng.normal(size=size) for size in ((5, 3), (8, 2), (3, 1))]
    codes = np.column_stack([rng.integers(0, len(table), size=6) for table in tables])
    wanted = np.hstack([np.eye(len(t))[codes[:, j]] @ t for j, t in enumerate(tables)])
    expect(submission.call("look_up", tables, codes), "look_up(tables, codes)").shape(6, 6).close(wanted)


@check("a step adds up all uses of a row", points=3, visible=False, evidence=HERE)
def step_adds_up_uses(submission, data):
    rng = fresh_rng()
    table, upstream = rng.normal(size=(6, 2)), rng.normal(size=(9, 2))
    codes = rng.permutation([0, 1, 1, 1, 2, 4, 4, 4, 4])  # rows 3 and 5 are used by nobody
    wanted = table - 0.5 * np.eye(6)[codes].T @ upstream
    expect(submission.call("step", table, codes, upstream, 0.5), "step(table, codes, upstream, 0.5)").because(
        "a row that served four examples feels the gradients of all four, and an unused row stays"
    ).shape(6, 2).close(wanted)


@check("the old table is left alone", points=1, visible=False, needs=("step-adds-up-uses",), evidence=HERE)
def old_table_stays(submission, data):
    rng = fresh_rng()
    input_not_mutated(
        submission, "step", rng.normal(size=(4, 2)), rng.integers(0, 4, size=5), rng.normal(size=(5, 2)), 0.1
    )
