"""Measures other name matchers on the same pairs and network owners: ING emm, nomenklatura, Splink, rapidfuzz.

They aren't installed with Dormouse: run it with a Python that has them, such as
`/path/to/lab/bin/python -m bench.names_peers`; what is missing is said. Each peer's threshold is the one that is best
on the half with an even hash; the figures are of the other half. Ours are printed by `make bench-names`.
"""

from __future__ import annotations

import csv
import hashlib
import logging
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "names"
CROSS_SCRIPT = frozenset({"ja_en", "ja_kana", "ja_en_near", "ja_renamed"})

Scored = tuple[float, bool, bool]
"""The score of the peer's answer, whether that answer is right, and whether there is one to find."""


def held_out(key: str) -> bool:
    """Return whether `key` is in the half that thresholds aren't chosen on."""
    return int(hashlib.md5(key.encode()).hexdigest(), 16) % 2 == 1


def rows(name: str) -> list[dict[str, str]]:
    """Read one of the shared files."""
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def figures(scored: Sequence[Scored], threshold: float) -> tuple[float, float, float]:
    """Return F1, precision and recall where answers from the threshold on count."""
    tp = sum(score >= threshold and right for score, right, _ in scored)
    named = sum(score >= threshold for score, _, _ in scored)
    there = sum(exists for _, _, exists in scored)
    precision, recall = tp / named if named else 1.0, tp / there if there else 1.0
    return (2 * tp / (named + there) if tp else 0.0), precision, recall


def show(title: str, known: Sequence[Scored], held: Sequence[Scored], seconds: float) -> None:
    """Print the held-out figures at the threshold that is best on the other half."""
    best = max({score for score, _, _ in known}, key=lambda threshold: figures(known, threshold)[0])
    f1, precision, recall = figures(held, best)
    each = seconds / (len(known) + len(held)) * 1e3
    print(f"{title:44} n={len(held):5}  F1 {f1:.3f} P {precision:.3f} R {recall:.3f}   {each:.2f} ms each")


def on_pairs(title: str, score: Callable[[str, str], float]) -> None:
    """Measure a function of two names."""
    found = [row for row in rows("company_pairs_train.csv") if row["category"] not in CROSS_SCRIPT]
    start = time.perf_counter()
    halves: dict[bool, list[Scored]] = {False: [], True: []}
    for row in found:
        same = row["label"] == "same"
        halves[held_out(row["id"])].append((score(row["name_a"], row["name_b"]), same, same))
    show(f"pairs: {title}", halves[False], halves[True], time.perf_counter() - start)


def on_owners(title: str, answers: Callable[[list[dict[str, str]], list[str]], list[tuple[str, float]]]) -> None:
    """Measure a matcher of all owners against all accounts: for each owner the best account's id and its score."""
    accounts, owners = rows("crm_accounts.csv"), rows("owner_to_account_train.csv")
    start = time.perf_counter()
    found = answers(accounts, [row["network_owner"] for row in owners])
    seconds = time.perf_counter() - start
    halves: dict[bool, list[Scored]] = {False: [], True: []}
    for row, (account, score) in zip(owners, found, strict=True):
        expected = row["expected_account_id"]
        halves[held_out(row["network_owner"])].append((score, account == expected != "NONE", expected != "NONE"))
    show(f"owners: {title}", halves[False], halves[True], seconds)


def measure_rapidfuzz() -> None:
    """Token sort and weighted ratio."""
    from rapidfuzz import fuzz, process, utils

    on_pairs("rapidfuzz token_sort", lambda a, b: fuzz.token_sort_ratio(a, b, processor=utils.default_process))
    on_pairs("rapidfuzz WRatio", lambda a, b: fuzz.WRatio(a, b, processor=utils.default_process))

    def answers(accounts: list[dict[str, str]], owners: list[str]) -> list[tuple[str, float]]:
        names = [row["name"] for row in accounts]
        best = [
            process.extractOne(owner, names, scorer=fuzz.token_sort_ratio, processor=utils.default_process)
            for owner in owners
        ]
        return [(accounts[hit[2]]["account_id"], hit[1]) for hit in best]

    on_owners("rapidfuzz token_sort", answers)


def measure_nomenklatura() -> None:
    """The matchers of OpenSanctions."""
    from followthemoney import model
    from nomenklatura.matching import get_algorithm

    def entity(name: str, key: str) -> Any:
        return model.get_proxy({"id": key, "schema": "Company", "properties": {"name": [name]}})

    for called in ("logic-v1", "regression-v2"):
        algorithm = get_algorithm(called)
        if algorithm is None:
            continue
        config = algorithm.default_config() if hasattr(algorithm, "default_config") else None

        def score(a: str, b: str, algorithm: Any = algorithm, config: Any = config) -> float:
            one, other = entity(a, "a"), entity(b, "b")
            result = algorithm.compare(one, other, config) if config is not None else algorithm.compare(one, other)
            return float(result.score)

        on_pairs(f"nomenklatura {called}", score)


