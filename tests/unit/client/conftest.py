"""A fresh fake service for each test."""

from __future__ import annotations

import pytest

from tests.unit.client.fake import FakeService, FakeTime


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def service(time: FakeTime) -> FakeService:
    return FakeService(time)
