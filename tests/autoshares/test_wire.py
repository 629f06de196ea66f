from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoshares.enums import OrderStatus
from autoshares.wire import Fields, decode_json, encode_json, read_moment, read_number


class TestDecodeJson:
    def test_it_keeps_every_digit(self):
        assert decode_json('{"p": 0.1234567890123456789}') == {"p": Decimal("0.1234567890123456789")}

    def test_it_takes_bytes(self):
        assert decode_json('{"név": 1}'.encode()) == {"név": 1}

    @pytest.mark.parametrize("text", ["NaN", '{"p": Infinity}', "[-Infinity]", "{", "<html>", ""])
    def test_it_refuses_what_is_not_json(self, text):
        with pytest.raises(ValueError):
            decode_json(text)


class TestEncodeJson:
    @pytest.mark.parametrize(
        ("number", "text"),
        [
            ("181.20", "181.20"),
            ("0.0001", "0.0001"),
            ("1E+3", "1000"),
            ("1E-7", "0.0000001"),
            ("-0.01", "-0.01"),
            ("123456789012345678901234.5678", "123456789012345678901234.5678"),
        ],
    )
    def test_it_writes_a_decimal_digit_for_digit(self, number, text):
        assert encode_json({"Price": Decimal(number)}) == f'{{"Price":{text}}}'

    @given(st.decimals(allow_nan=False, allow_infinity=False, places=8))
    def test_it_gives_back_the_number_it_was_given(self, number):
        assert Decimal(decode_json(encode_json([number]))[0]) == number

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
            max_leaves=20,
        )
    )
    def test_it_writes_what_can_be_read_again(self, value):
        assert decode_json(encode_json(value)) == value

    def test_it_writes_a_word_of_ours_as_the_vendors(self):
        assert encode_json([OrderStatus.PARTIALLY_FILLED]) == '["PartiallyFilled"]'

    def test_it_writes_moments_in_utc(self):
        noon_in_new_york = datetime(2026, 5, 4, 12, tzinfo=timezone(timedelta(hours=-4)))
        assert encode_json([noon_in_new_york]) == '["2026-05-04T16:00:00Z"]'

    def test_it_refuses_a_float(self):
        with pytest.raises(TypeError, match="float"):
            encode_json({"Price": 181.2})

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    def test_it_refuses_a_number_without_end(self, number):
        with pytest.raises(ValueError):
            encode_json(Decimal(number))

    def test_it_refuses_a_moment_without_a_zone(self):
        with pytest.raises(ValueError, match="zone"):
            encode_json(datetime(2026, 5, 4))  # noqa: DTZ001


class TestReadMoment:
    def test_it_reads_seven_digits_of_a_second(self):
        assert read_moment("2019-02-25T13:33:40.9022856Z") == datetime(2019, 2, 25, 13, 33, 40, 902285, tzinfo=UTC)

    def test_it_takes_a_moment_without_a_zone_for_utc(self):
        assert read_moment("2019-02-25T13:33:40") == datetime(2019, 2, 25, 13, 33, 40, tzinfo=UTC)

    def test_it_turns_other_zones_into_utc(self):
        assert read_moment("2019-02-25T13:00:00-05:00").hour == 18

    def test_it_reads_unix_milliseconds(self):
        assert read_moment(1777905067104) == datetime(2026, 5, 4, 14, 31, 7, 104000, tzinfo=UTC)

    @pytest.mark.parametrize("value", ["0001-01-01T00:00:00Z", "", None, "soon", -1, 0, True, [], 10**30])
    def test_it_knows_no_date_when_it_sees_none(self, value):
        assert read_moment(value) is None


class TestFields:
    def test_it_reads_what_is_missing_as_nothing(self):
        fields = Fields({})
        assert (fields.text("A"), fields.number("A"), fields.identity("A"), fields.moment("A")) == (
            "", None, None, None,
        )  # fmt: skip
        assert (fields.texts("A"), fields.rows("A", dict), fields.numbers("A")) == ((), (), {})

    @pytest.mark.parametrize("source", [None, [], "text", 7])
    def test_it_reads_no_object_as_an_empty_one(self, source):
        assert Fields(source).text("Id") == ""

    def test_it_reads_minus_one_as_no_id(self):
        assert Fields({"ParentId": -1}).identity("ParentId") is None
        assert Fields({"ParentId": 7}).identity("ParentId") == 7

    def test_it_reads_nought_as_no_price_but_as_an_amount(self):
        fields = Fields({"AveragePrice": 0, "ExecutedQuantity": 0})
        assert fields.price("AveragePrice") is None
        assert fields.amount("ExecutedQuantity") == Decimal(0)

    def test_it_takes_a_number_in_a_text(self):
        assert Fields({"Quantity": "10.00000"}).number("Quantity") == Decimal(10)

    @given(st.one_of(st.none(), st.booleans(), st.text(), st.integers(), st.lists(st.integers())))
    def test_it_never_fails_whatever_a_field_holds(self, value):
        fields = Fields({"X": value})
        for read in (fields.text, fields.number, fields.amount, fields.price, fields.count, fields.identity):
            read("X")
        for read in (fields.flag, fields.moment, fields.texts, fields.numbers):
            read("X")
        fields.word(OrderStatus, "X")
        fields.rows("X", dict)
        fields.row("X", dict)


class TestReadNumber:
    @pytest.mark.parametrize("value", [True, None, "", "ten", [], "NaN", "Infinity"])
    def test_it_takes_nothing_for_a_number_that_is_none(self, value):
        assert read_number(value) is None
