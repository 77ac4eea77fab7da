"""Ebb as it is served, with one more address: a view that does nothing."""

from django.conf import settings

from config.wsgi import application  # noqa: F401

settings.ROOT_URLCONF = "tests.benchmarks.pages_urls"
