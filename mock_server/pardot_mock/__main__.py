"""`python -m pardot_mock`."""

from pardot_mock.cli import main

main()
