"""Which connector fills which port: the only place that knows both."""


def plug_in() -> None:
    """Called once at start-up."""
    _stores_for_staff()


def _stores_for_staff() -> None:
    """So that nobody is given a role or a token in a store that is not the merchant's."""
    from shangquan.district import door as district
    from shangquan.identity import door as identity

    def merchant_of_store(store_id: int) -> int | None:
        found = district.stores([store_id])
        return found[0].merchant_id if found else None

    identity.register_stores(merchant_of_store)
