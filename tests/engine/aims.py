"""What the check-up has to reach, as shares from 0 to 1, on cases that the rules were not written from."""

LEAST = {
    "triage acceptable": 0.88,
    "emergencies at least same day": 1.0,
    "emergencies as emergency": 0.9,
    "must-not-miss safe": 0.95,
    "self-care kept": 0.6,
    "right cause among three": 0.85,
}
MOST_TOO_HIGH = 0.15
