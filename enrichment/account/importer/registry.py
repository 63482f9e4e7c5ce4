"""The importers by kind of file."""

from __future__ import annotations

from collections.abc import Mapping

from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.activities import import_activities
from enrichment.account.importer.aliases import import_aliases
from enrichment.account.importer.contacts import import_contacts
from enrichment.account.importer.headers import What
from enrichment.account.importer.protocol import Importer

IMPORTERS: Mapping[What, Importer] = {
    "accounts": import_accounts,
    "activities": import_activities,
    "contacts": import_contacts,
    "aliases": import_aliases,
}
