"""How frequent words of Japanese company names are read, and what they are called in English (pure, data)."""

from __future__ import annotations

_WORDS = """
日本 nippon nihon japan | 東京 tokyo | 大阪 osaka | 京都 kyoto | 名古屋 nagoya | 横浜 yokohama | 神戸 kobe |
北海道 hokkaido | 九州 kyushu | 四国 shikoku | 関西 kansai | 関東 kanto | 東北 tohoku | 中部 chubu | 中国 chugoku |
沖縄 okinawa | 静岡 shizuoka | 千葉 chiba | 広島 hiroshima | 福岡 fukuoka | 愛知 aichi | 三菱 mitsubishi |
三井 mitsui | 住友 sumitomo | 日立 hitachi | 富士 fuji | 東洋 toyo | 日産 nissan | 日新 nisshin | 日清 nisshin |
日鉄 nippon steel nittetsu | 東芝 toshiba | 松下 matsushita | 山田 yamada | 山本 yamamoto | 中村 nakamura |
小林 kobayashi | 伊藤 ito itoh | 田中 tanaka | 鈴木 suzuki | 高橋 takahashi | 渡辺 watanabe | 佐藤 sato |
加藤 kato | 吉田 yoshida | 松本 matsumoto | 井上 inoue | 木村 kimura | 清水 shimizu | 林 hayashi | 斉藤 saito |
山口 yamaguchi | 森 mori | 池田 ikeda | 橋本 hashimoto | 石川 ishikawa | 前田 maeda | 藤田 fujita | 岡田 okada |
後藤 goto | 長谷川 hasegawa | 村田 murata | 近藤 kondo | 石井 ishii | 坂本 sakamoto | 遠藤 endo | 青木 aoki |
藤井 fujii | 西村 nishimura | 福田 fukuda | 太田 ota | 三浦 miura | 藤原 fujiwara | 岡本 okamoto | 松田 matsuda |
中島 nakajima | 中野 nakano | 原田 harada | 小野 ono | 田村 tamura | 竹内 takeuchi | 和田 wada | 中山 nakayama |
石田 ishida | 上田 ueda | 森田 morita | 川崎 kawasaki | 大和 yamato daiwa | 大林 obayashi | 大成 taisei |
大正 taisho | 大王 daio | 大日本 dai nippon dainippon | 昭和 showa | 明治 meiji | 平和 heiwa | 朝日 asahi |
旭 asahi | 日東 nitto | 日動 nichido | 東海 tokai | 東亜 toa | 東邦 toho | 東急 tokyu | 東宝 toho |
西日本 west japan nishi nippon | 東日本 east japan higashi nihon | 新日本 shin nippon shin nihon |
中央 chuo central | 第一 daiichi dai ichi | 共同 kyodo | 協和 kyowa | 共和 kyowa | 太平洋 taiheiyo pacific |
帝人 teijin | 帝国 teikoku imperial | 国際 kokusai international | 全国 zenkoku | 新 shin | 丸 maru | 大 dai |
内外 naigai | 中外 chugai | 小松 komatsu | 花王 kao | 資生堂 shiseido | 任天堂 nintendo | 電通 dentsu |
博報堂 hakuhodo | 銀行 ginko bank | 証券 shoken securities | 保険 hoken insurance | 生命 seimei life |
海上 kaijo marine | 火災 kasai fire | 信託 shintaku trust | 投資 toshi investment | 投信 toshin | 顧問 komon |
金融 kinyu financial finance | 工業 kogyo industry industries industrial | 産業 sangyo industry industries |
興業 kogyo | 興産 kosan | 商事 shoji trading | 商会 shokai | 商店 shoten | 物産 bussan | 貿易 boeki trading |
製作所 seisakusho works mfg manufacturing | 製造 seizo manufacturing | 製鋼 seiko steel | 製鉄 seitetsu steel |
製紙 seishi paper | 製薬 seiyaku pharmaceutical pharmaceuticals pharma pharm |
薬品 yakuhin pharmaceutical pharmaceuticals | 薬局 yakkyoku pharmacy | 化学 kagaku chemical chemicals |
化成 kasei chemical | 化工 kako chemical | 電機 denki electric | 電気 denki electric | 電子 denshi electronics |
電力 denryoku electric power | 電工 denko | 電線 densen cable wire | 機械 kikai machinery machine | 精機 seiki |
精工 seiko | 精密 seimitsu precision | 重工業 jukogyo heavy industries | 重工 juko heavy industries |
自動車 jidosha motor motors automobile | 車両 sharyo | 鉄道 tetsudo railway | 鉄工 tekko | 鉄鋼 tekko steel |
金属 kinzoku metal metals | 鉱業 kogyo mining | 鋼業 kogyo steel | 建設 kensetsu construction |
建物 tatemono | 建築 kenchiku | 工務店 komuten | 住宅 jutaku housing | 不動産 fudosan real estate realty |
開発 kaihatsu development | 土地 tochi land | 倉庫 soko warehouse | 運輸 unyu transportation |
運送 unso transport | 物流 butsuryu logistics | 海運 kaiun shipping kaiun | 汽船 kisen | 航空 koku airlines |
通運 tsuun express | 食品 shokuhin food foods | 製菓 seika confectionery | 製粉 seifun flour milling |
製糖 seito sugar | 水産 suisan | 酒造 shuzo brewing | 乳業 nyugyo milk dairy | 飲料 inryo beverage |
紡績 boseki spinning | 繊維 seni textile | 毛織 keori | 印刷 insatsu printing | 出版 shuppan publishing |
新聞 shimbun newspaper | 放送 hoso broadcasting | 通信 tsushin communications | 情報 joho information |
技術 gijutsu technology engineering | 技研 giken | 研究所 kenkyusho research institute laboratory |
石油 sekiyu oil petroleum | 瓦斯 gas gasu | 水道 suido water | 環境 kankyo environment environmental | 空調 kucho |
設備 setsubi | 塗料 toryo paint | 硝子 glass garasu | 百貨店 hyakkaten department store | 薬 kusuri | 本社 honsha |
総合 sogo general | 総研 soken research institute | 農業 nogyo agriculture | 病院 byoin hospital |
大学 daigaku university | 教育 kyoiku education | 学研 gakken | 社 sha
"""

READINGS: dict[str, tuple[str, ...]] = {
    parts[0]: tuple(parts[1:]) for entry in _WORDS.split("|") if (parts := entry.split())
}
"""A word in kanji → its readings and English names. Words of several parts are given part by part."""

LONGEST_WORD = max(map(len, READINGS))

_LETTERS = """
エー エイ エ a | ビー ビイ b | シー シイ c | ディー デイー デー デイ d | イー e | エフ f | ジー g |
エイチ エッチ エチ エツチ h | アイ i | ジェー ジェイ ジエー ジエイ j | ケー ケイ k | エル l | エム m | エヌ n |
オー o | ピー ピイ p | キュー q | アール r | エス s | ティー テー テイー ティ テイ t | ユー u |
ブイ ヴィ ブイー v | ダブリュー ダブリユー ダブリュ w | エックス エツクス x | ワイ y | ゼット ズィー z | アンド and
"""

LETTERS: dict[str, str] = {
    name: parts[-1] for entry in _LETTERS.split("|") if (parts := entry.split()) for name in parts[:-1]
}
"""How the letters of the Latin alphabet are spelt in katakana."""

LONGEST_LETTER = max(map(len, LETTERS))

FORM_WORDS = ("コーポレーション", "コーポレイション", "カンパニー", "インコーポレーテッド", "リミテッド", "株式会社")
"""Katakana for legal forms, which the English name has lost by then."""
