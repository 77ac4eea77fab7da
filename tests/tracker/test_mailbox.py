import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from tracker.services import mailbox


@pytest.fixture(autouse=True)
def local(settings, tmp_path):
    settings.LOCAL_MODE = True
    settings.MAIL_DIR = tmp_path / "mail"


@pytest.fixture
def kept():
    message = EmailMultiAlternatives(
        "Hello <you>", "see http://127.0.0.1:8000/r/token/\n<script>x</script>", to=["a@b.c"]
    )
    message.attach_alternative("<p onclick='x'>Hello</p>", "text/html")
    get_connection("config.mail.MailboxBackend").send_messages([message])
    return mailbox.newest()[0]


def test_does_not_exist_where_a_mail_server_or_a_public_address_is_set(client, settings, db, kept):
    settings.LOCAL_MODE = False
    assert client.get(reverse("mailbox")).status_code == 404
    assert client.get(reverse("mailbox_mail", args=[kept.name])).status_code == 404


@pytest.mark.parametrize(
    "name",
    ["..", "../secret_key", "%2e%2e%2fsecret_key", "x.eml", ".hidden.eml", "%00", "20260601T050000000000-00000000.eml"],
)
def test_a_name_that_ebb_did_not_give_is_not_found(client, settings, db, name):
    settings.MAIL_DIR.mkdir(parents=True)
    (settings.MAIL_DIR.parent / "secret_key").write_text("secret")
    assert client.get(f"/mailbox/{name}/").status_code == 404


def test_is_empty_at_first(client, db):
    assert "No mail yet" in client.get(reverse("mailbox")).content.decode()


def test_lists_the_newest_first_and_no_more_than_fit(client, db, kept, settings):
    for n in range(mailbox.N_LISTED + 5):
        (settings.MAIL_DIR / f"20200101T000000{n:06}-00000000.eml").write_bytes(b"Subject: old\n\ntext")
    assert mailbox.newest()[0] == kept
    assert len(mailbox.newest()) == mailbox.N_LISTED


def test_shows_the_text_with_links_and_the_html_only_as_text(client, db, kept):
    page = client.get(reverse("mailbox_mail", args=[kept.name])).content.decode()
    assert '<a href="http://127.0.0.1:8000/r/token/" rel="nofollow">' in page
    assert "<script>x" not in page and "<p onclick" not in page
    assert "&lt;p onclick" in page


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"Subject: =?utf-8?q?=ff?=\nContent-Type: text/plain; charset=nonsense\n\n\xff"]
)
def test_a_broken_file_is_shown_as_far_as_it_can_be(client, db, settings, content):
    settings.MAIL_DIR.mkdir(parents=True)
    name = "20260601T050000000000-0000000a.eml"
    (settings.MAIL_DIR / name).write_bytes(content)
    assert client.get(reverse("mailbox")).status_code == 200
    assert client.get(reverse("mailbox_mail", args=[name])).status_code == 200
