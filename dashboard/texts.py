"""French and English: words, numbers, sizes, dates and spans, as a reader of that language writes them.

Nothing of Dash is imported here, so that reports can speak with the same words.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_day_names, get_month_names
from babel.numbers import NumberPattern, format_currency, format_decimal, format_percent, parse_pattern

from dashboard.words import WORDS
from dashboard.words.catalogue import translations

Language = Literal["en", "fr"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)

NAME_LENGTH: Final = 80
"""Characters of a device's text that a name shows."""

_LOCALES: Final = {"en": Locale.parse("en_GB"), "fr": Locale.parse("fr_FR")}
_MONEY: Final = {"en": "¤#,##0", "fr": "#,##0\u00a0¤"}
_SIZES: Final = {
    "en": ("B", "kB", "MB", "GB", "TB", "PB", "EB"),
    "fr": ("o", "ko", "Mo", "Go", "To", "Po", "Eo"),
}
_THOUSAND: Final = 3
"""Decimals after a comma that may be thousands."""
_NARROW_SPACE: Final = "\u202f"
_SPACE: Final = "\u00a0"
_SPANS: Final = (("days", 2 * 86_400), ("hours", 2 * 3_600), ("minutes", 120), ("seconds", 0))
_SECONDS: Final = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def choose(cookie: str | None, accepted: Iterable[str], default: Language) -> Language:
    """The reader's language: what the switch set, else the first known one that the browser accepts.

    >>> choose(None, ["de-CH", "fr-CH"], "en")
    'fr'
    """
    for wanted in (cookie or "", *accepted):
        for language in LANGUAGES:
            if wanted.lower().split("-")[0] == language:
                return language
    return default


def bare(text: str) -> str:
    """Words of pages mark commands with backticks, which a mail or a sheet of paper would show."""
    return text.replace("`", "")


def plain(text: str | None, limit: int = NAME_LENGTH) -> str:
    """A device's text made safe to show: one line, bounded, nothing invisible.

    Control characters, bidirectional marks and lone surrogates become the visible `\\u....` of their code,
    so that a name can neither hide, turn round nor recolour what stands beside it.
    """
    shown: list[str] = []
    for character in (text or "")[: limit + 1]:
        hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        shown.append(f"\\u{ord(character):04x}" if hidden else character)
    line = "".join(shown)
    return line[: limit - 1] + "…" if len(line) > limit or len(text or "") > limit else line


def product(maker: str | None, model: str | None) -> str:
    """What a thing is called: its maker and its model, the maker once where the model begins with it. "" where neither is known.

    >>> product("HP", "HP EliteDesk 800"), product("Dell Inc.", "Latitude 5440"), product(None, None)
    ('HP EliteDesk 800', 'Dell Inc. Latitude 5440', '')
    """
    one, other = (maker or "").strip(), (model or "").strip()
    if one and other.casefold().startswith(one.casefold()):
        return other
    return f"{one} {other}".strip()


def chipmaker(name: str) -> str:
    """The maker of processors, as names of processors begin with it.

    >>> chipmaker("amd")
    'AMD'
    """
    return _CHIPMAKERS.get(name) or plain(name)


_CHIPMAKERS: Final = {"intel": "Intel", "amd": "AMD", "qualcomm": "Qualcomm"}


def kind_word(kind: str, t: Texts) -> str:
    """The word for a kind of store; the kind itself where it has none."""
    key = f"kind.{kind}"
    return t(key) if key in WORDS else plain(kind)


def purpose(title: str | None, name: str, t: Texts) -> str:
    """What a class of use is called: its title, its name, or words of ours where it is that of all that fit no class."""
    return title or (t("deadlines.other") if name == "other" else name)


def words(key: str, language: str, number: int = 1) -> str:
    """The words of a key in a language, not filled in: of so many, where they are of what is counted.

    Raises KeyError for a key that is not in WORDS. Languages that there is no catalogue of are English.
    """
    source, known = WORDS[key], translations(language)
    said = known.pgettext(key, source) if isinstance(source, str) else known.npgettext(key, *source, number)
    return _typeset(said) if language == "fr" else said


