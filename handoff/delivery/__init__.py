"""Delivery of turns to Rasa: in order, found again after a crash, answered once."""
