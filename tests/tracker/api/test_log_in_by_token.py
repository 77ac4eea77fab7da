"""A mobile client signs up and logs in through allauth's app client and then sends the token it was given."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tests.tracker.api.conftest import is_problem

APP = "/_allauth/app/v1"
PROFILE = "/api/v1/profile/"


def post(client: Client, path: str, body: dict[str, Any], token: str = "") -> Any:
    headers = {"X-Session-Token": token} if token else {}
    return client.post(f"{APP}{path}", body, content_type="application/json", headers=headers)


def log_in(client: Client, alice: Any) -> str:
    response = post(client, "/auth/login", {"email": alice.email, "password": alice.password})
    assert response.status_code == 200
    return response.json()["meta"]["session_token"]


@pytest.mark.parametrize("headers", [{}, {"X-Session-Token": ""}, {"X-Session-Token": "made up"}])
def test_without_a_token_nothing_is_told(client, db, headers):
    response = client.get(PROFILE, headers=headers)
    assert is_problem(response, 401)
    assert response.headers["WWW-Authenticate"] == "X-Session-Token"


@pytest.mark.parametrize("token", ["x\x00y", "ü", "x" * 10_000, "' OR 1=1", "../.."])
def test_a_strange_token_is_no_token(client, db, token):
    assert is_problem(client.get(PROFILE, headers={"X-Session-Token": token}), 401)


def test_a_wrong_password_gives_no_token(client, alice):
    response = post(client, "/auth/login", {"email": alice.email, "password": "wrong"})
    assert response.status_code == 400
    assert "session_token" not in response.content.decode()


def test_the_token_of_a_log_in_opens_the_record(client, alice):
    token = log_in(client, alice)
    fresh = Client()
    response = fresh.get(PROFILE, headers={"X-Session-Token": token})
    assert (response.status_code, response.json()["email"]) == (200, alice.email)
    assert response.headers["Cache-Control"] == "no-store"


def test_writing_by_token_needs_no_csrf_token(client, alice):
    token = log_in(client, alice)
    strict = Client(enforce_csrf_checks=True)
    response = strict.patch(
        PROFILE, {"display_name": "Al"}, content_type="application/json", headers={"X-Session-Token": token}
    )
    assert response.status_code == 200


def test_writing_by_cookie_needs_a_csrf_token(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice.user)
    assert is_problem(strict.patch(PROFILE, {"display_name": "Al"}, content_type="application/json"), 403)


def test_a_token_ends_with_the_log_out(client, alice):
    token = log_in(client, alice)
    client.delete(f"{APP}/auth/session", headers={"X-Session-Token": token})
    assert is_problem(Client().get(PROFILE, headers={"X-Session-Token": token}), 401)


SIGN_UP = {
    "email": "dora@example.org",
    "password": "a quiet morning walk",
    "is_adult": True,
    "consents": True,
    "zone": "Europe/Lisbon",
}


@pytest.mark.parametrize("left_out", ["is_adult", "consents"])
def test_signing_up_needs_age_and_consent(client, db, django_user_model, left_out):
    body = {name: value for name, value in SIGN_UP.items() if name != left_out}
    assert post(client, "/auth/signup", body).status_code == 400
    assert not django_user_model.objects.exists()


def test_signing_up_ends_in_a_token_once_the_address_is_verified(client, db):
    response = post(client, "/auth/signup", SIGN_UP)
    assert response.status_code == 401, "the address has to be verified first"
    token = response.json()["meta"]["session_token"]
    assert is_problem(Client().get(PROFILE, headers={"X-Session-Token": token}), 401)
    key = re.search(r"/accounts/confirm-email/([^/\s]+)/", mail.outbox[-1].body).group(1)
    verified = post(client, "/auth/email/verify", {"key": key}, token)
    token = verified.json()["meta"].get("session_token", token)
    response = Client().get(PROFILE, headers={"X-Session-Token": token})
    assert (response.status_code, response.json()["zone"]) == (200, "Europe/Lisbon")
