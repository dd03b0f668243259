"""Where a PC is, in words by which whoever signed in there knows it again."""

import pytest

from backend.domain.desk import place_of

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("address", "browser", "words"),
    [
        ("10.3.2.15", f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36", "10.3.2.*，Windows，Chrome 120"),
        (
            "10.3.2.15",
            f"{WINDOWS} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.1",
            "10.3.2.*，Windows，Edge 120",
        ),
        ("10.3.2.15", f"{WINDOWS} Chrome/86.0 Safari/537.36 QIHU 360SE", "10.3.2.*，Windows，360"),
        (
            "10.3.2.15",
            "(X11; Kylin Linux) Firefox/115.0",
            "10.3.2.*，银河麒麟，Firefox 115",
        ),
        ("fd00:1:2:3::7", "", "fd00:0001:0002:*"),
        ("unix:", "curl", "网络不明"),
    ],
)
def test_a_pc_is_told_by_its_network_system_and_browser(
    address: str, browser: str, words: str
) -> None:
    assert place_of(address, browser) == words
