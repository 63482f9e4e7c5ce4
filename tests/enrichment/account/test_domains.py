"""Registrable domains, and those that can't name a customer."""

from __future__ import annotations

from pathlib import Path

import pytest

from enrichment.account.domains import SharedBy, label, own_domain, registrable, shared_by


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("acme.co.uk", "acme.co.uk"),
        ("https://www.Acme.co.uk:8443/contact?x=1", "acme.co.uk"),
        ("mail.acme.co.uk", "acme.co.uk"),
        ("jo@sales.acme.example.com", "example.com"),
        ("mailto:jo@acme.de", "acme.de"),
        ("www.müller.de", "xn--mller-kva.de"),
        ("例え.jp", "xn--r8jz45g.jp"),
        ("acme.github.io", "acme.github.io"),
        ("acme.de.", "acme.de"),
        ("co.uk", None),
        ("192.0.2.7", None),
        ("http://192.0.2.7/x", None),
        ("acme", None),
        ("", None),
        ("n/a", None),
        ("not a domain.com really", None),
    ],
)
def test_the_registrable_domain_is_found_in_what_people_write(text: str, domain: str | None) -> None:
    """URL, e-mail address, host, port, IDN and dots lead to one registrable domain; the rest to none."""
    assert registrable(text) == domain


@pytest.mark.parametrize(
    ("domain", "shared"),
    [
        ("gmail.com", SharedBy.FREE_MAIL),
        ("mailinator.com", SharedBy.DISPOSABLE),
        ("amazonaws.com", SharedBy.CARRIER),
        ("telekom.de", SharedBy.CARRIER),
        ("example.com", None),
    ],
)
def test_domains_of_everybody_are_known(domain: str, shared: SharedBy | None) -> None:
    """Free mail, throw-away mail and carriers each say why they name no customer."""
    assert shared_by(domain) == shared


def test_own_domain_is_none_where_everybody_may_have_an_address() -> None:
    """An address at a free mail service leads to no domain."""
    assert own_domain("jo@gmail.com") is None
    assert own_domain("jo@hartmann-pumpen.de") == "hartmann-pumpen.de"


def test_label_is_what_a_firm_chose() -> None:
    """The label is the part before the public suffix."""
    assert label("acme.co.uk") == "acme"


@pytest.mark.real_data
def test_the_public_suffix_lists_own_vectors_hold(shared_data: Path) -> None:
    """The vectors that the list's makers publish come out as they say, unlisted top level domains apart."""
    wrong = []
    for line in (shared_data / "mail_domains" / "psl_tests.txt").read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) != 2 or line.startswith("//") or parts[0] == "null" or "example" in parts[0].split(".")[-1]:
            continue
        host, expected = parts
        if not expected.isascii():
            expected = expected.encode("idna").decode()
        found = None if host.startswith(".") else registrable(host)
        if (found or "null") != expected.lower():
            wrong.append((host, expected, found))
    assert wrong == []
