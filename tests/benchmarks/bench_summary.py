"""How long the page for a clinician takes: the brief, its words, the PDF; 1, 5 and 10 years of a rating a day.

Times of the processor, so that a busy machine does not count; the goal is for five years.
"""

import io
import os
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
YEARS = (1, 5, 10)
N_TREATMENTS = 20
GOAL_YEARS, GOAL_SECONDS = 5, 5.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EBB_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "EBB_SECRET_KEY": "x" * 50}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        patient = make_patient()
        for years in YEARS:
            for with_notes in (False, True):
                measure(patient, years, with_notes)


def make_patient():
    from tracker.domain.sites import SITES
    from tracker.models import EntrySite, PainEntry, TreatmentType, User
    from tracker.services import accounts, treatments

    user = User.objects.create_user("bench@example.org")
    patient = accounts.open_record(by=user, is_adult=True, consents=True, at=AT)
    dice = random.Random(7)
    entries = PainEntry.objects.bulk_create(
        (
            PainEntry(
                patient=patient,
                uuid=uuid4(),
                nrs=dice.randint(0, 10),
                felt_at=(moment := AT - timedelta(days=number)),
                recorded_at=moment,
                changed_at=moment,
                local_date=moment.date(),
                zone="UTC",
                triggers=["sitting"],
                note="crept up after lunch, better after a walk" if number % 10 == 0 else "",
                source=PainEntry.Source.WEB,
            )
            for number in range(365 * max(YEARS))
        ),
        batch_size=1_000,
    )
    keys = [key for key, _name in SITES][:20]
    EntrySite.objects.bulk_create((EntrySite(entry=one, site=dice.choice(keys)) for one in entries), batch_size=1_000)
    kinds = list(TreatmentType.objects.exclude(key="own"))[:N_TREATMENTS]
    for number, kind in enumerate(kinds):
        started_on = AT.date() - timedelta(days=100 * (number + 1))
        treatments.start(by=user, uuid=uuid4(), at=AT, on=AT.date(), treatment_type=kind, started_on=started_on)
    return patient


def measure(patient, years: int, with_notes: bool) -> None:
    import pypdf

    from tracker.services import brief_words, briefs, summary_pdf

    started, on = time.process_time(), AT.date()
    span = {"first_day": on - timedelta(days=365 * years - 1), "last_day": on, "on": on}
    brief = briefs.brief(patient=patient, left_out=() if with_notes else ("notes",), **span)
    built = time.process_time()
    sheet = brief_words.sheet(brief)
    worded = time.process_time()
    content = summary_pdf.pdf(sheet, paper=summary_pdf.Paper.A4)
    done = time.process_time()
    n_pages = len(pypdf.PdfReader(io.BytesIO(content)).pages)
    notes = "with every tenth note" if with_notes else "without notes"
    print(
        f"{years:2} years {notes:22} brief {built - started:.2f} s, words {worded - built:.2f} s, "
        f"PDF {done - worded:.2f} s, together {done - started:.2f} s; {n_pages} pages, {len(content) / 1000:.0f} kB"
    )
    if years == GOAL_YEARS:
        print(f"   goal {GOAL_SECONDS} s: {'met' if done - started < GOAL_SECONDS else 'MISSED'}")


if __name__ == "__main__":
    main()
