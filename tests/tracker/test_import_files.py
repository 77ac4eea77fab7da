import io
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from PIL import Image

from tests.conftest import client_for
from tests.tracker.records import NOW, exported, fill
from tracker import tasks
from tracker.domain import record_file
from tracker.models import ImportFile, ImportPart, PainEntry
from tracker.services import attachments, import_files, imports, record_imports
from tracker.services.import_files import LEASE, MOST_FILES, MOST_TRIES

SMALL = b"day,pain,note\n2026-03-01,4,a\n2026-03-02,5,b\n"
N_LARGE = 2_500
LARGE = b"day,pain,note\n" + b"".join(
    b"2026-03-%02d,%d,%d %s\n" % (n % 28 + 1, n % 11, n, b"." * 40) for n in range(N_LARGE)
)
State = ImportFile.State


@pytest.fixture
def waiting(alice):
    file = import_files.keep(by=alice.user, content=LARGE, filename="old.csv", at=NOW)
    assert import_files.confirm(by=alice.user, file=file, at=NOW) is None
    return file


def work(at=NOW):
    import_files.take_over_due(clock=lambda: at)


def state(file) -> str:
    return ImportFile.objects.get(pk=file.pk).state


class TestRefuses:
    def test_what_waits_cannot_be_confirmed_or_changed_again(self, alice, waiting):
        for act in (
            lambda: import_files.confirm(by=alice.user, file=waiting, at=NOW),
            lambda: import_files.choose(
                by=alice.user, file=waiting, mapping=imports.read(by=alice.user, content=SMALL, at=NOW).mapping
            ),
        ):
            with pytest.raises(import_files.ImportNotReady):
                act()

    def test_what_a_worker_has_cannot_be_thrown_away(self, alice, waiting):
        ImportFile.objects.update(state=State.RUNNING, claimed_until=NOW + LEASE)
        with pytest.raises(import_files.ImportNotReady):
            import_files.forget(by=alice.user, file=waiting)
        page = client_for(alice).post(f"/import/{waiting.uuid}/forget/", follow=True).content.decode()
        assert "being taken over just now" in page

    def test_another_patient_can_do_nothing_to_it(self, alice, charlie, waiting):
        with pytest.raises(import_files.ImportNotReady):
            import_files.forget(by=charlie.user, file=waiting)
        assert state(waiting) == State.WAITING

    def test_there_is_room_for_some_files_and_no_more(self, alice, alice_client):
        for _ in range(MOST_FILES):
            file = import_files.keep(by=alice.user, content=LARGE, filename="x", at=NOW)
            import_files.confirm(by=alice.user, file=file, at=NOW)
        with pytest.raises(import_files.TooManyImports):
            import_files.keep(by=alice.user, content=SMALL, filename="x", at=NOW)
        response = alice_client.post("/import/", {"file": SimpleUploadedFile("x.csv", SMALL)})
        assert (response.status_code, "Wait until they are done" in response.content.decode()) == (422, True)


