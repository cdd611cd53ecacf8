"""How smoothly the pages move in a real Chromium with much on them."""
