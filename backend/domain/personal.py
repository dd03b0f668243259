"""How much of a name and of a phone number is shown."""


def masked_name(name: str) -> str:
    """The first character and two stars, whatever the length: `张**`."""
    return name.strip()[:1] + "**"


def masked_phone(phone: str) -> str:
    """The first three and the last four digits: `138****5678`."""
    return f"{phone[:3]}****{phone[-4:]}"
