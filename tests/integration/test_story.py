"""The whole story of an export, on the wire, byte for byte where the bytes are the contract."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.integration.conftest import EXPORT, err_code

if TYPE_CHECKING:
    from tests.integration.conftest import Bench, Caller

SECOND = timedelta(seconds=1)
PROCEDURE = (
    '"object":"visitorActivity","fields":["id","created_at"],"procedure":'
    '{"name":"filter_by_created_at","arguments":'
    '{"created_after":"2026-01-01","created_before":"2026-02-01"}}'
)


def test_the_json_of_a_life_is_exactly_the_documented_shape(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "timed", "wait": "10s", "work": "1m", "rows_per_file": 100_000})
    head = '{"@attributes":{"stat":"ok","version":1},"export":{"id":1001,'
    created = '"createdAt":"2026-03-10 12:00:00",'
    assert caller.create().text == (
        f'{head}"state":"Waiting","isExpired":false,{created}"updatedAt":"2026-03-10 12:00:00",'
        f"{PROCEDURE}}}}}"
    )
    path = f"{EXPORT}/read/id/1001?format=json"
    bench.advance("10s")
    assert caller.get(path).text == (
        f'{head}"state":"Processing","isExpired":false,{created}"updatedAt":"2026-03-10 12:00:10",'
        f"{PROCEDURE}}}}}"
    )
    bench.advance("1h")
    caller.log_in()
    url = r"http:\/\/localhost\/api\/export\/version\/4\/do\/downloadResults\/id\/1001\/file\/"
    text = caller.get(path).text
    file_id = text.partition('"resultRefs":"' + url)[2].partition('"')[0]
    assert file_id.isdecimal()
    assert text == (
        f'{head}"state":"Complete","isExpired":false,"resultRefs":"{url}{file_id}",{created}'
        f'"updatedAt":"2026-03-10 12:01:10",{PROCEDURE}}}}}'
    )
    bench.advance("7d")
    caller.log_in()
    assert caller.get(path).text == (
        f'{head}"state":"Complete","isExpired":true,{created}"updatedAt":"2026-03-17 12:01:10",'
        f"{PROCEDURE}}}}}"
    )
    refused = caller.get(f"{EXPORT}/downloadResults/id/1001/file/{file_id}?format=json")
    assert refused.status_code == 400
    assert refused.text == (
        '{"@attributes":{"stat":"fail","version":1,"err_code":178},'
        '"err":"The current state of the export does not allow the operation"}'
    )


def test_the_xml_of_a_complete_export_repeats_the_element_for_every_file(
    bench: Bench, caller: Caller
) -> None:
    bench.control("plan", {"kind": "instant", "rows_per_file": 20})
    caller.create(form="xml")
    text = caller.get(f"{EXPORT}/read/id/1001").text
    assert text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<rsp stat="ok" version="1.0">\n   <export>\n'
        "      <id>1001</id>\n      <state>Complete</state>\n      <isExpired>false</isExpired>\n"
        "      <resultRefs>http://localhost/api/export/version/4/do/downloadResults/id/1001/file/"
    )
    assert len(re.findall("<resultRefs>", text)) > 1
    assert text.endswith("   </export>\n</rsp>\n")


def test_all_files_together_hold_the_rows_of_the_truth(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "instant", "rows_per_file": 20})
    export_id = caller.new_export()
    refs = caller.read(export_id)["resultRefs"]
    rows = []
    for ref in refs:
        table = list(csv.reader(io.StringIO(caller.get(ref).text)))
        assert table[0] == ["id", "created_at"]
        rows += table[1:]
    truth = bench.client.get(f"/_mock/accounts/default/exports/{export_id}/truth").get_json()
    assert len(rows) == truth["rows"] > 0
    assert len({row[0] for row in rows}) == len(rows)
    assert [file["id"] for file in truth["files"]] == [int(r.rsplit("/", 1)[1]) for r in refs]
    assert all("2026-01-01 00:00:00" < row[1] < "2026-02-01 00:00:00" for row in rows)


def test_after_expiry_no_byte_of_the_export_is_left_in_the_vault(
    bench: Bench, caller: Caller
) -> None:
    vault = bench.directory / "vault"
    empty = set(vault.rglob("*"))
    bench.control("plan", {"kind": "instant", "rows_per_file": 20})
    for ref in caller.read(caller.new_export())["resultRefs"]:
        caller.get(ref).get_data()
    assert set(vault.rglob("*")) > empty
    bench.advance("7d")
    assert {path for path in vault.rglob("*") if path.is_file()} <= empty


@pytest.mark.parametrize("looks", [1, 10_000])
def test_looking_often_or_once_gives_the_same_timestamps(
    bench: Bench, caller: Caller, looks: int
) -> None:
    bench.control("plan", {"kind": "timed", "wait": "10s", "work": "59m"})
    caller.new_export()
    caller.new_export()
    for _ in range(looks):
        bench.account.move_clock(lambda clock, real: clock.advance(7000 * SECOND / looks, real))
    shown = bench.client.get("/_mock/accounts/default/exports").get_json()["exports"]
    assert [(e["started_at"], e["finished_at"]) for e in shown] == [
        ("2026-03-10T12:00:10+00:00", "2026-03-10T12:59:10+00:00"),
        ("2026-03-10T12:59:10+00:00", None),
    ]


def test_a_second_export_stays_waiting_until_the_first_has_finished(
    bench: Bench, caller: Caller
) -> None:
    bench.control("plan", {"kind": "timed", "wait": "0s", "work": "5m"})
    first, second = caller.new_export(), caller.new_export()
    bench.advance("4m")
    assert (caller.read(first)["state"], caller.read(second)["state"]) == ("Processing", "Waiting")
    bench.advance("1m")
    assert (caller.read(first)["state"], caller.read(second)["state"]) == ("Complete", "Processing")


def test_a_failed_export_shows_no_results_and_refuses_downloads(
    bench: Bench, caller: Caller
) -> None:
    bench.control("plan", {"kind": "failing"})
    export_id = caller.new_export()
    bench.advance("1h")
    caller.log_in()
    shown = caller.read(export_id)
    assert (shown["state"], shown["isExpired"], "resultRefs" in shown) == ("Failed", False, False)
    assert err_code(caller.get(f"{EXPORT}/downloadResults/id/{export_id}/file/1")) == 178


def test_an_export_without_a_matching_row_has_no_result_refs(bench: Bench, caller: Caller) -> None:
    bench.control("plan", {"kind": "instant"})
    arguments = {"created_after": "2026-03-09", "created_before": "2026-03-10", "type": [34]}
    export_id = caller.new_export(
        procedure={"name": "filter_by_created_at", "arguments": arguments}
    )
    shown = caller.read(export_id)
    assert shown["state"] == "Complete"
    assert "resultRefs" not in shown
