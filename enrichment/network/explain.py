"""The door for `explain network`: facts in, judgement out (pure)."""

from __future__ import annotations

from enrichment.network.kinds import KindVerdict, NetworkFacts, classify


def explain_network(facts: NetworkFacts) -> KindVerdict:
    """Return what kind of network the facts describe, what its owner is and which organisation uses it."""
    return classify(facts)
