from django.core.mail.backends.filebased import EmailBackend as MailboxBackend  # noqa: F401
