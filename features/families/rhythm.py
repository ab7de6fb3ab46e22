"""Rhythm: the gaps between days with an order, and how overdue the next one is."""

from features.contract import Family, Feature, Shape, feature
from features.daily import LOG_UNITS
from features.measures import (
    ACTIVE_DAYS,
    GAP_DAYS,
    GAP_LOG_SQUARES,
    GAP_LOGS,
    GAP_SQUARES,
    GAPS,
    ORDERS,
)
from features.terms import Term, given

RANKS = {2: "second", 3: "third", 5: "fifth", 10: "tenth"}
"""Which days with an order, counted from the last, have a column."""

PRIOR_GAPS = 3
"""Gaps of the population that count as much as a customer's own."""

POPULATION_MEAN = given("everyone", "everyone_gap_days") / given("everyone", "everyone_gaps")

_NO_GAP = "nobody has ordered twice"
_ONE_DAY = "ordered on fewer than two days"
_TWO_DAYS = "fewer than three days with an order"


def rhythm(shape: Shape) -> Family:
    """Mean, spread and regularity of a customer's own gaps, and how overdue the next order is."""
    if shape.orders is None:
        return Family("rhythm", ())
    ranked = (_before_last(rank) for rank in RANKS)
    return Family("rhythm", (*_own(), *_shrunk(), *ranked, _this_long()))


def _own() -> tuple[Feature, ...]:
    """The customer's own gaps alone."""
    mean, spread = GAP_DAYS.ever() / GAPS.ever(), _spread()
    longest = GAP_DAYS.most().unless_zero()
    return (
        feature("gap_mean_days", "days", None, _ONE_DAY, "usual gap between orders", term=mean),
        feature(
            "gap_spread_days",
            "days",
            None,
            _TWO_DAYS,
            "spread of the gaps between orders",
            term=spread,
        ),
        feature(
            "gap_longest_days", "days", None, _ONE_DAY, "longest gap between orders", term=longest
        ),
        feature(
            "gap_variation",
            "ratio",
            None,
            _TWO_DAYS,
            "irregularity of the gaps (spread over mean)",
            term=spread / mean,
        ),
        feature(
            "overdue_ratio",
            "ratio",
            None,
            _ONE_DAY,
            "time since the last order over the usual gap",
            term=ORDERS.since() / mean,
            cause="habit fading",
        ),
    )


def _this_long() -> Feature:
    return feature(
        "gap_this_long_probability",
        "probability",
        None,
        "never ordered",
        "probability of a gap longer than the present one",
        term=_survival(),
        cause="habit fading",
    )


def _before_last(rank: int) -> Feature:
    return feature(
        f"days_since_{RANKS[rank]}_last_order",
        "days",
        None,
        "ordered on fewer days",
        f"days since the {RANKS[rank]} last day with an order",
        term=ACTIVE_DAYS.since(rank),
        cause="habit fading",
    )


def _shrunk() -> tuple[Feature, ...]:
    """Own gaps and `PRIOR_GAPS` of the population's, held against the present silence."""
    days = GAP_DAYS.ever() + POPULATION_MEAN * PRIOR_GAPS
    longer = GAP_DAYS.exceeding(ORDERS) + (ORDERS.since() / POPULATION_MEAN).fading() * PRIOR_GAPS
    return (
        feature(
            "overdue_ratio_shrunk",
            "ratio",
            None,
            _NO_GAP,
            "time since the last order over the expected gap",
            term=ORDERS.since() / (days / (GAPS.ever() + PRIOR_GAPS)),
            cause="habit fading",
        ),
        feature(
            "longer_gaps_probability",
            "probability",
            None,
            _NO_GAP,
            "how many of the gaps were longer than the present one",
            term=longer / (GAPS.ever() + PRIOR_GAPS),
            cause="habit fading",
        ),
        feature(
            "gap_log_deviation",
            "standard deviations",
            None,
            "nobody has ordered twice, or all gaps are equal",
            "how far the present gap lies above the usual ones",
            term=_log_deviation(),
            cause="habit fading",
        ),
    )


def _log_deviation() -> Term:
    """Standard score of the logarithm of the present silence.

    Logarithms of gaps are normal, with a mean and a variance that own gaps and `PRIOR_GAPS` of the
    population's say together: of n own logarithms x and r of mean m and mean square q, the mean is
    (sum x + r m) / (n + r) and the variance (sum x x + r q) / (n + r) less the mean's square.
    """
    gaps = given("everyone", "everyone_gaps")
    weight = GAPS.ever() + PRIOR_GAPS
    logs = GAP_LOGS.ever() + given("everyone", "everyone_gap_logs") / gaps * PRIOR_GAPS
    squares = GAP_LOG_SQUARES.ever() + (
        given("everyone", "everyone_gap_log_squares") / gaps * PRIOR_GAPS
    )
    mean = logs / weight
    spread = (squares / weight - mean * mean).root()
    return (ORDERS.since().log() * LOG_UNITS - mean) / spread


def _spread() -> Term:
    """Sample standard deviation: whole sums are exact, so the order of rows does not matter."""
    squares = GAP_SQUARES.ever() - GAP_DAYS.ever() * GAP_DAYS.ever() / GAPS.ever()
    return squares.root() / (GAPS.ever() - 1).where(GAPS.ever() - 1).root()


def _survival() -> Term:
    """Probability that a gap lasts longer than the present silence.

    Gaps are exponential with a rate of the customer's own, and rates are gamma over customers, so
    that the gap is Lomax (Pareto of the second kind; Lomax 1954, as in Schmittlein, Morrison and
    Colombo 1987): ((a + s) / (a + s + t)) ** (r + n), with n own gaps of s days together, t days of
    silence, and a prior of r gaps, each a day longer than the population's mean, of a days
    together; the day keeps the prior above 0 where nobody has ordered twice.
    """
    days = POPULATION_MEAN.or_zero() * PRIOR_GAPS + GAP_DAYS.ever() + PRIOR_GAPS
    return (days / (days + ORDERS.since())).power(GAPS.ever() + PRIOR_GAPS)
