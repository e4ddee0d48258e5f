# pyright: strict
"""Works only while it leads, and tells so by an event."""

from __future__ import annotations

import kmagic


def main(client: kmagic.Client) -> None:
    with client.elector("jobs", identity="me", namespace="shop") as candidate, client.recorder("jobs") as recorder:
        lease = client.coordination_v1.leases("shop").get("jobs")
        recorder.event(lease, "Normal", "Leading", f"{candidate.identity} leads")
        candidate.wait_lost()
