"""2.2.1: the window can be installed; its frame has the colours of both themes."""

import struct

import pytest
from cast import anna

from cec.web.installing import ICONS


@pytest.mark.parametrize(
    ("language", "name"), [("ru", "CEC, центр обращений"), ("en", "CEC, customer engagement centre")]
)
def test_the_manifest_is_told_to_anybody_in_his_language(client, language, name):
    answer = client.get(f"/manifest.webmanifest?language={language}")

    assert answer.mimetype == "application/manifest+json"
    told = answer.get_json(force=True)
    assert (told["name"], told["lang"], told["display"], told["start_url"]) == (name, language, "standalone", "/")


def test_every_icon_is_there_and_as_large_as_is_said(client):
    for icon in client.get("/manifest.webmanifest").get_json(force=True)["icons"]:
        with client.get(icon["src"]) as answer:
            width, height = struct.unpack(">II", answer.data[16:24])
        assert icon["sizes"] == f"{width}x{height}"
    assert {purpose for _name, _size, purpose in ICONS} == {"any", "maskable"}


@pytest.mark.parametrize(
    ("theme", "colours"), [("system", ["#ffffff", "#161b24"]), ("light", ["#ffffff"]), ("dark", ["#161b24"])]
)
def test_pages_name_the_manifest_and_the_colours_of_the_theme(signed_in, db, theme, colours):
    anna().theme = theme
    page = signed_in(anna()).get("/profile").text

    assert '<link rel="manifest" href="/manifest.webmanifest?language=ru">' in page
    assert page.count('<meta name="theme-color"') == len(colours)
    assert all(f'content="{colour}"' in page for colour in colours)
