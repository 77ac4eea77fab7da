#!/usr/bin/env python3
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  reads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"Ebb cannot start: {error}")
    execute_from_command_line(sys.argv)
