"""Contract suite for servers and clients of the Pardot Export API, and the pytest plugin."""
