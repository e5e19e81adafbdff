"""Lets the sleeps of an unmodified client move the clock of its account, within a `with` block.

    with coupled_sleep(account, modules=["my_client"]):
        my_client.fetch_everything()        # its time.sleep(60) takes no time at all

Rules:
- Only the named modules notice, a package with all of its loaded modules. The emulator, pytest and
  the standard library keep real time, and naming them is refused.
- A sleep moves the clock by exactly its length and returns; sleeps of several threads add up. Tasks
  of one event loop sleep side by side, as they do in real time.
- `time()` reads the account's clock; `monotonic` and `perf_counter` go on from where they stood,
  and never back, not even when the account is reset.
- Whatever was replaced is put back as it was, whatever happens in the block.

What is found: the modules `time` and `asyncio` and their functions, under any name, as globals,
attributes of classes, and defaults of parameters. Not found: imports inside functions, and waiting
that is no sleep, such as timeouts of locks, events and sockets.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pardot_mock.domain.calendar import Event

T = TypeVar("T")
K = TypeVar("K")
_REAL_TIME = frozenset({"pardot_mock", "pardot_contracts", "pytest", "_pytest"})
_SECOND = timedelta(seconds=1)
_LEAST = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TURNS = 5
"""Turns an event loop gets before a sleeper moves the clock, so that other tasks may sleep too."""


class SteeredClock(Protocol):
    """A virtual clock that shows whole seconds and can be moved."""

    def now(self) -> datetime:
        """The present virtual instant."""

    def advance(self, duration: timedelta) -> tuple[Event, ...]:
        """Move forward; gives what happened on the way."""


class WithClock(Protocol):
    """Whatever has such a clock, an `AccountHandle` first of all."""

    @property
    def clock(self) -> SteeredClock:
        """Its clock."""


class Coupling:
    """Time functions that move and read a virtual clock; safe to use from several threads.

    They can also be handed to a client that takes them, as in `Pardot(sleep=coupling.sleep)`. Once
    the block has ended they are those of the standard library again.
    """

    def __init__(self, clock: SteeredClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # The clock shows whole seconds; what has been slept of the next one is kept here.
        self._rest = timedelta(0)
        self._last = self._instant()
        self._grown = 0
        # From a whole second on, differences of readings are exact, and a run can be repeated.
        self._monotonic = _next_second(time.monotonic_ns())
        self._perf_counter = _next_second(time.perf_counter_ns())
        self._events: list[Event] = []
        self._slept = timedelta(0)
        self._asleep: WeakKeyDictionary[asyncio.AbstractEventLoop, list[int]] = WeakKeyDictionary()
        self._ended = False

    @property
    def slept(self) -> timedelta:
        """How far sleeps have moved the clock."""
        return self._slept

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened in the account while the client slept, in order."""
        return tuple(self._events)

    def sleep(self, seconds: float) -> None:
        """Move the clock by `seconds` in place of `time.sleep`; raises what that raises."""
        if self._ended:
            time.sleep(seconds)
            return
        duration = _length(seconds)
        with self._lock:
            self._move(duration)
        # A sleep lets other threads run, and this one still does.
        time.sleep(0)

    async def async_sleep(self, delay: float, result: T | None = None) -> T | None:
        """Sleep in place of `asyncio.sleep`, side by side with other tasks of the loop."""
        if self._ended or delay <= 0:
            return await asyncio.sleep(delay, result)
        asleep = self._asleep.setdefault(asyncio.get_running_loop(), [])
        until = self._elapsed() + _length(delay) // _LEAST * 1000
        asleep.append(until)
        try:
            await self._turn_of(until, asleep)
        finally:
            asleep.remove(until)
        with self._lock:
            left = until - self._grow()
            if left > 0:
                self._move(timedelta(microseconds=left // 1000))
        return result

    async def _turn_of(self, until: int, asleep: list[int]) -> None:
        """Wait until no other sleeper of the loop is due earlier, now that all had their say."""
        quiet = 0
        while quiet < _TURNS:
            quiet = quiet + 1 if min(asleep) == until else 0
            await asyncio.sleep(0)

    def time(self) -> float:
        """Give the virtual instant as `time.time` does."""
        return time.time() if self._ended else self.time_ns() / 1e9

    def time_ns(self) -> int:
        """Give the virtual instant as `time.time_ns` does."""
        if self._ended:
            return time.time_ns()
        with self._lock:
            return self._instant()

    def monotonic(self) -> float:
        """Give virtual seconds that only ever grow, as `time.monotonic` does."""
        return time.monotonic() if self._ended else self.monotonic_ns() / 1e9

    def monotonic_ns(self) -> int:
        """Give virtual nanoseconds that only ever grow, as `time.monotonic_ns` does."""
        return time.monotonic_ns() if self._ended else self._monotonic + self._elapsed()

    def perf_counter(self) -> float:
        """Give virtual seconds, as `time.perf_counter` does."""
        return time.perf_counter() if self._ended else self.perf_counter_ns() / 1e9

    def perf_counter_ns(self) -> int:
        """Give virtual nanoseconds, as `time.perf_counter_ns` does."""
        return time.perf_counter_ns() if self._ended else self._perf_counter + self._elapsed()

    def end(self) -> None:
        """Let every function that somebody kept be the real one from now on."""
        self._ended = True

    def replacements(self) -> Mapping[int, object]:
        """Give what stands for what, by the identity of the original."""
        clock: dict[str, Callable[..., object]] = {
            "sleep": self.sleep,
            "time": self.time,
            "time_ns": self.time_ns,
            "monotonic": self.monotonic,
            "monotonic_ns": self.monotonic_ns,
            "perf_counter": self.perf_counter,
            "perf_counter_ns": self.perf_counter_ns,
        }
        stands: dict[int, object] = {
            id(time): _StandIn(time, clock),
            id(asyncio): _StandIn(asyncio, {"sleep": self.async_sleep}),
            id(asyncio.sleep): self.async_sleep,
        }
        return stands | {id(getattr(time, name)): function for name, function in clock.items()}

    def _move(self, duration: timedelta) -> None:
        whole, rest = divmod(self._rest + duration, _SECOND)
        if whole:
            self._events += self._clock.advance(whole * _SECOND)
        self._rest = rest
        self._slept += duration

    def _instant(self) -> int:
        """Give the virtual instant in nanoseconds since 1970."""
        since = self._clock.now() - _EPOCH + self._rest
        return since // _LEAST * 1000

    def _grow(self) -> int:
        """Give the virtual nanoseconds that have passed; a clock that was set back adds none."""
        instant = self._instant()
        self._grown += max(0, instant - self._last)
        self._last = instant
        return self._grown

    def _elapsed(self) -> int:
        with self._lock:
            return self._grow()


@contextmanager
def coupled_sleep(
    account: WithClock, *, modules: Iterable[str | ModuleType] = ()
) -> Iterator[Coupling]:
    """Couple the sleeps and clocks of `modules` to the clock of `account` for a `with` block.

    `modules` are names or modules of the client; one that is not loaded is imported, and a package
    stands for all of its modules that are loaded. Without any, nothing is replaced, but the
    functions of the coupling can be handed to a client that takes them. Gives the coupling, which
    says how long was slept and what happened meanwhile.

    Raises `ValueError` if a module is none of a client, has nothing that could be coupled, or is
    coupled already; `ImportError` if there is none of that name.
    """
    coupling = Coupling(account.clock)
    stands = coupling.replacements()
    wanted = [modules] if isinstance(modules, str) else modules
    places = [place for named in wanted for place in _places_of(_module(named), stands)]
    put: list[_Place] = []
    try:
        for place in places:
            put.append(place)
            place.put(place.replacement)
        yield coupling
    finally:
        coupling.end()
        for place in reversed(put):
            place.put(place.original)


def _next_second(nanoseconds: int) -> int:
    return -(-nanoseconds // 10**9) * 10**9


def _length(seconds: float) -> timedelta:
    """Give the length of a sleep; one that is not nothing takes a microsecond at least."""
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    duration = timedelta(seconds=seconds)
    return max(duration, _LEAST) if seconds > 0 else duration


class _StandIn(ModuleType):
    """A module with some of its functions replaced; everything else is asked of the real one."""

    def __init__(self, real: ModuleType, replaced: Mapping[str, object]) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(replaced, _real=real)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        return getattr(self.__dict__["_real"], name)


@dataclass(frozen=True, slots=True)
class _Place:
    """An attribute of a module, class or function, and what it holds outside and inside."""

    owner: object
    name: str
    original: object
    replacement: object

    def put(self, value: object) -> None:
        """Let the attribute hold `value`."""
        setattr(self.owner, self.name, value)


def _module(named: str | ModuleType) -> ModuleType:
    module = importlib.import_module(named) if isinstance(named, str) else named
    top = module.__name__.partition(".")[0]
    if top in _REAL_TIME or top in sys.stdlib_module_names:
        raise ValueError(f"{module.__name__} keeps real time: name the modules of the client")
    return module


def _places_of(module: ModuleType, stands: Mapping[int, object]) -> list[_Place]:
    prefix = f"{module.__name__}."
    within = [m for name, m in list(sys.modules.items()) if name.startswith(prefix)]
    places = [place for each in (module, *within) for place in _in_module(each, stands)]
    if not places:
        raise ValueError(f"{module.__name__} has neither time nor asyncio among its globals")
    return places


def _in_module(module: ModuleType, stands: Mapping[int, object]) -> Iterator[_Place]:
    home = module.__name__
    for name, value in list(vars(module).items()):
        yield from _in_attribute(module, name, value, home, stands)
        if _is(value, type) and value.__module__ == home:
            for own, held in list(vars(value).items()):
                yield from _in_attribute(value, own, held, home, stands)


def _in_attribute(
    owner: ModuleType | type, name: str, value: object, home: str, stands: Mapping[int, object]
) -> Iterator[_Place]:
    if _is(value, _StandIn) or (_is(value, MethodType) and _is(value.__self__, Coupling)):
        raise ValueError(f"{owner.__name__}.{name} is coupled to a clock already")
    if id(value) in stands:
        yield _Place(owner, name, value, stands[id(value)])
    elif _is(value, FunctionType) and value.__module__ == home:
        yield from _in_defaults(value, stands)


def _is(value: object, kind: type[K]) -> TypeGuard[K]:
    # isinstance would ask the value for its class, and a lazy global may not want to be asked.
    return issubclass(type(value), kind)


def _in_defaults(function: FunctionType, stands: Mapping[int, object]) -> Iterator[_Place]:
    known = function.__defaults__ or ()
    if any(id(value) in stands for value in known):
        swapped = tuple(stands.get(id(value), value) for value in known)
        yield _Place(function, "__defaults__", known, swapped)
    named = function.__kwdefaults__ or {}
    if any(id(value) in stands for value in named.values()):
        changed = {name: stands.get(id(value), value) for name, value in named.items()}
        yield _Place(function, "__kwdefaults__", named, changed)
