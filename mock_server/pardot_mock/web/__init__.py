"""The Flask shell: it reads requests, asks the world, and writes answers. No rule lives here."""
