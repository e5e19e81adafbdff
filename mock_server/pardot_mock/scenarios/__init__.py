"""Scenarios: seed, plan and settings of an account under a name, one TOML file each.

A scenario is a value that says what an account starts with. It never changes what happens at the
front door, and whatever it sets can be set otherwise by the field of the account itself.
"""
