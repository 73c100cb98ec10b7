"""The connection to one server, on the official SDK."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import openai

from rlm_desktop.models.base import ModelError
from rlm_desktop.models.remote.endpoint import Endpoint
from rlm_desktop.models.remote.failures import CAUGHT, Failures, TooLong
from rlm_desktop.models.remote.transport import RETRIES, Client
from rlm_desktop.models.remote.wire import Chunk, Offer, Offers

MOST_RETRIES = 4
"""Of a request that was refused for now. The SDK waits as long as Retry-After says, up to two minutes."""
_NO_LIST = {403, 404, 405, 429, 501}
"""A server that answers so to a request for its models has none to list, and still answers."""


class Complaint(Exception):  # noqa: N818 - control flow: the request can often be put otherwise
    """The server finds fault with a request.

    Attributes:
        said: What it says.
        too_long: What it says of the prompt's length.
        failure: What to tell the person if there is no other way to put it.
    """

    def __init__(self, said: str, too_long: TooLong | None, failure: ModelError) -> None:
        super().__init__(said)
        self.said = said
        self.too_long = too_long
        self.failure = failure


class Server:
    """A server with models.

    Args:
        endpoint: Where it is.
        key: Its key; empty for none.
        silent: Seconds without a byte after which it counts as dead.

    Attributes:
        key: Its key.
        failures: Puts into words what may go wrong.
    """

    def __init__(self, endpoint: Endpoint, key: str, silent: float) -> None:
        self.key = key
        self.failures = Failures(endpoint, key, silent)
        self._api = openai.AsyncOpenAI(
            api_key=key or "none",  # without one the SDK takes any it finds; `Client` sends only ours
            base_url=endpoint.base_url,
            max_retries=MOST_RETRIES,
            http_client=Client(endpoint, key, silent),
        )

    async def models(self) -> tuple[Offer, ...]:
        """The models the server lists, those with odd names left out; none if it has no list.

        Raises:
            ModelError: It cannot be reached, refuses the key, or is no such server.
        """
        try:
            listed = await self._api.with_options(max_retries=0).get("/models", cast_to=object)
            offers = msgspec.convert(listed, Offers).data
            return tuple(offer for offer in offers if offer.id and self.failures.quote(offer.id) == offer.id)
        except openai.APIStatusError as error:
            if error.status_code in _NO_LIST:
                return ()
            raise self.failures.explain(error) from None
        except msgspec.ValidationError:
            raise self.failures.nonsense("no list of its models") from None
        except CAUGHT as error:
            raise self.failures.explain(error) from None

    @asynccontextmanager
    async def stream(self, body: dict[str, Any]) -> AsyncIterator[Answer]:
        """Ask for a completion; leaving the context closes the connection, whatever is left to come.

        Raises:
            Complaint: The server finds fault with the request.
            ModelError: Anything else went wrong.
        """
        try:
            stream = await self._api.post(
                "/chat/completions",
                cast_to=object,
                body=body,
                stream=True,
                stream_cls=openai.AsyncStream[object],
            )
            async with stream:
                yield Answer(stream, self.failures)
        except openai.APIStatusError as error:
            failure = self.failures.explain(error)
            said = self.failures.complaint(error)
            raise Complaint(said, self.failures.too_long(error), failure) from None
        except CAUGHT as error:
            raise self.failures.explain(error) from None

    async def close(self) -> None:
        """Close every connection."""
        await self._api.close()


class Answer:
    """An answer that is coming in.

    Args:
        stream: The SDK's.
        failures: Puts into words what may go wrong.
    """

    def __init__(self, stream: openai.AsyncStream[object], failures: Failures) -> None:
        self._stream = stream
        self._failures = failures

    @property
    def retries(self) -> int:
        """How often the request had to be sent again."""
        return int(self._stream.response.request.extensions.get(RETRIES, 0))

    async def chunks(self) -> AsyncIterator[Chunk]:
        """The objects of the stream; one, from a server that does not stream.

        Raises:
            ModelError: It is something else.
        """
        kind = self._stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/html":
            raise self._failures.nonsense("a web page")
        if kind == "application/json":
            yield self._chunk(msgspec.json.decode(await self._stream.response.aread()))
            return
        async for piece in self._stream:
            yield self._chunk(piece)

    def _chunk(self, piece: object) -> Chunk:
        try:
            chunk = msgspec.convert(piece, Chunk)
        except msgspec.ValidationError:
            raise self._failures.nonsense("something odd") from None
        if chunk.error:
            said = self._failures.quote(str(chunk.error))
            raise ModelError(f"The server broke the reply off: {said}", "Ask again.", begun=True)
        return chunk
