"""Answers `dormouse explain`: typed questions in, typed answers out. The formats are a contract (docs/explain.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from core.domain import Company, DropReason, Reason

if TYPE_CHECKING:
    from enrichment.dormancy.fit import FittedCadence

Sentences = list[str]


class IpQuestion(msgspec.Struct, frozen=True):
    ip: str | None = None


class IpAnswer(msgspec.Struct, frozen=True):
    ip: str | None
    prefix: str | None
    kind: str
    organisation: str | None
    domain: str | None
    account: str | None
    confidence: float | None
    why: Sentences


class AgentQuestion(msgspec.Struct, frozen=True):
    user_agent: str | None = None


class AgentAnswer(msgspec.Struct, frozen=True):
    bot: bool
    reason: str | None


class NamesQuestion(msgspec.Struct, frozen=True):
    a: str | None = None
    b: str | None = None


class NamesAnswer(msgspec.Struct, frozen=True):
    a: str | None
    b: str | None
    same: bool
    score: float
    why: Sentences


class OwnerQuestion(msgspec.Struct, frozen=True):
    name: str | None = None
    domain: str | None = None
    country: str | None = None


class OwnerAnswer(msgspec.Struct, frozen=True):
    account: str | None
    confidence: float | None
    why: Sentences


class DomainQuestion(msgspec.Struct, frozen=True):
    name: str | None = None
    domain: str | None = None


class DomainAnswer(msgspec.Struct, frozen=True):
    fits: bool
    score: float
    why: Sentences


class NetworkQuestion(msgspec.Struct, frozen=True):
    asn: int | str | None = None
    as_name: str | None = None
    as_domain: str | None = None
    range: str | None = None
    registry: str | None = None
    netname: str | None = None
    owner: str | None = None
    domain: str | None = None
    country: str | None = None
    status: str | None = None
    text: str | None = None
    rdns: str | None = None


class NetworkAnswer(msgspec.Struct, frozen=True):
    kind: str
    owner_kind: str
    organisation: str | None
    why: Sentences


def sentences(reasons: Sequence[Reason]) -> Sentences:
    """Return the texts of the reasons."""
    return [reason.text for reason in reasons]


@dataclass(frozen=True, slots=True)
class Explainer:
    """One kind of question, ready to be asked thousands of times."""

    answer: Callable[[bytes], object]
    """A question as JSON → the answer; raises msgspec.MsgspecError or ValueError on a bad question."""
    from_arguments: Callable[[tuple[str, ...]], object]
    """Command-line arguments → the question."""


def _explainer(question: type[Any], answer: Callable[[Any], object], *names: str) -> Explainer:
    decode = msgspec.json.Decoder(question).decode

    def from_arguments(arguments: tuple[str, ...]) -> object:
        """Positional arguments in the order of `names`; `name=value` for the others."""
        fields = set(question.__struct_fields__)
        given: dict[str, Any] = {}
        rest = iter(names)
        for argument in arguments:
            key, equals, value = argument.partition("=")
            if equals and key in fields:
                given[key] = value
            else:
                given[next(rest, "")] = argument
        if "" in given:
            raise ValueError("too many arguments")
        return given

    return Explainer(answer=lambda line: answer(decode(line)), from_arguments=from_arguments)


def ip_explainer() -> Explainer:
    """Whose address is it? Asks this installation's databases, declared networks and accounts."""
    from app import wiring
    from app.dashboard.wording import drop_words
    from app.known import lookups
    from core.settings import read_settings
    from enrichment.confidence import sureness
    from enrichment.enrich import company_behind

    settings = read_settings()
    known = wiring.KnownCache(settings, wiring.engine(settings))()

    def answer(question: IpQuestion) -> IpAnswer:
        look = lookups(known, settings.digest_point)
        network = look.network(question.ip or "")
        rejected = look.rejected(network.ip)
        company = company_behind(network, (), rejected, look.match)
        why = sentences(network.why)
        account, confidence = None, network.confidence
        if isinstance(company, Company):
            why += [text for text in sentences(company.why) if text not in why]
            match = known.accounts.match(company)
            if match is None:
                why.append("No account is written like this or has this domain")
            else:
                why += sentences(match.why)
                confidence = sureness(company, match, network, by_clue=False)
                if match.account and confidence < settings.digest_point:
                    why.append(f"Only a guess below {settings.digest_point:.0%}: {match.account.name} is a candidate")
                elif match.account and match.account.id not in rejected:
                    account = match.account.id
        elif isinstance(company, DropReason):
            why.append(f"Not followed further: {drop_words(company.value)}")
        return IpAnswer(
            ip=question.ip,
            prefix=network.prefix or None,
            kind=network.kind.value,
            organisation=network.organisation,
            domain=network.domain,
            account=account,
            confidence=round(confidence, 4),
            why=why,
        )

    return _explainer(IpQuestion, answer, "ip")