class TestQueue:
    def test_a_small_file_is_taken_over_at_once(self, alice):
        file = import_files.keep(by=alice.user, content=SMALL, filename="x", at=NOW)
        done = import_files.confirm(by=alice.user, file=file, at=NOW)
        assert (done.uuid, done.n_added, ImportFile.objects.count()) == (file.uuid, 2, 0)

    def test_a_large_file_waits_for_a_worker(self, alice, waiting):
        assert (state(waiting), PainEntry.objects.count()) == (State.WAITING, 0)
        tasks.take_over_files.run()
        done = alice.patient.log_imports.get()
        assert (done.uuid, done.n_added, alice.patient.pain_entries.count()) == (waiting.uuid, N_LARGE, N_LARGE)
        assert not ImportFile.objects.exists()

    def test_an_exported_record_may_wait_too(self, alice, charlie, monkeypatch):
        fill(alice)
        monkeypatch.setattr(import_files, "AT_ONCE_BYTES", 10)
        file = import_files.keep(by=charlie.user, content=exported(alice), filename="ebb.json", at=NOW)
        import_files.confirm(by=charlie.user, file=file, at=NOW)
        work()
        assert charlie.patient.log_imports.get().n_added == 4

    def test_what_is_not_ready_does_not_get_into_the_queue(self, alice):
        content = LARGE.replace(b"2026-03-", b"03/04/20")
        file = import_files.keep(by=alice.user, content=content, filename="x", at=NOW)
        with pytest.raises(imports.LogFileRefused):
            import_files.confirm(by=alice.user, file=file, at=NOW)
        assert state(file) == State.LOOKED_AT

    def test_progress_is_in_the_database_while_it_is_read(self, alice, waiting, monkeypatch):
        seen = []
        tell = import_files._tell
        monkeypatch.setattr(import_files, "_tell", lambda ours, n: (tell(ours, n), seen.append(ours.get().n_read)))
        work()
        assert seen == [1_000, 2_000]

    def test_a_file_that_cannot_be_taken_over_after_all_says_why(self, alice, waiting):
        ImportFile.objects.update(content=LARGE + b"2026-03-01,99,\n")
        work()
        file = ImportFile.objects.get()
        assert (file.state, bytes(file.content)) == (State.REFUSED, b"")
        page = client_for(alice).get(f"/import/{file.uuid}/").content.decode()
        assert "Line 2502, column “pain”: “99” is not on the scale" in page
        assert not PainEntry.objects.exists()

    def test_what_breaks_is_tried_again_and_then_given_up(self, alice, waiting, monkeypatch):
        def broken(**given):
            raise OperationalError("gone")

        monkeypatch.setattr(imports, "add", broken)
        for _ in range(MOST_TRIES):
            with pytest.raises(OperationalError):
                work()
            assert state(waiting) == State.WAITING
        work()
        file = ImportFile.objects.get()
        assert (file.state, "tried it several times" in file.problems[0]) == (State.REFUSED, True)

    def test_a_worker_that_died_gives_the_file_back(self, alice, waiting):
        ImportFile.objects.update(state=State.RUNNING, claimed_until=NOW + LEASE, n_tries=1)
        work(NOW + LEASE / 2)
        assert not PainEntry.objects.exists()
        work(NOW + LEASE + timedelta(seconds=1))
        assert PainEntry.objects.count() == N_LARGE

    def test_a_worker_that_was_slow_adds_nothing_to_what_another_has_finished(self, alice, waiting):
        slow = import_files._claim(NOW)
        work(NOW + LEASE + timedelta(seconds=1))
        import_files._work_on(slow, NOW)
        assert (PainEntry.objects.count(), alice.patient.log_imports.count()) == (N_LARGE, 1)

    def test_an_import_of_a_worker_can_be_taken_back_as_a_whole(self, alice, waiting):
        work()
        client = client_for(alice)
        client.post(f"/import/{waiting.uuid}/back/")
        assert not alice.patient.pain_entries.exists()


class TestProgressPage:
    def test_it_says_how_far_it_is_and_comes_again_without_script(self, alice, waiting):
        client, path = client_for(alice), f"/import/{waiting.uuid}/"
        page = client.get(path).content.decode()
        assert "It starts in a few seconds" in page
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
        ImportFile.objects.update(state=State.RUNNING, n_read=1_000)
        assert f"Read: 1000 of {N_LARGE + 1} lines" in client.get(path).content.decode()
        ImportFile.objects.update(n_read=N_LARGE + 1)
        assert "All lines are read" in client.get(path).content.decode()

    def test_it_becomes_the_page_of_the_import(self, alice, waiting):
        work()
        assert f"{N_LARGE} ratings were added" in client_for(alice).get(f"/import/{waiting.uuid}/").content.decode()

    def test_files_on_their_way_are_listed(self, alice, alice_client, waiting):
        page = alice_client.get("/import/").content.decode()
        assert f"/import/{waiting.uuid}/" in page

    def test_asking_writes_nothing_and_does_not_read_the_file(self, alice, waiting, django_assert_max_num_queries):
        client = client_for(alice)
        with django_assert_max_num_queries(8) as asked:
            client.get(f"/import/{waiting.uuid}/")
        assert not any("content" in query["sql"] for query in asked if "import" in query["sql"])


