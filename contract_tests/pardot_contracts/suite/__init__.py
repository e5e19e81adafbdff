"""The cases: run them with `pardot-contracts` or `pytest --pyargs pardot_contracts.suite`."""
