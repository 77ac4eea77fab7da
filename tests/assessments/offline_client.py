"""A check-up run by a client that knows nothing but the JSON document, as docs/api-checkup.md tells it.

Written apart from the engine on purpose: nothing is imported.
"""

from typing import Any

ORDER = {"all": ("no", "missing", "unsure", "yes"), "any": ("yes", "unsure", "missing", "no")}
OPPOSITE = {"yes": "no", "no": "yes"}


class OfflineClient:
    def __init__(self, document: dict[str, Any], answers: dict[str, Any]) -> None:
        self.book, self.answers = document, answers
        self.questions = {question["id"]: question for question in document["questions"]}

    # --- findings

    def state(self, when: Any) -> str:
        if isinstance(when, str):
            return self.state(self.book["findings"][when]["when"])
        if "question" in when:
            return self.tested(when)
        if "unsettled" in when:
            return self.unsettled(when)
        if "possible" in when:
            return "no" if self.state(when["possible"]) == "no" else "yes"
        ((operator, members),) = when.items()
        seen = [self.state(member) for member in members]
        if operator == "all":
            return next((state for state in ORDER["all"] if state in seen), "yes")
        found = next((state for state in ORDER["any"] if state in seen), "no")
        return OPPOSITE.get(found, found) if operator == "none" else found

    def asked(self, question_id: str) -> str:
        when = self.questions[question_id]["ask_when"]
        return "yes" if when is None else self.state(when)

    def tested(self, when: dict[str, Any]) -> str:
        if when["question"] not in self.answers:
            return "no" if self.asked(when["question"]) == "no" else "missing"
        given = self.answers[when["question"]]
        if "how_many_of" in when:
            operator, operand = "how_many_of", when["how_many_of"]
        else:
            operator, operand = next((key, value) for key, value in when.items() if key != "question")
        wanted = operand if isinstance(operand, list) else [operand]
        if given == "unsure":
            return "yes" if operator in ("is", "in") and "unsure" in wanted else "unsure"
        several = given if isinstance(given, list) else [given]
        holds = {
            "is": lambda: any(one in wanted for one in several),
            "in": lambda: any(one in wanted for one in several),
            "at_least": lambda: given >= operand,
            "at_most": lambda: given <= operand,
            "between": lambda: operand[0] <= given <= operand[1],
            "how_many_of": lambda: sum(one in given for one in operand) >= when["at_least"],
        }[operator]()
        return "yes" if holds else "no"

    def unsettled(self, when: dict[str, Any]) -> str:
        question_id = when["unsettled"]
        if question_id not in self.answers:
            return "no" if self.asked(question_id) == "no" else "missing"
        if self.answers[question_id] not in ("yes", "unsure"):
            return "no"
        if "by" in when:
            return "yes" if any(self.state(finding) == "missing" for finding in when["by"]) else "no"
        opened = self.opened_by(question_id)
        is_open = any(other not in self.answers and self.asked(other) != "no" for other in opened)
        return "yes" if is_open else "no"

    def opened_by(self, question_id: str) -> list[str]:
        return [key for key, one in self.questions.items() if question_id in named(one["ask_when"])]

    def behind(self, finding: str) -> list[str]:
        """The questions on which a finding rests."""
        names = parts(self.book["findings"][finding]["when"])
        found = [name[1] for name in names if name[0] == "question"]
        return found + [one for name in names if name[0] == "finding" for one in self.behind(name[1])]

    def is_answered(self, finding: str) -> bool:
        if self.state(finding) not in OPPOSITE:
            return False
        return any(self.answers.get(question_id, "unsure") != "unsure" for question_id in self.behind(finding))

    # --- questions

    def next_question(self) -> str | None:
        if any(self.ends(rule) and self.holds(rule) for rule in self.book["rules"]):
            return None
        waiting = [one for key, one in self.questions.items() if key not in self.answers and self.applies(key)]
        first = [one for one in waiting if one["critical"] and one["ask_when"]]
        return next((one["id"] for one in first + waiting), None)

    def applies(self, question_id: str) -> bool:
        return self.asked(question_id) in ("yes", "unsure")

    # --- level

    def holds(self, rule: dict[str, Any]) -> bool:
        state = self.state(rule["when"])
        return state == "yes" or (state == "unsure" and rule["unsure_as"] == "yes")

    def ends(self, rule: dict[str, Any]) -> bool:
        return rule["ends_questions"] or (rule["level"] == "emergency" and not rule["provisional"])

    def rank(self, level: str) -> int:
        return self.book["triage"].index(level)

    def is_gap(self, question: dict[str, Any]) -> bool:
        if not question["critical"] or question["id"] in self.answers or not self.applies(question["id"]):
            return False
        opened = self.opened_by(question["id"])
        return not question["compound"] or any(other not in self.answers for other in opened)

    def result(self) -> dict[str, Any]:
        fired = [rule for rule in self.book["rules"] if self.holds(rule)]
        is_unsure = any(
            self.rank(rule["level"]) > self.rank("routine") and self.state(rule["when"]) == "unsure"
            for rule in self.book["rules"]
            if rule not in fired
        )
        incomplete = any(self.is_gap(question) for question in self.book["questions"])
        levels = ["routine" if incomplete or is_unsure else "self_care", *(rule["level"] for rule in fired)]
        level = max(levels, key=self.rank)
        ends_here = level == "emergency" or any(rule["ends_questions"] for rule in fired)
        return {
            "level": level,
            "incomplete": incomplete,
            "fired": [rule["id"] for rule in fired],
            "causes": [] if ends_here else self.causes(fired, level),
            "self_care": [] if ends_here else [one["id"] for one in self.book["self_care"] if self.is_safe(one, level)],
        }

    # --- causes and comfort

    def causes(self, fired: list[dict[str, Any]], level: str) -> list[tuple[str, str]]:
        scoring = self.book["scoring"]
        pointed = {cause for rule in fired for cause in rule["points_to"]}
        found = []
        for cause in self.book["causes"]:
            is_pointed = cause["id"] in pointed
            ending = "_if_pointed" if is_pointed else ""
            answered = [weight for weight in cause["weights"] if self.is_answered(weight["finding"])]
            reach = sum(weight["points"] for weight in answered if weight["points"] > 0)
            points = sum(weight["points"] for weight in answered if self.state(weight["finding"]) == "yes")
            if any(self.state(finding) != "yes" for finding in cause["requires"]) or reach <= 0:
                continue
            if len(answered) >= scoring["fewest_answered" + ending] and points >= scoring["fewest_points" + ending]:
                found.append((not is_pointed, -points / reach, -points, cause["id"], cause["never_first_when_flagged"]))
        found.sort()
        if self.rank(level) > self.rank("routine") and found and found[0][-1]:
            others, held_back = [one for one in found if not one[-1]], [one for one in found if one[-1]]
            found = [*others[:1], *held_back, *others[1:]] if others else []
        return [(one[3], self.band(-one[1])) for one in found[: scoring["most_causes"]]]

    def band(self, share: float) -> str:
        scoring = self.book["scoring"]
        if share >= scoring["fits_well"]:
            return "fits_well"
        return "fits_partly" if share >= scoring["fits_partly"] else "fits_little"

    def is_safe(self, measure: dict[str, Any], level: str) -> bool:
        within = self.rank(level) <= self.rank(measure["up_to"])
        fits = all(self.state(finding) == "yes" for finding in measure["only_when"])
        return within and fits and all(self.state(finding) == "no" for finding in measure["not_when"])


def parts(when: Any) -> list[tuple[str, str]]:
    """Everything that an expression names, groups opened, findings not followed."""
    if when is None:
        return []
    if isinstance(when, str):
        return [("finding", when)]
    if "question" in when:
        return [("question", when["question"])]
    if "unsettled" in when:
        return [("question", when["unsettled"])]
    if "possible" in when:
        return parts(when["possible"])
    return [part for members in when.values() for member in members for part in parts(member)]


def named(when: Any) -> set[str]:
    """The questions that a condition tests itself."""
    return {name for kind, name in parts(when) if kind == "question"}
