"""A model of rules as a table that people read: each rule in words, and what it adds."""

import math
from collections.abc import Sequence

import lightgbm as lgb
import pandas as pd

from features.contract import Column
from models.churn.rulebook import rulebook


def rule_table(booster: lgb.Booster, columns: Sequence[Column]) -> pd.DataFrame:
    """One row per rule, the most important first, below the row of everybody.

    Whoever meets a rule has its ``log_odds`` added to those of everybody, or the odds multiplied by
    ``odds_times``; ``share`` of the training customers (0..1) meet it; ``meaning`` says what the
    columns mean that the rule asks about.
    """
    meanings = {column.name: column.meaning for column in columns}
    book = rulebook(booster, [column.name for column in columns])
    rows = [("everybody", "", book.intercept, 1.0)]
    for rule in book.rules:
        about = "; ".join(meanings[condition.column] for condition in rule.conditions)
        rows.append((rule.words, about, rule.weight, rule.coverage))
    table = pd.DataFrame(rows, columns=["rule", "meaning", "log_odds", "share"])
    table.insert(3, "odds_times", [math.exp(added) for added in table["log_odds"]])
    return table
