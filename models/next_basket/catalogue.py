"""Every recommender that is made from histories alone, one line each."""

from collections.abc import Callable, Mapping
from typing import Final

from models.next_basket.frequency import combined, decayed, personal, popular, with_popularity
from models.next_basket.histories import Histories
from models.next_basket.item_neighbours import basket_knn, item_knn
from models.next_basket.neighbours import popularity_cf, tifu, user_knn
from models.next_basket.offers import Recommender
from models.next_basket.timing import timed

RECOMMENDERS: Final[Mapping[str, Callable[[Histories], Recommender]]] = {
    "popular": popular,
    "personal": personal,
    "combined": combined,
    "decayed": decayed,
    "timed": with_popularity(timed),
    "tifu_knn": tifu,
    "up_cf": with_popularity(popularity_cf),
    "user_knn": with_popularity(user_knn),
    "item_knn": with_popularity(item_knn),
    "basket_knn": with_popularity(basket_knn),
}
"""By name: G-, P- and GP-TopFreq, decayed frequency, time-aware item weighting, TIFU-KNN, UP-CF@r,
user-kNN, item-kNN over customers and over baskets. All but ``personal`` and ``tifu_knn`` offer what
others buy most where they know nothing: behind the own items, or behind their own scores, see
`models.next_basket.frequency.Behind`."""

BASELINES: Final = ("combined", "decayed")
"""What a learner has to beat."""
