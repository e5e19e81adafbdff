"""A client of the Pardot Export API; needs `requests` and nothing else.

from pardot_client import Pardot

pardot = Pardot(email=..., password=..., user_key=...)
job = pardot.exports.create("visitorActivity", created_after="2026-01-01")
rows = list(job.wait().rows())
"""

from __future__ import annotations

from . import hosts
from .answers import Answer
from .arguments import Wanted
from .errors import (
    AuthenticationFailed,
    BudgetExceeded,
    CreateUncertain,
    DailyLimitReached,
    ExportExpired,
    ExportFailed,
    ExportTimedOut,
    ExportUnavailable,
    ExportUnfinished,
    GarbledAnswer,
    InvalidRequest,
    NotFound,
    PardotError,
    PermissionMissing,
    RateLimited,
    ServerFailed,
    TooManyConcurrentCalls,
    TransferBroken,
    TransportFailed,
    VersionMismatch,
)
from .exports import Exports
from .job import Export
from .pardot import Pardot
from .policies import Clock, Polling, Retrying, SystemClock
from .progress import Progress
from .run import Run
from .transport import MemoryReply, Reply, Request, RequestsTransport, Transport

__all__ = [
    "Answer",
    "AuthenticationFailed",
    "BudgetExceeded",
    "Clock",
    "CreateUncertain",
    "DailyLimitReached",
    "Export",
    "ExportExpired",
    "ExportFailed",
    "ExportTimedOut",
    "ExportUnavailable",
    "ExportUnfinished",
    "Exports",
    "GarbledAnswer",
    "InvalidRequest",
    "MemoryReply",
    "NotFound",
    "Pardot",
    "PardotError",
    "PermissionMissing",
    "Polling",
    "Progress",
    "RateLimited",
    "Reply",
    "Request",
    "RequestsTransport",
    "Retrying",
    "Run",
    "ServerFailed",
    "SystemClock",
    "TooManyConcurrentCalls",
    "TransferBroken",
    "Transport",
    "TransportFailed",
    "VersionMismatch",
    "Wanted",
    "hosts",
]
