"""Every English sentence that a page may show is in the catalogue, is found there again, and is said in German."""

from collections.abc import Mapping

import pytest

from slotport.api.page import texts
from slotport.api.page.refusals import LONGEST, NUMBERS, Pattern
from tests.api.page import raised
from tests.api.page.raised import SAMPLE

GERMAN = texts.texts("de")

#: texts of those modules that nobody is told, and pieces of sentences that are in the catalogue as a whole
NO_SENTENCES = frozenset(
    {
        # names of types, and how values show themselves
        "Match | In | Range | ChangelogRange | Complex",
        "Chosen | None",
        f"Options({SAMPLE}, secrets={SAMPLE})",
        "Samsung Internet",
        "Mac OS X",
        f"user {SAMPLE}",
        f"group {SAMPLE}",
        f"0; url={SAMPLE}",
        # pieces
        *("at most", "at least", "less than", "more than", " - at `"),
        f"must be {SAMPLE}{SAMPLE}",
        f"{SAMPLE}must be {SAMPLE}",
        f"must have {SAMPLE} {SAMPLE} {SAMPLE}",
        f"must be {SAMPLE} {SAMPLE}",
        f"local_id {SAMPLE}",
        f"{SAMPLE} must be one of {SAMPLE}",
        f"{SAMPLE} or null, as the field is",
        f"{SAMPLE} must be {SAMPLE}.",
        f"{SAMPLE} is no date that exists{SAMPLE}.",
        " if the day is first",
        " if the month is first",
        "the day",
        "the month",
        f"Every date fits day-first and month-first; {SAMPLE} was taken to be first. date_order says it.",
        f"The {SAMPLE} {SAMPLE}.",
        "read back and compared",
        "compared by size only",
        "not verified: cannot be read",
        f"{SAMPLE} files of {SAMPLE} bytes stored, {SAMPLE}",
        # what other programs say, and are told
        "Invalid enum value",
        "Object missing required field `(.+)`",
        r"Invalid (?:RFC3339 encoded )?(\w+)",
        "host key verification failed",
        "authentication failures",
        "--out-format=%i %l %n",
        "rsync: [sender]",
        "rsync error:",
        "rsync warning:",
        "rsync relay",
        # mails
        f"Export {SAMPLE}",
        "A new password for Slotport",
    }
)


def filled(pattern: Pattern, values: Mapping[str, str]) -> str:
    """The English sentence."""
    pieces = [piece for part, name in zip(pattern.parts, pattern.names, strict=False) for piece in (part, values[name])]
    return "".join([*pieces, pattern.parts[-1]])


def test_every_sentence_that_a_page_may_show_is_in_the_catalogue() -> None:
    unknown = {
        text: place
        for text, place in raised.sentences().items()
        if text == GERMAN.said(text) and f"must be {text}" == GERMAN.said(f"must be {text}")
    }

    missing = {text: place for text, place in unknown.items() if text not in NO_SENTENCES}
    assert missing == {}, "add these to texts/en/refusals*.ftl and texts/de/refusals*.ftl (docs/design/page.md)"
    assert set(unknown) >= NO_SENTENCES


def test_each_sentence_is_found_again_with_its_values_and_its_translation_holds_them() -> None:
    wrong = {}
    for pattern in texts.sentences().patterns:
        values = {name: "7" if name in NUMBERS else f"/{name}" for name in pattern.names}
        sentence = filled(pattern, values)
        if texts.sentences().find(sentence) != (pattern, values):
            wrong[pattern.key] = sentence
        if not all(value in GERMAN.said(sentence) for value in values.values()):
            wrong[pattern.key] = GERMAN.said(sentence)

    assert wrong == {}


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("must have at most 10000 characters", "darf höchstens 10.000 Zeichen haben"),
        ("must have at most many characters", "must have at most many characters"),
        ("The record has no title.", "Der Eintrag hat keinen Titel."),
        ("there is no such group", "diese Gruppe gibt es nicht"),
        ("There is no such group", "Diese Gruppe gibt es nicht"),
        (
            "end_date must not be before start_date; title is needed",
            "Ende: darf nicht vor dem Beginn liegen; Titel: wird gebraucht",
        ),
        ("the database went away; try again", "die Verbindung zur Datenbank ist abgebrochen; versuche es noch einmal"),
        ("the database went away; the sky fell", "the database went away; the sky fell"),
        ("export.csv.quote must be a text.", "export.csv.quote: muss ein Text sein."),
        (
            'cannot be used: "Mars" is not the IANA name of a time zone',
            'lässt sich nicht verwenden: "Mars" ist nicht der IANA-Name einer Zeitzone',
        ),
        ("icalendar, line 5: there is no BEGIN:VCALENDAR", "icalendar, Zeile 5: BEGIN:VCALENDAR fehlt"),
        ("icalendar, line 5: the sky fell", "icalendar, Zeile 5: the sky fell"),
        ('"7/7" is no date that exists if the day is first.', 'Den Tag "7/7" gibt es nicht, wenn der Tag vorn steht.'),
        (
            "The value of settings.alerts cannot be taken: expected a text, got a number.",
            "Der Wert von settings.alerts lässt sich nicht verwenden: erwartet war ein Text, da steht eine Zahl.",
        ),
        ("title is missing", "Titel fehlt"),
        (
            "storing a.ics is refused: Denied: No.",
            "a.ics ließ sich nicht speichern, der Server lehnt es ab: Denied: No.",
        ),
        ("Looking for a.ics: No such file", "A.ics ließ sich nicht suchen: Diese Datei gibt es nicht"),
        ("ada@x.example: no answer in time", "ada@x.example: keine Antwort in der Zeit"),
        (f"must be from 1 to {2**63 - 1}", "muss zwischen 1 und 9.223.372.036.854.775.807 liegen"),
        ("options.password:secret must be a text.", "options.password:secret: muss ein Text sein."),
        ("the sky fell", "the sky fell"),
        ("", ""),
    ],
)
def test_a_sentence_is_said_in_german_as_far_as_the_catalogue_goes(raised: str, said: str) -> None:
    assert GERMAN.said(raised) == said
    assert texts.texts("en").said(raised) == raised


def test_a_sentence_without_end_is_shown_as_it_is() -> None:
    long = "there is no account " + "x" * LONGEST

    assert GERMAN.said(long) == long
    assert GERMAN.said(long[:100]) == f"das Konto {long[20:100]} gibt es nicht"
