"""Commands are found where GitHub shows prose and nowhere else, as GitHub's own renderer and a browser's parser see it."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from bot.spoken import MOST_CHARACTERS, Spoken, parse

COMMENTS = 10_000


def verbs(body: str) -> list[str]:
    return [each.verb for each in parse(body)]


@pytest.mark.parametrize(
    "body",
    [
        "/pawl fix",
        "   /pawl fix",
        "/pawl\tfix",
        "Hello!\n/pawl fix",
        "Hello!\r\n/pawl fix\r\n",
        "> quoted\n\n/pawl fix",
        "```\ncode\n```\n/pawl fix",
        "```\ncode\n`````\n/pawl fix",
        "- item\n\n/pawl fix",
        "- ```\n  code\n\n/pawl fix",
        "<!-- hidden -->\n/pawl fix",
        "<pre>\n\nshown as it is\n</pre>\n/pawl fix",
        "*stressed\n/pawl fix that*",
        "/pawl fix\n---",
        "/pawl FIX",
    ],
)
def test_a_line_of_prose_that_begins_with_the_name_is_a_command(body: str) -> None:
    assert verbs(body) == ["fix"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "please /pawl fix",
        "/pawlx fix",
        "/pawl/fix",
        "/Pawl fix",
        "    /pawl fix",
        "\t/pawl fix",
        "text\n    /pawl fix",
        "- /pawl fix",
        "# /pawl fix",
        "> /pawl fix",
        "> quoted\n/pawl fix",
        "> > deep\n> /pawl fix",
        "```\n/pawl fix\n```",
        "```\n/pawl fix",
        "````\n```\n/pawl fix\n````",
        "~~~ python\n```\n/pawl fix\n~~~",
        "```\n> ```\n/pawl fix",
        "- ```\n  /pawl fix\n  ```",
        "<!--\n/pawl fix\n-->",
        "<!--\n\n/pawl fix",
        "text <!--\n/pawl fix\n--> text",
        "<pre>\n\n/pawl fix\n\n</pre>",
        "<code>\n\n/pawl fix\n\n</code>",
        "text <code>\n/pawl fix\n</code>",
        "text `code\n/pawl fix` text",
        'text <a title="\n/pawl fix\n">text</a>',
        '[text](/address "\n/pawl fix\n")',
        '[name]: /address "\n/pawl fix\n"',
        "![a picture of\n/pawl fix](x.png)",
        "/pawl fix | b\n--- | ---",
        "<div>\n/pawl fix\n</div>",
        "<div>\ntext <!--\n\n/pawl fix",
        "<div\n\n/pawl fix",
        "\u2028/pawl fix",
        "text\u2028/pawl fix",
        "text\x0b/pawl fix",
        "\u00a0/pawl fix",
        "\ue0000\ue001 fix",
    ],
)
def test_elsewhere_the_name_is_only_a_word(body: str) -> None:
    assert parse(body) == ()


def test_the_lines_below_belong_to_a_command_up_to_the_next_one() -> None:
    body = "Hi\n/pawl fix the median\n\n```\n>>> median([1, 2])\n/pawl no command\n1.5\n```\n\n/pawl verify\n> bye"
    assert parse(body) == (
        Spoken("fix", "the median", "```\n>>> median([1, 2])\n/pawl no command\n1.5\n```", 0),
        Spoken("verify", "", "> bye", 1),
    )
    assert parse(body)[0].text == "the median\n\n```\n>>> median([1, 2])\n/pawl no command\n1.5\n```".replace("\n\n", "\n", 1)


def test_a_line_falls_into_arguments_flags_and_options() -> None:
    spoken = parse("/pawl fix sort(key=len) engine=search --all test=a.py::t test=b.py::u -x --No =z")[0]
    assert spoken.arguments == ("sort(key=len)", "-x", "--No", "=z")
    assert spoken.flags == {"all"}
    assert spoken.options == (("engine", "search"), ("test", "a.py::t"), ("test", "b.py::u"))


def test_the_name_alone_is_a_command_without_a_verb() -> None:
    assert parse("/pawl") == (Spoken(""),)
    assert parse("/pawl   \nbelow") == (Spoken("", "", "below"),)


def test_a_comment_longer_than_github_takes_has_no_command() -> None:
    assert parse("/pawl fix " + "x" * MOST_CHARACTERS) == ()


@given(st.text(alphabet="/pawl fix\n\r`~<>!-*_[]()|&;#\\\t \ue000\ue0010", max_size=200))
def test_whatever_is_written_every_command_stands_on_a_line_of_its_own(body: str) -> None:
    lines = re.split(r"\r\n?|\n", body)
    starts = [line for line in lines if re.match(r" {0,3}/pawl(?:[ \t]|$)", line)]
    found = parse(body)
    assert len(found) <= len(starts)
    assert [each.ordinal for each in found] == list(range(len(found)))


# A lone tag right under a list is left out: GitHub takes the lines below it for HTML, and shows them all the same.
PIECES = (
    "/pawl {} a",
    "/pawl {} a",
    " /pawl {} a",
    "   /pawl {} a",
    "    /pawl {} a",
    "\t/pawl {} a",
    "> /pawl {} a",
    ">/pawl {} a",
    "- /pawl {} a",
    "  - text",
    "- text",
    "1. text",
    "- ```",
    "> ```",
    "> text",
    "> > text",
    ">",
    "",
    "",
    "",
    "   ",
    "text",
    "text  ",
    "text\\",
    "```",
    "``` python",
    "````",
    "```` `x",
    "  ```",
    "~~~",
    "~~~~ ```",
    "    indented",
    "<!--",
    "-->",
    "text <!--",
    "text -->",
    "<!-- one line -->",
    "<!-->",
    "\n<pre>",
    "text </pre>",
    "\n<code>",
    "text <code>",
    "text </code> text",
    "text `code",
    "code` text",
    "``",
    "text ``code",
    "text \\`",
    'text <a title="\n/pawl {} a\n">',
    "[text](/x '",
    "')",
    "[name]: /x '",
    "'",
    "![picture",
    "](x.png)",
    "*stress",
    "stress*",
    "\na | b\n--- | ---\n",
    "---",
    "===",
    "***",
    "# heading",
    "<div>",
    "&lt;!--",
    "$$",
)


def comment(dice: random.Random) -> str:
    """Return a comment of up to 14 lines in which every call of Pawl has a verb of its own."""
    return "\n".join(dice.choice(PIECES).format(f"v{number}") for number in range(dice.randint(1, 14)))


def shown(body: str) -> list[str]:
    """Return the verbs of the commands in prose: GitHub's renderer makes HTML, an HTML parser says where each line stands."""
    options = Options.CMARK_OPT_SOURCEPOS | Options.CMARK_OPT_UNSAFE
    tree = LexborHTMLParser(cmarkgfm.github_flavored_markdown_to_html(body, options=options))
    assert tree.body is not None
    raw = {found[1] for line in body.split("\n") if (found := re.match(r" {0,3}/pawl (v\d+)", line))}
    return [verb for verb in _verbs(tree.body) if verb in raw]


