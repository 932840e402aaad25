from typing import Any, cast

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from huifeng.accounts.models import User

from . import actions
from .models import Preset


class PresetAdmin(admin.ModelAdmin):
    """Presets can be renamed, set and switched off; `load_presets` brings them, nothing deletes them."""

    list_display = ("name", "nearby", "key", "order", "is_active")
    list_filter = ("nearby", "is_active")
    search_fields = ("name", "key")
    readonly_fields = ("key", "seeds", "order")

    def save_model(self, request: HttpRequest, obj: Preset, form: ModelForm, change: bool) -> None:
        actions.edit(obj, by=cast(User, request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
