"""The committed snapshot fits together."""

from kmagic.sandbox.schema import snapshot


def test_every_resource_has_a_schema() -> None:
    kinds = {
        (each["group"], each["version"], each["kind"])
        for schema in snapshot.schemas().values()
        for each in schema.get("x-kubernetes-group-version-kind", ())
    }
    for resource in snapshot.resources():
        kind = resource.type
        assert (kind.group, kind.version, kind.kind) in kinds


def test_messages_only_hold_messages_that_are_there_and_scalars() -> None:
    messages = snapshot.messages()
    scalars = {"string", "bytes", "bool", "double", "int32", "int64", "uint32", "uint64"}
    for fields in messages.values():
        for _, rule, kind in fields.values():
            assert kind in messages or kind in scalars
            assert rule in {"", "pointer", "repeated", "string", "int32"}