def agent_explainer() -> Explainer:
    """Is this user agent a declared bot?"""
    from tracker.bots import judge_agent

    def answer(question: AgentQuestion) -> AgentAnswer:
        drop, sentence = judge_agent(question.user_agent or "")
        return AgentAnswer(bot=drop is not None, reason=f"{drop.value}: {sentence}" if drop else None)

    return _explainer(AgentQuestion, answer, "user_agent")


def names_explainer() -> Explainer:
    """Would an alert for one of two names be right for the other?"""
    from enrichment.account.names import compare

    def answer(question: NamesQuestion) -> NamesAnswer:
        verdict = compare(question.a or "", question.b or "")
        return NamesAnswer(
            a=question.a, b=question.b, same=verdict.same, score=verdict.score, why=sentences(verdict.why)
        )

    return _explainer(NamesQuestion, answer, "a", "b")


def owner_explainer() -> Explainer:
    """Which imported account is this network owner?"""
    from app import wiring
    from core.settings import read_settings

    settings = read_settings()
    index = wiring.KnownCache(settings, wiring.engine(settings))().accounts

    def answer(question: OwnerQuestion) -> OwnerAnswer:
        match = index.owner(question.name or "", question.domain, question.country)
        if match is None:
            return OwnerAnswer(
                account=None, confidence=None, why=["No account is written like this or has this domain"]
            )
        account = match.account.id if match.account else None
        return OwnerAnswer(account=account, confidence=match.confidence, why=sentences(match.why))

    return _explainer(OwnerQuestion, answer, "name", "domain")


def domain_explainer() -> Explainer:
    """Does this domain go with this organisation's name?"""
    from enrichment.network.name_domain import judge_domain

    def answer(question: DomainQuestion) -> DomainAnswer:
        verdict = judge_domain(question.name or "", question.domain or "")
        return DomainAnswer(fits=verdict.fits, score=verdict.score, why=sentences(verdict.why))

    return _explainer(DomainQuestion, answer, "name", "domain")


def network_explainer() -> Explainer:
    """What is a network used for, and by whom, judged from its registry record?"""
    from enrichment.network.kinds import NetworkFacts, classify

    def answer(question: NetworkQuestion) -> NetworkAnswer:
        fields = msgspec.structs.asdict(question)
        fields["asn"] = _asn(question.asn)
        verdict = classify(NetworkFacts(**fields))
        return NetworkAnswer(
            kind=verdict.kind.value,
            owner_kind=verdict.owner_kind.value,
            organisation=verdict.organisation,
            why=sentences(verdict.why),
        )

    return _explainer(NetworkQuestion, answer, "owner", "as_name")


def _asn(value: int | str | None) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).upper().removeprefix("AS")
    if not text.isdigit():
        raise ValueError(f"asn {value!r} isn't a number")
    return int(text)


def dormancy_explainer() -> Explainer:
    """How silent is a customer with this history? Answers with the model fitted on the imported accounts, if any."""
    from app.outlook import fitted_or_none

    return dormancy_answers(fitted_or_none())


def dormancy_answers(fitted: FittedCadence | None, window_days: int = 90) -> Explainer:
    """Answer `p_no_purchase` for this window by `fitted`; without it by the built-in prior."""
    from enrichment.dormancy.explain import DormancyQuestion, explain_dormancy
    from enrichment.dormancy.outlook import outlook

    model = outlook(fitted) if fitted is not None else None

    def answer(question: DormancyQuestion) -> object:
        return explain_dormancy(question, window_days=window_days, outlook=model)

    return _explainer(DormancyQuestion, answer, "id", "as_of")


def fit_lines(lines: Iterable[bytes], window_days: int) -> FittedCadence:
    """Learn from all histories among these lines; one that can't be read teaches nothing."""
    from enrichment.dormancy.explain import DormancyQuestion, fit_questions

    decode = msgspec.json.Decoder(DormancyQuestion).decode

    def readable() -> Iterator[DormancyQuestion]:
        for line in lines:
            with suppress(msgspec.MsgspecError, ValueError, RecursionError):
                yield decode(line)

    return fit_questions(readable(), window_days)


@dataclass(frozen=True, slots=True)
class Entry:
    """An explainer by name: how to make it, what it is for, what it takes."""

    make: Callable[[], Explainer]
    help: str
    usage: str


EXPLAINERS: Mapping[str, Entry] = {
    "ip": Entry(ip_explainer, "Whose address is it?", "IP"),
    "agent": Entry(agent_explainer, "Is this user agent a bot?", "USER_AGENT"),
    "names": Entry(names_explainer, "Would an alert for one of two names be right for the other?", "A B"),
    "owner": Entry(owner_explainer, "Which account is this network owner?", "NAME [domain=DOMAIN] [country=CODE]"),
    "domain": Entry(domain_explainer, "Does this domain go with this name?", "NAME DOMAIN"),
    "network": Entry(network_explainer, "What is a network used for, and by whom?", "OWNER [as_name=…] [netname=…] …"),
    "dormancy": Entry(dormancy_explainer, "How silent is a customer with this history?", "- (JSON lines only)"),
}
