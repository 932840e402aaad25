"""Foreign keys run down the floors, as imports do; import-linter cannot see what stands in a string."""

import pytest
from django.apps import apps
from django.db import models

FLOORS = ["huifeng", "communities", "members", "checkin", "services", "demo"]
OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def floor(model: type[models.Model]) -> int:
    return FLOORS.index(model.__module__.split(".")[0])


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_no_foreign_key_leads_to_a_higher_floor(model: type[models.Model]) -> None:
    upwards = [
        field.name
        for field in model._meta.concrete_fields
        if field.related_model in OURS and floor(field.related_model) > floor(model)
    ]

    assert upwards == []


def test_the_models_of_every_floor_are_looked_at() -> None:
    assert {floor(model) for model in OURS} == {0, 1, 2, 3, 4, 5}
