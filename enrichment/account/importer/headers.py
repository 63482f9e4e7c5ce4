"""What the columns of exports are called, in the languages that we have met (pure, data)."""

from __future__ import annotations

from typing import Literal

from enrichment.account.plain_words import normalise

What = Literal["accounts", "activities", "contacts", "aliases"]

LABELS = {
    "id": "account id",
    "name": "company",
    "domain": "domain",
    "country": "country",
    "industry": "industry",
    "location": "location",
    "owner_email": "owner",
    "lifecycle": "lifecycle",
    "parent": "parent",
    "registry_number": "registry number",
    "contract": "contract",
    "contract_until": "contract until",
    "do_not_contact": "do not contact",
    "aliases": "aliases",
    "networks": "networks",
    "last_order": "last order",
    "last_amount": "last amount",
    "account": "account id",
    "account_name": "company",
    "reference": "reference",
    "kind": "kind",
    "at": "date",
    "product": "product",
    "amount": "amount",
    "currency": "currency",
    "note": "note",
    "contact_id": "contact id",
    "person": "name",
    "first_name": "first name",
    "last_name": "last name",
    "role": "role",
    "email": "e-mail",
    "phone": "phone",
    "prefers": "prefers",
    "left": "left",
    "last_spoke": "last spoke",
    "alias": "alias",
    "alias_english": "English name",
    "alias_reading": "reading",
}
"""Field → how people are told about it."""

_ACCOUNT_ID = """account id; accountid; account_id; customer id; customer no; customer number; customer code;
    customerno; client id; client number; crm id; external id; account number; account no; debtor; debtor number;
    kundennummer; kundennr; kunden nr; kunden-nr.; kundenid; kunden id; debitor; debitorennummer; debitornr; konto;
    kontonummer; numéro client; n° client; no client; code client; id client; número de cliente; nº cliente;
    código de cliente; id cliente; codice cliente; numero cliente; n. cliente; klantnummer; klantnr; kundnummer;
    asiakasnumero; nr klienta; numer klienta; 顧客番号; 顧客id; 顧客コード; 得意先コード; 得意先番号; 取引先コード;
    取引先id; 会員番号; 客户编号"""
_COMPANY = """company; company name; account name; account; customer; customer name; client; client name;
    organisation; organization; organisation name; organization name; business name; firm; firma; firmenname;
    kunde; kundenname; name 1; unternehmen; unternehmensname; debitorenname; société; raison sociale;
    nom du client; entreprise; empresa; razón social; nombre de la empresa; cliente; nombre del cliente; azienda;
    ragione sociale; società; nome cliente; bedrijf; bedrijfsnaam; klant; klantnaam; företag; kundnamn; yritys;
    nazwa firmy; klient; razão social; nome da empresa; 会社名; 企業名; 取引先名; 顧客名; 得意先名; 法人名; 社名;
    公司名称; 客户名称"""

