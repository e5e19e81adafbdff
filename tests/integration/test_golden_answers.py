"""The answers of a fixed seed, pinned byte by byte: a change here changes them for every user."""

from __future__ import annotations

from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from .test_sync_queries import QUERIED, criteria

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .conftest import Caller

# The digests of the XML and the JSON of the first page.
GOLDEN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "visitorActivity": (
            "cc354f5a98274c5c97a119458a376cf9",
            "3d15a1e59280ef16cc2b149d7db6dfe8",
        ),
        "prospect": (
            "0df1ee2494180dc445ac949c8b1b44d0",
            "4975268a21888178edd3ca34c47382b7",
        ),
        "visitor": (
            "03ca198a1d9947d257fd0cf9b9254321",
            "b022766c3d52d41fb0ecf440dd4cd6b1",
        ),
        "visit": (
            "2a08c20f2b717e6d5be1d7d045441e9c",
            "4c1145808c0f7a12767650fc04669773",
        ),
        "list": (
            "bfa68f71c5a591c3be19dbcc19c10a68",
            "15346a9b7743d053bb28777f46899a22",
        ),
        "listMembership": (
            "db00a75da912d3a24d180e0e6883a4b7",
            "2c5bd74f7e83900b13e589a056d4a5bc",
        ),
        "campaign": (
            "838e77afac7a235e47276b16a5297628",
            "88dd07b2a6635a135e8a6684922701f9",
        ),
        "user": (
            "ca3f01a8398e1a26ecb9fcad42c88694",
            "28879eb034ae74cd4a1471823f40a525",
        ),
        "customField": (
            "adbd98763567d2de264bb5ee0bda160a",
            "6eca60d31b68fbca551ee0f559852221",
        ),
        "prospectAccount": (
            "07272cc694add1ecf5706064befd1be9",
            "5426e6e71469379891024913a0998cdc",
        ),
        "opportunity": (
            "63efa1d9e4a95d980c8de0bc40af98aa",
            "0aaca74100f57b5c3f4dba4e0206aa52",
        ),
        "emailClick": (
            "f1b2fd23c117d418ac80fde3876a8fb5",
            "87076add6793f1408ec85ffa6681adab",
        ),
        "form": (
            "2ed2ddaec0894088b7f837f8889b790b",
            "fe1f5e6c3daf0855c14ee46b44006156",
        ),
        "customRedirect": (
            "cc8795340cbe6c6beb190078cf75d8bc",
            "ec17f0143ea033911b9c015d0160b800",
        ),
        "dynamicContent": (
            "5df9818386d21101ec32480c260741f9",
            "4d926ba1d27ab6deb2503645b95eac35",
        ),
        "lifecycleHistory": (
            "59885328a744a2de200c06219b67de34",
            "4b2601185cde2ea69935aeb3bfc8a508",
        ),
        "lifecycleStage": (
            "543b4399314a3cdf035416fd226211e9",
            "ef9b5e01231b5fdd89be9e068d82d3b9",
        ),
        "tag": (
            "a17195347733f0d7227a942f5cda1318",
            "0629c44e37dfcbf1e59b516f15eef245",
        ),
        "tagObject": (
            "a9891884de7026d5d11f2fba3f81442e",
            "1cc08bcb60857fbeed2b3ef9ee1fae7e",
        ),
    }
)


def digest(reader: Caller, name: str, form: str) -> str:
    path = f"/api/{name}/version/4/do/query?format={form}&{criteria(reader, name)}"
    answer = reader.get(path)
    assert answer.status_code == 200
    return sha256(answer.data).hexdigest()[:32]


@pytest.mark.parametrize("name", QUERIED)
def test_the_answer_to_a_query_never_changes(reader: Caller, name: str) -> None:
    assert (digest(reader, name, "xml"), digest(reader, name, "json")) == GOLDEN[name]
