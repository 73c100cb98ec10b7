"""From bytes of tokens to the text of a reply: whole characters only, no thinking, and nothing past a stop text."""

from __future__ import annotations

import codecs

from rlm_desktop.models.thinking import Marks, Thoughts, overlap


class ReplyText:
    """The text of one reply as its tokens arrive.

    A character may be spread over tokens, and so may a mark or a stop text: text that could be the
    beginning of one is held back until it is known.

    Args:
        stop: Texts at which the reply ends; they are not part of it, and mean nothing in a thought.
        marks: What sets thoughts off from the reply; ``None`` to look for none.
        inside: Whether the prompt has opened a thought already.

    Attributes:
        stopped: Whether a stop text has come.
        reasoning_tokens: How many of the tokens went into thinking.
    """

    def __init__(
        self, stop: tuple[str, ...] = (), marks: Marks | None = None, *, inside: bool = False
    ) -> None:
        self._stop = tuple(text for text in stop if text)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._thoughts = Thoughts(marks, inside) if marks else None
        self._held = ""
        self._parts: list[str] = []
        self._tokens = 0
        self.stopped = False
        self.reasoning_tokens = 0

    @property
    def text(self) -> str:
        """What was released so far."""
        return "".join(self._parts)

    @property
    def thinking(self) -> str:
        """What was thought so far."""
        return self._thoughts.text if self._thoughts else ""

    def feed(self, data: bytes) -> str:
        """Take in the bytes of a token; returns the text it releases."""
        self._tokens += 1
        return self._release(self._without_thoughts(self._decoder.decode(data)))

    def finish(self) -> str:
        """The reply is over: release what was held back."""
        text = self._without_thoughts(self._decoder.decode(b"", final=True))
        released = self._release(text + (self._thoughts.finish() if self._thoughts else ""))
        if self.stopped:
            return released
        rest, self._held = self._held, ""
        self._parts.append(rest)
        return released + rest

    def _without_thoughts(self, text: str) -> str:
        if self._thoughts is None:
            return text
        inside = self._thoughts.inside
        text = self._thoughts.feed(text)
        if inside or self._thoughts.inside:
            self.reasoning_tokens = self._tokens
        return text

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        self._held += text
        found = [at for at in (self._held.find(stop) for stop in self._stop) if at >= 0]
        if found:
            self.stopped = True
            cut = min(found)
        else:
            cut = len(self._held) - max((overlap(self._held, stop) for stop in self._stop), default=0)
        released = self._held[:cut]
        self._held = "" if self.stopped else self._held[cut:]
        self._parts.append(released)
        return released
