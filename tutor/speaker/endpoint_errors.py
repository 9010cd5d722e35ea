"""What goes wrong at an endpoint, in our words.

The rule owned here: an endpoint's own text is left out of every error, since it may repeat
the key, and each error says what to type next.
"""

from __future__ import annotations

from tutor.settings import Settings
from tutor_error import TutorError


def explain_failure(error: Exception, settings: Settings) -> TutorError:
    """An error of the SDK as a TutorError: `model-refused-key`, `no-such-model`, `model-busy`, ..."""
    # Imported late: the SDK costs 0.6 s, and without a model it is never loaded.
    import openai

    host, model = settings.host, settings.model
    log = "Ask again, or look into the server's log."
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            remedy = f"Set the key in MLTUTOR_API_KEY, or in {settings.api_key_env}."
            return TutorError("model-refused-key", f"{host} did not accept the key.", remedy)
        case openai.NotFoundError():
            remedy = "`mltutor doctor` lists the models on this machine; an address often ends in /v1."
            return TutorError("no-such-model", f"{host} knows no model `{model}`.", remedy)
        case openai.RateLimitError():
            message = f"{host} asks to wait, or the account has no credit left."
            return TutorError("model-busy", message, "Wait a little, or choose another model.")
        case openai.APITimeoutError():
            message = f"{host} was silent for {settings.model_seconds:g} s."
            return TutorError("model-silent", message, "Choose a smaller model, or raise `model_seconds`.")
        case openai.APIConnectionError():
            message = f"{host} cannot be reached at {settings.endpoint}."
            return TutorError(
                "model-unreachable", message, "Start the server; `mltutor doctor` lists those that run here."
            )
        case openai.APIStatusError():
            return TutorError("model-failed", f"{host} answered with the error {error.status_code}.", log)
        case _:
            return TutorError("model-failed", f"{host} broke off with an error.", log)


def broken_stream(error: Exception, settings: Settings) -> TutorError:
    """A stream whose connection failed: it fell silent, or was cut."""
    import httpx2
    import openai

    if isinstance(error, httpx2.TimeoutException):
        return explain_failure(openai.APITimeoutError(request=error.request), settings)
    return cut_off(settings)


def cut_off(settings: Settings) -> TutorError:
    return TutorError(
        "model-cut-off",
        f"{settings.host} ended its answer before it was complete.",
        "Ask again; if it happens each time, check the endpoint's address (it usually ends in /v1).",
    )


def not_an_api(settings: Settings) -> TutorError:
    return TutorError(
        "model-cut-off",
        f"{settings.host} answered with something that is no model's reply, such as a web page.",
        "Check the endpoint's address: it usually ends in /v1, as in `mltutor config endpoint URL`.",
    )


def gave_nothing(settings: Settings) -> TutorError:
    return TutorError(
        "model-gave-nothing",
        f"{settings.model} called tools and found no words.",
        "Ask again, or choose a larger model.",
    )


def too_long(settings: Settings) -> TutorError:
    return TutorError(
        "model-endless",
        f"{settings.host} did not come to an end with its answer.",
        "Ask again, or choose another model.",
    )
