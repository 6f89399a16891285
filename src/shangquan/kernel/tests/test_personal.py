import pytest

from shangquan.kernel import personal


def test_a_sealed_value_comes_back_and_never_looks_the_same_twice() -> None:
    first, second = personal.seal("phone", "13800138000"), personal.seal("phone", "13800138000")
    assert first != second and b"13800138000" not in first
    assert personal.unseal("phone", first) == personal.unseal("phone", second) == "13800138000"


def test_a_cipher_of_one_kind_is_not_read_as_another() -> None:
    with pytest.raises(personal.Unreadable):
        personal.unseal("plate", personal.seal("phone", "13800138000"))


def test_a_changed_cipher_is_refused() -> None:
    sealed = bytearray(personal.seal("phone", "13800138000"))
    sealed[-1] ^= 1
    with pytest.raises(personal.Unreadable):
        personal.unseal("phone", bytes(sealed))


def test_fingerprints_are_keyed_and_told_apart_by_kind(settings: object) -> None:
    first = personal.fingerprint("phone", "13800138000")
    assert first == personal.fingerprint("phone", "13800138000") != personal.fingerprint("device", "13800138000")
    settings.PERSONAL_DATA_KEY = "another"  # type: ignore[attr-defined]
    assert personal.fingerprint("phone", "13800138000") != first