class Texts:
    """One reader's language and timezone. Call it for words: `t("overview.title")`."""

    def __init__(self, language: Language, zone: ZoneInfo) -> None:
        self.language: Language = language
        self.zone = zone
        self.locale = _LOCALES[language]

    def __call__(self, key: str, /, **values: object) -> str:
        """The words of a key, its `{names}` filled in. Raises KeyError for a key that is not in WORDS."""
        return words(key, self.language).format(**values)

    def count(self, key: str, number: float, **values: object) -> str:
        """The words of a counted thing, with `{n}`: of one or of several, as its language counts. Parts are several."""
        whole = number == int(number)
        said = self.number(number, 0 if whole else 2)
        return words(key, self.language, int(number) if whole else 2).format(
            n=said if whole else said.rstrip("0"), **values
        )

    @property
    def unknown(self) -> str:
        return self("unknown")

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with its thousands grouped; the word for unknown where there is none."""
        if value is None:
            return self.unknown
        return str(format_decimal(round(value, digits), format=_decimals(digits), locale=self.locale))

    def size(self, value: float | None) -> str:
        """Bytes in powers of 1,000, three figures: `41.2 TB`, `41,2 To`."""
        if value is None:
            return self.unknown
        number, unit = scale(value)
        digits = 0 if abs(number) >= 100 or unit == 0 else 1 if abs(number) >= 10 else 2
        return f"{self.number(number, digits)}{_SPACE}{_SIZES[self.language][unit]}"

    def typed(self, value: float, digits: int = 4) -> str:
        """A number as people type it into a field, and `inventory.quantities.decimal` reads it: with what is left of so many decimals."""
        whole, _, rest = f"{value:.{digits}f}".partition(".")
        rest = rest.rstrip("0")
        if self.language == "en" or not rest:
            return f"{whole}.{rest}" if rest else whole
        return f"{whole},{rest}0" if len(rest) == _THOUSAND else f"{whole},{rest}"

    def typed_size(self, value: float) -> str:
        """Bytes as people type them into a field, to the byte."""
        number, power = scale(value)
        return f"{self.typed(number, 3 * power)} {self.unit(power)}"

    def unit(self, power: int) -> str:
        """The unit of 1,000^power bytes."""
        return _SIZES[self.language][power]

    def ratio(self, value: float | None) -> str:
        """A share of 1, in percent."""
        if value is None:
            return self.unknown
        return str(
            format_percent(
                value, format="#,##0\u00a0%" if self.language == "fr" else "#,##0%", locale=self.locale
            )
        )

    def share(self, value: float) -> str:
        """A small share of 1, in percent with one decimal."""
        form = "#,##0.0\u00a0%" if self.language == "fr" else "#,##0.0%"
        return str(format_percent(value, format=form, locale=self.locale))

    def day(self, value: dt.date | None) -> str:
        """A day, month in letters: never to be read the wrong way round."""
        if value is None:
            return self.unknown
        return _day(value, self.language)

    def month(self, value: dt.date | None) -> str:
        """A month and its year."""
        if value is None:
            return self.unknown
        return str(format_date(value, format="LLLL y", locale=self.locale))

    def money(self, value: float | None, currency: str) -> str:
        """An amount of money, without cents: `12 500 €`."""
        if value is None:
            return self.unknown
        return str(
            format_currency(
                round(value),
                currency,
                locale=self.locale,
                currency_digits=False,
                format=_MONEY[self.language],
            )
        )

    def instant(self, at: float | None) -> str:
        """Day and time of UTC epoch seconds, in the estate's timezone."""
        if at is None:
            return self.unknown
        moment = dt.datetime.fromtimestamp(at, self.zone)
        shown = str(format_datetime(moment, format="d MMM y, HH:mm", locale=self.locale))
        return _ordinal(shown, self.language)

    def time(self, at: float) -> str:
        """The time of day of UTC epoch seconds, in the estate's timezone."""
        return str(
            format_time(dt.datetime.fromtimestamp(at, self.zone), format="HH:mm:ss", locale=self.locale)
        )

    def calendar(self) -> dict[str, dict[str, dict[str, str | list[str]]]]:
        """Names of days and months, and the order of a date, as Plotly takes them (`config.locales`): the day first, as in texts."""
        days = [get_day_names(width, locale=self.locale) for width in ("wide", "abbreviated")]
        months = [get_month_names(width, locale=self.locale) for width in ("wide", "abbreviated")]
        week = (6, 0, 1, 2, 3, 4, 5)  # Babel begins on Monday, Plotly on Sunday
        names: dict[str, str | list[str]] = {
            "dayMonth": "%-d %b",
            "dayMonthYear": "%-d %b %Y",
            "days": [str(days[0][day]) for day in week],
            "shortDays": [str(days[1][day]) for day in week],
            "months": [str(months[0][month]) for month in range(1, 13)],
            "shortMonths": [str(months[1][month]) for month in range(1, 13)],
        }
        return {self.language: {"dictionary": {}, "format": names}}

    def span(self, seconds: float | None) -> str:
        """A length of time in its largest sensible unit, rounded down: an age is never overstated."""
        if seconds is None:
            return self.unknown
        unit = next(name for name, least in _SPANS if max(seconds, 0) >= least)
        return self.count(f"span.{unit}", int(max(seconds, 0) // _SECONDS[unit]))

    def brief(self, seconds: float | None) -> str:
        """A short duration: `12 ms`, `1.4 s`."""
        if seconds is None:
            return self.unknown
        if seconds < 1:
            return f"{self.number(seconds * 1000)}{_SPACE}ms"
        return f"{self.number(seconds, 1)}{_SPACE}s"


@functools.cache
def _ordinal(day: str, language: Language) -> str:
    """A date as it is written: French has an ordinal for the first day of a month, and CLDR's patterns cannot tell it."""
    return f"1er {day[2:]}" if language == "fr" and day.startswith("1 ") else day


def _typeset(text: str) -> str:
    """A French text with the spaces that no line may break, as the Imprimerie nationale sets them."""
    spaced = re.sub(" ([:%»])", _SPACE + r"\1", text.replace("« ", "«" + _SPACE))
    return re.sub(" ([;!?])", _NARROW_SPACE + r"\1", spaced)


@functools.cache
def _decimals(digits: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * digits if digits else ""))


@functools.lru_cache(4096)
def _day(value: dt.date, language: Language) -> str:
    """A list of stores has the same days over and over."""
    return _ordinal(str(format_date(value, format="d MMM y", locale=_LOCALES[language])), language)


def scale(value: float) -> tuple[float, int]:
    """A number of bytes as (number, power of 1,000), the number at least 1 where it can be.

    >>> scale(41_200_000_000_000)
    (41.2, 4)
    """
    power = 0
    number = float(value)
    # 999.5 would be written 1,000: the next unit is clearer.
    while abs(number) >= 999.5 and power < len(_SIZES["en"]) - 1:
        number /= 1000
        power += 1
    return number, power
