"""Whatever people type or export: no crash, and answers that keep their promises."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain import Account, AccountId
from core.errors import InputError
from enrichment.account.domains import registrable
from enrichment.account.importer.table import parse_table
from enrichment.account.importer.values import amount_style, date_style, parse_amount, parse_date
from enrichment.account.match import AccountIndex
from enrichment.account.names import compare

NOW = datetime(2026, 11, 22, tzinfo=UTC)
names = st.text(max_size=40) | st.sampled_from(
    ["GmbH & Co. KG", "株式会社", "The", "S.p.A.", "ー", "・", "&", "Co", "ｶﾌﾞｼｷ"]
)


@settings(max_examples=200, deadline=None)
@given(a=names, b=names)
def test_comparing_is_symmetrical_for_any_text(a: str, b: str) -> None:
    """The score lies between 0 and 1, and turning the names round changes nothing."""
    verdict = compare(a, b)
    assert 0 <= verdict.score <= 1
    assert (verdict.same, verdict.score) == (compare(b, a).same, compare(b, a).score)


@settings(max_examples=200, deadline=None)
@given(name=names)
def test_a_name_is_itself_or_unreadable(name: str) -> None:
    """A name is the same as itself, unless no letter or digit is in it; the index says the same or asks."""
    verdict = compare(name, name)
    assert verdict.same or "no readable name" in verdict.why[0].text
    index = AccountIndex([Account(id=AccountId("1"), name=name)])
    assert (index.owner(name) is not None) == verdict.same


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_a_registrable_domain_is_its_own_registrable_domain(text: str) -> None:
    """What comes out is lower-case ASCII and comes out again when it is put in."""
    domain = registrable(text)
    assert domain is None or (domain.isascii() and domain == domain.lower() and registrable(domain) == domain)


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_table_or_an_error_that_helps(data: bytes) -> None:
    """Each row has as many cells as there are headers; what is no table is an InputError."""
    try:
        table = parse_table(data)
    except InputError:
        return
    assert all(len(row.cells) == len(table.headers) for row in table.rows)


@settings(max_examples=200, deadline=None)
@given(values=st.lists(st.text(alphabet="0123456789.,/-: €()年月日ap", max_size=14), max_size=6))
def test_any_cell_is_a_value_or_nothing(values: list[str]) -> None:
    """Dates and amounts never raise; a date carries a zone."""
    dates, amounts = date_style(values, NOW), amount_style(values)
    for value in values:
        moment = parse_date(value, dates)
        assert moment is None or moment.tzinfo is not None
        amount = parse_amount(value, amounts)
        assert amount is None or amount.is_finite()


@pytest.mark.parametrize("text", ["١٢٣", "１２.５", "²", "12²"])
def test_digits_of_other_scripts_do_no_harm(text: str) -> None:
    """Digits that Python knows but nobody means are read or refused, never an error."""
    style = amount_style([text])
    parse_amount(text, style)
    parse_date(text, date_style([text], NOW))
