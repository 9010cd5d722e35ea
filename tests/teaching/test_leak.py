import random

from teaching.leak import RUN, find_leak, tokens

ORACLE = "The gradient points where the loss climbs fastest and the minus sign turns the step around."
PUBLIC = "A loss is a surface over the weights."


def test_markup_and_case_are_no_disguise() -> None:
    said = "**The** gradient, `points` _where_ the LOSS climbs... fastest!"
    leak = find_leak(said, [ORACLE], [PUBLIC])
    assert leak is not None
    assert leak.tokens == tuple(tokens("the gradient points where the loss climbs fastest"))
    assert leak.passage.endswith("fastest")


def test_seven_tokens_are_no_leak_and_eight_are() -> None:
    words = ORACLE.split()
    assert find_leak(" ".join(words[: RUN - 1]), [ORACLE], []) is None
    assert find_leak(" ".join(words[:RUN]), [ORACLE], []) is not None


def test_what_is_public_is_no_leak() -> None:
    assert find_leak(ORACLE, [ORACLE], [f"Before. {ORACLE} After."]) is None


def test_the_longest_run_is_named_with_its_oracle() -> None:
    said = f"{' '.join(ORACLE.split()[:9])} and so on. x = step minus rate times gradient of the loss here"
    leak = find_leak(said, ["step minus rate times gradient of the loss here now", ORACLE], [])
    assert leak is not None
    assert (leak.source, len(leak.tokens)) == (0, 9)
    assert leak.passage == "step minus rate times gradient of the loss here"


def test_a_run_broken_in_the_middle_is_two_short_runs() -> None:
    words = ORACLE.split()
    assert find_leak(" ".join([*words[:6], "indeed", *words[6:12]]), [ORACLE], []) is None


def test_any_window_of_the_oracle_in_any_company_is_found() -> None:
    draw = random.Random(3)
    words = ORACLE.split()
    for _ in range(50):
        start = draw.randrange(len(words) - RUN + 1)
        noise = [draw.choice(["well", "so", "note"]) for _ in range(draw.randrange(5))]
        said = " ".join([*noise, *words[start : start + RUN], *noise])
        leak = find_leak(said, [ORACLE], [PUBLIC])
        assert leak is not None and len(leak.tokens) == RUN
