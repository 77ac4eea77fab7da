"""Static files under names that change with their content, also where one of our script modules imports another."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Ours alone: Django's own switch would rewrite the bundled scripts of other packages too.
IMPORTS = ("tracker/js/*.js", ((r"""(?P<matched>from "(?P<url>\./[\w-]+\.js)")""", 'from "%(url)s"'),))


class LocalStorage(ManifestStaticFilesStorage):
    patterns = (*ManifestStaticFilesStorage.patterns, IMPORTS)


class PublicStorage(CompressedManifestStaticFilesStorage):
    patterns = (*CompressedManifestStaticFilesStorage.patterns, IMPORTS)
