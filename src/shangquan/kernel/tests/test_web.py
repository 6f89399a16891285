"""What is not there is told as such, to people and to programs."""

import pytest
from django.test import Client

from shangquan.kernel.errors import NOT_FOUND


@pytest.mark.parametrize("address", ["/no-such-page/", "/sign-in/nothing"])
def test_an_unknown_page_answers_404_with_a_sentence(district_id: int, client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404 and NOT_FOUND.code in answer.content.decode()


def test_an_unknown_endpoint_answers_404_as_json(district_id: int, client: Client) -> None:
    answer = client.get("/api/v1/nothing/here")
    assert answer.status_code == 404 and answer.json()["code"] == NOT_FOUND.code
