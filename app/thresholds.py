"""Proposes thresholds of dormancy from the accounts' own rhythms, and makes one a rule when a person accepts it."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Engine

from app.outlook import fitted
from app.rulebook import versions
from app.rulebook.current import acting
from app.rulebook.files import rule_file
from app.rulebook.store import Version
from core.database import reading
from core.errors import InputError
from core.settings import Settings
from enrichment.account import store as account_store
from enrichment.dormancy.cadence import WINDOW_DAYS
from enrichment.dormancy.fit import built_in
from enrichment.dormancy.history_queries import histories
from enrichment.dormancy.propose import Member, Proposal, proposals
from enrichment.dormancy.rules import read_rules


def proposed(settings: Settings, engine: Engine, now: datetime) -> list[Proposal]:
    """Return the thresholds that the imported accounts' own gaps ask for. Raises InputError on faulty rules."""
    rules = read_rules(acting(engine, rule_file("dormancy"), settings.rules_dir).text)
    with reading(engine) as connection:
        accounts = {one.id: one for one in account_store.accounts(connection)}
        members = [
            Member(account=accounts[one.account], orders=one.orders, products=one.products)
            for one in histories(connection, now)
            if one.account in accounts
        ]
        model = fitted(connection) or built_in(WINDOW_DAYS)
    return proposals(members, rules, model)


def accept(settings: Settings, engine: Engine, proposal: Proposal, by: str, now: datetime) -> Version:
    """Add the proposed threshold to the rules of dormancy as a new version. Raises InputError when it can't be."""
    file = rule_file("dormancy")
    text = acting(engine, file, settings.rules_dir).text
    if any(one.name == proposal.name for one in read_rules(text).override):
        raise InputError(f"there is an override {proposal.name!r} already: change its purchase to {proposal.days}")
    added = f"{text.rstrip()}\n\n{toml(proposal)}"
    return versions.save(settings, engine, file, added, by, proposal.sentence, now, None, "proposal")


def toml(proposal: Proposal) -> str:
    """Return the override as dormancy.toml has it."""
    pattern = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in proposal.value)
    quoted = [json.dumps(text, ensure_ascii=False) for text in (proposal.name, pattern)]
    return f"[[override]]\nname = {quoted[0]}\n{proposal.trait} = {quoted[1]}\npurchase = {proposal.days}\n"
