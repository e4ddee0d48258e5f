"""A shell's signs are named, with the way out; text that only looks like them is left alone."""

from __future__ import annotations

import pytest

from kmagic.errors import UsageError
from kmagic.magics.language.grammar import parse
from kmagic.magics.language.registry import KUBECTL, VERBS, kubectl_command
from kmagic.magics.language.shell_signs import shell_sign


def nothing(expression: str) -> object:
    raise NameError(expression)


@pytest.mark.parametrize(
    ("verb", "line", "says"),
    [
        pytest.param("get", "pods | grep web", "| is a pipe, and a magic has none", id="a pipe"),
        pytest.param("get", "pods | grep web", "if 'web' in pod.name", id="to grep: its pattern in Python"),
        pytest.param("get", "pods |grep web", "| is a pipe", id="glued to the right"),
        pytest.param("get", "pods| grep web", "| is a pipe", id="glued to the left"),
        pytest.param("get", "pods|grep web", "| is a pipe", id="glued on both sides"),
        pytest.param("logs", "web-0 | grep -i error", "logs have .grep(", id="of logs"),
        pytest.param("get", "pods -o name | wc -l", "keep the result and go on in Python", id="to something else"),
        pytest.param("get", "pods -o yaml > pods.yaml", "> is a shell's redirection", id="into a file"),
        pytest.param("get", "pods -o yaml >> pods.yaml", ">> is a shell's redirection", id="onto a file"),
        pytest.param("get", "pods -o yaml >pods.yaml", "is a shell's redirection", id="into a file, glued"),
        pytest.param("get", "pods -o yaml>pods.yaml", "> is a shell's redirection", id="glued to a flag's value"),
        pytest.param("get", "pods 2>/dev/null", "2>/dev/null is a shell's redirection", id="of errors"),
        pytest.param("get", "pods 2>&1", "2>&1 is a shell's redirection", id="of errors into the output"),
        pytest.param("get", "pods &> all.txt", "&> is a shell's redirection", id="of both"),
        pytest.param("apply", "-f - <<EOF", "the cell below the magic's line", id="a here-document"),
        pytest.param("apply", "-f - < pod.yaml", "< is a shell's redirection", id="from a file"),
        pytest.param("apply", "-f a.yaml && kubectl delete -f b.yaml", "&& joins commands", id="a second command"),
        pytest.param("apply", "-f a.yaml; kubectl delete -f b.yaml", "; joins commands", id="after a semicolon"),
        pytest.param("apply", "-f a.yaml ; kubectl get pods", "; joins commands", id="after a semicolon alone"),
        pytest.param("delete", "pod web || true", "|| joins commands", id="or else"),
        pytest.param("forward", "svc/web 8080:80 &", "& sends a command of a shell to the background", id="background"),
        pytest.param("delete", "pod web-0; ls", "; joins commands", id="glued to a name"),
        pytest.param("get", "pods -n $(cat ns)", "$( runs a command in a shell", id="a substitution"),
        pytest.param("get", "pods -n `cat ns`", "` runs a command in a shell", id="backticks"),
        pytest.param("exec", "web-0 -- ls | wc", "sh -c '…' runs a line with such signs", id="behind an exec"),
        pytest.param("delete", "pod a -- b | c", "| is a pipe", id="after dashes"),
    ],
)
def test_a_shells_sign_is_refused_before_anything_runs(verb: str, line: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(VERBS[verb], line, None, nothing)
    assert says in caught.value.message
    assert "^" in caught.value.hint
    with pytest.raises(UsageError):
        kubectl_command(f"{'port-forward' if verb == 'forward' else verb} {line}", None, nothing)


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        pytest.param("get", "pods -o jsonpath={.items[?(@.a>1&&@.b<2)].c}", id="a jsonpath"),
        pytest.param("get", "pods -o custom-columns=A:.x[?(@.b>1)].c|d", id="custom columns"),
        pytest.param("get", "pods -l 'tier in (a,b),x>3'", id="a quoted selector"),
        pytest.param("get", "pods '|' \"&&\" ';'", id="quoted signs"),
        pytest.param("annotate", "pod web url=http://x/?a=1&b=2", id="an annotation's value"),
        pytest.param("annotate", "pod web 'note=a > b'", id="a quoted value"),
        pytest.param("patch", """cm a -p '{"data": {"a": "x | y > z; $(V) `c`"}}'""", id="a patch"),
        pytest.param("exec", "web-0 -- sh -c 'ls | wc > /tmp/n; echo `date` && true'", id="a quoted command"),
        pytest.param("get", "pods -n {{a or b}}", id="an expression with blanks"),
    ],
)
def test_text_that_holds_such_signs_is_text(verb: str, line: str) -> None:
    assert parse(VERBS[verb], line, None, lambda _: "shop").verb is VERBS[verb]


def test_the_arrows_of_a_result_are_not_a_redirection() -> None:
    assert parse(VERBS["apply"], "result << -n shop", "kind: Pod", nothing).to == "result"


def test_a_quote_that_is_never_closed_is_a_usage_error_in_a_pasted_line_too() -> None:
    with pytest.raises(UsageError, match="is never closed"):
        kubectl_command("get pods -l 'app=web", None, nothing)
    assert KUBECTL.magic == "kubectl"


@pytest.mark.parametrize("word", ["pods", "web-0", "a.b/c", "-", "8080:80", "note-"])
def test_a_plain_word_has_no_sign(word: str) -> None:
    assert shell_sign(word) is None
