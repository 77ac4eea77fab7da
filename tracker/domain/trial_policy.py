"""Every number behind a verdict, with its unit and where it comes from.

Sources, by short name:
- STUDY: Ebb's own simulation study of simulated pain logs, August 2026. Tuned on one family of simulated logs,
  so each of these stays unreviewed until real finished attempts have been looked at.
- BENCH: tests/benchmarks/bench_verdict_accuracy.py, 1,000 simulated attempts a row; as little reviewed as STUDY.
- REAL LOGS: the same study's check on two real logs without a treatment.
- IMMPACT: Dworkin 2008, consensus on how large a change in pain is minimal, moderate, substantial.
- RECALL: Broderick 2008 (PMC2617790), remembered pain against the mean of momentary ratings.
- RULING: decided in Ebb's design, no outside source, unreviewed.

A change of any value needs a new POLICY_VERSION: it is stored with every verdict.
"""

POLICY_VERSION = "2026.3"

# The scale
NRS_MIN, NRS_MAX = 0.0, 10.0  # points; numeric rating scale

# The smallest change that matters (MCID)
MCID_SHARE = 0.30  # of the usual level before; IMMPACT "moderate"
MCID_MAX = 2.0  # points; IMMPACT "moderate" in absolute terms
MCID_MIN = 1.0  # points; STUDY, below it a diary of whole numbers says little
HELPED_SHARE = 0.5  # of the MCID: a drop that is real and not trivial; STUDY
WORSE_POINTS = 0.5  # points higher than before counts as a rise; STUDY

# What the filter believes of a patient before reading the log (STUDY)
LEVEL_MEAN, LEVEL_SD = 6.2, 1.3  # points; usual pain of people who start a treatment
EFFECT_MEAN, EFFECT_SD = (
    1.0,
    1.4,
)  # points of drop at full effect; the mean holds what time alone does after a bad spell
WITHIN_DAY_SHARE = 0.375  # of the daily spread: that of several entries on one day; STUDY had .6 points for everybody
ROUNDING_VARIANCE = 1 / 12  # points²; answers are whole numbers

# The grid of what differs from patient to patient: values and their weights (STUDY, the five SDs REAL LOGS)
PERSISTENCE = (0.15, 0.55, 0.85)  # correlation of a spell from one day to the next
PERSISTENCE_WEIGHTS = (0.16, 0.58, 0.26)
DAILY_SD = (0.5, 0.8, 1.1, 1.6, 2.2)  # points; spread of daily means about the usual level
DAILY_SD_WEIGHTS = (0.08, 0.17, 0.25, 0.37, 0.13)
SPELL_SHARE = 0.80  # of that variance lasts into the next days, the rest is gone by tomorrow; BENCH, STUDY had .70
# Of the daily spread: so far the usual level itself walks from one day to the next, whatever the treatment does; BENCH
# and REAL LOGS. Without it pain that eases or rises slowly is laid to the treatment in long trials.
LEVEL_WALK = 0.04
ONSET_DAYS = (0.0, 7.0, 14.0, 21.0)  # days to full effect, for a type without an expected onset
ONSET_WEIGHTS = (0.34, 0.24, 0.20, 0.22)
# Of the type's expected onset. STUDY has the last three, without weights; 0 is BENCH: a change that comes at once,
# harm above all, was taken for a bad spell without it.
EXPECTED_ONSET_FACTORS = (0.0, 0.5, 1.0, 1.5)
EXPECTED_ONSET_WEIGHTS = (0.1, 0.3, 0.3, 0.3)
USUAL_ONSET_DAYS = 7  # of a treatment beside another whose onset is not known; RULING
ONSET_SILENT_SHARE = 0.5  # of the onset passes before anything is felt, then the effect grows evenly

# A day far off what the filter expects (a flare) pulls no harder than this
FLARE_GUARD = 3.0  # standard deviations; STUDY

# A remembered level, used only when there is no logged baseline
RECALL_BIAS = 0.8  # points that memory runs too high; RECALL for the direction, STUDY for the size
RECALL_VARIANCE = 2.5  # points²; STUDY

# How much of the log is read
# Days before the start. RULING: all of it, but a usual level of long ago says little of now; REAL LOGS: with a year
# before, 8 % of invented treatments were called working, with four months 4 %.
HISTORY_DAYS = 120
LONGEST_TRIAL_DAYS = 1830  # treatment days; RULING: five years, what comes later changes no verdict

# How much must be there before anything is said
MIN_BASELINE_DAYS = 3  # logged days before the start; STUDY
MIN_TREATMENT_DAYS = 5  # logged days on treatment; STUDY
RECENT_WINDOW_DAYS = 7  # the last days, tonight included
MIN_RECENT_DAYS = 2  # logged days in that window; STUDY
KEEP_WINDOW_DAYS = 14  # so many in this window are enough to keep what was said; BENCH
FIRST_VERDICT_DAY = 7  # days since the start; STUDY
DEFAULT_TRIAL_DAYS = 28  # fair trial of a type that names none; STUDY

# When a verdict is spoken (STUDY: set so that looking every night does not raise false alarms)
WORKING_HELPED = 0.965  # chance of more than a trivial drop by tonight; BENCH, STUDY had .97
WORKING_REACHED = 0.50  # and of a drop that matters by tonight
WORSE_CHANCE = 0.90  # chance that pain is higher than before; BENCH, STUDY had .85
NOT_WORKING_REACH = 0.025  # chance that the full effect still becomes a drop that matters; BENCH, STUDY had .02
KEEP_MARGIN = 0.10  # a spoken verdict stays while its chance is this near its threshold

# How it is told
LIKELY_SHARE = 0.80  # of the posterior lies in the "likely change" interval; RULING
LIKELY_Z = 1.2816  # standard deviations to either side for that share of a normal curve
LOW_BASELINE_LEVEL = 2.0  # points before; below it a drop that matters is half of the pain; RULING
CHANCE_DECIMALS = 4  # stored chances are the ones the rule was applied to
POINTS_DECIMALS = 2

# Starts of two treatments near each other (STUDY)
PAIR_GAP_DAYS = 7  # closer than this: one verdict for both
PAIR_CORRELATION = -0.65  # of what is believed of two effects; below it they are not told apart
MAX_BESIDE = 3  # treatments in one filter with the one in question, the nearest starts; RULING
MIXED_GAP_DAYS = 14  # closer than this: a verdict each, marked as mixed
