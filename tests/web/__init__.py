"""The widget, the desk and the shop in a real browser, against a small server made from the two protocol pages."""
