"""The page of a shop's logo."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from orderwerk.shops.queries import shop_detail
from tests import build

pytestmark = pytest.mark.django_db
Enter = Callable[..., Client]


def test_it_is_uploaded_in_the_shops_settings(enter: Enter) -> None:
    world = build.world()
    desk = enter("owner")
    page = reverse("shop_logo", args=[world.shop])

    def send(content: bytes) -> int:
        return desk.post(
            page, {"png": SimpleUploadedFile("x.png", content, "image/png")}
        ).status_code

    assert send(b"GIF89a") == 422
    assert send(build.png()) == 302
    logo = shop_detail(build.TESTER, world.shop_id).logo
    assert logo in desk.get(page).content.decode()
    assert desk.post(page, {}).status_code == 302
    assert shop_detail(build.TESTER, world.shop_id).logo == ""
    assert enter("warehouse").get(page).status_code == 403
