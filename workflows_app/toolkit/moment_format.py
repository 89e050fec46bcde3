"""Writing dates with the format letters that older workflows use: `YYYY-MM-DD`, `MMMM Do YYYY, h:mm:ss a`, `[text]`."""

import re
from collections.abc import Callable
from datetime import datetime

TOKEN = re.compile(
    r"\[([^\[\]]*)\]|YYYYYY|YYYY|YY|Y|Qo|Q|MMMM|MMM|MM|Mo|M|DDDD|DDDo|DDD|DD|Do|D|dddd|ddd|dd|do|d|"
    r"GGGG|GG|gggg|gg|WW|Wo|W|ww|wo|w|E|e|HH|H|hh|h|kk|k|mm|m|ss|s|S{1,9}|A|a|ZZ|Z|zz|z|X|x|"
    r"LTS|LT|L{1,4}|l{1,4}"
)
LONG_FORMS = {
    "LT": "h:mm A", "LTS": "h:mm:ss A", "L": "MM/DD/YYYY", "LL": "MMMM D, YYYY", "LLL": "MMMM D, YYYY h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A", "l": "M/D/YYYY", "ll": "MMM D, YYYY", "lll": "MMM D, YYYY h:mm A",
    "llll": "ddd, MMM D, YYYY h:mm A",
}  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def format_moment(moment: datetime, pattern: str) -> str:
    """`moment` as `pattern` says, in its own zone. Text in square brackets and unknown letters stay as they are."""

    def written(found: re.Match[str]) -> str:
        token = found[0]
        if found[1] is not None:
            return found[1]
        if token in LONG_FORMS:
            return format_moment(moment, LONG_FORMS[token])
        if token[0] == "S":
            return f"{moment.microsecond:06d}".ljust(9, "0")[: len(token)]
        return WRITERS[token](moment)

    return TOKEN.sub(written, pattern)


def ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def offset(moment: datetime, separator: str) -> str:
    minutes = round((moment.utcoffset() or moment - moment).total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{separator}{abs(minutes) % 60:02d}"


def day_of_year(moment: datetime) -> int:
    return moment.timetuple().tm_yday


def sunday_based(moment: datetime) -> int:
    return moment.isoweekday() % 7


def week_of_year(moment: datetime) -> tuple[int, int]:
    """(year, week) where weeks begin on Sunday and the first holds January 1st."""
    saturday = day_of_year(moment) + 6 - sunday_based(moment)
    days = 366 if is_leap(moment.year) else 365
    return (moment.year + 1, 1) if saturday > days else (moment.year, (saturday + 6) // 7)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def half(moment: datetime) -> str:
    return "am" if moment.hour < 12 else "pm"


WRITERS: dict[str, Callable[[datetime], str]] = {
    "YYYYYY": lambda m: f"+{m.year:06d}",
    "YYYY": lambda m: f"{m.year:04d}",
    "YY": lambda m: f"{m.year % 100:02d}",
    "Y": lambda m: str(m.year),
    "Q": lambda m: str((m.month + 2) // 3),
    "Qo": lambda m: ordinal((m.month + 2) // 3),
    "MMMM": lambda m: MONTHS[m.month - 1],
    "MMM": lambda m: MONTHS[m.month - 1][:3],
    "MM": lambda m: f"{m.month:02d}",
    "Mo": lambda m: ordinal(m.month),
    "M": lambda m: str(m.month),
    "DDDD": lambda m: f"{day_of_year(m):03d}",
    "DDDo": lambda m: ordinal(day_of_year(m)),
    "DDD": lambda m: str(day_of_year(m)),
    "DD": lambda m: f"{m.day:02d}",
    "Do": lambda m: ordinal(m.day),
    "D": lambda m: str(m.day),
    "dddd": lambda m: DAYS[sunday_based(m)],
    "ddd": lambda m: DAYS[sunday_based(m)][:3],
    "dd": lambda m: DAYS[sunday_based(m)][:2],
    "do": lambda m: ordinal(sunday_based(m)),
    "d": lambda m: str(sunday_based(m)),
    "e": lambda m: str(sunday_based(m)),
    "E": lambda m: str(m.isoweekday()),
    "GGGG": lambda m: f"{m.isocalendar().year:04d}",
    "GG": lambda m: f"{m.isocalendar().year % 100:02d}",
    "WW": lambda m: f"{m.isocalendar().week:02d}",
    "Wo": lambda m: ordinal(m.isocalendar().week),
    "W": lambda m: str(m.isocalendar().week),
    "gggg": lambda m: f"{week_of_year(m)[0]:04d}",
    "gg": lambda m: f"{week_of_year(m)[0] % 100:02d}",
    "ww": lambda m: f"{week_of_year(m)[1]:02d}",
    "wo": lambda m: ordinal(week_of_year(m)[1]),
    "w": lambda m: str(week_of_year(m)[1]),
    "HH": lambda m: f"{m.hour:02d}",
    "H": lambda m: str(m.hour),
    "hh": lambda m: f"{m.hour % 12 or 12:02d}",
    "h": lambda m: str(m.hour % 12 or 12),
    "kk": lambda m: f"{m.hour or 24:02d}",
    "k": lambda m: str(m.hour or 24),
    "mm": lambda m: f"{m.minute:02d}",
    "m": lambda m: str(m.minute),
    "ss": lambda m: f"{m.second:02d}",
    "s": lambda m: str(m.second),
    "A": lambda m: half(m).upper(),
    "a": half,
    "Z": lambda m: offset(m, ":"),
    "ZZ": lambda m: offset(m, ""),
    "z": lambda m: m.tzname() or "",
    "zz": lambda m: m.tzname() or "",
    "X": lambda m: str(int(m.timestamp() // 1)),
    "x": lambda m: str(round(m.timestamp() * 1000)),
}
