import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rag.types import Document, Span
from rag.ui.viewer.place import Place
from rag.ui.viewer.routes import viewer_route
from tests.fakes import FakePipeline
from tests.html_reading import Reading

DOCUMENT = Document("a", "0", "甲县建成电站41座。" + "后文。\n" * 3000, "报告")
PLACE = Place.of(DOCUMENT, Span(0, 10), [Span(6, 9)])


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = Starlette(routes=[viewer_route(FakePipeline({"a": DOCUMENT}, {}))])
    return TestClient(app, base_url="http://127.0.0.1")


def test_the_text_is_served_with_its_mark(client):
    answer = client.get(PLACE.address("text"))
    assert answer.status_code == 200
    assert Reading(answer.text).marked == "41座"
    assert answer.headers["cache-control"] == "no-store"


def test_more_of_the_text_is_served(client):
    assert "后文" in client.get(PLACE.address("later", edge=9000)).text
    assert "后文" in client.get(PLACE.address("earlier", edge=9000)).text


@pytest.mark.parametrize(
    "place", [Place("gone", "0", Span(0, 3)), Place("a", "1", Span(0, 3))], ids=["gone", "changed"]
)
@pytest.mark.parametrize("name", ["text", "earlier", "later", "page"])
def test_a_document_that_went_or_changed_is_told(client, place, name):
    answer = client.get(place.address(name, edge=3, number=1))
    assert answer.status_code == 200
    assert "The report has gone or changed since" in Reading(answer.text).text


@pytest.mark.parametrize(
    "address",
    [
        "source/text?document=a&hash=0&start=x&end=3",
        "source/text?document=a&hash=0&start=4&end=3",
        "source/text?document=a&hash=0&start=0&end=3&answers=9",
        "source/later?document=a&hash=0&start=0&end=3&edge=<b>",
        "source/page?document=a&hash=0&start=0&end=3&number=1",
    ],
)
def test_an_address_that_names_no_place_is_refused(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert "<b>" not in answer.text


def test_pages_of_other_sites_get_nothing(client):
    answer = client.get(PLACE.address("text"), headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403
    assert "41座" not in answer.text
