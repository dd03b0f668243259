"""Codes and numbers that people copy from paper count the same in any case, width and blanks."""

import pytest
from pydantic import TypeAdapter, ValidationError

from backend.http.fields import PaperNumber, RegistrationCode


@pytest.mark.parametrize(
    "written", ["ht-2025-01", "ＨＴ－２０２５－０１", " HT-2025- 01", "HT\u200b-2025–01"]
)
@pytest.mark.parametrize("kind", [PaperNumber, RegistrationCode])
def test_a_number_on_paper_is_one_however_it_is_typed(kind: type[str], written: str) -> None:
    assert TypeAdapter(kind).validate_python(written) == "HT-2025-01"


@pytest.mark.parametrize("written", ["", " \u200b", None, 7, "X" * 61])
def test_what_is_no_number_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(PaperNumber).validate_python(written)
