"""Every text that a person reads can be read in every language of ours."""

from pathlib import Path

import pytest
from babel.messages import Catalog

from shared.kit.languages import LANGUAGES, TRANSLATED
from tests.house import unmarked, words

ROOT = Path(__file__).parents[2]


def test_every_text_of_the_pages_is_marked() -> None:
    assert unmarked.in_templates(ROOT) == []


def test_every_text_that_services_and_forms_say_is_marked() -> None:
    assert unmarked.in_code(ROOT) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_translations_that_are_there_fit_their_texts(language: str) -> None:
    assert words.faults(words.read(language)) == []


def test_an_unmarked_text_is_found(tmp_path: Path) -> None:
    pages, services = tmp_path / "auth_service/templates/pages", tmp_path / "shared/services"
    pages.mkdir(parents=True)
    services.mkdir(parents=True)
    (pages / "a.html").write_text(
        '{# A note #}<p title="Told">Read me {{ name }}</p>{{ button("Press", class="Block it") }}{{ _("Marked") }}'
        '{% trans %}Marked too{% endtrans %}<script>Not read</script>{{ {"Not Found": _("Marked")}["Not Found"] }}'
    )
    (services / "a.py").write_text(
        'raise Invalid("Say more.", field="email")\nraise Invalid(said("Marked."))\n'
        'A = {"a": said("Marked"), "b": "See this too", "c": "no-text"}\nB = {"a": "Not for people"}\n'
    )
    (tmp_path / "auth_service/visitor.py").write_text('flash(f"Hello {name}.", "success")\n')
    assert [found.partition("a.html: ")[2] for found in unmarked.in_templates(tmp_path)] == [
        'title="Told"', "Read me", "Press", "Not Found",
    ]  # fmt: skip
    assert unmarked.in_code(tmp_path) == [
        "shared/services/a.py:1: Say more.", "shared/services/a.py:3: See this too", "auth_service/visitor.py:1: Hello {}.",
    ]  # fmt: skip


def test_a_translation_that_does_not_fit_is_found() -> None:
    catalog = Catalog(locale="fr", fuzzy=False)
    catalog.add("Hello %(name)s", "Bonjour %(nom)s")
    catalog.add("100%% of it", "100% de ça")
    catalog.add("Soon", "Bientôt", flags=["fuzzy"])
    catalog.add(("%(num)s day", "%(num)s days"), ("un jour", "%(num)s jours"))
    assert words.faults(catalog) == ["other placeholders: Bonjour %(nom)s", "other placeholders: 100% de ça", "fuzzy: Soon"]


def test_a_text_without_a_translation_is_found(tmp_path: Path) -> None:
    (tmp_path / "shared/letters").mkdir(parents=True)
    (tmp_path / "shared/letters/a.txt").write_text('{{ _("Old") }} {{ ngettext("%(num)s new", "%(num)s new ones", n) }}')
    catalog = Catalog(locale=LANGUAGES["de"].cldr, fuzzy=False)
    catalog.add("Old", "Alt")
    catalog.add(("%(num)s new", "%(num)s new ones"), ("eins", ""))
    assert words.missing(catalog, words.texts(tmp_path)) == ["%(num)s new"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    """`make words` brings new texts into the catalogs; what then has no translation yet is listed here."""
    found = words.texts()
    missing = words.missing(words.read(language), found)
    assert not missing, "\n    ".join([f"{len(missing)} of {len(found)} texts are not in {LANGUAGES[language].name}:", *missing])
    assert words.written(language, found) == words.file_of(language).read_text(), "run: make words"
