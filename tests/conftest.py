"""What holds for every test: a law is judged by what it says, never by how long it took.

`PARDOT_LAWS=long` searches twenty times as deep.
"""

from __future__ import annotations

import os

from hypothesis import settings

EXAMPLES = 1000 if os.environ.get("PARDOT_LAWS") == "long" else 50

settings.register_profile("laws", settings(), deadline=None, max_examples=EXAMPLES)
settings.load_profile("laws")
