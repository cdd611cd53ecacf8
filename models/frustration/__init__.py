"""How frustrated a customer's turn is: VADER and a small head on the sentence encoder, calibrated to 0..1."""
