"""The port to the company's own systems: a protocol, the demo shop behind it, and an adapter to an HTTP API."""
