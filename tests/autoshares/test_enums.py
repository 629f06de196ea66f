import pickle

from autoshares.enums import (
    FINAL_STATUSES,
    OPEN_STATUSES,
    AgreementType,
    OrderStatus,
    TimeInForce,
    filter_codes,
)


class TestOpenWords:
    def test_it_keeps_a_word_that_nobody_told_us(self):
        status = OrderStatus("Frozen")
        assert status == "Frozen"
        assert f"{status}" == "Frozen"
        assert not status.is_known
        assert OrderStatus.NEW.is_known

    def test_it_leaves_the_list_as_it_was(self):
        OrderStatus("Frozen")
        assert "Frozen" not in list(OrderStatus)

    def test_strangers_are_equal_and_travel_between_processes(self):
        assert OrderStatus("Frozen") == OrderStatus("Frozen")
        assert pickle.loads(pickle.dumps(OrderStatus("Frozen"))) == "Frozen"

    def test_it_understands_the_short_forms_of_time_in_force(self):
        assert TimeInForce("GTC") is TimeInForce.GOOD_TILL_CANCEL


class TestOrderStatus:
    def test_every_status_is_either_open_or_final(self):
        assert {status for status in OrderStatus if status.is_open} == OPEN_STATUSES
        assert {status for status in OrderStatus if status.is_final} == FINAL_STATUSES
        assert not OPEN_STATUSES & FINAL_STATUSES

    def test_a_status_we_do_not_know_is_not_the_end(self):
        assert OrderStatus("Frozen").is_open

    def test_it_knows_the_vendors_numbers(self):
        assert OrderStatus.NEW.filter_code == 0
        assert OrderStatus.CANCELED.filter_code == 4
        assert OrderStatus.PENDING_NEW.filter_code == 10
        assert OrderStatus.ERROR.filter_code == 15

    def test_it_makes_up_no_number(self):
        assert OrderStatus.HELD.filter_code is None
        assert OrderStatus("Frozen").filter_code is None
        assert filter_codes([OrderStatus.NEW, OrderStatus.HELD]) is None
        assert filter_codes([OrderStatus.PENDING_NEW, OrderStatus.NEW]) == [0, 10]


class TestAgreementType:
    def test_it_has_a_label_for_every_type_and_for_a_new_one(self):
        assert all(kind.label != kind.value for kind in AgreementType)
        assert AgreementType("CryptoAgreement").label == "CryptoAgreement"

    def test_it_knows_which_ones_are_about_market_data(self):
        assert AgreementType.QUODD.is_market_data
        assert AgreementType.MARKET_DATA_AGREEMENT.is_market_data
        assert not AgreementType.PLATFORM.is_market_data
