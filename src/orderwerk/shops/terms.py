"""How many whole years the law wants a seller's invoices kept, by the country of the seller."""

# Counted from the end of the year of issue; the longest of tax and accounting law where they differ. The database's function
# `invoices_fewest_years` says the same, and a test compares both.
FEWEST_YEARS = {
    "NL": 7,  # AWR, article 52(4)
    "BE": 10,  # BTW-wetboek, article 60, § 4
    "DE": 8,  # AO, § 147(3), and UStG, § 14b(1), since 2025
    "FR": 10,  # Code de commerce, article L123-22
    "LU": 10,  # Code de commerce, article 16
    "AT": 7,  # BAO, § 132(1)
    "IT": 10,  # Codice civile, article 2220
    "ES": 6,  # Código de Comercio, article 30
    "PT": 10,  # CIVA, article 52
    "IE": 6,  # VAT Consolidation Act 2010, section 84
    "GB": 6,  # VAT Act 1994, schedule 11, paragraph 6(3)
    "DK": 5,  # Bogføringsloven, § 12
    "SE": 7,  # Bokföringslagen, chapter 7, § 2
    "FI": 6,  # Kirjanpitolaki, chapter 2, § 10
    "PL": 6,  # Ordynacja podatkowa, articles 70(1) and 86(1): five from the year in which the tax was due
    "CZ": 10,  # Zákon o DPH, § 35(2)
}
ELSEWHERE = 7


def fewest_years(country: str) -> int:
    """Return the term of a country; of one that is not in the table, or not known, seven years."""
    return FEWEST_YEARS.get(country, ELSEWHERE)
