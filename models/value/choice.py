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
"""The measure whose distance to 0 must not surely be greater than that of any baseline."""


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
        The model that was held against the baselines: of several the best.
    gains
        What the model is better by in `DECIDING` than each baseline by name, paired, with interval.
    bias_gains
        The same of the distance of the total from what came.
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
        if worse and all(each.low > 0 for each in self.gains.values()):
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


def verdict(found: HeldOut, models: Sequence[str], baselines: Sequence[str]) -> Verdict:
    """The best model if it surely beats every baseline, else the best baseline.

    Sure is an interval above 0. Of several models the one with the least error here is held
    against the baselines, and as the best of m its intervals hold ``1 - .05 / m`` (Bonferroni).

    Parameters
    ----------
    found
        Of models and baselines over the same period.
    models, baselines
        Their names.

    Raises
    ------
    NothingToChoose
        When no model or no baseline is named, or one is not among the predictors.
    """
    unknown = sorted({*models, *baselines} - set(found.predictors))
    if unknown or not models or not baselines:
        message = (
            f"a choice needs models and baselines among {', '.join(found.predictors)}, but was "
            f"given models {list(models)} and baselines {list(baselines)}; name those held out"
        )
        raise NothingToChoose(message)
    best = min(models, key=lambda name: found.value(name, DECIDING).value)
    share = 1 - 0.05 / len(models)
    gains = {name: found.gain(DECIDING, best, name, share) for name in baselines}
    bias = {name: found.gain(NOT_WORSE, best, name, share) for name in baselines}
    is_better = all(each.low > 0 for each in gains.values())
    is_better &= all(not each.high < 0 for each in bias.values())
    naive = min(baselines, key=lambda name: found.value(name, DECIDING).value)
    return Verdict(best if is_better else naive, best, gains, bias, share)
