"""The parts of Markdown and HTML that a person who reads the page never sees, taken out of prose.

Comments, declarations, elements that are hidden or never drawn, attributes and titles, link definitions that link nothing;
pictures become words. What stands in back-ticks or fences is drawn as it is and stays, but only in a text that has no HTML of its
own: inside HTML a fence is no fence, and would hide what it seems to show. White on white is beyond a text's reader: it stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Final

_CODE: Final = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?^ {0,3}(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)[^\n]{0,2000}?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL | re.MULTILINE,
)
_ANY_HTML: Final = re.compile(r"<[A-Za-z/?]|<!(?!--)")
_TAG: Final = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]{0,20})(?P<rest>(?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+)>")
_UNSEEN: Final = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"))
_DECLARATION: Final = re.compile(r"<![A-Za-z][^<>]{0,1000}>")
_NEVER_DRAWN: Final = frozenset({"script", "style", "template", "noscript", "head", "title", "object", "textarea", "iframe"})
_VOID: Final = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
_KNOWN: Final = re.compile(
    r"a|abbr|address|article|aside|audio|b|bdi|bdo|blockquote|body|button|canvas|caption|center|cite|code"
    r"|colgroup|data|dd|del|details|dfn|dialog|div|dl|dt|em|fieldset|figcaption|figure|font|footer|form|h1"
    r"|h2|h3|h4|h5|h6|header|html|i|ins|kbd|label|legend|li|main|map|mark|marquee|math|menu|meter|nav|ol"
    r"|optgroup|option|output|p|picture|pre|progress|q|rp|rt|ruby|s|samp|section|select|slot|small|span"
    r"|strike|strong|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|var|video"
)
"""Elements of HTML that are drawn; other names in angle brackets are no mark-up to a reader."""
_HIDING: Final = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0(?:\.0*)?(?![.\d])|font-size:0(?![.\d]*[1-9])|font:0(?![.\d])"
    r"|color:transparent|(?:max-)?(?:height|width):0(?:px|em)?(?![.\d%])|text-indent:-\d{3,}|(?:left|top):-\d{3,}|clip:rect\(0"
)
_PICTURE: Final = re.compile(r"!\[(?P<alt>[^\]\n]{0,500})\]\(\s*<?(?P<to>[^\s()<>]{0,2000})>?[^()\n]{0,500}\)")
_TITLE: Final = re.compile(r"(\]\([^\s()\"']{1,2000})\s+(?:\"[^\"\n]{0,500}\"|'[^'\n]{0,500}')\s*\)")
_DEFINITION: Final = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:[ \t]*(?:<>|#)(?:[ \t].*)?$", re.MULTILINE)


def seen(prose: str, note: Callable[[str], None]) -> str:
    """Return prose without what nobody sees; ``note`` is told the kind of each thing that went.

    What goes leaves a blank, so that no two pieces join to something new.
    """
    outside = _CODE.sub(" ", prose)
    if _ANY_HTML.search(outside):
        return _without_markup(prose, note)
    pieces: list[str] = []
    at = 0
    while (code := _next_code(prose, at)) is not None:
        pieces += [_without_markup(prose[at : code[0]], note), prose[code[0] : code[1]]]
        at = code[1]
    return "".join([*pieces, _without_markup(prose[at:], note)])


def _next_code(prose: str, start: int) -> tuple[int, int] | None:
    """Return where the next code stands that no comment swallows."""
    at = start
    while (code := _CODE.search(prose, at)) is not None:
        comment = prose.find("<!--", start, code.start())
        if comment < 0:
            return code.span()
        end = prose.find("-->", comment + 2)
        if end < 0:
            return None
        start = at = end + 3
    return None


def _without_markup(text: str, note: Callable[[str], None]) -> str:
    for opener, closer in _UNSEEN:
        text = _without_spans(text, opener, closer, note)
    text = _noted(_DECLARATION, " ", text, "declaration", note)
    text = _noted(_DEFINITION, " ", text, "link definition that links nothing", note)
    text = _without_hidden_elements(text, note)
    text = _noted(_PICTURE, lambda match: f"(picture: {match['alt']}: {match['to']})", text, "picture", note)
    return _noted(_TITLE, r"\1)", text, "link title", note)


def _without_spans(text: str, opener: str, closer: str, note: Callable[[str], None]) -> str:
    """Take out comments and their like; an open comment hides the rest, as it does in a browser, the others only when closed."""
    kept, at = [], 0
    while (start := text.find(opener, at)) >= 0:
        end = text.find(closer, start + 2)
        if end < 0 and opener != "<!--":
            break
        note("HTML comment" if opener == "<!--" else "declaration")
        kept.append(text[at:start])
        at = len(text) if end < 0 else end + len(closer)
    return " ".join([*kept, text[at:]])


def _noted(
    pattern: re.Pattern[str], to: str | Callable[[re.Match[str]], str], text: str, kind: str, note: Callable[[str], None]
) -> str:
    result, count = pattern.subn(to, text)
    for _ in range(count):
        note(kind)
    return result


def _without_hidden_elements(text: str, note: Callable[[str], None]) -> str:
    kept: list[str] = []
    at = 0
    while (tag := _TAG.search(text, at)) is not None:
        kept.append(text[at : tag.start()])
        at = tag.end()
        if not tag["close"] and _hides(tag):
            note("hidden element")
            at = _end_of_element(text, tag)
            kept.append(" ")
        else:
            kept.append(_bare(tag, note))
    return "".join([*kept, text[at:]])


def _hides(tag: re.Match[str]) -> bool:
    attributes = _attributes(tag)
    style = re.sub(r"/\*.*?\*/|\s", "", attributes.get("style", "")).lower()
    size = attributes.get("size", "1").strip() if tag["name"].lower() == "font" else "1"
    hidden = "hidden" in attributes or attributes.get("type", "").lower() == "hidden"
    return tag["name"].lower() in _NEVER_DRAWN or hidden or bool(_HIDING.search(style)) or size == "0"


def _attributes(tag: re.Match[str]) -> dict[str, str]:
    reader = _Attributes()
    reader.feed(tag[0])
    return reader.found


class _Attributes(HTMLParser):
    """Reads the attributes of one tag; of equal names the first counts, as in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            self.found.setdefault(name, value or "")


def _end_of_element(text: str, opener: re.Match[str]) -> int:
    """Return where an element ends; an element that is never closed goes to the end of the text."""
    name, depth = opener["name"].lower(), 1
    if name in _VOID:
        return opener.end()
    for tag in _TAG.finditer(text, opener.end()):
        if tag["name"].lower() == name:
            depth += -1 if tag["close"] else 1
            if depth == 0:
                return tag.end()
    return len(text)


def _bare(tag: re.Match[str], note: Callable[[str], None]) -> str:
    """Return a tag without what its attributes say, apart from where it leads; angle brackets that are no HTML stay."""
    name = tag["name"].lower()
    rest = tag["rest"].strip(" \t\n/")
    if not rest or (name not in _VOID and not _KNOWN.fullmatch(name)):
        return tag[0]
    attributes = _attributes(tag)
    leads = {key: re.sub(r"[\s\"'<>]", "", attributes[key]) for key in ("href", "src") if attributes.get(key)}
    if name == "img":
        note("picture")
        return f"(picture: {leads.get('src', '')})"
    bare = f"<{tag['close']}{name}{''.join(f' {key}={value}' for key, value in leads.items())}>"
    if bare != tag[0]:
        note("attribute")
    return bare
