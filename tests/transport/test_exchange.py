from kmagic.transport.exchange import Message


def test_the_repr_of_a_message_hides_headers_and_body() -> None:
    message = Message("POST", "/x", [("Authorization", "Bearer hush")], b"hush")
    assert repr(message) == "<Message POST /x>"
