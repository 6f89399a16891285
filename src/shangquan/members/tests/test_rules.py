import pytest
from hypothesis import given
from hypothesis import strategies as st

from shangquan.members import rules
from shangquan.members.contracts import KeyKind


@given(st.integers(0, 10**9 - 1), st.integers(0, 11), st.integers(1, 9))
def test_a_card_number_is_12_digits_and_one_wrong_digit_shows(number: int, place: int, off: int) -> None:
    card = rules.card_number(number)
    assert len(card) == 12 and card.startswith("88") and rules.is_card_number(card)
    wrong = card[:place] + str((int(card[place]) + off) % 10) + card[place + 1 :]
    assert not rules.is_card_number(wrong)


def test_the_check_digit_is_that_of_the_standards_example() -> None:
    assert rules.luhn_digit("7992739871") == "3"


@pytest.mark.parametrize("text", ["13800138000", "+86 138 0013 8000", "0086-138-0013-8000", " 138-0013-8000 "])
def test_a_phone_is_one_however_it_is_written(text: str) -> None:
    assert rules.normal(KeyKind.PHONE, text) == "13800138000"


@pytest.mark.parametrize("text", ["沪A12345", "沪a·12345", "沪A 12345"])
def test_a_plate_is_one_however_it_is_written(text: str) -> None:
    assert rules.normal(KeyKind.PLATE, text) == "沪A12345"


def test_an_electric_cars_plate_has_one_more_sign() -> None:
    assert rules.normal(KeyKind.PLATE, "沪AD12345") == "沪AD12345"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (KeyKind.PHONE, "12800138000"), (KeyKind.PHONE, ""), (KeyKind.PLATE, "A12345"), (KeyKind.PLATE, "沪1"),
        (KeyKind.FACE, "a b"), (KeyKind.OPENID, ""), (KeyKind.OPENID, "x" * 200), (KeyKind.DEVICE, "zz"),
    ],
)  # fmt: skip
def test_what_is_none_of_its_kind_is_none(kind: KeyKind, text: str) -> None:
    assert rules.normal(kind, text) is None


@pytest.mark.parametrize(("name", "masked"), [("林小雨", "林**"), ("林", "*"), ("", ""), ("Anna", "A***")])
def test_names_are_masked(name: str, masked: str) -> None:
    assert rules.mask_name(name) == masked


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(1, 1000), max_size=8))
def test_shares_are_within_half_a_basis_point(counts: dict[str, int]) -> None:
    whole = sum(counts.values())
    for share in rules.shares(counts):
        assert abs(share.share_bp * whole - share.members * 10_000) * 2 <= whole
