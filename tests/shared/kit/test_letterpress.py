"""The letterpress: a template can say what it is given, and nothing that a tenant's operator writes in one hurts the house."""

import dataclasses
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kit import letterpress
from shared.kit.letterpress import Broken, Reader, Source

READER = Reader("en", "ltr", lambda text: text, lambda one, many, num: one if num == 1 else many, str, str)
VALUES = {"tenant": "Shop & <b>Sons</b>", "code": "4KD7XM", "minutes": 10, "link": "https://id.example/x?a=1&b=2"}

ATTACKS = {
    "a class": "{{ ''.__class__ }}",
    "a class by filter": "{{ ''|attr('__class__') }}",
    "a subscript": "{{ tenant['__class__'] }}",
    "a subclass walk": "{{ ().__class__.__base__.__subclasses__() }}",
    "a global": "{{ cycler.__init__.__globals__ }}",
    "a format": "{{ '{0.__class__}'.format(tenant) }}",
    "a percent": "{{ '%999999999s' % tenant }}",
    "a long product": "{{ 'a' * 10**9 }}",
    "a power": "{{ 9**9**9 }}",
    "a sum": "{{ 1 + 1 }}",
    "a loop": "{% for i in range(10**9) %}x{% endfor %}",
    "a loop over text": "{% for i in tenant %}x{% endfor %}",
    "a loop over itself": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a macro": "{% macro a() %}{{ a() }}{{ a() }}{% endmacro %}{{ a() }}",
    "an assignment": "{% set a = tenant ~ tenant %}",
    "a with": "{% with a = tenant %}{{ a }}{% endwith %}",
    "an include": "{% include 'base.html' %}",
    "an include from elsewhere": "{% include '/etc/passwd' %}",
    "an import": "{% import 'base.html' as b %}",
    "another page": "{% extends 'email_code.html' %}",
    "a page above": "{% extends '../kit/settings.py' %}",
    "a page by name": "{% extends tenant %}",
    "a block by itself": "{% block a %}{{ self.a() }}{% endblock %}",
    "what is above a block": "{% block a %}{{ super() }}{% endblock %}",
    "self": "{{ self }}",
    "a function": "{{ gettext }}",
    "a call": "{{ tenant() }}",
    "range": "{{ range(10) }}",
    "a value for a text": "{{ _(tenant) }}",
    "spread values": "{{ _('x', **tenant) }}",
    "no escape": "{% autoescape false %}{{ tenant }}{% endautoescape %}",
    "marked as safe": "{{ tenant|safe }}",
    "a wide filter": "{{ tenant|center(999999999) }}",
    "a doubling filter": "{{ tenant|replace('a', 'aa')|replace('a', 'aa') }}",
    "a filter over a block": "{% filter upper %}x{% endfilter %}",
    "a test": "{{ tenant is mapping }}",
    "a list": "{{ [tenant, tenant] }}",
    "a dictionary": "{{ {'a': tenant} }}",
    "a slice": "{{ tenant[:1] }}",
    "a deep nest": "{{ " + "(" * 5000 + "tenant" + ")" * 5000 + " }}",
    "a deep not": "{{ " + "not " * 5000 + "tenant }}",
    "a deep condition": "{% if tenant %}" * 3000 + "{% endif %}" * 3000,
    "a long number": "{{ " + "9" * 5000 + " }}",
    "a long template": "x" * 32_001,
    "no end": "{{ tenant",
    "no such value": "{{ nobody }}",
    "no such value in a text": "{{ _('Hello %(x)s') }}",
}


def source(text: str) -> Source:
    return Source("Hello", "x", text)


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_more_than_a_letter_needs_is_refused_at_once(name):
    began = time.monotonic()
    with pytest.raises(Broken) as refusal:
        letterpress.check(source(ATTACKS[name]), VALUES)
        letterpress.press(source(ATTACKS[name]), VALUES, READER)
    assert refusal.value.field == "html"
    assert "0x" not in refusal.value.why
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "text",
    [
        "{{ _('%(a)s%(a)s', a=" * 45 + "tenant" + ")" * 45 + " }}",
        "{{ _('" + "%(a)s" * 6000 + "', a=tenant) }}",
        "{{ _('%(a)999999999s', a=tenant) }}",
        "{{ link }}" * 3000,
        "{{ " + " ~ ".join(["link"] * 4000) + " }}",
        "{{ _('a') }}" * 2600,
        "{{ tenant if code == 'x' else link }}" * 800,
    ],
    ids=["nested texts", "a wide text", "a width", "many values", "a long chain", "many texts", "many conditions"],
)
def test_what_a_template_costs_grows_with_its_length_alone(text):
    began = time.monotonic()
    values = {**VALUES, "link": "https://id.example/" + "x" * 1900, "tenant": "n" * 200}
    try:
        printed = letterpress.press(source(text), values, READER)
        assert len(printed.html) <= letterpress.LONGEST_LETTER
    except Broken:
        pass
    assert time.monotonic() - began < 5


def test_values_are_escaped_in_html_and_plain_in_text():
    text = "{{ tenant }} {{ _('At %(tenant)s: 100%%', tenant=tenant) }} {% trans %}In {{ tenant }}{% endtrans %}"
    printed = letterpress.press(Source(text, text, text), VALUES, READER)
    assert printed.text == "Shop & <b>Sons</b> At Shop & <b>Sons</b>: 100% In Shop & <b>Sons</b>\n"
    escaped = "Shop &amp; &lt;b&gt;Sons&lt;/b&gt;"
    assert printed.html == f"{escaped} At {escaped}: 100% In {escaped}"
    assert printed.subject == printed.text.strip()


def test_what_a_template_may_do():
    text = (
        '{% extends "base.html" %}{% block letter %}'
        '{% if minutes > 5 and not code == "x" %}{{ code|lower }}{% else %}no{% endif %}'
        '{{ tenant ~ "!" }}{{ ngettext("%(num)s minute", "%(num)s minutes", minutes) }}'
        "{% trans num=minutes %}{{ num }} one{% pluralize %}{{ num }} many{% endtrans %}{% endblock %}"
    )
    letterpress.check(source(text), VALUES)
    page = dict.fromkeys(
        ("accent", "on_accent", "ink", "ink_on_dark", "to", "when", "device", "action_url", "support", "support_url"), ""
    )
    printed = letterpress.press(source(text), {**page, **VALUES}, READER)
    assert "4kd7xmShop &amp; &lt;b&gt;Sons&lt;/b&gt;!10 minutes10 many" in printed.html
    assert '<html lang="en" dir="ltr">' in printed.html


@given(st.text())
def test_a_subject_is_one_line_whatever_stands_in_it(text):
    printed = letterpress.press(Source("{{ tenant }}", "x", "x"), {"tenant": text}, READER)
    assert len(printed.subject.splitlines()) <= 1
    assert len(printed.subject) <= 200
    printed.subject.encode()


@given(st.text(alphabet="{}%# abtenant()'\"|.~_\n", max_size=60))
def test_whatever_a_template_is_it_is_printed_or_broken(text):
    try:
        letterpress.press(Source(text, text, text), VALUES, READER)
    except Broken:
        pass


def test_in_a_text_from_right_to_left_values_are_kept_apart():
    reader = dataclasses.replace(READER, tag="ar", direction="rtl")
    text = "{{ _('At %(tenant)s', tenant=tenant) }}"
    printed = letterpress.press(Source(text, text, text), {"tenant": "<Shop>"}, reader)
    assert (printed.text, printed.html) == ("At \u2068<Shop>\u2069\n", "At \u2068&lt;Shop&gt;\u2069")
    assert printed.subject == "At <Shop>"
