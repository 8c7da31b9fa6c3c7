"""Random tests look for new examples at a desk; where they gate a change they repeat their own."""

import os

from hypothesis import settings

settings.register_profile("gate", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("gate")
