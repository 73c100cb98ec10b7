from hypothesis import given
from hypothesis import strategies as st

from rlm_desktop.models.llama.cell_tree import CellTree, common_prefix
from tests.models.llama.memory import Cells

SEQUENCES = 4
TOKENS = st.lists(st.integers(0, 2), max_size=6)


def check(tree: CellTree, cells: Cells) -> None:
    """The tree says of every sequence what the memory holds, and of every run who holds it."""
    assert tree.size == cells.used
    assert sum(len(run.tokens) for run in tree.runs()) == tree.size
    for sequence, row in enumerate(cells.rows):
        assert tree.tokens(sequence) == cells.tokens(sequence)
        assert tree.length(sequence) == len(row)
        for run in tree.tail(sequence).path():
            assert sequence in run.sequences
    for run in tree.runs():
        assert run.tokens
        for sequence in run.sequences:
            assert tree.length(sequence) >= run.end
            assert tree.tokens(sequence)[run.start : run.end] == run.tokens
        assert all(child.sequences <= run.sequences and child.parent is run for child in run.children)


@given(
    st.lists(st.tuples(st.sampled_from("append cut share".split()), st.integers(0, 3), TOKENS), max_size=40)
)
def test_the_tree_is_what_the_memory_holds(steps: list[tuple[str, int, list[int]]]) -> None:
    tree, cells = CellTree(SEQUENCES), Cells(SEQUENCES)
    for action, sequence, tokens in steps:
        if action == "append":
            tree.append(sequence, tokens)
            cells.compute(sequence, tokens)
        elif action == "cut":
            length = min(len(tokens), tree.length(sequence))
            tree.cut(sequence, length)
            cells.cut(sequence, length)
        else:
            tree.cut(sequence, 0)
            cells.cut(sequence, 0)
            run, common = tree.match(tokens)
            if common:
                run = tree.split(run, common)
                donor = min(run.sequences)
                tree.share(sequence, run)
                cells.copy(donor, sequence, common)
        check(tree, cells)


@given(st.lists(TOKENS, min_size=SEQUENCES, max_size=SEQUENCES), TOKENS)
def test_the_longest_beginning_is_found(texts: list[list[int]], prompt: list[int]) -> None:
    tree = CellTree(SEQUENCES)
    for sequence, tokens in enumerate(texts):
        tree.append(sequence, tokens)
    run, common = tree.match(prompt)
    assert common == max(common_prefix(tokens, prompt) for tokens in texts)
    if common:
        assert run.start < common <= run.end


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_common_prefix(first: list[int], second: list[int]) -> None:
    size = common_prefix(first, second)
    assert first[:size] == second[:size]
    assert size == min(len(first), len(second)) or first[size] != second[size]