def _verbs(node: LexborNode) -> Iterator[str]:
    before = "\n"
    for text in node.traverse(include_text=True):
        if text.tag != "-text":
            before = "\n" if text.tag in {"p", "li", "h1", "h2", "br"} else before
            continue
        content = text.text_content or ""
        if not _prose(text):
            before = content or before
            continue
        for line in re.finditer(r"(?m)^ */pawl (v\d+)", content):
            if line.start() or before.endswith("\n"):
                yield line[1]
        before = content or before


def _prose(text: LexborNode) -> bool:
    above = []
    node = text.parent
    while node is not None and node.tag != "body":
        above.append(node)
        node = node.parent
    if any(each.tag in {"pre", "code", "blockquote"} for each in above):
        return False
    block = next((each for each in above if each.tag not in {"em", "strong", "a", "del"}), None)
    return block is not None and block.tag in {"p", "li", "h1", "h2"} and "data-sourcepos" in block.attributes


def test_ten_thousand_comments_are_read_as_github_shows_them() -> None:
    dice = random.Random(20_260_501)  # noqa: S311 - comments are no secrets
    found = 0
    for _ in range(COMMENTS):
        body = comment(dice)
        assert verbs(body) == shown(body), body
        found += len(verbs(body))
    assert found > COMMENTS / 5, "the comments hold too few commands to tell anything"
