import json
from typing import Any

from django.core.management.base import BaseCommand

from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import as_plain_question


class Command(BaseCommand):
    help = "Print the questions of the check-up as JSON."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        questions = [as_plain_question(question) for question in standard_rulebook().questions.values()]
        self.stdout.write(json.dumps(questions, ensure_ascii=False, indent=2))
