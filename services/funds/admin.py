from django.contrib import admin

from services.presets.admin import PresetAdmin

from .models import FundPreset

admin.site.register(FundPreset, PresetAdmin)
