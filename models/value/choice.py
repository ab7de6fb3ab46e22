"""Which predictor of money is used: a model where it beats every naive one, else the naive one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from features.errors import RegularsError
from models.metrics import Estimate
from models.value.held_out import HeldOut

DECIDING: Final = "mae"
"""The measure whose paired gain over every baseline must lie above 0."""

NOT_WORSE: Final = "total_bias"
"""The measure whose distance to 0 must not surely be greater than that of a baseline of totals."""

TOTALS: Final = ("seasonal_total", "latest_total")
"""Baselines of totals, see `models.value.baselines`."""


class NothingToChoose(RegularsError):
    """No model or no baseline was named, or one that was not held out."""


@dataclass(frozen=True)
class Verdict:
    """Which predictor is used, and what that rests on.

    Attributes
    ----------
    chosen
        Its name.
    model
        The model that was held against the baselines.
    gains
        What the model is better by in `DECIDING` than each baseline by name, paired, with interval.
    bias_gains
        What its total is nearer by, as a share of what came, than that of the baselines of totals.
    share
        Share of the resamples within the intervals: .95, and more where a model was picked.
    """

    chosen: str
    model: str
    gains: Mapping[str, Estimate]
    bias_gains: Mapping[str, Estimate]
    share: float = 0.95

    @property
    def reason(self) -> str:
        """In words."""
        told = _told(self.gains, "{:+,.2f}")
        worse = {name: each for name, each in self.bias_gains.items() if each.high < 0}
        if self.chosen == self.model:
            return f"{self.model} beats every baseline in mean absolute error: {told}"
        if worse and _is_better(self.gains, {}):
            return (
                f"{self.model} beats every baseline in mean absolute error ({told}), but its total "
                f"is farther off: {_told(worse, '{:+.3f}')}; {self.chosen} is used instead"
            )
        return (
            f"{self.model} does not beat every baseline in mean absolute error by its interval: "
            f"{told}; {self.chosen} is used instead"
        )


def _told(gains: Mapping[str, Estimate], form: str) -> str:
    return ", ".join(
        f"{form.format(each.value)} ({form.format(each.low)} to {form.format(each.high)}) over "
        f"{name}"
        for name, each in gains.items()
    )


def verdict(
    found: HeldOut,
    models: Sequence[str],
    baselines: Sequence[str],
    totals: Sequence[str] | None = None,
) -> Verdict:
    """The best model that surely beats every baseline, else the best baseline.

    Sure is an interval of the mean absolute error's gain above 0; and the model's total must not
    surely be farther off than that of the baselines of totals. Of several such models the one with
    the least error; as the best of m, its intervals hold ``1 - .05 / m`` (Bonferroni). Where no
    model is such, the one with the least error is told.

    Parameters
    ----------
    found
        Of models and baselines over the same period.
    models, baselines
        Their names.
    totals
        Baselines that are made to tell the total, such as `TOTALS`; None: those of them that are
        among the baselines, and all of these if none is. Of several naive ones one total is nearer
        by luck.

    Raises
    ------
    NothingToChoose
        When no model or no baseline is named, or one is not among the predictors.
    """
    asked = [name for name in TOTALS if name in baselines] if totals is None else list(totals)
    unknown = sorted({*models, *baselines, *asked} - set(found.predictors))
    if unknown or not models or not baselines:
        message = (
            f"a choice needs models and baselines among {', '.join(found.predictors)}, but was "
            f"given models {list(models)} and baselines {list(baselines)}; name those held out"
        )
        raise NothingToChoose(message)
    ranked = sorted(models, key=lambda name: found.value(name, DECIDING).value)
    share = 1 - 0.05 / len(models)
    for model in ranked:
        gains = {name: found.gain(DECIDING, model, name, share) for name in baselines}
        bias = {name: found.gain(NOT_WORSE, model, name, share) for name in asked or baselines}
        if _is_better(gains, bias):
            return Verdict(model, model, gains, bias, share)
    best = ranked[0]
    gains = {name: found.gain(DECIDING, best, name, share) for name in baselines}
    bias = {name: found.gain(NOT_WORSE, best, name, share) for name in asked or baselines}
    naive = min(baselines, key=lambda name: found.value(name, DECIDING).value)
    return Verdict(naive, best, gains, bias, share)


def _is_better(gains: Mapping[str, Estimate], bias: Mapping[str, Estimate]) -> bool:
    return all(each.low > 0 for each in gains.values()) and not any(
        each.high < 0 for each in bias.values()
    )
