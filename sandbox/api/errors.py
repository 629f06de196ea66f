"""The vendor's error bodies, letter by letter (API fact sheet 3.2)."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.responses import Response

Headers = list[tuple[bytes, bytes]]


class ApiError(Exception):
    """Answers a request with a status and a JSON body, or an empty one for None."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__(status)
        self.status, self.body = status, body

    def as_response(self) -> Response:
        if self.body is None:
            return Response(status_code=self.status)
        return Response(json.dumps(self.body), self.status, media_type="application/json")


def app_key_unknown(status: int) -> ApiError:
    """E1: 403 on versioned routes, 401 on /token and /logout."""
    return ApiError(status, {"error": "Application key is not defined or does not exist"})


def login_failed(step: str, reason: str, confirmation_token: str | None = None) -> ApiError:
    """E2, at whichever step."""
    body = {"State": "Failed", "Step": step, "Reason": reason}
    return ApiError(401, body | ({"ConfirmationToken": confirmation_token} if confirmation_token else {}))


def denied() -> ApiError:
    """E3: no living token, or somebody else's account."""
    return ApiError(401, {"Message": "Authorization has been denied for this request."})


def unexpected() -> ApiError:
    """E4: the wrong kind of id, or a body without a member that has to be there."""
    return ApiError(
        500, {"message": "An error occurred while processing your request", "error": "Unexpected server error"}
    )


def model_invalid(field: str, text: str = "An error has occurred.", *, param: str = "placeParams") -> ApiError:
    """E5."""
    key = f"{param}.{field}" if field else param
    return ApiError(422, {"Message": "Validation error occured while processing entity", "ModelState": {key: [text]}})


def unsupported_version(method: str) -> ApiError:
    """E6: alerts and transactions without a parameter that has to be there."""
    text = f"The requested resource with API version '1.0' does not support HTTP method '{method}'."
    return ApiError(404, {"Error": {"Code": "UnsupportedApiVersion", "Message": text}})


def no_resource(url: str) -> ApiError:
    """E7: an unknown route, or a known one without a parameter that has to be there."""
    return ApiError(404, {"Message": f"No HTTP resource was found that matches the request URI '{url}'."})


def parameter_missing(request: Request) -> ApiError:
    """E6 for alerts and transactions, E7 for the others (C18)."""
    if any(group in request.url.path for group in ("/pricealerts", "/transaction")):
        return unsupported_version(request.method)
    return no_resource(str(request.url))


def request_invalid() -> ApiError:
    """E8."""
    return ApiError(400, {"Message": "The request is invalid."})


def wrapped(status: int, text: str) -> ApiError:
    """E9: the wrapper around some answers about users."""
    return ApiError(status, {"Model": None, "Errors": [text], "StatusCode": status, "IsSucceed": False})


def user_unknown() -> ApiError:
    """E9."""
    return wrapped(500, "User does not exist.")


def registration_failed(errors: list[str], reason: str) -> ApiError:
    """E11."""
    return ApiError(409, {"Errors": errors, "Reason": reason})


def too_many_requests() -> ApiError:
    return ApiError(429, {"Message": "Too many requests"})
