"""Go templates over objects, as kubectl's ``-o go-template`` renders them.

Everything of text/template that values of JSON can show is here: fields, variables, pipelines, ``if``, ``with``,
``range``, ``template`` and ``block``, its functions, and kubectl's own ``exists`` and ``base64decode``.

Source: text/template (exec.go, funcs.go) of Go's standard library, k8s.io/cli-runtime/pkg/printers/template.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from kmagic.api.door import MISREAD
from kmagic.api.go_functions import FUNCTIONS, truth
from kmagic.api.go_template_parser import (
    Action,
    Branch,
    Call,
    Chain,
    Command,
    Constant,
    Field,
    Function,
    GoTemplateError,
    Node,
    Pipe,
    Stop,
    Term,
    Variable,
    parse,
)
from kmagic.api.go_values import go_text, go_type
from kmagic.errors import ArgumentError

__all__ = ("GoTemplate", "GoTemplateError")

# A template that calls itself without end; Go stops much later, where Python has no stack any more.
_MOST_DEEP = 100
_ABSENT: Final = object()
_LAZY = ("and", "or")


class GoTemplate:
    """A parsed template.

    Args:
        text: ``"{{range .items}}{{.metadata.name}} {{end}}"``.
        allow_missing: A field that is not there is ``<no value>`` instead of an error.

    Raises:
        GoTemplateError: It cannot be read.
    """

    def __init__(self, text: str, *, allow_missing: bool = True) -> None:
        self.text = text
        self._allow_missing = allow_missing
        try:
            self._templates = parse(text, {*FUNCTIONS, *_LAZY})
        except ArgumentError:
            raise
        except MISREAD as error:
            raise GoTemplateError(f"it cannot be read: {type(error).__name__}") from error

    def render(self, obj: Any) -> str:
        """The text that it makes of an object.

        Raises:
            GoTemplateError: It does not fit the object.
        """
        run = _Run(self._templates, allow_missing=self._allow_missing)
        try:
            run.template("", obj)
        except ArgumentError:
            raise
        except RecursionError as error:
            raise GoTemplateError("exceeded maximum template depth") from error
        except MISREAD as error:
            raise GoTemplateError(f"it does not fit the object: {type(error).__name__}") from error
        return "".join(run.written)


class _Stopped(Exception):
    """The end of a turn of a range, or of the range."""


class _Run:
    def __init__(self, templates: dict[str, tuple[Node, ...]], *, allow_missing: bool) -> None:
        self.templates = templates
        self.allow_missing = allow_missing
        self.written: list[str] = []
        self.variables: list[tuple[str, Any]] = []
        self.depth = 0

    def template(self, name: str, dot: Any) -> None:
        self.depth += 1
        if self.depth > _MOST_DEEP:
            raise GoTemplateError(f"exceeded maximum template depth ({_MOST_DEEP})")
        outer, self.variables = self.variables, [("$", dot)]
        self.walk(self.templates[name], dot)
        self.variables = outer
        self.depth -= 1

    def walk(self, nodes: tuple[Node, ...], dot: Any) -> None:
        for node in nodes:
            match node:
                case str():
                    self.written.append(node)
                case Action():
                    value = self.pipe(node.pipe, dot)
                    if not node.pipe.variables:
                        self.written.append("<no value>" if value is None else go_text(value))
                case Branch():
                    self.branch(node, dot)
                case Call():
                    if node.name not in self.templates:
                        raise _fault(f'template "{node.name}" not defined', f'{{{{template "{node.name}"}}}}')
                    self.template(node.name, None if node.pipe is None else self.pipe(node.pipe, dot))
                case Stop():
                    raise _Stopped(node.word)

    def branch(self, node: Branch, dot: Any) -> None:
        mark = len(self.variables)
        try:
            value = self.pipe(node.pipe, dot)
            if node.word == "range":
                if not self.range(node, value):
                    self.walk(node.otherwise, dot)
            elif truth(value):
                self.walk(node.body, value if node.word == "with" else dot)
            else:
                self.walk(node.otherwise, dot)
        finally:
            del self.variables[mark:]

    def range(self, node: Branch, value: Any) -> bool:
        """Goes through a value; False for nothing to go through."""
        names, before, went = node.pipe.variables, len(self.variables), False
        for key, item in self.items(node, value):
            went = True
            del self.variables[before:]
            for name, each in zip(names, (key, item) if len(names) > 1 else (item,), strict=False):
                self.set(name, each, assigns=node.pipe.assigns, text=node.pipe.commands[-1].text)
            try:
                self.walk(node.body, item)
            except _Stopped as stop:
                if str(stop) == "break":
                    break
        return went

    def items(self, node: Branch, value: Any) -> Iterable[tuple[Any, Any]]:
        if isinstance(value, dict):
            return sorted(value.items())
        if isinstance(value, list):
            return enumerate(value)
        if value is None:
            return []
        if isinstance(value, int) and not isinstance(value, bool) and len(node.pipe.variables) < 2:
            return enumerate(range(value))
        raise _fault(f"range can't iterate over {go_text(value)}", node.pipe.commands[-1].text)

    # -- values

    def pipe(self, pipe: Pipe, dot: Any) -> Any:
        value: Any = _ABSENT
        for command in pipe.commands:
            value = self.command(command, dot, value)
        for name in pipe.variables:
            self.set(name, value, assigns=pipe.assigns, text=pipe.commands[-1].text)
        return value

    def command(self, command: Command, dot: Any, final: Any) -> Any:
        first, *rest = command.terms
        if isinstance(first, Function):
            return self.call(first.name, rest, dot, final, command.text)
        if rest or final is not _ABSENT:
            what = first.names[-1] if isinstance(first, Field) and first.names else command.text
            if isinstance(first, Field | Variable | Chain) and first.names:
                raise _fault(f"{what} is not a method but has arguments", command.text)
            raise _fault(f"can't give argument to non-function {command.text}", command.text)
        if isinstance(first, Constant) and first.value is None:
            raise _fault("nil is not a command", "nil")
        return self.value(first, dot, command.text)

    def call(self, name: str, terms: list[Term], dot: Any, final: Any, text: str) -> Any:
        if name in _LAZY:
            return self.lazy(name, terms, dot, final, text)
        given = [self.value(term, dot, text) for term in terms]
        given += [] if final is _ABSENT else [final]
        function = FUNCTIONS[name]
        if len(given) < function.least or (function.most is not None and len(given) > function.most):
            wanted = f"want {'at least ' if function.most != function.least else ''}{function.least} got {len(given)}"
            raise _fault(f"wrong number of args for {name}: {wanted}", text)
        try:
            return function.call(*given)
        except ArgumentError as fault:
            raise _fault(f"error calling {name}: {fault}", text) from fault

    def lazy(self, name: str, terms: list[Term], dot: Any, final: Any, text: str) -> Any:
        if not terms and final is _ABSENT:
            raise _fault(f"wrong number of args for {name}: want at least 1 got 0", text)
        value: Any = None
        for term in terms:
            value = self.value(term, dot, text)
            if truth(value) == (name == "or"):
                return value
        return value if final is _ABSENT else final

    def value(self, term: Term, dot: Any, text: str) -> Any:
        match term:
            case Constant():
                return term.value
            case Field():
                return self.fields(dot, term.names, text)
            case Variable():
                return self.fields(self.get(term.name), term.names, text)
            case Chain():
                return self.fields(self.value(term.of, dot, text), term.names, text)
            case Function():
                return self.call(term.name, [], dot, _ABSENT, text)
            case Pipe():
                return self.pipe(term, dot)

    def fields(self, value: Any, names: tuple[str, ...], text: str) -> Any:
        given = value
        for name in names:
            if value is _ABSENT or (given is None and value is None):
                value = _ABSENT  # a field of what is not there is not there either
                continue
            if value is None:
                raise _fault(f"nil pointer evaluating interface {{}}.{name}", text)
            if not isinstance(value, dict):
                kind = go_type(value) if value is given else "interface {}"
                raise _fault(f"can't evaluate field {name} in type {kind}", text)
            if name not in value and not self.allow_missing:
                raise _fault(f'map has no entry for key "{name}"', text)
            value = value.get(name, _ABSENT)
        return None if value is _ABSENT else value

    def get(self, name: str) -> Any:
        return self.variables[self.place_of(name, name)][1]

    def set(self, name: str, value: Any, *, assigns: bool, text: str) -> None:
        if assigns:
            self.variables[self.place_of(name, text)] = (name, value)
        else:
            self.variables.append((name, value))

    def place_of(self, name: str, text: str) -> int:
        # One that was made in a branch not taken is there where it is read, and not here.
        for at in range(len(self.variables) - 1, -1, -1):
            if self.variables[at][0] == name:
                return at
        raise _fault(f"undefined variable: {name}", text)


def _fault(message: str, text: str) -> GoTemplateError:
    return GoTemplateError(f'executing "output" at <{text}>: {message}')