_FIELDS: dict[What, dict[str, str]] = {
    "accounts": {
        "id": _ACCOUNT_ID + "; id; record id; nr; nummer; no; code; コード; 番号",
        "name": _COMPANY + "; name; nom; nombre; nome; naam; namn; nimi; nazwa; 名称; 名前",
        "domain": """domain; domains; website; web site; web; url; homepage; home page; company domain;
            company domain name; internet; internetseite; webseite; webadresse; site web; site; site internet;
            sitio web; página web; dominio; sito web; sito; domaine; webbplats; kotisivu; strona www; ドメイン;
            ホームページ; ウェブサイト; サイト; hp; 网站""",
        "country": """country; country code; billing country; land; länderkennzeichen; pays; país; pais; paese;
            nazione; maa; kraj; 国; 国名; 国コード; 国家""",
        "industry": """industry; sector; branch; vertical; branche; wirtschaftszweig; secteur; secteur d'activité;
            actividad; settore; bransch; toimiala; branża; 業種; 業界; 行业""",
        "location": """location; city; town; billing city; address; headquarters; ort; stadt; anschrift; adresse;
            ville; ciudad; dirección; città; indirizzo; plaats; stad; kaupunki; miasto; 所在地; 住所; 市区町村;
            都道府県; 地址""",
        "owner_email": """owner; owner email; owner e-mail; account owner; account manager; sales rep; rep;
            rep email; sales; salesperson; responsible; owner_email; betreuer; kundenbetreuer;
            vertriebsmitarbeiter; vertrieb; zuständig; sachbearbeiter; verantwortlicher; commercial; responsable;
            gestor; comercial; vendedor; responsabile; agente; venditore; accountmanager; säljare; myyjä; opiekun;
            handlowiec; 担当者; 営業担当; 担当; 担当者メール; 销售""",
        "lifecycle": """lifecycle; lifecycle stage; status; stage; type; account type; account status;
            kundenstatus; typ; statut; estado; stato; tila; ステータス; 状態; 区分; 取引状況""",
        "parent": """parent; parent id; parent account id; parent account; parent account number; parent company;
            parent company id; parent customer; parent customer id; parent name; parent domain; ultimate parent;
            head office; muttergesellschaft; mutter; mutterkonto; konzernmutter; übergeordneter kunde;
            übergeordnete firma; übergeordneter account; société mère; maison mère; compte parent; empresa matriz;
            matriz; cuenta principal; cuenta padre; capogruppo; società madre; moedermaatschappij; moederbedrijf;
            moderbolag; emoyhtiö; spółka matka; 親会社; 親会社id; 親会社コード; 親取引先; 親取引先コード; 母公司""",
        "registry_number": """registry number; registration number; company number; company registration number;
            tax id; tax number; tax no; vat; vat id; vat no; vat number; vat registration number; ein; duns;
            duns number; lei; ust-id; ust-idnr; ustid; umsatzsteuer-id; steuernummer; handelsregisternummer; hrb;
            siren; siret; n° tva; numéro de tva; nif; cif; partita iva; p.iva; codice fiscale; kvk; kvk-nummer;
            btw-nummer; organisationsnummer; orgnr; y-tunnus; nip; cnpj; 法人番号; 登録番号; 统一社会信用代码""",
        "contract": """contract; contract type; type of contract; plan; subscription; vertrag; vertragsart;
            vertragstyp;
            wartungsvertrag; contrat; type de contrat; contrato; tipo de contrato; contratto; sopimus; 契約; 契約種別;
            契約形態; 契約プラン; 合同""",
        "contract_until": """contract until; contract end; contract end date; contract ends; contract expires;
            renewal date;
            expiry date; expiration date; subscription end; vertragsende; vertrag bis; laufzeit bis; ablaufdatum;
            fin de contrat; date de fin de contrat; échéance; fin de contrato; vencimiento; scadenza; fine contratto;
            契約終了日; 契約満了日; 契約期限; 更新日; 満了日""",
        "do_not_contact": """do not contact; do not call; do not mail; dnc; no contact; opt out; opted out;
            has opted out;
            unsubscribed; blocked; kontaktsperre; werbesperre; nicht kontaktieren; keine werbung; gesperrt;
            ne pas contacter; opposition; no contactar; non contattare; niet benaderen; 連絡不可; 営業禁止; 連絡禁止;
            配信停止""",
        "aliases": """alias; aliases; also known as; aka; former name; former names; trade name; trading name;
            other names; short name; dba; name 2; kurzname; früherer name; matchcode; nom commercial;
            nombre comercial; nome commerciale; 別名; 旧社名; 略称; 英文社名; 英語名; 英文名""",
        "networks": """networks; network; ip; ip range; ip ranges; cidr; subnet; subnets; prefix; prefixes; netze;
            netz; ip-bereich; réseaux; redes; reti; ネットワーク; ipアドレス""",
        "last_order": """last order; last order date; last purchase; last purchase date; last invoice; last sale;
            last bought; date of last order; last_order; letzter auftrag; letzte bestellung; letzter kauf;
            letzte rechnung; letzterauftrag; dernière commande; date dernière commande; dernier achat;
            último pedido; última compra; fecha último pedido; ultimo ordine; data ultimo ordine; ultimo acquisto;
            laatste bestelling; senaste order; viimeisin tilaus; ostatnie zamówienie; 最終購入日; 最終受注日;
            最終取引日; 最終注文日; 最終売上日; 最后订单""",
        "last_amount": """last order value; last order amount; last amount; last purchase amount;
            last invoice amount; wert letzter auftrag; betrag letzte bestellung; montant dernière commande;
            importe último pedido; importo ultimo ordine; 最終購入金額; 最終受注額""",
        "currency": "currency; currency code; währung; waehrung; devise; monnaie; moneda; divisa; valuta; waluta; 通貨",
    },
    "activities": {
        "account": _ACCOUNT_ID,
        "account_name": _COMPANY,
        "domain": "domain; website; company domain; ドメイン",
        "reference": """id; activity id; order id; order no; order number; invoice no; invoice number; invoice;
            event id; reference; auftragsnummer; bestellnummer; rechnungsnummer; belegnummer; beleg;
            numéro de commande; n° facture; número de pedido; nº factura; numero ordine; numero fattura; 注文番号;
            受注番号; 伝票番号; 請求番号""",
        "kind": """kind; type; activity type; activity; event; event type; category; art; typ; aktivität; vorgang;
            belegart; type d'activité; tipo; tipo de actividad; tipo attività; 種別; 種類; 区分; 活動種別; 類別""",
        "at": """at; date; datetime; time; timestamp; order date; invoice date; activity date; created; created at;
            when; day; datum; auftragsdatum; bestelldatum; rechnungsdatum; belegdatum; zeitpunkt; date de commande;
            date facture; fecha; fecha pedido; fecha factura; data; data ordine; data fattura; päivämäärä; 日付;
            日時; 注文日; 受注日; 購入日; 売上日; 請求日; 活動日; 日期""",
        "product": """product; product name; item; article; sku; description; produkt; artikel; bezeichnung; ware;
            produit; désignation; producto; artículo; prodotto; articolo; tuote; 商品; 商品名; 製品; 製品名; 品名;
            产品""",
        "amount": """amount; value; total; revenue; net; price; order value; order total; invoice amount; sum;
            betrag; umsatz; summe; wert; nettobetrag; auftragswert; rechnungsbetrag; montant; total ht; valeur;
            importe; valor; importo; totale; bedrag; belopp; summa; kwota; 金額; 売上; 売上金額; 受注金額;
            購入金額; 合計; 金额""",
        "currency": "currency; currency code; währung; waehrung; devise; monnaie; moneda; divisa; valuta; waluta; 通貨",
        "note": """note; notes; comment; comments; remark; subject; text; details; notiz; bemerkung; kommentar;
            betreff; commentaire; remarque; nota; comentario; observaciones; commento; 備考; メモ; コメント; 件名""",
    },
    "contacts": {
        "contact_id": """contact id; contactid; contact_id; person id; id; record id; kontakt-id;
            ansprechpartnernr; id contact; id contacto; id contatto; 担当者id; 連絡先id""",
        "account": _ACCOUNT_ID,
        "account_name": _COMPANY,
        "person": """name; full name; contact; contact name; person; ansprechpartner; kontakt; kontaktperson;
            nom complet; contacto; nombre completo; contatto; nominativo; 氏名; 名前; 担当者; 担当者名; お名前;
            姓名""",
        "first_name": "first name; firstname; given name; vorname; prénom; nombre; nome; voornaam; förnamn; imię; 名",
        "last_name": "last name; lastname; surname; family name; nachname; nom; apellido; apellidos; cognome; 姓",
        "role": """role; title; job title; position; function; department; funktion; abteilung; rolle; poste;
            fonction; service; cargo; puesto; ruolo; qualifica; 役職; 部署; 職種; 职位""",
        "email": """email; e-mail; mail; email address; e-mail address; emailadresse; e-mail-adresse; courriel;
            adresse e-mail; correo; correo electrónico; posta elettronica; sähköposti; メール; メールアドレス;
            邮箱""",
        "phone": """phone; telephone; tel; mobile; phone number; telefon; telefonnummer; mobil; téléphone;
            portable; teléfono; móvil; telefono; cellulare; puhelin; 電話; 電話番号; 携帯; 电话""",
        "prefers": """prefers; preferred channel; preference; preferred contact; channel; kontaktweg; bevorzugt;
            préférence; preferencia; preferenza; 希望連絡方法; 連絡方法""",
        "left": """left; has left; inactive; left company; former; ausgeschieden; inaktiv; parti; inactif; baja;
            inactivo; inattivo; 退職; 退社""",
        "do_not_contact": """do not contact; do not call; do not mail; dnc; no contact; opt out; opted out;
            has opted out;
            unsubscribed; blocked; kontaktsperre; werbesperre; nicht kontaktieren; keine werbung; gesperrt;
            ne pas contacter; opposition; no contactar; non contattare; niet benaderen; 連絡不可; 営業禁止; 連絡禁止;
            配信停止""",
        "last_spoke": """last spoke; last spoken; last contact; last contact date; last contacted; last call;
            last activity;
            last activity date; letzter kontakt; zuletzt gesprochen; dernier contact; último contacto;
            ultimo contatto;
            最終連絡日; 最終接触日; 最終コンタクト日""",
    },
    "aliases": {
        "account": _ACCOUNT_ID,
        "account_name": _COMPANY + "; legal name; registered name; name; 提出者名; 商号; 名称; 商号又は名称",
        "domain": "domain; website; company domain; ドメイン",
        "alias": """alias; aliases; also known as; aka; former name; former names; trade name; trade names;
            trading name; other name; other names; dba; brand; brands; old name; früherer name; handelsname; marke;
            ancien nom; nom commercial; nombre comercial; nome commerciale; 別名; 旧社名; 旧商号; 略称; 通称""",
        "alias_english": """提出者名(英字); english name; name in english; name (english); company name english;
            英文社名; 英語名; 英文名; 英文商号; 商号(英字)""",
        "alias_reading": "提出者名(ヨミ); reading; kana; name (kana); フリガナ; カナ; 読み; ヨミ; 社名カナ; 商号(カナ)",
    },
}


