from __future__ import annotations

import pytest

from bot.mutation.generator import plan_mutants


@pytest.mark.parametrize(
    "source",
    [
        '"""A module: 1 + 1."""',
        'def f(x: int = None) -> "list[1]":\n    """Words: 3 < 4."""',
        "import a\nfrom b import c",
        "if TYPE_CHECKING:\n    x = 1\nif typing.TYPE_CHECKING:\n    x = 1",
        "if __name__ == '__main__':\n    f(1)",
        "logger.debug('a %s', b + 1)\nlogging.warning(f'{a + 1}')",
        "__all__ = ['a', 'b']\n__version__ = '1.0'",
        "T = TypeVar('T')\nlog = logging.getLogger('x')\nName: TypeAlias = int",
        "msg = 'told to ' + name\nmsg = f'{a + 1} is wrong'.format(1)",
        "@overload\ndef f(x: int) -> int: return 1",
        "def f():\n    pass\n    global x",
    ],
)
def test_words_types_and_switches_are_left_alone(source: str) -> None:
    assert plan_mutants("x.py", source, frozenset(range(1, 50))) == ()


@pytest.mark.parametrize(
    ("source", "broken", "kept"),
    [
        ("raise ValueError('no', code + 1)", "code - 1", "XXno"),
        ("assert a < b, 'too large'", "a <= b", "XX"),
        ("print('result', total + 1)", "total - 1", "XX"),
        ("warnings.warn('old', stacklevel=2)", "stacklevel=3", "XX"),
        ("parser.add_argument('-x', help='words', default=3)", "default=4", "XXwords"),
        ("def f():\n    return 1\n    x = 5", "return 2", "x = 6"),
    ],
)
def test_only_the_words_in_a_statement_are_left_alone(source: str, broken: str, kept: str) -> None:
    sources = [each.mutant.source for each in plan_mutants("x.py", source, frozenset(range(1, 50)))]
    assert any(broken in each for each in sources)
    assert not any(kept in each for each in sources)
