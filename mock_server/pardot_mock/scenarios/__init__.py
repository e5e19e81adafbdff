"""Scenarios: seed, plan and settings of an account under a name, one TOML file each.

A scenario is a value that says what an account starts with: what exists, how exports will go, and
what the front door will do. Whatever it sets can be set otherwise by the field of the account.
"""
