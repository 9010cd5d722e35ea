"""The server as an OAuth resource: who asks is found from the bearer token, and clients can read how.

The rule owned here: a learner's name comes from the token alone, never from what a client says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings

from tutor_error import TutorError

if TYPE_CHECKING:
    from mcp_server.tokens import TokenFile

SCOPE = "learn"


class TokensOfFile:
    """The SDK's TokenVerifier over a token file."""

    def __init__(self, tokens: TokenFile, url: str) -> None:
        self._tokens, self._url = tokens, url

    async def verify_token(self, token: str) -> AccessToken | None:
        learner = self._tokens.learner_of(token)
        if learner is None:
            return None
        return AccessToken(
            token=token, client_id=learner, subject=learner, scopes=[SCOPE], resource=self._url
        )


@dataclass(frozen=True)
class Auth:
    """What the SDK's server is given to ask for tokens."""

    settings: AuthSettings
    verifier: TokensOfFile


def auth_of(tokens: TokenFile, url: str) -> Auth:
    """Tokens of a file for the resource at `url`, with its metadata (RFC 9728). TutorError `bad-url`.

    The tokens are given out by hand, so the server names itself as their issuer.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise TutorError(
            "bad-url", f"`{url}` is no web address.", "Write it whole: https://tutor.example.org/mcp."
        )
    settings = AuthSettings.model_validate(
        {
            "issuer_url": f"{parts.scheme}://{parts.netloc}",
            "resource_server_url": url,
            "required_scopes": [SCOPE],
            "validate_token_resource": True,
        }
    )
    return Auth(settings, TokensOfFile(tokens, url))
