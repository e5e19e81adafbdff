"""The lines that `tests/mutants` plants are still there: who changes one changes its table too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mutants.clienttable import RIGHT, wrong_clients
from tests.mutants.source import HERE, mutants

if TYPE_CHECKING:
    from tests.mutants.clienttable import WrongClient
    from tests.mutants.source import Mutant


@pytest.mark.parametrize("mutant", mutants(), ids=lambda mutant: mutant.id)
def test_the_line_of_a_wrong_emulator_is_still_there_once(mutant: Mutant) -> None:
    compile(mutant.applied(), mutant.file, "exec")
    suite = HERE.parents[1] / "contract_tests" / "pardot_contracts" / "suite"
    for case in mutant.caught_by:
        file, _, function = case.partition("::")
        assert f"def {function.partition('[')[0]}" in (suite / file).read_text()


@pytest.mark.parametrize("client", wrong_clients(), ids=lambda client: client.id)
def test_the_line_of_a_wrong_client_is_still_there_once(client: WrongClient) -> None:
    compile(client.applied(), RIGHT.name, "exec")
