"""What the pages of the console say."""

from django.test import Client


def page(client: Client, path: str) -> str:
    """The text of a page."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return str(answer.content.decode())
