"""Loaded before Django's settings are: the tests read and write nothing of the person who runs them."""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

KEPT = {"EBB_REQUIRE_ALL", "EBB_FULL", "EBB_FAULT_MAILS", "EBB_SCHEMA_EXAMPLES"}

for name in [*os.environ]:
    if name in {"REDIS_URL", "EMAIL_URL"} or (name.startswith("EBB_") and name not in KEPT):
        del os.environ[name]

os.environ["EBB_VAR"] = tempfile.mkdtemp(prefix="ebb-tests-")
atexit.register(shutil.rmtree, os.environ["EBB_VAR"], ignore_errors=True)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("ebb", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ebb")
# Few and always the same examples: what no test notices about a changed line must not hang on chance or on a busy machine.
settings.register_profile(
    "mutants", max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)
