"""The parts of the `pardot-export` command; `pardot_client.cli` puts them together."""
