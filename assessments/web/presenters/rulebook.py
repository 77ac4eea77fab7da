"""The printed rule book: conditions in words, every part with an address of its own."""

from typing import Any

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from assessments.engine.findings import Expression, Group, Possible, Ref, Test, Unsettled
from assessments.engine.questionnaire import Question
from assessments.engine.rulebook import CauseRule, Rulebook, SelfCareMeasure, UrgencyRule


def rulebook_page(rulebook: Rulebook, *, asked_for: str = "") -> dict[str, Any]:
    """`asked_for`: the version that a result was worked out with. The book itself is drawn once and then kept."""
    other_version = asked_for if asked_for.isalnum() and asked_for != rulebook.version else ""
    return {
        "rulebook": rulebook,
        "other_version": other_version[:40],
        "book": SimpleLazyObject(lambda: _book(rulebook)),
    }


def _book(rulebook: Rulebook) -> dict[str, Any]:
    """Everything in the order of the files."""
    levels = sorted(rulebook.levels.values(), key=lambda level: -level.id.rank)
    return {
        "by_level": [
            {
                "level": level,
                "rules": [_rule(rulebook, rule) for rule in rulebook.urgency_rules if rule.level is level.id],
            }
            for level in levels
        ],
        "causes": [_cause(rulebook, cause) for cause in rulebook.causes],
        "measures": [_measure(rulebook, measure) for measure in rulebook.self_care],
        "findings": [
            {"finding": finding, "when": words(rulebook, finding.when)} for finding in rulebook.findings.values()
        ],
        "questions": [_question(rulebook, question) for question in rulebook.questions.values()],
    }


def words(rulebook: Rulebook, expression: Expression) -> dict[str, Any]:
    """A condition as a tree of words: groups with members, and leaves that point to a finding or a question."""
    match expression:
        case Group(operator=operator, members=members):
            return {"group": operator, "members": [words(rulebook, member) for member in members]}
        case Possible(member=member):
            return {"group": "possible", "members": [words(rulebook, member)]}
        case Ref(finding=finding_id):
            return {"finding": finding_id, "text": rulebook.findings[finding_id].text}
        case Unsettled(question=question_id, by=by):
            still_open = ", ".join(_(rulebook.findings[name].text) for name in by) or _("a question that it opens")
            text = _("yes or unsure, while this is not known: %(open)s") % {"open": still_open}
            return {"question": question_id, "text": text}
        case Test(question=question_id):
            return {"question": question_id, "text": _test_words(rulebook.questions[question_id], expression)}


def _test_words(question: Question, test: Test) -> str:
    operand = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    texts = {option.id: option.text for option in question.options}
    named = [_(texts.get(str(value), str(value))) for value in operand]
    match test.operator:
        case "at_least":
            return _("%(number)s or more") % {"number": test.operand}
        case "at_most":
            return _("%(number)s or less") % {"number": test.operand}
        case "between":
            return _("from %(least)s to %(most)s") % {"least": operand[0], "most": operand[1]}
        case "how_many_of":
            return _("%(number)s or more of: %(options)s") % {"number": test.minimum, "options": "; ".join(named)}
    return _("; or ").join(f"“{text}”" for text in named)


def _rule(rulebook: Rulebook, rule: UrgencyRule) -> dict[str, Any]:
    return {"rule": rule, "when": words(rulebook, rule.expression), **_named(rulebook, rule)}


def _cause(rulebook: Rulebook, cause: CauseRule) -> dict[str, Any]:
    weights = [{"weight": weight, "text": rulebook.findings[weight.finding].text} for weight in cause.weights]
    return {
        "cause": cause,
        "for": [entry for entry in weights if entry["weight"].points > 0],
        "against": [entry for entry in weights if entry["weight"].points < 0],
        "requires": [rulebook.findings[name] for name in cause.requires],
        **_named(rulebook, cause),
    }


def _named(rulebook: Rulebook, source: UrgencyRule | CauseRule) -> dict[str, Any]:
    return {
        "refer_to": [rulebook.specialists[name].name for name in source.refer_to],
        "ask_about": [rulebook.investigations[name].name for name in source.ask_about],
    }


def _measure(rulebook: Rulebook, measure: SelfCareMeasure) -> dict[str, Any]:
    return {
        "measure": measure,
        "only_when": [rulebook.findings[name] for name in measure.only_when],
        "not_when": [rulebook.findings[name] for name in measure.not_when],
    }


def _question(rulebook: Rulebook, question: Question) -> dict[str, Any]:
    when = words(rulebook, question.ask_when) if question.ask_when else None
    return {"question": question, "when": when}
