"""What the worlds of one process share, so that another world costs little more than its seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pardot_fixtures.vocabulary import load_vocabulary
from pardot_mock.data.cells import times_of_day

if TYPE_CHECKING:
    import polars as pl

    from pardot_fixtures.vocabulary import Vocabulary


@dataclass(frozen=True)
class Common:
    """The words to choose from, and `HH:MM:SS` for every second of a day."""

    vocabulary: Vocabulary
    times: pl.Series

    @classmethod
    def load(cls) -> Common:
        """Read the words and write the times."""
        return cls(load_vocabulary(), times_of_day())
