"""stub"""

import anyio


async def run_controllers(cluster):
    await anyio.sleep_forever()
