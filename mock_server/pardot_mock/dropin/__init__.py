"""Unmodified programs with the service's hosts in them, led to the emulator.

A program says `https://pi.pardot.com` and means the emulator: through a proxy that knows those
hosts and refuses every other one, with certificates from an authority made for one run. Nothing
here opens a connection to anywhere but loopback unless a host was opened on purpose.
"""
