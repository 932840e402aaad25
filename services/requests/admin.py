from django.contrib import admin

from services.presets.admin import PresetAdmin

from .models import RequestPreset

admin.site.register(RequestPreset, PresetAdmin)
