"""Which tokens the cells of the KV cache stand for, and which sequences hold them: a radix tree.

Each node is a run of cells that the same sequences hold; a path from the root spells a prompt. Unlike in
a plain radix tree two children may begin with the same token, since two sequences that computed the same
text at the same time hold cells of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class Run:
    """A run of cells, held by every sequence whose text goes through it.

    Attributes:
        parent: The run before it; ``None`` for the root, which holds nothing.
        start: Position of its first token.
        tokens: What its cells stand for.
        sequences: Who holds it; the holders of its children are among them.
        children: The runs after it.
        used: When it was last used, by the clock of whoever evicts.
    """

    __slots__ = ("children", "parent", "sequences", "start", "tokens", "used")

    def __init__(self, parent: Run | None, start: int, tokens: list[int], sequences: set[int]) -> None:
        self.parent = parent
        self.start = start
        self.tokens = tokens
        self.sequences = sequences
        self.children: list[Run] = []
        self.used = 0

    @property
    def end(self) -> int:
        """Position after its last token."""
        return self.start + len(self.tokens)

    def path(self) -> Iterator[Run]:
        """This run and those before it, up to the root and without it."""
        run = self
        while run.parent is not None:
            yield run
            run = run.parent


class CellTree:
    """The cells in use.

    Args:
        sequences: How many sequences there are; all begin empty.

    Attributes:
        size: Cells in use.
    """

    def __init__(self, sequences: int) -> None:
        self._root = Run(None, 0, [], set())
        self._tails = [self._root] * sequences
        self.size = 0

    def length(self, sequence: int) -> int:
        """Tokens a sequence holds."""
        return self._tails[sequence].end

    def tail(self, sequence: int) -> Run:
        """The last run of a sequence; the root, if it is empty."""
        return self._tails[sequence]

    def tokens(self, sequence: int) -> list[int]:
        """What a sequence holds."""
        runs = list(self._tails[sequence].path())
        return [token for run in reversed(runs) for token in run.tokens]

    def runs(self) -> Iterator[Run]:
        """All runs but the root."""
        waiting = list(self._root.children)
        while waiting:
            run = waiting.pop()
            yield run
            waiting.extend(run.children)

    def match(self, prompt: Sequence[int]) -> tuple[Run, int]:
        """The longest beginning of a prompt that is there.

        Returns:
            The run it ends in, and its tokens.
        """
        best, longest = self._root, 0
        waiting = [(self._root, 0)]
        while waiting:
            run, length = waiting.pop()
            if length > longest:
                best, longest = run, length
            if length < run.end:
                continue
            for child in run.children:
                if length < len(prompt) and child.tokens[0] == prompt[length]:
                    part = prompt[length : length + len(child.tokens)]
                    waiting.append((child, length + common_prefix(child.tokens, part)))
        return best, longest

    def split(self, run: Run, at: int) -> Run:
        """The run that ends at a position within a run, or at its end; the rest becomes its child."""
        if at == run.end:
            return run
        parent = run.parent
        if parent is None or not run.start < at < run.end:
            raise ValueError(f"{at} is not within {run.start} and {run.end}")
        size = at - run.start
        upper = Run(parent, run.start, run.tokens[:size], set(run.sequences))
        upper.used = run.used
        upper.children = [run]
        parent.children[parent.children.index(run)] = upper
        run.parent, run.start, run.tokens = upper, at, run.tokens[size:]
        return upper

    def share(self, sequence: int, run: Run) -> None:
        """Let an empty sequence hold everything up to the end of a run."""
        for held in run.path():
            held.sequences.add(sequence)
        self._tails[sequence] = run

    def append(self, sequence: int, tokens: Sequence[int]) -> None:
        """Note cells that a sequence has taken for further tokens."""
        tail = self._tails[sequence]
        if tail.parent is not None and len(tail.sequences) == 1 and not tail.children:
            tail.tokens.extend(tokens)
        elif tokens:
            run = Run(tail, tail.end, list(tokens), {sequence})
            run.used = tail.used
            tail.children.append(run)
            self._tails[sequence] = run
        self.size += len(tokens)

    def cut(self, sequence: int, length: int) -> None:
        """Let a sequence hold no more than its first tokens; cells nobody holds are free again."""
        run = self._tails[sequence]
        while run.parent is not None and run.start >= length:
            self._leave(run, sequence)
            run = run.parent
        if run.end > length:
            lower, run = run, self.split(run, length)
            self._leave(lower, sequence)
        self._tails[sequence] = run

    def _leave(self, run: Run, sequence: int) -> None:
        run.sequences.remove(sequence)
        if not run.sequences and run.parent is not None:
            run.parent.children.remove(run)
            self.size -= len(run.tokens)


def common_prefix(first: Sequence[int], second: Sequence[int]) -> int:
    """How many items two sequences share at their beginning."""
    size = min(len(first), len(second))
    if first[:size] == second[:size]:
        return size
    return next(at for at in range(size) if first[at] != second[at])
