from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from rlm_desktop.reports.prose import prose_html
from tests.reports.runs import HOSTILE
from tests.reports.test_html import ATTRIBUTES, ELEMENTS, Page

MARKDOWN = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text("[]()<>!`~#>*_|-:\\ab \n\t&", max_size=30))
).map("\n".join)


@given(MARKDOWN)
def test_an_answer_brings_no_link_picture_or_tag_of_its_own(answer: str) -> None:
    page = Page(str(prose_html(answer)))
    assert page.open == []
    assert page.oddities == []
    for tag, attributes in page.elements:
        assert tag in ELEMENTS - {"a", "style", "h1", "h2"}
        assert set(attributes) <= ATTRIBUTES - {"href", "id"}


@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        ("**Enoch**, *surely*", ["<strong>Enoch</strong>", "<em>surely</em>"]),
        ("# Sum\n\n## Part", ["<h3>Sum</h3>", "<h4>Part</h4>"]),
        ("| a | b |\n|--:|---|\n| 1 | `x` |", ["<th>a</th>", "<td>1</td>", "<td><code>x</code></td>"]),
        ("```python\nimport re\n```", ['<pre><code class="language-python"><span class="kn">import</span>']),
        ("```\nx < y\n```", ["<pre><code>x &lt; y\n</code></pre>"]),
        ("[here](https://a.example)", ["<p>[here](https://a.example)</p>"]),
        ("1. one\n2. two", ["<ol>\n<li>one</li>"]),
    ],
)
def test_markdown_is_rendered(answer: str, parts: list[str]) -> None:
    rendered = str(prose_html(answer))
    for part in parts:
        assert part in rendered
