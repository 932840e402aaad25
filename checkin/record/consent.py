"""What a retiree agrees to when checking in. A new wording gets a new version; the old ones stay on record."""

VERSION = "2026-11"

LINES = (
    "这些信息只用于居住地联系报到和为您服务。",
    "您的社区、原单位和老干部局可以看到。",
    "您可以随时查看、改正，也可以撤回。",
)
