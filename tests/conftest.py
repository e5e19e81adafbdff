"""What holds for every test: a law is judged by what it says, never by how long it took."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("laws", settings(), deadline=None)
settings.load_profile("laws")
