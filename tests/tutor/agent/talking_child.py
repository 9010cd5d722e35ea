"""A process of its own that talks with the tutor, to be killed: HOME ENDPOINT TIER LINE...

It writes the name of each tool that starts, and each turn that ends, to `HOME/told`, a line each.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path


async def talk(home: Path, endpoint: str, tier: str, lines: list[str]) -> None:
    import sandbox.isolation
    from sandbox.isolation import Isolation
    from tutor.agent import open_tutor
    from tutor.events import ToolStarted
    from tutor.settings import Settings

    if tier != "namespaces":
        sandbox.isolation.current_isolation = lambda: Isolation("landlock", "a test", "")
    settings = Settings(home=home, embedder="none", model="m", endpoint=endpoint)
    with (home / "told").open("a", encoding="utf-8", buffering=1) as told:
        async with open_tutor(settings, vectors="off") as tutor:
            for line in lines:
                async for event in tutor.turn(line):
                    if isinstance(event, ToolStarted):
                        told.write(f"{event.tool}\n")
                told.write(f"ended {line}\n")


if __name__ == "__main__":
    asyncio.run(talk(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
