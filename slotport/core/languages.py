"""Languages that a session may be in, as BCP 47 names them: ``de``, ``en-US``, ``zh-Hant-TW``.

See docs/api/export-session.md. Languages are those of ISO 639-1 and some that have three letters only, regions those of
ISO 3166-1, Kosovo, and three of the world's parts. Case means nothing.
"""

import re

_TAG = re.compile(r"([a-z]{2,3})(?:-([a-z]{4}))?(?:-([a-z]{2}|[0-9]{3}))?", re.ASCII | re.IGNORECASE)

_LANGUAGES = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb
    nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    ast bas bem bho brx ceb chr ckb csb doi dsb fil fur gsw guz hak haw hmn hsb ilo kab kam kea kok lij lmo lus mai
    mas mfe mni nan nap nds nso nyn pap pcm quz rom sah sat scn sco shi shn sma smj smn sms syr szl tet tig tok tpi
    tzm vai vec wae war yue zgh
    """.split()
)
_SCRIPTS = frozenset(
    """
    Adlm Arab Armn Beng Cans Cher Cyrl Deva Ethi Geor Grek Gujr Guru Hans Hant Hebr Jpan Khmr Knda Kore Laoo Latn
    Mlym Mong Mtei Mymr Olck Orya Sinh Syrc Taml Telu Tfng Thaa Thai Tibt Vaii Yiii
    """.split()
)
_REGIONS = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW XK 001 150 419
    """.split()
)


def find_language(text: str) -> str | None:
    """The language of that name, in the usual case; None if there is none."""
    tag = _TAG.fullmatch(text)
    if tag is None:
        return None
    language, script, region = tag[1].lower(), (tag[2] or "").title(), (tag[3] or "").upper()
    if language not in _LANGUAGES or (script and script not in _SCRIPTS) or (region and region not in _REGIONS):
        return None
    return "-".join(filter(None, (language, script, region)))
