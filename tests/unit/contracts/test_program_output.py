"""What a program handed over: found in any of the usual forms, and never guessed."""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pardot_contracts.program.output import STDOUT, UnreadableError, tables_of
from pardot_contracts.program.places import places_at, waiting_lines

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = ("id", "name")
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
rows = st.lists(st.tuples(cells, cells), max_size=5)


def as_csv(found: list[tuple[str, str]]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *found])
    return written.getvalue()


@settings(deadline=None)
@given(rows)
def test_every_form_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("out")
    objects = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    (folder / "a").mkdir()
    (folder / "a" / "1.csv").write_bytes(as_csv(found).encode())
    (folder / "2.csv.gz").write_bytes(gzip.compress(as_csv(found).encode()))
    (folder / "3.jsonl").write_text("\n".join(map(json.dumps, objects)), "utf-8")
    (folder / "4.json").write_text(json.dumps(objects), "utf-8")
    (folder / "log.txt").write_text("not a table")
    tables = tables_of(folder, "")
    assert len(tables) == (4 if found else 2)
    assert {table.columns for table in tables} == {COLUMNS}
    assert {table.rows for table in tables} == {tuple(found)}


def test_standard_output_counts_only_if_no_file_does(tmp_path: Path) -> None:
    printed = "id,name\r\n1,a\r\n"
    (table,) = tables_of(tmp_path, printed)
    assert (table.name, table.rows) == (STDOUT, (("1", "a"),))
    (table,) = tables_of(tmp_path, '{"id": 1, "name": null}\n')
    assert table.rows == (("1", ""),)
    assert tables_of(tmp_path, "export 7, is Complete\n") == []
    (tmp_path / "x.csv").write_text("id,name\n")
    assert [table.name for table in tables_of(tmp_path, printed)] == ["x.csv"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("x.json", '{"rows": []}'), ("x.jsonl", "{"), ("x.csv", 'id\n"a"b\n'), ("x.csv.gz", "no")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UnreadableError, match=name):
        tables_of(tmp_path, "")


def test_a_line_is_shown_relative_and_with_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "poll.php"
    script.write_text("<?php\n// sleep well\nwhile (true) {\n  sleep(1);\n}\n")
    assert [str(place) for place in places_at(f"{script}:4")] == ["poll.php:4: sleep(1);"]
    assert [str(place) for place in places_at(f"{script}:0")] == ["poll.php:4: sleep(1);"]
    assert [str(place) for place in places_at(f"{script}:99")] == ["poll.php:99"]
    assert places_at("") == places_at("nonsense") == []
    assert [p.line for p in waiting_lines(["php", "poll.php", "no-such-file"])] == [4]
