"""How long a check-up thinks: an outcome, and the next question, beside writing the same outcome as JSON.

python tests/benchmarks/bench_checkup.py
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assessments.engine.outcome import assess, next_question
from assessments.engine.vignettes import walk
from tests.engine.walking import REST, RULEBOOK, VIGNETTES

GOAL_MS = 5
ROUNDS = 15


def best_ms(work: Callable[[], object]) -> float:
    """Of several rounds the fastest: the machine may be busy, the work is the same."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took) * 1000


def main() -> None:
    walks = [walk(RULEBOOK, dict(case.answers), REST) for case in VIGNETTES if not case.exactly]
    written = [best_ms(assess(RULEBOOK, answers).to_json) for answers in walks]
    outcomes = [best_ms(lambda answers=answers: assess(RULEBOOK, answers)) for answers in walks]
    asked = [best_ms(lambda answers=answers: next_question(RULEBOOK, answers)) for answers in walks]
    print(f"{len(walks)} check-ups, {len(RULEBOOK.urgency_rules)} rules, {len(RULEBOOK.causes)} causes, ms each")
    print(f"  {'':<22}{'mean':>8}{'slowest':>9}")
    for name, times in (("outcome", outcomes), ("next question", asked), ("outcome as JSON", written)):
        print(f"  {name:<22}{sum(times) / len(times):8.2f}{max(times):9.2f}")
    ratio = sum(outcomes) / sum(written)
    print(f"  ratio of outcome to its JSON {ratio:.1f}; goal for an outcome {GOAL_MS} ms")


if __name__ == "__main__":
    main()
