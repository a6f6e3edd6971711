"""The code lists that EN 16931 looks into, of what a document of ours may name: countries and currencies.

The codes are those that the rules BR-CL-03, BR-CL-04, BR-CL-14 and BR-CO-09 name in the validation artefacts of its keeper, version 1.3.16
(github.com/ConnectingEurope/eInvoicing-EN16931), which both syntaxes share; a test compares.
"""


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ISO 3166-1, with 1A for Kosovo and XI for Northern Ireland in trade with the European Union.
COUNTRIES = _codes(
    """
    1A AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD
    CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG
    GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR
    KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF
    NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
    SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XI
    YE YT ZA ZM ZW
    """
)
# What stands before a VAT number: a country, where Greece is EL too.
PREFIXES = COUNTRIES | {"EL"}
# ISO 4217 but for two codes: of the dobra UBL knows the older one alone (STD) and CII the newer (STN), and what writes the XML does not
# know the yuan outside of China (CNH).
CURRENCIES = _codes(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP
    CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS
    INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR
    MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
    SHP SLE SOS SRD SSP SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF
    XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG
    """
)
# How the norm calls a place that its list has by another code, or as a part of a country: Kosovo; Ascension and Tristan da Cunha,
# Clipperton, Sark, Diego Garcia, Ceuta and Melilla, the Canary Islands, for which ISO 3166-1 only reserves codes.
_WITHIN = {"XK": "1A", "AC": "SH", "TA": "SH", "CP": "FR", "CQ": "GG", "DG": "IO", "EA": "ES", "IC": "ES"}  # fmt: skip


def country(code: object) -> str:
    """Return a country as the norm writes it; as it is where the norm has no word for it."""
    text = str(code or "")
    return _WITHIN.get(text, text)
