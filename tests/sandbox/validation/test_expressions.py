"""CEL over the values of custom resources; what whole rules say is compared with the real server."""

from typing import Any

import pytest

from kmagic.sandbox.validation.expressions import ExpressionError, UnplayedError, compiled, seen

TIMES = {
    "type": "object",
    "properties": {
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "every": {"type": "string", "format": "duration"},
        "text": {"type": "string"},
    },
}


@pytest.mark.parametrize(
    ("text", "value", "result"),
    [
        ("self.a < 1.5", {"a": 1}, True),
        ("size(self.s) == 3", {"s": "aäb"}, True),
        ("self.l.map(x, x * 2) == [2, 4]", {"l": [1, 2]}, True),
        ("self.?x.orValue(5)", {}, 5),
        ("self.s.findAll('[0-9]+')", {"s": "a1b22"}, ["1", "22"]),
        ("self.s.findAll('[0-9]+', 1)", {"s": "a1b22"}, ["1"]),
        ("self.s.find('[0-9]+')", {"s": "a"}, ""),
        ("self.l.sum() + self.l.max() - self.l.min()", {"l": [1, 5, 2]}, 12),
        ("self.l.isSorted()", {"l": ["a", "c", "b"]}, False),
        ("[isURL('https://a.b'), isURL('a'), isURL('http://[')]", {}, [True, False, False]),
        ("[isIP('::1'), isIP('1.2.3'), isCIDR('10.0.0.0/8'), isCIDR('x')]", {}, [True, False, True, False]),
        ("[isQuantity('1Mi'), isQuantity('x')]", {}, [True, False]),
    ],
)
def test_expressions_have_the_values_that_the_real_server_gives_them(text: Any, value: Any, result: Any) -> None:
    assert compiled(text).evaluate(value) == result


@pytest.mark.parametrize(
    ("text", "value", "error"),
    [
        ("self.x == 1", {}, "no such key: x"),
        ("1 / self.a == 1", {"a": 0}, "division by zero"),
        ("self.l[3] == 1", {"l": [1]}, "index out of bounds: 3"),
        ("self.a + 'x' == 'y'", {"a": 1}, "no such overload"),
        ("self.a + 9223372036854775807 > 0", {"a": 1}, "integer overflow"),
    ],
)
def test_what_has_no_value_says_why_in_gos_words(text: Any, value: Any, error: Any) -> None:
    with pytest.raises(ExpressionError) as caught:
        compiled(text).evaluate(value)
    assert str(caught.value) == error


def test_what_needs_a_part_of_the_library_that_is_not_here_is_told_from_what_is_wrong() -> None:
    for text in (
        "quantity(self.q).isGreaterThan(quantity('1'))",
        "url(self.u).getHost() == 'a'",
        "ip(self.i).family() == 4",
    ):
        with pytest.raises(UnplayedError):
            compiled(text)
    with pytest.raises(ExpressionError, match="undeclared reference to 'nobody'"):
        compiled("nobody == 1")
    with pytest.raises(ExpressionError, match="Syntax error"):
        compiled("self.a =")


def test_times_are_compared_as_times_wherever_they_are() -> None:
    value = {"at": "2026-01-01T00:00:00.5Z", "day": "2026-01-02", "every": "1h30m", "text": "a\"\\\n'é"}
    shown = seen(value, TIMES)
    for text in (
        "self.at < timestamp('2026-01-01T00:00:01Z') && self.at > timestamp('2026-01-01T00:00:00Z')",
        "self.day > self.at",
        "self.every == duration('90m')",
        "self.text == oldSelf.text",
    ):
        assert compiled(text).evaluate(shown, shown, known=True) is True
    optional = compiled("oldSelf.hasValue() && self.at == oldSelf.value().at", optional=True)
    assert optional.evaluate(shown, shown, known=True) is True
    assert optional.evaluate(shown) is False


def test_values_that_are_no_times_stay_texts() -> None:
    assert seen({"at": "later", "every": "soon"}, TIMES) == {"at": "later", "every": "soon"}


def test_only_fields_of_the_schema_are_seen_under_names_that_expressions_can_write() -> None:
    schema = {"type": "object", "properties": {"a-b": {}, "c.d/e": {}, "x__y": {}, "for": {}, "n": {"type": "number"}}}
    value = {"a-b": 1, "c.d/e": 2, "x__y": 3, "for": 4, "n": 5, "other": 6}
    found = seen(value, schema)
    assert found == {"a__dash__b": 1, "c__dot__d__slash__e": 2, "x__underscores__y": 3, "__for__": 4, "n": 5.0}
    assert isinstance(found["n"], float)


def test_of_a_whole_object_its_kind_and_names_are_seen() -> None:
    obj = {"apiVersion": "v1", "kind": "A", "metadata": {"name": "n", "labels": {"a": "b"}}, "spec": {}}
    assert seen(obj, {"properties": {"spec": {}}}, root=True) == {
        "apiVersion": "v1",
        "kind": "A",
        "metadata": {"name": "n"},
        "spec": {},
    }


def test_the_old_value_is_looked_at_only_where_the_name_is_not_in_a_text() -> None:
    assert compiled("self == oldSelf").uses_old
    assert not compiled("self == 'oldSelf'").uses_old
