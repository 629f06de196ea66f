"""The pages as one sync application under an ASGI server."""

import gc

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class PagesHandler(ASGIHandler):
    """Django's handler with all of its middleware and views in the request's thread: one change of threads per page.

    Django's own goes back to the event loop between its sync middleware and a sync view: four changes.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def pages_application() -> PagesHandler:
    """What `get_asgi_application` is to Django's own handler."""
    django.setup(set_prefix=False)
    handler = PagesHandler()
    gc.collect()
    gc.freeze()  # what is there for good is not searched for garbage again, while somebody waits for a page
    return handler