class TestForgets:
    def test_a_file_is_thrown_away_by_hand(self, alice, alice_client):
        file = import_files.keep(by=alice.user, content=SMALL, filename="x", at=NOW)
        alice_client.post(f"/import/{file.uuid}/forget/")
        assert not ImportFile.objects.exists()

    def test_a_file_that_was_never_confirmed_is_forgotten_after_a_day(self, alice, waiting):
        import_files.keep(by=alice.user, content=SMALL, filename="old.csv", at=NOW - timedelta(hours=25))
        new = import_files.keep(by=alice.user, content=SMALL, filename="new.csv", at=NOW)
        import_files.forget_left_lying(at=NOW)
        assert set(alice.patient.import_files.all()) == {waiting, new}

    def test_a_newer_file_pushes_out_the_oldest_that_lies(self, alice):
        files = [
            import_files.keep(by=alice.user, content=SMALL, filename="x", at=NOW + timedelta(minutes=n))
            for n in range(MOST_FILES + 2)
        ]
        assert set(alice.patient.import_files.all()) == set(files[-MOST_FILES:])

    def test_a_broken_record_is_told_and_not_kept(self, alice, alice_client):
        response = alice_client.post("/import/", {"file": SimpleUploadedFile("x.json", b'{"format": 1}')}, follow=True)
        assert response.status_code == 422
        assert not ImportFile.objects.exists()

    def test_it_goes_with_the_patient(self, alice, waiting):
        alice.user.delete()
        assert not ImportFile.objects.exists()


def test_a_record_keeps_the_uuid_of_its_file(alice, charlie):
    fill(alice)
    file = import_files.keep(by=charlie.user, content=exported(alice), filename="ebb.json", at=NOW)
    assert record_imports.is_record(bytes(file.content))
    import_files.confirm(by=charlie.user, file=file, at=NOW)
    assert charlie.patient.log_imports.get().uuid == file.uuid


