"""From bytes of tokens to the text of a reply: whole characters only, and nothing past a stop text."""

from __future__ import annotations

import codecs


class ReplyText:
    """The text of one reply as its tokens arrive.

    A character may be spread over tokens, and so may a stop text: text that could be the beginning
    of one is held back until it is known.

    Args:
        stop: Texts at which the reply ends; they are not part of it.
    """

    def __init__(self, stop: tuple[str, ...] = ()) -> None:
        self._stop = tuple(text for text in stop if text)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._parts: list[str] = []
        self.stopped = False

    @property
    def text(self) -> str:
        """What was released so far."""
        return "".join(self._parts)

    def feed(self, data: bytes) -> str:
        """Take in the bytes of a token; returns the text it releases."""
        return self._release(self._decoder.decode(data))

    def finish(self) -> str:
        """The reply is over: release what was held back."""
        released = self._release(self._decoder.decode(b"", final=True))
        if self.stopped:
            return released
        rest, self._held = self._held, ""
        self._parts.append(rest)
        return released + rest

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        self._held += text
        found = [at for at in (self._held.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            cut = min(found)
        else:
            cut = len(self._held) - self._doubtful()
        released = self._held[:cut]
        self._held = "" if self.stopped else self._held[cut:]
        self._parts.append(released)
        return released

    def _doubtful(self) -> int:
        """Characters at the end of the held text that may be the beginning of a stop text."""
        longest = max((len(stop) - 1 for stop in self._stop), default=0)
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-size:]) for stop in self._stop):
                return size
        return 0
