from tracker.models import Patient, User


def locked(by: User) -> Patient:
    """The patient's row, held to the end of the transaction, so that two writes never cross."""
    return Patient.objects.select_for_update().get(user=by)
