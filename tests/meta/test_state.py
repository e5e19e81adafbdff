"""Nothing at module level remembers anything, so that two servers in one process share nothing."""

from __future__ import annotations

import pytest

from .source import Module, modules
from .state import Known, remembered

SAMPLES = Module(
    "sample",
    """
@dataclass(frozen=True)
class Frozen: ...
class Colour(StrEnum): ...
class Loose: ...
def table() -> Mapping[str, int]: ...
def rows() -> tuple[Frozen, ...] | None: ...
def names() -> list[str]: ...
def guess(): ...
""",
)
SAMPLE_NAMES = Known.of((SAMPLES,))


@pytest.fixture(scope="module")
def known() -> Known:
    return Known.of(modules())


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_remembers_nothing(module: Module, known: Known) -> None:
    assert list(remembered(module, known)) == []


@pytest.mark.parametrize(
    "text",
    [
        "CACHE = {}",
        "seen: set[str] = set()",
        "names = ['a']",
        "names += ['a']",
        "names = [n for n in range(3)]",
        "pair = (1, [2])",
        "TABLE = MappingProxyType({'a': []})",
        "TABLE = MappingProxyType({k: [k] for k in 'ab'})",
        "first = second = {}",
        "import threading\nlock = threading.Lock()",
        "server = Loose()",
        "found = names()",
        "found = guess()",
        "both = 1 if x else []",
        "if True:\n    late = {}",
        "try:\n    import a\nexcept ImportError:\n    a = {}",
        "with x:\n    y = []",
        "class A:\n    seen: list[int] = []",
        "def f() -> None:\n    global x\n    x = 1",
        "@cache\ndef f(x: int) -> int: ...",
        "@functools.lru_cache(maxsize=None)\ndef f(*, x: int) -> int: ...",
        "counter = itertools.count()",
        "A = np.array([1])",
        "A = np.array([1])\nB.setflags(write=False)",
        "A = np.array([1])\nA.setflags(write=True)",
    ],
)
def test_something_that_remembers_is_found(text: str) -> None:
    assert len(list(remembered(Module("sample", text), SAMPLE_NAMES))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "__all__ = ['a', 'b']",
        "LIMIT: Final = 5 * 60",
        "PAIR = (1, (2, 'x'))",
        "Json = dict[str, Any] | None",
        "KINDS = frozenset({'a', 'b'})",
        "KINDS = frozenset(name.lower() for name in 'ab')",
        "TABLE: Mapping[str, int] = MappingProxyType({'a': 1})",
        "TABLE = types.MappingProxyType(dict(sorted(x.items())))",
        "ONE = Frozen([1])\nRED = Colour('red')",
        "TABLE = table()\nROWS = rows()",
        "SUMS = (0, *accumulate(WEIGHTS))",
        "A = np.array([1])\nA.setflags(write=False)",
        "PATTERN = re.compile('a')",
        "LIFETIME = timedelta(days=7)",
        "log = logging.getLogger('pardot_mock')",
        "T = TypeVar('T')",
        "class A:\n    size: int = 5\n    names: list[str] = field(default_factory=list)",
        "def f() -> None:\n    seen = {}",
        "@cache\ndef f() -> int: ...",
        "@lru_cache(maxsize=8)\ndef f(x: int) -> int: ...",
        "def __getattr__(name: str) -> object: ...",
    ],
)
def test_something_fixed_passes(text: str) -> None:
    assert list(remembered(Module("sample", text), SAMPLE_NAMES)) == []
