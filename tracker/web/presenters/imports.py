from django.utils.translation import ngettext

from tracker.services.import_history import Return


def taken_back_words(told: Return) -> str:
    """What taking an import back has done, in one line."""
    gone = ngettext("%(n)d rating was taken back.", "%(n)d ratings were taken back.", told.n_entries) % {
        "n": told.n_entries
    }
    n_stay = told.n_entries_stay + told.n_others_stay
    if not n_stay:
        return gone
    stay = ngettext("%(n)d stays, since you have changed it.", "%(n)d stay, since you have changed them.", n_stay) % {
        "n": n_stay
    }
    return f"{gone} {stay}"
