# pyright: strict
"""Follows changes, asynchronously."""

from __future__ import annotations

import asyncio

import kmagic


async def main() -> None:
    async with kmagic.AsyncClient() as client:
        pods = client.core_v1.pods("shop")
        listed = await pods.list()
        async for event in pods.watch(resource_version=listed.resource_version):
            print(event.type, event.object.metadata.name, event.object.status.phase)


if __name__ == "__main__":
    asyncio.run(main())
