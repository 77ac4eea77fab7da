"""Loaded before Django's settings are: the tests read and write nothing of the person who runs them."""

import atexit
import os
import shutil
import tempfile

KEPT = {"EBB_REQUIRE_ALL"}

for name in [*os.environ]:
    if name in {"REDIS_URL", "EMAIL_URL"} or (name.startswith("EBB_") and name not in KEPT):
        del os.environ[name]

os.environ["EBB_VAR"] = tempfile.mkdtemp(prefix="ebb-tests-")
atexit.register(shutil.rmtree, os.environ["EBB_VAR"], ignore_errors=True)
