"""The action server: it reads every turn for frustration, hands over, and serves customers from the shop."""
