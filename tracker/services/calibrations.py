"""The priors that judging starts from: those that Ebb ships with, or what this instance has learnt. Without NumPy."""

from dataclasses import asdict
from typing import Any

from tracker.domain.priors import COLD_START, Priors
from tracker.domain.trial_policy import POLICY_VERSION
from tracker.models import Calibration


def in_force() -> Priors:
    """The newest stored ones that were made under this policy; under a new policy they have to be learnt again."""
    newest = Calibration.objects.filter(policy_version=POLICY_VERSION).order_by("-pk").first()
    return priors_of(newest) if newest else COLD_START


def priors_of(calibration: Calibration) -> Priors:
    numbers: dict[str, Any] = {
        name: tuple(number) if isinstance(number, list) else number for name, number in calibration.numbers.items()
    }
    return Priors(version=calibration.version, **numbers)


def numbers_of(priors: Priors) -> dict[str, object]:
    """As they are stored."""
    return {name: number for name, number in asdict(priors).items() if name != "version"}
