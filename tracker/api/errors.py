from rest_framework.views import exception_handler as as_problem  # noqa: F401
