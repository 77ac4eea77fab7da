import re

import pytest
from django.core.management import call_command


def test_the_schema_is_valid_and_without_a_warning(tmp_path, capsys):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_the_schema_is_open_and_names_the_log_in_by_token(client, db):
    response = client.get("/api/v1/schema/")
    schema = response.json()
    assert response.status_code == 200
    assert schema["openapi"].startswith("3.")
    assert schema["components"]["securitySchemes"]["sessionToken"]["name"] == "X-Session-Token"


def test_every_operation_tells_what_a_problem_looks_like(client, db):
    paths = client.get("/api/v1/schema/").json()["paths"]
    for operations in paths.values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.parametrize("query", ["", "?lang=%00", "?lang=xx&version=%0d%0aX: y", "?script=", "?script=&lang=%22%3E"])
def test_the_pages_need_nothing_inline_and_no_other_host(client, db, query):
    for path in ("/api/v1/docs/", "/api/v1/schema/"):
        response = client.get(f"{path}{query}")
        assert response.status_code == 200
        page = response.content.decode()
        if response.headers["Content-Type"].startswith("text/html"):
            assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son\w+=", page)
            assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_page_about_the_api_has_a_heading(client, db):
    assert "<h1" in client.get("/api/v1/docs/").content.decode()
