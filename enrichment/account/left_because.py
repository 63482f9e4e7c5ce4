"""Which of the closed list of reasons people mean, by the words in which they say why a customer went silent (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

from enrichment.account.plain_words import normalise

LeftBecause = Literal[
    "need_met", "dissatisfaction", "competitor", "price", "contact_left", "communication_gap", "circumstances"
]
"""The same values as on the buttons of messages (`alerts.buttons.REASONS`)."""

REASONS: tuple[LeftBecause, ...] = get_args(LeftBecause)

LABELS: Mapping[LeftBecause, str] = {
    "need_met": "Need met",
    "dissatisfaction": "Not satisfied",
    "competitor": "Competitor",
    "price": "Price",
    "contact_left": "Contact left",
    "communication_gap": "We lost touch",
    "circumstances": "Circumstances",
}

_WORDS: tuple[tuple[LeftBecause, str], ...] = (
    (
        "contact_left",
        r"contact (person )?(has )?left|left the company|champion left|(buyer|contact).{0,20}(gone|retired|moved on)|"
        r"new (buyer|contact)|job change|ansprechpartner|ausgeschieden|interlocuteur|"
        r"担当者.{0,4}(変更|退職|異動|交代)|退職|異動",
    ),
    (
        "communication_gap",
        r"lost touch|no (contact|follow.?up|answer|reply|response)|communication|not reached|unresponsive|forgot|"
        r"neglect|kein(e)? (kontakt|antwort|rückmeldung)|plus de contact|"
        r"連絡(不足|が?途絶|が?取れ)|フォロー不足|疎遠|音信",
    ),
    (
        "competitor",
        r"competit|switched (to|supplier)|other (supplier|vendor)|another (supplier|vendor)|rival|wettbewerb|konkurren|"
        r"anderer anbieter|concurren|competencia|concorren|競合|他社|乗り?換え|竞争",
    ),
    (
        "price",
        r"\bprice|pricing|\bcost|expensive|too dear|discount|\bpreis|zu teuer|kosten|\bprix|trop cher|\bprecio|"
        r"\bcaro\b|prezzo|価格|値段|料金|高い|コスト|价格",
    ),
    (
        "dissatisfaction",
        r"dissatisf|unsatisf|not satisfied|unhappy|unzufrieden|complain|quality|support|service|defect|bug|"
        r"delivery|beschwerde|reklamation|qualität|insatisf|plainte|qualité|calidad|不満|品質|クレーム|サポート|納期|対応",
    ),
    (
        "need_met",
        r"need(s)? (was |were |is )?met|no (more |longer )?need|not needed|one.?off|project (is )?(over|done|"
        r"ended|finished|complete)|fulfilled|bedarf (gedeckt|erfüllt)|kein bedarf|projekt (beendet|abgeschlossen)|"
        r"besoin|必要(なく|が?無く|がな)|"
        r"ニーズ(充足|解消|が?満た)|目的達成|プロジェクト終了|不要",
    ),
    (
        "circumstances",
        r"budget|insolv|bankrupt|merger|merged|acquired|takeover|restructur|reorgani[sz]|closed|relocat|season|pandemic|covid|"
        r"sanction|fusion|insolvenz|umstrukturierung|faillite|予算|倒産|合併|組織(変更|改編)|景気|事業(縮小|撤退)|環境|事情",
    ),
)
_COMPILED = tuple((reason, re.compile(words, re.IGNORECASE)) for reason, words in _WORDS)


def reason_of(text: str) -> LeftBecause | Literal[""]:
    """Return which reason a text means; empty where its words don't say, or none is given."""
    plain = normalise(text)
    for reason in REASONS:
        if plain in (normalise(reason), normalise(LABELS[reason])):
            return reason
    return next((reason for reason, words in _COMPILED if words.search(text)), "")
