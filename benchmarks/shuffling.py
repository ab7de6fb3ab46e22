"""Copies of baskets with the same sizes and the same frequencies, and nothing else in common."""

import numpy as np
import numpy.typing as npt

from features.compiled import compiled
from models.rules.baskets import Baskets, Codes, WholeArray

Doubles = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

ROUNDS = 40
"""Trades of every basket with another; what pairs have in common settles within some ten."""


def shuffled(baskets: Baskets, seed: int, rounds: int = ROUNDS) -> Baskets:
    """A copy whose items were traded between baskets, which keep their sizes.

    In a round all baskets are paired off; each pair keeps the items that both hold and deals out
    the others anew, to each as many as it had. All tables of the same margins come up equally
    often in the end.

    Source: Strona, Nappo, Boccacci, Fattorini and San-Miguel-Ayanz 2014, "A fast and unbiased
    procedure to randomize ecological binary matrices with fixed row and column totals"; in rounds
    as in Carstens, Hamann, Meyer, Penschuck, Tran and Wagner 2018, "Parallel and I/O-efficient
    randomisation of massive networks using global curveball trades".

    Parameters
    ----------
    baskets
        To copy; without their weights.
    seed
        Of the copy.
    rounds
        Trades of every basket.
    """
    random = np.random.default_rng(seed)
    codes = baskets.codes
    for _ in range(rounds):
        pairs = random.permutation(baskets.count)
        codes = traded(baskets.starts, codes, pairs, random.random(len(codes)))
    return Baskets(baskets.starts, codes, baskets.labels)


@compiled
def traded(starts: WholeArray, codes: Codes, pairs: WholeArray, draws: Doubles) -> Codes:
    """Items of the baskets after each has traded with the one beside it in ``pairs``.

    Parameters
    ----------
    starts, codes
        Of the baskets; items ascend in each.
    pairs
        All baskets in random order; of an odd number the last one keeps what it has.
    draws
        Random numbers from 0 to 1, shape of ``codes``.
    """
    found = codes.copy()
    longest = 2 * max(1, np.diff(starts).max())
    merged, is_shared = np.empty(longest, np.int32), np.empty(longest, np.bool_)
    drawn = 0
    for pair in range(len(pairs) // 2):
        one, two = pairs[2 * pair], pairs[2 * pair + 1]
        ends = (starts[one], starts[one + 1], starts[two], starts[two + 1])
        count, mine, left = _merge(codes, ends, merged, is_shared)
        i, j = ends[0], ends[2]
        for place in range(count):  # deal: each of those left is as likely to be one of mine
            to_one = is_shared[place]
            if not to_one:
                to_one = draws[drawn] * left < mine
                drawn, left, mine = drawn + 1, left - 1, mine - to_one
            if to_one:
                found[i] = merged[place]
                i += 1
            if is_shared[place] or not to_one:
                found[j] = merged[place]
                j += 1
    return found


@compiled
def _merge(
    codes: Codes, ends: tuple[int, int, int, int], merged: Codes, is_shared: Flags
) -> tuple[int, int, int]:
    """Write the items of two baskets, ascending, and which are in both.

    Returns
    -------
    tuple
        How many there are, how many are in the first alone, and in one alone.
    """
    i, one, j, two = ends
    count, mine, left = 0, 0, 0
    while i < one or j < two:
        is_shared[count] = i < one and j < two and codes[i] == codes[j]
        if j == two or (i < one and codes[i] <= codes[j]):
            merged[count] = codes[i]
            mine += not is_shared[count]
            j += is_shared[count]
            i += 1
        else:
            merged[count] = codes[j]
            j += 1
        left += not is_shared[count]
        count += 1
    return count, mine, left
