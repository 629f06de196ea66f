"""What request handlers ask for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from sandbox.world import World


async def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


WorldHere = Annotated[World, Depends(world_of)]
