"""The legal forms of the world: what a company is in law, which is no part of its name (pure, data)."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BY_FAMILY: dict[str, str] = {
    # Family: companies of one family in one country may be namesakes of another family (AG against GmbH);
    # the forms of one family are only spellings of each other.
    "us": """inc; incorporated; corp; corporation; co; company; llc; l l c; lp; llp; lllp; pllc; pc; co inc;
        company inc; na; n a; national association; professional corporation; limited liability company;
        limited partnership; cie; cia; corperation; incorp""",
    "ltd": """ltd; limited; co ltd; company limited; pvt; pvt ltd; private limited; pvt limited; private ltd; private;
        pte; pte ltd; pty; pty ltd; proprietary limited; proprietary; sdn bhd; bhd; berhad; sendirian berhad; unlimited;
        unlimited company; ulc; designated activity company; dac; clg; limited company; coltd; opc; cic;
        public company limited; public co ltd; pcl; tbk; pt; cv; ltda; limitada""",
    "plc": "plc; p l c; public limited company; public ltd co; public limited co",
    "gmbh": """gmbh; mbh; ggmbh; gesellschaft mit beschrankter haftung; gesmbh; ges m b h; gmbh co kg; gmbh and co kg;
        gmbh and co kgaa; gmbh and co ohg; ug; ug haftungsbeschrankt; haftungsbeschrankt; kg; co kg; and co kg; ohg;
        gbr; ek; e k; e kfm; gmbh and co; ev; e v; eg; stiftung co kg; se and co kg; ag and co kg""",
    "ag": "ag; aktiengesellschaft; kgaa; se and co kgaa; ag and co kgaa; aktiengeselschaft; se; societas europaea",
    "bv": "bv; b v; besloten vennootschap; bvba; srl bv; cvba; vof",
    "nv": "nv; n v; naamloze vennootschap",
    "sa": """sa; s a; societe anonyme; sas; sasu; sarl; s a r l; eurl; sca; scs; snc; sociedad anonima; sl; slu; sau;
        sociedad limitada; sociedade anonima; sa de cv; sab de cv; sapi de cv; s de rl de cv; s de rl; de cv; srl de cv;
        sociedad anonima de capital variable; sac; saa; eirl; sac ltda; me; epp; eireli; eireli me; eireli epp; ltda me;
        ltda epp; lda; unipessoal lda; sgps; spa; s p a; societa per azioni; srl; s r l; srls; sapa; sc; scarl; scrl;
        sociedad anonima cerrada; spr; sprl; sccl; scoop; soc coop; sociedad por acciones simplificada; s a s; zomac;
        societe par actions simplifiee; societatea cu raspundere limitata; societe a responsabilite limitee;
        sociedad de responsabilidad limitada; societa a responsabilita limitata; sucursal""",
    "nordic": """ab; ab publ; aktiebolag; publ; oy; oyj; osakeyhtio; julkinen osakeyhtio; ky; oy ab; as; a s; asa;
        aktieselskab; aksjeselskap; aps; anpartsselskab; hf; ehf; ohf; i s; k s; amba; fmba; ba; ou; osauhing;
        aktsiaselts; uab; ab lt; sia; ik""",
    "east": """ooo; oao; zao; pao; ao; jsc; ojsc; cjsc; pjsc; pjs; joint stock company; open joint stock company;
        closed joint stock company; public joint stock company; limited liability partnership;
        company with limited liability;
        joint venture company with limited liability; joint venture; society with limited liability;
        too; tov; at; pat; prat;
        private joint stock company; joynt stock company; llp kz; ood; eood; ad; ead; doo; d o o; dd; d d; sro; s r o;
        spol s r o; spol sro; as cz; vos; kft; bt; zrt; nyrt; rt; kkt; spzoo; sp z o o; sp zoo; sp z oo; spolka z o o;
        spolka akcyjna; spolka z ograniczona odpowiedzialnoscia; spolka komandytowa; sp k; sp j; sp zoo sp k;
        ооо; оао; зао; пао; ао; тов; ип; акционерное общество; общество с ограниченной ответственностью;
        публичное акционерное общество; закрытое акционерное общество; открытое акционерное общество; anonim sirketi;
        limited sirketi; as tr; ltd sti; ltd sirketi; limited sti; sti; tic; san ve tic; ticaret; sanayi ve ticaret""",
    "jp": """kk; k k; kabushiki kaisha; kabushiki gaisha; kabushikigaisha; gk; g k; godo kaisha; yk; yugen kaisha;
        co kk""",
    "asia": "wll; w l l; fzco; fze; fz llc; fzc; psc; qsc; saog; saoc; saj; sal; jsc vn; tnhh; cong ty tnhh; kb",
}

FAMILY: dict[tuple[str, ...], str] = {
    tuple(form.split()): family for family, forms in _BY_FAMILY.items() for form in forms.replace("\n", " ").split(";")
}
"""Words of a legal form, in order → its family."""

LONGEST = max(map(len, FAMILY))

LEADING = _words(
    """
    ab pt cv ooo oao zao pao ao jsc ojsc cjsc pjsc llc too tov ood sia uab sarl sas sci ltd as oy kk gk ооо оао зао
    пао ао тов ип
    """
)
"""Single-word forms that may also stand in front of the name: `AB SKF`, `PT Telkom`, `OOO "Yulia"`."""

NAMESAKES: frozenset[frozenset[str]] = frozenset(
    {
        frozenset({"gmbh", "ag"}),
        frozenset({"bv", "nv"}),
        frozenset({"kabushiki", "godo"}),
        frozenset({"kabushiki", "yugen"}),
        frozenset({"godo", "yugen"}),
        frozenset({"kabushiki", "shadan"}),
        frozenset({"kabushiki", "zaidan"}),
    }
)
"""Pairs of families of one country: the same name in both is usually two companies (a holding and its firm)."""

JAPANESE: tuple[tuple[str, str], ...] = (
    ("株式会社", "kabushiki"),
    ("(株)", "kabushiki"),
    ("カブシキガイシャ", "kabushiki"),
    ("カブシキカイシャ", "kabushiki"),
    ("有限会社", "yugen"),
    ("(有)", "yugen"),
    ("ユウゲンガイシャ", "yugen"),
    ("合同会社", "godo"),
    ("(同)", "godo"),
    ("ゴウドウガイシャ", "godo"),
    ("合名会社", "gomei"),
    ("(名)", "gomei"),
    ("合資会社", "goshi"),
    ("(資)", "goshi"),
    ("相互会社", "sogo"),
    ("公益財団法人", "zaidan"),
    ("一般財団法人", "zaidan"),
    ("財団法人", "zaidan"),
    ("(財)", "zaidan"),
    ("公益社団法人", "shadan"),
    ("一般社団法人", "shadan"),
    ("社団法人", "shadan"),
    ("(社)", "shadan"),
    ("独立行政法人", "dokuho"),
    ("国立大学法人", "dokuho"),
    ("学校法人", "gakko"),
    ("医療法人", "iryo"),
    ("社会福祉法人", "fukushi"),
    ("特定非営利活動法人", "npo"),
    ("NPO法人", "npo"),
    ("投資法人", "toshi"),
    ("有限公司", "cn"),
    ("股份有限公司", "cn"),
    ("有限责任公司", "cn"),
    ("주식회사", "kr"),
    ("(주)", "kr"),
    ("유한회사", "kr"),
)
"""Forms written in kanji, kana or hangul without a blank, with their family; longer ones that contain others first."""
