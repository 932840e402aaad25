from django.contrib import admin

from services.presets.admin import PresetAdmin

from .models import CarePreset

admin.site.register(CarePreset, PresetAdmin)
