from django.contrib import admin

from services.presets.admin import PresetAdmin

from .models import PointsReason

admin.site.register(PointsReason, PresetAdmin)
