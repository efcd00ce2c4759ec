"""The page at the root of a FastAPI application, with what gradio must not do shut off."""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from earwitness.apps.web.hearing import Hear, hear
from earwitness.apps.web.keeping import Room
from earwitness.apps.web.settings import PageSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

# Ways into gradio that this page has no use for: fetching, proxying, editing, histories. What is
# left of /run answers nothing that has to wait in the queue.
SHUT = re.compile(
    r"/gradio_api/(file=https?:|file/https?:|proxy=|vibe|undo-vibe|deep_link|run-history|runs|dev/"
    r"|info|openapi|process_recording|custom_component|call/|run/(?!predict)|api/|profiling)"
    r"|/monitoring|/svelte/",
    re.IGNORECASE,
)


def mount(app: FastAPI, settings: PageSettings | None = None, hear: Hear = hear) -> FastAPI:
    """Mount the page at ``/``; call this after every other route is there.

    Args:
        app: of the server.
        settings: of the page.
        hear: listens to one file; a server may have it done by a process of its own.

    Raises:
        MissingExtra: gradio is not installed.
        SettingsError: the folder for uploads cannot be used.
    """
    settings = settings or PageSettings()
    room = Room(settings.folder, keep_s=settings.keep_s)
    atexit.register(room.close)
    os.environ["GRADIO_TEMP_DIR"] = str(room.folder)  # read with every upload
    from earwitness.apps.web import look
    from earwitness.apps.web.desk import Desk
    from earwitness.apps.web.page import build_page
    from earwitness.apps.web.quiet import gr

    blocks = build_page(settings, Desk(settings, room, hear))
    app.add_middleware(Shutter)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        footer_links=[],
        run_history=False,
        max_file_size=f"{settings.most_mb}mb",
        show_error=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        theme=look.theme(),
        css=look.style(),
        head=look.head(),
    )
    # Else gradio takes itself for not yet started, and would open any path that a client names.
    blocks.has_launched = True
    _close_at_the_end(app, room)
    return app


def _close_at_the_end(app: FastAPI, room: Room) -> None:
    """Remove uploads with the application; a signal may end the process before its last words."""
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: Any) -> AsyncIterator[Mapping[str, Any]]:  # noqa: ANN401
        async with inner(running) as state:
            yield state or {}
        room.close()

    app.router.lifespan_context = lifespan


class Shutter:
    """Middleware: what is shut is not there."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - any ASGI application
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401
        """Answer 404 to what is shut, and pass the rest on."""
        if scope["type"] == "http" and SHUT.match(scope["path"]):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._app(scope, receive, send)
