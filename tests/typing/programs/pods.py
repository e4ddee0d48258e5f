# pyright: strict
"""Runs a command, follows a log, forwards a port."""

from __future__ import annotations

import urllib.request

import kmagic


def look(client: kmagic.Client, name: str) -> bytes:
    pods = client.core_v1.pods("shop")
    pod = pods.wait(name, condition="Ready", timeout=60)
    print(pod.status.pod_ip, pods.exec(name, ["id"]).check().stdout)
    for line in pods.logs(name, follow=True, tail_lines=10):
        print(line)
        break
    with pods.exec_session(name, ["cat"]) as session:
        session.write(b"hello")
        session.close_stdin()
        print(b"".join(piece.data for piece in session.output()))
    with pods.port_forward(name, ":80") as forward, urllib.request.urlopen(forward.url) as answer:
        body: bytes = answer.read()
    return body
