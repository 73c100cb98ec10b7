"""The root's conversation: grows by a turn at a time, and is shortened before it fills the window."""

from __future__ import annotations

from rlm_desktop.models.base import Message

CHARACTERS_PER_TOKEN = 3
"""Measured on code and prose with the Qwen tokenizer it is 3.2 to 4.4; lower is safer."""
KEPT_TURNS = 2
DIGEST = 300
"""Characters an older message keeps when it is summarised."""


class Conversation:
    """Messages in order: system, first, then reply and observation in turn."""

    def __init__(self, system: str, first: str) -> None:
        self._head = (Message("system", system), Message("user", first))
        self._turns: list[tuple[Message, Message]] = []

    def add(self, reply: str, observation: str) -> None:
        """A turn is over: what the model said and what it is told about it."""
        self._turns.append((Message("assistant", reply), Message("user", observation)))

    @property
    def turns(self) -> list[tuple[str, str]]:
        """Replies and observations so far, whole."""
        return [(reply.content, observation.content) for reply, observation in self._turns]

    def fit(self, tokens: int) -> tuple[Message, ...]:
        """The messages to send, older turns cut to their beginnings if they do not fit.

        Args:
            tokens: What the messages may have.
        """
        room = tokens * CHARACTERS_PER_TOKEN
        turns = list(self._turns)
        size = _size(self._head) + sum(map(_size, turns))
        for index, turn in enumerate(turns):
            if size <= room:
                break
            newest = index >= len(turns) - KEPT_TURNS
            limit = max(DIGEST, room // (4 * KEPT_TURNS)) if newest else DIGEST
            turns[index] = (_short(turn[0], limit), _short(turn[1], limit))
            size += _size(turns[index]) - _size(turn)
        dropped = 0
        while dropped < len(turns) and size > room:
            size -= _size(turns[dropped])
            dropped += 1
        return (*self._head, *(message for turn in turns[dropped:] for message in turn))


def _size(messages: tuple[Message, ...]) -> int:
    return sum(len(message.content) for message in messages)


def _short(message: Message, limit: int) -> Message:
    text = message.content
    if len(text) <= limit:
        return message
    return Message(message.role, f"{text[:limit]}\n… (shortened; the whole is in `history`)")
