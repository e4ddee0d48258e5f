"""The sentences of Go's decoder, as the real server repeats them."""

import json
import random

import pytest

from kmagic.sandbox.schema.go_json import complaint, encode, quote

UNFINISHED = "unexpected end of JSON input"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", UNFINISHED),
        (b" ", UNFINISHED),
        (b'{"kind":', UNFINISHED),
        (b'"abc', UNFINISHED),
        (b"nonsense", "invalid character 'o' in literal null (expecting 'u')"),
        (b"{} {}", "invalid character '{' after top-level value"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b"{a:1}", "invalid character 'a' looking for beginning of object key string"),
        (b"{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b'{"a":01}', "invalid character '1' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b'"a\nb"', "invalid character '\\n' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b"\xff", "invalid character 'ÿ' looking for beginning of value"),
        (b"-x", "invalid character 'x' in numeric literal"),
        (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
        (b"1e+x", "invalid character 'x' in exponent of numeric literal"),
        (b'[{"a":[]},-1.5e3,"\\u00e9",null]', ""),
    ],
)
def test_complaint(text: bytes, words: str) -> None:
    assert complaint(text) == words


def test_it_complains_of_what_is_no_json_and_of_nothing_else() -> None:
    rng = random.Random(1)
    whole = b'{"a":[1,-2.5e+3,true,null,"x\\u00e9\\n"],"b":{"c":{}}, "d":[]}'
    for _ in range(5_000):
        text = bytearray(whole)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            text[at : at + rng.randint(0, 1)] = rng.choices(b'{}[],:"019.eE+-tfnu\\a ', k=rng.randint(0, 1))
        try:
            json.loads(bytes(text))
        except ValueError:
            assert complaint(bytes(text)), text
        else:
            assert not complaint(bytes(text)), text


def test_quote() -> None:
    assert quote('a\n"\\\x01é') == '"a\\n\\"\\\\\\x01é"'


def test_encoding_is_gos() -> None:
    assert encode({"b": 1, "a": "<&>\u2028"}) == r'{"a":"\u003c\u0026\u003e\u2028","b":1}'
