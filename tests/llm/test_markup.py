"""What pages hide: comments, hidden elements, attributes; and what they show stays."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.llm.markup import seen


def shown(prose: str) -> tuple[str, dict[str, int]]:
    counts: Counter[str] = Counter()
    return seen(prose, lambda kind: counts.update([kind])), dict(counts)


@pytest.mark.parametrize(
    ("prose", "text", "kinds"),
    [
        ("a <!-- x --> b <!-- y --> c", "a   b   c", {"HTML comment": 2}),
        ("a <!-- x", "a  ", {"HTML comment": 1}),
        ("a <? x ?> b <![CDATA[ x ]]> c <!DOCTYPE x> d", "a   b   c   d", {"declaration": 3}),
        ("a <? b", "a <? b", {}),
        ("<input type=hidden value=x>a", " a", {"hidden element": 1}),
        ("<p style='opacity:0'>x</p><p style='opacity:0.9'>a</p>", " <p>a</p>", {"hidden element": 1, "attribute": 1}),
        ("<p style='left:-9999px'>x</p>a", " a", {"hidden element": 1}),
        ("<DIV HIDDEN>x<div>x</div>x</DIV>a", " a", {"hidden element": 1}),
        ("<b hidden>x", " ", {"hidden element": 1}),
        ("<template>x</template><title>x</title>a", "  a", {"hidden element": 2}),
        ("<details><summary>a</summary>b</details>", "<details><summary>a</summary>b</details>", {}),
        ("<a href='https://x.y' title=x>a</a>", "<a href=https://x.y>a</a>", {"attribute": 1}),
        ("<img src=x.png alt=x>", "(picture: x.png)", {"picture": 1}),
        ("![a](x.png)", "(picture: a: x.png)", {"picture": 1}),
        ("[a](x.md 'x') [b](y.md)", "[a](x.md) [b](y.md)", {"link title": 1}),
        ("[//]: # (x)\na\n[1]: https://x.y", " \na\n[1]: https://x.y", {"link definition that links nothing": 1}),
        ("Map<K extends V, W> if a < b", "Map<K extends V, W> if a < b", {}),
        ("`<!-- a -->` ``<p hidden>a``", "`<!-- a -->` ``<p hidden>a``", {}),
        ("~~~\n<!-- a -->\n~~~\n<!-- x -->", "~~~\n<!-- a -->\n~~~\n ", {"HTML comment": 1}),
        ("<!--\n```\n--> ```", "  ```", {"HTML comment": 1}),
        ("<p>\n```\n<!-- x -->\n```", "<p>\n```\n \n```", {"HTML comment": 1}),
    ],
)
def test_only_what_people_see_stays_and_the_rest_is_counted(prose: str, text: str, kinds: dict[str, int]) -> None:
    assert shown(prose) == (text, kinds)


@given(st.text(alphabet="abc .,\n*_#"))
def test_plain_words_stay(prose: str) -> None:
    assert shown(prose) == (prose, {})


@given(
    st.lists(st.sampled_from(["<!--", "-->", "`", "\n", "```\n", "x", "<p>", "</p>", "<p hidden>", "![", "](", ")"])).map("".join)
)
def test_no_comment_outlives_it_where_there_is_no_code(prose: str) -> None:
    text, _ = shown(prose)
    if "`" not in prose:
        assert "<!--" not in text
        assert "hidden" not in text
