"""Each way a server can fail, in one sentence, with one of what to do."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
from dataclasses import dataclass

import anyio
import httpx2
import openai

from rlm_desktop.models.base import ModelError
from rlm_desktop.models.keys import variable
from rlm_desktop.models.remote.endpoint import Endpoint
from rlm_desktop.models.remote.text import without_key
from rlm_desktop.models.remote.transport import RETRIES, silence

CAUGHT = (openai.OpenAIError, httpx2.HTTPError, ssl.SSLError, anyio.EndOfStream, ValueError, RecursionError)
"""What the SDK lets through when a server misbehaves; the last two are what is no JSON."""
_QUOTED = 200
"""Characters of what a server says that are passed on."""
_TOO_LONG = re.compile(
    r"context[ _](length|window|size)|prompt is too long|too many (input )?tokens|maximum number of tokens",
    re.IGNORECASE,
)
_WINDOW = re.compile(
    r"(?:maximum context length (?:is|of)|context (?:size|window|length)\D{0,20}|>|allowed \(|\"n_ctx\":)\s*(\d+)",
    re.IGNORECASE,
)
_PROMPT = re.compile(
    r"(?:\((?=\d+ in )|resulted in|prompt is too long:|token count \(|\"n_prompt_tokens\":)\s*(\d+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class TooLong:
    """A server says that a prompt is too long; 0 where it does not say how long it is, or may be."""

    prompt_tokens: int
    window: int


class Failures:
    """Puts the failures of one server into words.

    Args:
        endpoint: The server.
        key: What must not stand in them.
        silent: Seconds without a byte that it is allowed.
    """

    def __init__(self, endpoint: Endpoint, key: str, silent: float) -> None:
        self._who = endpoint.host
        self._endpoint = endpoint
        self._key = key
        self._silent = silent

    def explain(self, error: Exception) -> ModelError:
        """What to tell the person. The error itself may hold the key and is not kept."""
        match error:
            case openai.APIStatusError():
                return self._status(error.status_code, self.complaint(error), _retries(error))
            case openai.APIConnectionError():
                return self._connection(error.__cause__ or error)
            case openai.APIError():
                return ModelError(
                    f"{self._who} broke the reply off: {self.complaint(error)}", "Ask again.", begun=True
                )
            case ValueError() | RecursionError():
                return self.nonsense("what is no JSON")
        return self._connection(error)

    def complaint(self, error: openai.APIError) -> str:
        """What the server says, in a line without the key."""
        body = error.body
        said = body.get("message") if isinstance(body, dict) else None
        text = said if isinstance(said, str) and said else body if isinstance(body, str) else json.dumps(body)
        return self.quote(text if body else "")

    def too_long(self, error: openai.APIStatusError) -> TooLong | None:
        """What the error says of the prompt's length, if that is what it is about."""
        said = json.dumps(error.body)
        if error.status_code not in {400, 413, 422, 500} or not _TOO_LONG.search(said):
            return None
        window, prompt = _WINDOW.search(said.replace("\\", "")), _PROMPT.search(said.replace("\\", ""))
        return TooLong(int(prompt[1]) if prompt else 0, int(window[1]) if window else 0)

    def nonsense(self, what: str) -> ModelError:
        """The server sends something else than its interface promises."""
        return ModelError(
            f"{self._who} sends {what} instead of an OpenAI-compatible reply.",
            f"Check the address, {self._endpoint.base_url}: mostly it ends in /v1.",
            begun=True,
        )

    def broken_off(self) -> ModelError:
        """The stream ended before the reply did."""
        return ModelError(
            f"{self._who} broke the connection off in the middle of its reply.",
            "Ask again; if prompts are too long for it, give its window as context_window in models.toml.",
            begun=True,
        )

    def quote(self, text: str) -> str:
        """The beginning of what a server says, on one line."""
        line = " ".join(without_key(text[: 100 * _QUOTED], self._key).split())
        line = "".join(
            character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in line
        )
        return line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…"

    def _status(self, status: int, said: str, retries: int) -> ModelError:
        who, model = self._who, self._endpoint.model
        again = f" (asked {retries + 1} times)" if retries else ""
        if 300 <= status < 400:
            return ModelError(
                f"{who} sends the request elsewhere (status {status}), which is not followed.",
                "Give the address where the model really is.",
            )
        match status:
            case 401:
                refusal = "does not accept the key" if self._key else "wants a key"
                return ModelError(f"{who} {refusal}.", self._about_key())
            case 402 | 429 if status == 402 or re.search(r"quota|billing|credit", said, re.IGNORECASE):
                return ModelError(
                    f"The account at {who} has no credit left{again}: {said or 'payment is required'}",
                    "Add credit there, or choose another model.",
                )
            case 403:
                return ModelError(f"{who} does not allow this: {said or 'forbidden'}", self._about_key())
            case 404:
                return ModelError(
                    f"{who} has no model {model or 'at this address'}: {said or 'not found'}",
                    f"Check the model's name and the address, {self._endpoint.base_url}.",
                )
            case 429:
                return ModelError(
                    f"{who} accepts no more requests for now{again}: {said or 'too many requests'}",
                    "Ask again later, or lower the model's concurrency in models.toml.",
                )
        if status >= 500:
            return ModelError(
                f"{who} has a fault of its own (status {status}){again}: {said or 'no reason given'}",
                "Ask again later, or choose another model.",
            )
        return ModelError(
            f"{who} refuses the request (status {status}): {said or 'no reason given'}",
            "Choose another model, or other `options` in models.toml.",
        )

    def _about_key(self) -> str:
        name = self._endpoint.key
        stated = "Check it" if self._key else "Give one"
        return f"{stated}: {variable(name)}, `rlm-desktop models key {name}`, or Models › Add a remote model."

    def _connection(self, cause: BaseException) -> ModelError:
        who = self._who
        match cause:
            case httpx2.ConnectTimeout():
                return ModelError(
                    f"{who} does not answer.", "Check that it runs, and the address (http or https)."
                )
            case httpx2.TimeoutException():
                return silence(who, self._silent)
            case httpx2.ConnectError() | ssl.SSLError() if "SSL" in str(cause) or "TLS" in str(cause):
                return self._tls(str(cause))
            case httpx2.ProxyError():
                return ModelError(f"The proxy refuses to connect to {who}.", "Check the proxy settings.")
            case httpx2.ConnectError():
                return ModelError(
                    f"{who} cannot be reached: {_reason(cause)}.", "Check that it runs, and the address."
                )
            case httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError():
                return ModelError(f"The address {self._endpoint.base_url} cannot be used.", "Correct it.")
        return self.broken_off()

    def _tls(self, said: str) -> ModelError:
        if "CERTIFICATE" in said.upper():
            return ModelError(
                f"The certificate of {self._who} cannot be trusted.",
                "Check the address; an own authority is named with SSL_CERT_FILE.",
            )
        return ModelError(
            f"{self._who} does not speak TLS at this address.", "If it is meant, write http:// instead."
        )


def _retries(error: openai.APIError) -> int:
    return int(error.request.extensions.get(RETRIES, 0))


def _reason(error: BaseException) -> str:
    """The system's own words at the root of a failure to connect."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
        if isinstance(error, socket.gaierror):  # its numbers are those of the look-up of names
            return error.strerror or str(error)
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno)
    return "no connection"
