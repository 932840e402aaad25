"""How a page shows itself: dates, numbers, masks, forms, type size and contrast. No models, no rules."""
