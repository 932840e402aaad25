from django.contrib import admin

from services.presets.admin import PresetAdmin

from .models import ActivityPreset

admin.site.register(ActivityPreset, PresetAdmin)