class TestARecordWithMoreFilesThanMayBeHeld:
    """The bound is made small here, and the pictures are larger than it."""

    @pytest.fixture
    def pieces(self, alice, monkeypatch):
        fill(alice)
        for seed in range(3):
            add_noise(alice, seed)
        content = exported(alice)
        most = len(content) - 2 * PICTURE_BYTES
        monkeypatch.setattr(record_imports, "MAX_BYTES", most)
        monkeypatch.setattr(record_file, "MAX_BYTES", most)
        return [content[start : start + 50_000] for start in range(0, len(content), 50_000)]

    def test_comes_back_whole(self, alice, charlie, pieces):
        file = import_files.keep(by=charlie.user, content=iter(pieces), filename="ebb.json", at=NOW)
        assert file.parts.count() == 3
        seen = import_files.look(by=charlie.user, file=file, at=NOW).of_record.tallies["attachments"]
        assert (seen.n_new, charlie.patient.attachments.count()) == (alice.patient.attachments.count(), 0)
        assert import_files.confirm(by=charlie.user, file=file, at=NOW) is None
        work()
        given, brought = (dict(one.patient.attachments.values_list("uuid", "content")) for one in (alice, charlie))
        assert {key: bytes(content) for key, content in brought.items()} == {
            key: bytes(content) for key, content in given.items()
        }
        assert not ImportPart.objects.exists()

    def test_nobody_has_to_wait_while_its_files_are_cleaned(self, charlie, pieces, monkeypatch):
        cleaned_in = self.watch(monkeypatch)
        self.send(charlie, pieces)
        cleaned_in.clear()  # the small one, in the look
        work()
        assert [depth for content, depth in cleaned_in if len(content) > PICTURE_BYTES / 2] == [0, 0, 0]

    def test_a_worker_that_was_stopped_has_cleaned_nothing_in_vain(self, charlie, pieces, monkeypatch):
        file = self.send(charlie, pieces)
        given = [bytes(one.content) for one in file.parts.order_by("number")]
        clean = attachments.cleaned_file

        def stop_at_the_last(content):
            if content == given[2]:
                raise OperationalError
            return clean(content)

        monkeypatch.setattr(attachments, "cleaned_file", stop_at_the_last)
        with pytest.raises(OperationalError):
            work()
        assert (file.n_files_ready, file.n_files, state(file)) == (2, 3, State.WAITING)
        monkeypatch.setattr(attachments, "cleaned_file", clean)
        cleaned_in = self.watch(monkeypatch)
        work()
        assert [content for content, _ in cleaned_in if len(content) > PICTURE_BYTES / 2] == given[2:]
        assert charlie.patient.attachments.count() == 4

    def test_the_page_says_how_many_files_are_ready(self, charlie, pieces):
        file = self.send(charlie, pieces)
        charlie.patient.import_files.update(state=State.RUNNING, n_read=file.n_rows)
        file.parts.filter(number=0).update(is_clean=True)
        assert "Files made ready: 1 of 3" in client_for(charlie).get(f"/import/{file.uuid}/").content.decode()

    def test_what_came_is_told_list_by_list(self, charlie, pieces):
        file = self.send(charlie, pieces)
        work()
        page = client_for(charlie).get(f"/import/{file.uuid}/").content.decode()
        assert "<dt>Results and photos</dt><dd>4</dd>" in page

    def test_what_goes_again_is_counted_too(self, charlie, pieces):
        file = self.send(charlie, pieces)
        work()
        n = charlie.patient.log_imports.get().n_others
        assert f", {n} other things</span>" in client_for(charlie).get("/import/").content.decode()
        told = client_for(charlie).post(f"/import/{file.uuid}/back/", follow=True).content.decode()
        assert "other things were taken back." in told
        assert not charlie.patient.attachments.exists()

    def test_a_look_says_where_there_is_no_room(self, charlie, pieces, monkeypatch):
        file = import_files.keep(by=charlie.user, content=iter(pieces), filename="ebb.json", at=NOW)
        monkeypatch.setattr(attachments, "MAX_FILES", 2)
        with pytest.raises(imports.LogFileRefused):
            import_files.look(by=charlie.user, file=file, at=NOW)

    def test_what_a_stopped_worker_left_of_it_is_shown_nowhere_and_forgotten(self, charlie, pieces, monkeypatch):
        monkeypatch.setattr(import_files, "_let_go", lambda file: None)
        file = self.send(charlie, pieces)
        work()
        assert (state(file), charlie.patient.attachments.count()) == (State.TAKEN, 4)
        assert "ebb.json" in (page := client_for(charlie).get("/import/").content.decode())  # as an import alone
        assert f"/import/{file.uuid}/forget/" not in page and "taken over" not in page
        work()
        assert charlie.patient.log_imports.count() == 1
        import_files.forget_left_lying(at=NOW + import_files.KEPT_FOR * 2)
        assert not ImportPart.objects.exists()

    @staticmethod
    def send(person, pieces):
        file = import_files.keep(by=person.user, content=iter(pieces), filename="ebb.json", at=NOW)
        import_files.confirm(by=person.user, file=file, at=NOW)
        return file

    @staticmethod
    def watch(monkeypatch):
        """What is cleaned, and within how many transactions (that of the test apart)."""
        seen, clean = [], attachments.cleaned_file

        def cleaned_file(content):
            seen.append((content, len(connection.savepoint_ids)))
            return clean(content)

        monkeypatch.setattr(attachments, "cleaned_file", cleaned_file)
        return seen

    def test_is_looked_at_without_being_kept(self, charlie, pieces):
        _, seen = import_files.look_at(by=charlie.user, content=iter(pieces), at=NOW, mapping=None)
        assert seen.tallies["attachments"].n_new == 4
        assert not ImportFile.objects.exists() and not charlie.patient.attachments.exists()

    def test_is_refused_where_a_file_is_named_that_did_not_come(self, charlie, pieces):
        file = import_files.keep(by=charlie.user, content=iter(pieces), filename="ebb.json", at=NOW)
        file.parts.filter(number=1).delete()
        with pytest.raises(imports.LogFileRefused):
            import_files.look(by=charlie.user, file=file, at=NOW)

    def test_takes_the_place_of_another_that_was_left_lying(self, charlie, pieces):
        for _ in range(2):
            file = import_files.keep(by=charlie.user, content=iter(pieces), filename="ebb.json", at=NOW)
        assert (charlie.patient.import_files.get(), ImportPart.objects.count()) == (file, 3)

    def test_leaves_nothing_behind_when_it_is_forgotten(self, charlie, pieces):
        file = import_files.keep(by=charlie.user, content=iter(pieces), filename="ebb.json", at=NOW)
        import_files.forget(by=charlie.user, file=file)
        assert not ImportPart.objects.exists()

    def test_what_is_left_without_its_files_is_too_large_all_the_same(self, charlie, pieces, monkeypatch):
        monkeypatch.setattr(record_imports, "MAX_BYTES", 1_000)
        with pytest.raises(imports.LogFileRefused):
            import_files.keep(by=charlie.user, content=iter(pieces), filename="ebb.json", at=NOW)
        assert not ImportFile.objects.exists()


PICTURE_BYTES = 120_000


def add_noise(person, seed):
    """A picture that cannot be made small."""
    written = io.BytesIO()
    pixels = Random(seed).randbytes(200 * 200 * 3)
    Image.frombytes("RGB", (200, 200), pixels).save(written, format="PNG")
    said = {"content": written.getvalue(), "kind": "photo", "at": NOW, "on": NOW.date()}
    return attachments.add(by=person.user, uuid=uuid4(), **said)
