"""Enrichment's tables: accounts and what they did, and what was judged of each visit."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from core.database import UtcTime, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(100), primary_key=True, comment="the id in the operator's own system"),
    Column("name", String(300), nullable=False),
    Column("country", String(100), nullable=False, default=""),
    Column("industry", String(200), nullable=False, default=""),
    Column("location", String(300), nullable=False, default=""),
    Column("owner_email", String(254), nullable=False, default=""),
    Column("lifecycle", String(100), nullable=False, default=""),
    Column("parent", String(100), comment="the account above it in its group; may name one that is still to come"),
    Column(
        "registry_number", String(60), nullable=False, default="", server_default="", comment="tax, VAT or register"
    ),
    Column("contract", String(100), nullable=False, default="", server_default="", comment="the kind of contract"),
    Column("contract_until", UtcTime, comment="when the contract ends; null: never, or there is none"),
    Column("do_not_contact", Boolean, nullable=False, default=False, server_default=false()),
    Column("is_demo", Boolean, nullable=False, default=False),
    Column("imported_at", UtcTime, nullable=False),
    Index("ix_accounts_parent", "parent"),
    info={"data_class": "accounts"},
)

account_domains = Table(
    "account_domains",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("domain", String(253), primary_key=True, comment="registrable domain, lower case, A-label"),
    Index("ix_account_domains_domain", "domain"),
    info={"data_class": "accounts"},
)

account_aliases = Table(
    "account_aliases",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("alias", String(300), primary_key=True),
    info={"data_class": "accounts"},
)

account_merges = Table(
    "account_merges",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("merged", String(100), nullable=False, comment="the id that now means `master`"),
    Column("master", String(100), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(254), nullable=False),
    Column("kept", JSON, nullable=False, comment="all rows as they were before, so that they can be put back"),
    Column("record", JSON, nullable=False, comment="the merged account as the newest import describes it"),
    Column("undone_at", UtcTime),
    Column("undone_by", String(254)),
    Index("ix_account_merges_merged", "merged"),
    info={"data_class": "accounts"},
)

import_mappings = Table(
    "import_mappings",
    metadata,
    Column("what", String(16), primary_key=True, comment="accounts, activities or contacts"),
    Column("fingerprint", String(64), primary_key=True, comment="SHA-256 of the file's column names"),
    Column("columns", JSON, nullable=False, comment="field → column name, as somebody said it"),
    Column("said_at", UtcTime, nullable=False),
    info={"data_class": "configuration"},
)

declared_networks = Table(
    "declared_networks",
    metadata,
    Column("prefix", String(49), primary_key=True),
    Column("account", String(100), primary_key=True, default="", comment="empty: the operator's own statement"),
    Column("organisation", String(300), nullable=False, default=""),
    Column("kind", String(16), nullable=False, default="", comment="what the operator says it is; may be empty"),
    Column("declared_at", UtcTime, nullable=False),
    Column("is_demo", Boolean, nullable=False, default=False),
    info={"data_class": "accounts"},
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("name", String(200), nullable=False),
    Column("role", String(200), nullable=False, default=""),
    Column("email", String(254), nullable=False, default=""),
    Column("phone", String(60), nullable=False, default=""),
    Column("prefers", String(40), nullable=False, default=""),
    Column("has_left", Boolean, nullable=False, default=False),
    Column("do_not_contact", Boolean, nullable=False, default=False, server_default=false()),
    Column("last_spoke_at", UtcTime),
    Index("ix_contacts_account", "account"),
    info={"data_class": "contacts"},
)

activities = Table(
    "activities",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("product", String(300), nullable=False, default=""),
    Column("amount_hundredths", BigInteger, comment="the amount times 100"),
    Column("currency", String(3), nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("reason", String(24), nullable=False, default="", server_default="", comment="of the closed list"),
    Column("source", String(40), nullable=False, default="", server_default="", comment="where the reason is from"),
    Column("said_by", String(254), nullable=False, default="", server_default=""),
    Index("ix_activities_account", "account", "at"),
    Index("ix_activities_kind", "account", "kind", "at"),
    info={"data_class": "accounts"},
)

states_due = Table(
    "states_due",
    metadata,
    Column("id", String(36), primary_key=True, comment="random: each change asks for a judgement of its own"),
    Column("about", String(100), nullable=False, comment="the account of which something new is known"),
    Index("ix_states_due_about", "about"),
    info={"data_class": "accounts"},
)

usage_weeks = Table(
    "usage_weeks",
    metadata,
    Column("about", String(100), primary_key=True, comment="the account"),
    Column("monday", Date, primary_key=True),
    Column("uses", Integer, nullable=False, comment="how often it used the product in that week, as counted once"),
    info={"data_class": "accounts"},
)

judgements = Table(
    "judgements",
    metadata,
    Column("visit", String(36), primary_key=True),
    Column("site", String(253), nullable=False),
    Column("visitor", String(64), nullable=False, default=""),
    Column("at", UtcTime, nullable=False, comment="as of when it was judged: the visit's last moment"),
    Column("prefix", String(49)),
    Column("kind", String(16), comment="network kind"),
    Column("organisation", String(300)),
    Column("domain", String(253)),
    Column("account", String(100)),
    Column("candidates", JSON, nullable=False, comment="account ids it may be, when several"),
    Column("confidence", Float),
    Column("own_points", Float, comment="points of this visit's pages alone"),
    Column(
        "held",
        String(100),
        nullable=False,
        default="",
        server_default="",
        comment="codes of the triggers whose conditions this visit met by itself",
    ),
    Column("points", Float, comment="the account's score at that moment"),
    Column("qualified", Boolean, nullable=False, default=False),
    Column("dormant", Boolean),
    Column("state", String(16)),
    Column("silent_days", Integer),
    Column("drop", String(32)),
    Column("silence", String(32), comment="why a recognised visit led to no alert"),
    Column("why", JSON, nullable=False, comment="reasons by step: network, company, match, dormancy, score"),
    Column("asn", BigInteger, comment="the network's AS number, for corrections"),
    Column(
        "evidence", JSON(none_as_null=True), comment="what each source said of the network; null before it was kept"
    ),
    Column("corrected", Boolean, nullable=False, default=False, server_default=false(), comment="by what people said"),
    Column("judged", JSON(none_as_null=True), comment="where corrected: what was judged before people spoke"),
    Index("ix_judgements_account", "account", "at"),
    Index("ix_judgements_at", "at"),
    Index(
        "ix_judgements_worth",
        "account",
        "at",
        "visit",
        sqlite_where=text("own_points > 0"),
        postgresql_where=text("own_points > 0"),
    ),
    Index("ix_judgements_asn", "asn"),
    info={"data_class": "visits"},
)

account_states = Table(
    "account_states",
    metadata,
    Column("account", String(100), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("judged_at", UtcTime, nullable=False),
    info={"data_class": "accounts"},
)

dormancy_transitions = Table(
    "dormancy_transitions",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("why", Text, nullable=False, default=""),
    Index("ix_dormancy_transitions_account", "account", "at"),
    info={"data_class": "accounts"},
)

account_values = Table(
    "account_values",
    metadata,
    Column("about", String(100), primary_key=True, comment="the account"),
    Column("currency", String(3), nullable=False),
    Column("total_hundredths", BigInteger, nullable=False, comment="all its orders in that currency, times 100"),
    Column("year_hundredths", BigInteger, nullable=False, comment="those of the year before its silence, times 100"),
    Column("orders", Integer, nullable=False),
    Column("last_at", UtcTime, nullable=False),
    Column("recency", Integer, nullable=False, comment="1 to 5, among all accounts that ever ordered"),
    Column("frequency", Integer, nullable=False),
    Column("monetary", Integer, nullable=False),
    Column("counted_at", UtcTime, nullable=False),
    info={"data_class": "accounts"},
)

segment_members = Table(
    "segment_members",
    metadata,
    Column("segment", String(100), primary_key=True, comment="the saved segment's name"),
    Column("about", String(100), primary_key=True, comment="the account"),
    Column("since", UtcTime, nullable=False),
    Index("ix_segment_members_about", "about"),
    info={"data_class": "accounts"},
)

segment_changes = Table(
    "segment_changes",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("segment", String(100), nullable=False),
    Column("about", String(100), nullable=False, comment="the account"),
    Column("entered", Boolean, nullable=False, comment="else it left"),
    Column("at", UtcTime, nullable=False),
    Column("by_definition", Boolean, nullable=False, comment="the segment itself was changed"),
    Index("ix_segment_changes_at", "segment", "at"),
    Index("ix_segment_changes_about", "about"),
    info={"data_class": "accounts"},
)

segment_evaluations = Table(
    "segment_evaluations",
    metadata,
    Column("segment", String(100), primary_key=True),
    Column("definition", String(64), nullable=False, comment="a hash of the definition that members fit"),
    Column("at", UtcTime, nullable=False, comment="when all accounts were last looked at"),
    info={"data_class": "technical"},
)

slipping_denials = Table(
    "slipping_denials",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False),
    Column("why", String(24), nullable=False, comment="ordered, seasonal or agreed"),
    Column("by", String(254), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Index("ix_slipping_denials_account", "account"),
    info={"data_class": "accounts"},
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("account", String(100), nullable=False, comment="the account that this network is not"),
    Column("prefix", String(49), nullable=False),
    Column("by", String(254), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("undone_at", UtcTime),
    Column("verdict", String(8), nullable=False, default="wrong", server_default="wrong", comment="wrong or right"),
    Column("scope", String(8), nullable=False, default="prefix", server_default="prefix"),
    Column("address_hash", String(64), comment="scope address: the keyed hash, as in visits"),
    Column("asn", BigInteger, comment="scope as"),
    Column("visit", String(36), comment="scope visit: that visit alone; else the visit it was said of, if any"),
    Column("for_all", Boolean, nullable=False, default=True, server_default=true(), comment="an admin's word"),
    Column("sources", JSON(none_as_null=True), comment="whose word it judged: taken back with it"),
    Column("on_behalf_of", String(254), comment="whose word a program says that it passes on; gives no right"),
    Index("ix_corrections_prefix", "prefix"),
    info={"data_class": "corrections"},
)

source_reliability = Table(
    "source_reliability",
    metadata,
    Column("source", String(100), primary_key=True, comment="such as mmdb:asn.mmdb, rdap:ripencc, match:name"),
    Column("right", Integer, nullable=False, default=0, comment="how often people said that it was right"),
    Column("wrong", Integer, nullable=False, default=0),
    Column("changed_at", UtcTime, nullable=False),
    info={"data_class": "corrections"},
)
