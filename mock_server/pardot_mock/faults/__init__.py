"""Front-door faults: what an account's calls suffer on purpose. The domain never knows of them."""

from __future__ import annotations

from pardot_mock.faults.delivery import CONNECTION, Connection, NoSocket, deliver
from pardot_mock.faults.plan import FaultPlan, UnknownFaultError
from pardot_mock.faults.treatment import Treatment, combine, garbage
from pardot_mock.faults.values import NEEDS, TAKES, Effect, Fault, FaultKind, FaultMatch

__all__ = [
    "CONNECTION",
    "NEEDS",
    "TAKES",
    "Connection",
    "Effect",
    "Fault",
    "FaultKind",
    "FaultMatch",
    "FaultPlan",
    "NoSocket",
    "Treatment",
    "UnknownFaultError",
    "combine",
    "deliver",
    "garbage",
]
