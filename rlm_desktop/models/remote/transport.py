"""HTTP as this program speaks it: nothing sent but what is needed, nothing followed, nothing without end."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from typing import Any

import httpx2

from rlm_desktop import __version__
from rlm_desktop.models.base import ModelError
from rlm_desktop.models.remote.endpoint import Endpoint

CONNECT_SECONDS = 10.0
LARGEST = 64 * 2**20
LARGEST_ERROR = 2**20
"""Most bytes that are read of a reply (20 alternatives for each token take 2 kB) and of an error."""
_SENT = ("host", "accept", "content-type", "content-length")
"""Headers that are sent as the SDK makes them. It would add what it finds in the environment (organisation,
project, another key, headers of any kind) and the system and Python this runs on."""
RETRIES = "retries"
"""Name under which a request remembers how many came before it."""
_NO_SENSE = (b"insufficient_quota", b"billing")
"""What a 429 says when waiting does not help."""


class Client(httpx2.AsyncClient):
    """An HTTP client for one server.

    It follows no redirects, and on this computer it heeds no proxy: neither may lead elsewhere.

    Args:
        endpoint: The server.
        key: Sent as the bearer's token; empty for none.
        silent: Seconds without a byte after which the server counts as dead.

    Raises:
        ModelError: The authorities the environment names cannot be read.
    """

    def __init__(self, endpoint: Endpoint, key: str, silent: float) -> None:
        connect = min(CONNECT_SECONDS, silent)
        super().__init__(
            verify=authorities(endpoint),
            timeout=httpx2.Timeout(silent, connect=connect, pool=None),
            limits=httpx2.Limits(max_connections=None),
            follow_redirects=False,
            trust_env=not endpoint.loopback,
        )
        self._who = endpoint.host
        self._key = key
        self._silent = silent
        self._head = connect + silent

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        """Send a request; the whole head of the answer must come within the time of silence.

        Raises:
            ModelError: The server is silent, or sends what could be without end.
        """
        self._strip(request)
        try:
            async with asyncio.timeout(self._head):
                response = await super().send(request, stream=True, **options)
        except (TimeoutError, httpx2.ReadTimeout, httpx2.WriteTimeout):
            raise silence(self._who, self._silent) from None
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise ModelError(f"{self._who} sends compressed data, which it was asked not to.", begun=True)
        largest = LARGEST if response.is_success else LARGEST_ERROR
        response.stream = _Bounded(response.stream, largest, self._who)
        if response.status_code == httpx2.codes.TOO_MANY_REQUESTS:
            said = await response.aread()
            if any(word in said for word in _NO_SENSE):
                response.headers["x-should-retry"] = "false"  # the SDK's own sign
        elif not stream:
            await response.aread()
        return response

    def _strip(self, request: httpx2.Request) -> None:
        request.extensions = {
            **request.extensions,
            RETRIES: int(request.headers.get("x-stainless-retry-count", 0)),
        }
        kept = {name: request.headers[name] for name in _SENT if name in request.headers}
        kept |= {"accept-encoding": "identity", "user-agent": f"rlm-desktop/{__version__}"}
        if self._key:
            kept["authorization"] = f"Bearer {self._key}"
        request.headers = httpx2.Headers(kept)


def authorities(endpoint: Endpoint) -> ssl.SSLContext:
    """Who may vouch for the server: the system's authorities or a person's own, on this computer too; none for HTTP.

    Raises:
        ModelError: Those the environment names cannot be read.
    """
    if not endpoint.base_url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        raise ModelError(
            f"The certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: {error.strerror or error}.",
            "Correct the variable, or unset it.",
        ) from None


class _Bounded(httpx2.AsyncByteStream):
    """A body that ends with an error when it grows too large."""

    def __init__(self, body: object, largest: int, who: str) -> None:
        assert isinstance(body, httpx2.AsyncByteStream)
        self._body = body
        self._largest = largest
        self._who = who

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for piece in self._body:
            received += len(piece)
            if received > self._largest:
                raise ModelError(
                    f"{self._who} sends a reply without end; it was stopped at {self._largest / 2**20:.0f} MiB.",
                    "Look at the server, or choose another model.",
                    begun=True,
                )
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


def silence(who: str, seconds: float) -> ModelError:
    """What to say of a server that sends nothing for so long."""
    return ModelError(
        f"{who} has sent nothing for {seconds:g} seconds.", "Ask again, or choose another model.", begun=True
    )