def measure_emm() -> None:
    """ING's entity matching model: TF-IDF candidates with cosine similarity, no supervised model."""
    import pandas as pd
    from emm import PandasEntityMatching

    def answers(accounts: list[dict[str, str]], owners: list[str]) -> list[tuple[str, float]]:
        truth = pd.DataFrame({"id": range(len(accounts)), "name": [row["name"] for row in accounts]})
        asked = pd.DataFrame({"id": range(len(owners)), "name": owners})
        matcher = PandasEntityMatching(
            {
                "preprocessor": "preprocess_merge_abbr",
                "entity_id_col": "id",
                "name_col": "name",
                "name_only": True,
                "supervised_on": False,
                "indexers": [
                    {"type": "cosine_similarity", "tokenizer": "words", "ngram": 1, "num_candidates": 5},
                    {"type": "cosine_similarity", "tokenizer": "characters", "ngram": 3, "num_candidates": 5},
                ],
            }
        )
        matcher.fit(truth)
        found = matcher.transform(asked)
        columns = [column for column in ("score_1", "score_0") if column in found.columns]
        found["best"] = found[columns].max(axis=1)
        top = found.sort_values("best").drop_duplicates("uid", keep="last").set_index("uid")
        return [
            (accounts[int(top.loc[key, "gt_entity_id"])]["account_id"], float(top.loc[key, "best"]))
            if key in top.index and not pd.isna(top.loc[key, "gt_entity_id"])
            else ("NONE", 0.0)
            for key in range(len(owners))
        ]

    on_owners("emm cosine", answers)


def measure_splink() -> None:
    """Splink on DuckDB: one comparison of names, weights by expectation maximisation."""
    import pandas as pd
    import splink.comparison_library as comparisons
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    def answers(accounts: list[dict[str, str]], owners: list[str]) -> list[tuple[str, float]]:
        def frame(prefix: str, names: Sequence[str]) -> Any:
            plain = [" ".join(name.casefold().replace(",", " ").replace(".", " ").split()) for name in names]
            return pd.DataFrame(
                {
                    "unique_id": [f"{prefix}{n}" for n in range(len(names))],
                    "name": plain,
                    "first": [text.split(" ")[0] if text else None for text in plain],
                }
            )

        settings = SettingsCreator(
            link_type="link_only",
            comparisons=[comparisons.JaroWinklerAtThresholds("name", [0.97, 0.93, 0.88, 0.8])],
            blocking_rules_to_generate_predictions=[block_on("first"), block_on("substr(name, 1, 4)")],
        )
        database = DuckDBAPI()
        tables = [
            database.register(frame("o", owners), dataset_display_name="owners"),
            database.register(frame("a", [row["name"] for row in accounts]), dataset_display_name="accounts"),
        ]
        linker = Linker(tables, settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("first"))
        found = linker.inference.predict(threshold_match_probability=0.0).as_pandas_dataframe()
        best: dict[int, tuple[str, float]] = {}
        for one, other, weight in zip(found["unique_id_l"], found["unique_id_r"], found["match_weight"], strict=True):
            owner, account = (one, other) if one.startswith("o") else (other, one)
            key, hit = int(owner[1:]), (accounts[int(account[1:])]["account_id"], float(weight))
            if key not in best or hit[1] > best[key][1]:
                best[key] = hit
        return [best.get(key, ("NONE", -1e9)) for key in range(len(owners))]

    on_owners("Splink Jaro-Winkler", answers)


def main() -> int:
    """Measure each peer that is installed; say which isn't or failed. 1 where one is missing."""
    if not DATA.is_dir():
        print("the folder of real data is not at shared/data beside the checkout", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    missing = 0
    for name, measure in (
        ("rapidfuzz", measure_rapidfuzz),
        ("nomenklatura", measure_nomenklatura),
        ("emm", measure_emm),
        ("splink", measure_splink),
    ):
        try:
            measure()
        except ImportError as error:
            missing += 1
            print(f"NOT MEASURED: {name} isn't installed here ({error})")
        except Exception as error:
            missing += 1
            print(f"NOT MEASURED: {name} failed: {type(error).__name__}: {str(error)[:200]}")
    return int(missing > 0)


if __name__ == "__main__":
    sys.exit(main())
