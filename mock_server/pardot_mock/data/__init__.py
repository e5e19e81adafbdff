"""The account's rows: a synthetic world, its slices, CSV files and truth. Light to import."""

from __future__ import annotations

from pardot_mock.data.dataset import Dataset
from pardot_mock.data.engines import Engines
from pardot_mock.data.spec import FileSlice, WorldSpec
from pardot_mock.data.truth import FileTruth, RowDigest, Truth, digest_of

__all__ = [
    "Dataset",
    "Engines",
    "FileSlice",
    "FileTruth",
    "RowDigest",
    "Truth",
    "WorldSpec",
    "digest_of",
]