FIELDS: dict[What, dict[str, tuple[str, ...]]] = {
    what: {field: tuple(dict.fromkeys(normalise(name) for name in names.split(";"))) for field, names in fields.items()}
    for what, fields in _FIELDS.items()
}
"""Kind of file → field → header names, normalised, the most telling first."""

KINDS: dict[str, str] = {
    word: kind
    for kind, words in {
        "purchase": """purchase; order; invoice; sale; sales; deal; won; closed won; payment; bought; subscription;
            renewal; bestellung; auftrag; rechnung; kauf; commande; facture; achat; vente; pedido; factura; compra;
            venta; ordine; fattura; acquisto; vendita; order confirmation; 購入; 注文; 受注; 請求; 売上; 発注;
            订单""",
        "contact": """contact; call; phone call; meeting; visit; email; e-mail; mail; letter; note; demo;
            appointment; outreach; task; anruf; telefonat; besuch; termin; gesprach; gespräch; kontakt; appel;
            réunion; rendez-vous; visite; llamada; reunión; visita; chiamata; incontro; telefonata; 電話; 訪問;
            商談; 面談; メール; 連絡; 打ち合わせ; 接触""",
        "login": """login; log in; sign in; signin; logon; session; usage; app usage; anmeldung; connexion;
            inicio de sesión; accesso; ログイン; 利用""",
        "reply": """reply; response; answer; replied; inbound; inbound email; antwort; rückmeldung; réponse;
            respuesta; risposta; 返信; 返答; 回答; 反応""",
        "dormancy_reason": """dormancy_reason; dormancy reason; reason; lost reason; churn reason; lost; churn;
            cancellation reason; grund; verlustgrund; kündigungsgrund; raison; motif; motivo; motivo di perdita;
            休眠理由; 理由; 失注理由; 解約理由""",
        "email_open": """email_open; email open; email opened; opened email; opened; mail opened; e-mail geöffnet;
            mail geöffnet;
            ouverture; email ouvert; apertura; correo abierto; メール開封; 開封""",
        "email_click": """email_click; email click; email clicked; email link clicked; clicked email; clicked link;
            link clicked;
            clicked; click; e-mail geklickt; klick; clic; clic email; メールクリック; クリック; リンククリック""",
        "event": """event; webinar; fair; trade fair; trade show; conference; seminar; workshop; event attended;
            attended;
            messe; veranstaltung; schulung; salon; séminaire; feria; evento; fiera; セミナー; 展示会; イベント;
            ウェビナー""",
        "ticket": """ticket; case; support case; support ticket; support request; issue; incident; complaint; request;
            service request; supportanfrage; reklamation; störung; demande; incidencia; segnalazione; richiesta;
            問い合わせ;
            お問い合わせ; チケット; サポート""",
        "usage": """product usage; product use; used; feature used; active use; nutzung; produktnutzung""",
        "return": """refund; credit; credit note; return; cancellation; cancelled order; storno; gutschrift;
            retoure; avoir; remboursement; retour; devolución; abono; reso; nota di credito; rimborso; 返品; 返金;
            取消; キャンセル""",
    }.items()
    for word in (normalise(part) for part in words.split(";"))
}
"""Word for a kind of activity, normalised → our kind; `return` is a purchase taken back."""
