"""Loaded before Django's settings are: the tests read and write nothing of the person who runs them."""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

KEPT = {"EBB_REQUIRE_ALL", "EBB_FULL", "EBB_FAULT_MAILS"}

for name in [*os.environ]:
    if name in {"REDIS_URL", "EMAIL_URL"} or (name.startswith("EBB_") and name not in KEPT):
        del os.environ[name]

os.environ["EBB_VAR"] = tempfile.mkdtemp(prefix="ebb-tests-")
atexit.register(shutil.rmtree, os.environ["EBB_VAR"], ignore_errors=True)

# Few and always the same examples: what no test notices about a changed line must not hang on chance or on a busy machine.
settings.register_profile(
    "mutants", max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
