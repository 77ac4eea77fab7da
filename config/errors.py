"""Answers to what fails before or behind a view: pages for people, problem details under /api/."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from tracker.api.errors import API_PREFIX, problem_page
from tracker.web.views import shared


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    if _is_api(request):
        return problem_page(status)
    if request.path_info.startswith("/shared/"):
        return shared.too_much(request, status=status)
    response = defaults.bad_request(request, exception)
    response.status_code = status
    return response


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(403) if _is_api(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(404) if _is_api(request) else defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem_page(500) if _is_api(request) else defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return problem_page(403) if _is_api(request) else render(request, "403_csrf.html", status=403)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(API_PREFIX)
