"""The rows of one order made in bulk, as the checkout would have written them."""

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property

from marketplace.checkout.queries import PricedLine
from marketplace.checkout.rules import released
from marketplace.core.money import split
from marketplace.demo.bulk_batch import Batch, Market, Row
from marketplace.giving.rules import share_equally, spread
from marketplace.ledger.rules import CLEARING, COMMISSION, AccountKey, Purpose, Source
from marketplace.orders.rules import price_shipping, shipping_vat

SENT_AFTER = timedelta(days=1)
PAID_AFTER = timedelta(minutes=2)


class OrderRows:
    """Writes one paid order, sent and released as far as time has gone."""

    def __init__(
        self, batch: Batch, market: Market, dice: random.Random, serial: int, at: datetime
    ) -> None:
        self.batch, self.market, self.dice, self.serial, self.at = batch, market, dice, serial, at
        self.id, self.place = self._new_id(), 0
        self.closed_at = at + SENT_AFTER + market.return_window
        self.parts: dict[uuid.UUID, list[tuple[PricedLine, str]]] = {}
        for line in dice.sample(market.lines, min(dice.choice((1, 2, 2, 3)), len(market.lines))):
            bought = market.buy(line, dice.choice((1, 1, 1, 2)))
            self.parts.setdefault(line.terms.company_id, []).append(bought)
        self.lines = [line for part in self.parts.values() for line, _told in part]
        self.share = sum(line.parts.share_minor for line in self.lines)
        self.top_up = dice.choice((0, 0, 0, 0, 100, 200))
        self.chosen = dice.sample(
            market.projects, min(dice.choice((1, 2, 3)), len(market.projects))
        )
        self.amounts = share_equally(self.share, len(self.chosen))
        self.capture = batch.transaction("capture", self.payment_id, self.id, at + PAID_AFTER)

    @property
    def payment_id(self) -> str:
        """Name a payment that no provider knows."""
        return f"pi_bulk_{self.serial}"

    @property
    def number(self) -> str:
        """Return the number for people."""
        return f"CW-{self.at:%Y}-{self.serial:06d}"

    @cached_property
    def parcels(self) -> dict[uuid.UUID, int]:
        """Return what each company's parcel costs."""
        return {
            company: price_shipping(
                self.market.shipping[company], sum(line.parts.gross_minor for line, _told in part)
            )
            for company, part in self.parts.items()
        }

    @property
    def vat_minor(self) -> int:
        """Return the VAT in lines and parcels."""
        return sum(line.parts.vat_minor for line in self.lines) + sum(
            shipping_vat(self.parcels[company], [line.terms.vat_bp for line, _told in part])
            for company, part in self.parts.items()
        )

    def write(self) -> None:
        """Put all rows into the batch."""
        self._order()
        for place, (project, amount) in enumerate(zip(self.chosen, self.amounts, strict=True)):
            self.batch.add(
                "cause_choice",
                order_id=self.id,
                project_id=project,
                position=place,
                amount_minor=amount,
            )
        spreads = iter(spread([line.parts.share_minor for line in self.lines], self.amounts))
        position = 0
        for place, (company, part) in enumerate(self.parts.items()):
            part_id = self._company_order(place, company)
            for line, told in part:
                self._line(position, part_id, line, told, next(spreads))
                position += 1
        self._top_up()

    def _order(self) -> None:
        items = sum(line.parts.gross_minor for line in self.lines)
        shipping = sum(self.parcels.values())
        total, paid_at = items + shipping + self.top_up, self.at + PAID_AFTER
        self.batch.add(
            "customer_order",
            id=self.id,
            number=self.number,
            token=f"bulk-{self.dice.getrandbits(256):064x}",
            checkout_key=f"bulk-{self.serial}",
            **self._address(),
            locale="en",
            is_public_supporter=False,
            currency=self.market.currency,
            items_minor=items,
            shipping_minor=shipping,
            discount_minor=0,
            top_up_minor=self.top_up,
            total_minor=total,
            vat_minor=self.vat_minor,
            share_minor=self.share,
            captured_minor=total,
            refund_reserved_minor=0,
            refunded_minor=0,
            state="paid",
            payment_id=self.payment_id,
            placed_at=self.at,
            expires_at=self.at + timedelta(minutes=35),
            paid_at=paid_at,
        )
        self.batch.add(
            "payment",
            id=self.payment_id,
            order_id=self.id,
            currency=self.market.currency,
            amount_minor=total,
            state="settled",
            captured_at=paid_at,
            created_at=paid_at,
        )

    def _address(self) -> Row:
        return {
            "email": f"guest{self.serial}@demo.example",
            "name": f"Guest {self.serial}",
            "street": f"Via Lunga {self.serial % 200 + 1}",
            "postal_code": "10121",
            "city": "Torino",
            "country": "IT",
            "phone": "",
        }

    def _company_order(self, place: int, company: uuid.UUID) -> uuid.UUID:
        sent_at, part_id = self.at + SENT_AFTER, self._new_id()
        is_sent = sent_at < self.market.now
        rates = [line.terms.vat_bp for line, _told in self.parts[company]]
        self.batch.add(
            "company_order",
            id=part_id,
            order_id=self.id,
            company_id=company,
            number=f"{self.number}-{place + 1}",
            position=place,
            shipping_minor=self.parcels[company],
            shipping_refunded_minor=0,
            shipping_vat_bp=max(rates),
            state="sent" if is_sent else "to_send",
            tracking="",
            placed_at=self.at,
            sent_at=sent_at if is_sent else None,
            window_closes_at=self.closed_at if is_sent else None,
            released_at=self.closed_at if self.closed_at < self.market.now else None,
        )
        to = AccountKey(Purpose.COMPANY_PENDING, company)
        self._move(to, self.parcels[company], part_id, None, self._release(part_id))
        return part_id

    def _line(
        self,
        position: int,
        part_id: uuid.UUID,
        line: PricedLine,
        told: str,
        amounts: Sequence[int],
    ) -> None:
        line_id, terms, parts = self._new_id(), line.terms, line.parts
        self.batch.add(
            "order_line",
            id=line_id,
            order_id=self.id,
            company_order_id=part_id,
            company_id=terms.company_id,
            variant_id=terms.variant_id,
            product_slug=line.product_slug,
            position=position,
            title=line.title,
            variant_title=line.variant_title,
            sku=line.sku,
            quantity=terms.quantity,
            unit_price_minor=terms.unit_price_minor,
            gross_minor=parts.gross_minor,
            discount_minor=0,
            vat_bp=terms.vat_bp,
            net_minor=parts.net_minor,
            pledge_bp=terms.pledge.share_bp,
            pledge_unit_minor=terms.pledge.unit_minor,
            share_minor=parts.share_minor,
            commission_minor=parts.commission_minor,
            company_minor=parts.company_minor,
            sentence=told,
            refunded_quantity=0,
        )
        self.batch.add(
            "stock_hold",
            order_id=self.id,
            variant_id=terms.variant_id,
            quantity=terms.quantity,
            state="sold",
        )
        release = self._release(line_id)
        to = AccountKey(Purpose.COMPANY_PENDING, terms.company_id)
        self._move(to, parts.company_minor, line_id, None, release)
        self._move(COMMISSION, parts.commission_minor, line_id, None, None)
        self._allocate(amounts, line_id, terms.company_id, release)

    def _top_up(self) -> None:
        if self.top_up:
            weights = self.amounts if self.share else [1] * len(self.amounts)
            release = self._release(f"{self.id}:top_up")
            self._allocate(split(self.top_up, weights), None, None, release)

    def _allocate(
        self,
        amounts: Sequence[int],
        line_id: uuid.UUID | None,
        company: uuid.UUID | None,
        release: Row | None,
    ) -> None:
        source = Source.PLEDGE if line_id else Source.TOP_UP
        for place, amount in enumerate(amounts):
            if amount:
                row = self.batch.add(
                    "allocation",
                    id=self._new_id(),
                    order_id=self.id,
                    line_id=line_id,
                    company_id=company,
                    project_id=self.chosen[place],
                    source=source.value,
                    position=place,
                    amount_minor=amount,
                )
                to = AccountKey(Purpose.PROJECT_PENDING, self.chosen[place], source)
                self._move(to, amount, line_id, row["id"], release)

    def _release(self, subject: object) -> Row | None:
        if self.closed_at >= self.market.now:
            return None
        return self.batch.transaction("release", subject, self.id, self.closed_at)

    def _move(
        self,
        to: AccountKey,
        amount: int,
        line_id: uuid.UUID | None,
        allocation_id: object,
        release: Row | None,
    ) -> None:
        """Capture an amount for an account; in `release`, move it on."""
        if not amount:
            return
        same: Row = {"currency": self.market.currency, "amount_minor": amount, "line_id": line_id}
        captured = self.batch.transfer(
            transaction_id=self.capture,
            position=self._place(),
            debit_id=self.market.accounts[CLEARING],
            credit_id=self.market.accounts[to],
            allocation_id=allocation_id,
            **same,
        )
        if release is not None:
            self.batch.transfer(
                captured,
                transaction_id=release,
                position=self._place(),
                debit_id=self.market.accounts[to],
                credit_id=self.market.accounts[released(to)],
                allocation_id=None,
                **same,
            )

    def _place(self) -> int:
        self.place += 1
        return self.place

    def _new_id(self) -> uuid.UUID:
        """Return a UUIDv7 of the order's time, made of thrown numbers."""
        value = int(self.at.timestamp() * 1000) << 80 | 0x7 << 76
        value |= self.dice.getrandbits(12) << 64 | 0b10 << 62 | self.dice.getrandbits(62)
        return uuid.UUID(int=value)
