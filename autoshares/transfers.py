"""client.transfers: money in and out. Source: API.md 5.15.

Sent once, always: what became of a transfer after Unavailable is found out by `list`. A refusal raises Conflict or
Invalid.
"""

from collections.abc import Iterator, Sequence

from .enums import TransferMechanism
from .errors import Unavailable
from .models import AchTransfer, CheckTransfer, IraConstraints, Transfer, TransferFee, WireTransfer, ZelleTransfer
from .paging import STYLE_B
from .transport import Transport

TRANSFERS = "/accounts/{account_id}/transfers"


class Transfers:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, account_id: int) -> Iterator[Transfer]:
        """Every transfer, newest first, page by page. GET /accounts/{account_id}/transfers"""
        return self._transport.read_pages(
            TRANSFERS, Transfer.from_wire, STYLE_B, sort="CreatedAt", descending=True, account_id=account_id
        )

    def send_ach(self, account_id: int, transfer: AchTransfer) -> Transfer:
        """Deposit or withdraw by a bank link. POST /accounts/{account_id}/transfers/ach"""
        return self._send(TRANSFERS + "/ach", account_id, transfer)

    def send_wire(self, account_id: int, transfer: WireTransfer) -> Transfer:
        """Withdraw by wire. POST /accounts/{account_id}/transfers/wire"""
        return self._send(TRANSFERS + "/wire", account_id, transfer)

    def send_check(self, account_id: int, transfer: CheckTransfer) -> Transfer:
        """Withdraw by check. POST /accounts/{account_id}/transfers/check"""
        return self._send(TRANSFERS + "/check", account_id, transfer)

    def send_zelle(self, account_id: int, transfer: ZelleTransfer) -> Transfer:
        """Withdraw by Zelle. POST /accounts/{account_id}/transfers/zelle"""
        return self._send(TRANSFERS + "/zelle", account_id, transfer)

    def cancel(self, account_id: int, transfer_id: str, *, comment: str) -> None:
        """Request cancellation. DELETE /accounts/{account_id}/transfers/{transfer_id} -> 204. Raises Conflict."""
        self._transport.write(
            "DELETE",
            TRANSFERS + "/{transfer_id}",
            query={"comment": comment},
            account_id=account_id,
            transfer_id=transfer_id,
        )

    def fees(self, account_id: int, transfer_id: str) -> Sequence[TransferFee]:
        """GET /accounts/{account_id}/transfers/{id}/fees. Raises Conflict."""
        return self._transport.read_all(
            TRANSFERS + "/{id}/fees", TransferFee.from_wire, account_id=account_id, id=transfer_id
        )

    def ira_constraints(self, account_id: int, mechanism: TransferMechanism, *, is_deposit: bool) -> IraConstraints:
        """The reasons that a retirement account may give.

        GET /accounts/{account_id}/transfers/ira_constraints/{mechanism}/{is_deposit}. Raises Conflict.
        """
        return self._transport.read(
            TRANSFERS + "/ira_constraints/{mechanism}/{is_deposit}",
            IraConstraints.from_wire,
            account_id=account_id,
            mechanism=mechanism,
            is_deposit=is_deposit,
        )

    def _send(
        self, endpoint: str, account_id: int, transfer: AchTransfer | WireTransfer | CheckTransfer | ZelleTransfer
    ) -> Transfer:
        answer = self._transport.write("POST", endpoint, body=transfer.to_wire(), account_id=account_id)
        sent = Transfer.from_wire(answer.json())
        if not sent.id:
            # Some 2xx that names no transfer: the money may be on its way all the same.
            raise Unavailable(**answer.facts, detail="no transfer in the answer")
        return sent
