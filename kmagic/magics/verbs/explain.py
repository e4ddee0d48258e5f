"""``%kexplain``: what a type's fields mean, as the server's own schema says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kmagic.magics.results.explanation import NoFieldError, explain

if TYPE_CHECKING:
    from kmagic.magics.language.grammar import Command
    from kmagic.magics.session.session import Session

__all__ = ("run",)


def run(command: Command, session: Session) -> object:
    """Explains a type or a field.

    Returns:
        A `KExplain`.
    """
    word = command.arguments[0] if command.arguments else ""
    if word.startswith("."):
        raise command.usage_error("say the type first, for example pods.spec", at=word)
    word = ".".join(filter(None, word.split(".")))
    if not word:
        raise command.usage_error("say which type or field, for example pods.spec")
    if "/" in word or "[" in word:
        raise command.usage_error("write TYPE.FIELD.FIELD: names of objects and places in lists do not matter", at=word)
    depth = command.number("max-depth")
    if depth < 0:
        raise command.usage_error("--max-depth is 0 for all levels, or more", at=str(depth))
    place = session.place_for(command)
    work = explain(place.client, word, command.text("api-version"), recursive=command.on("recursive"), depth=depth)
    try:
        kind, asked = session.run(command, work)
    except NoFieldError as error:
        raise command.usage_error(str(error), at=word) from error
    place.memory.saw_types(place.client.mapper.known_names())
    place.memory.saw_fields(kind.resource, kind.paths())
    return asked
