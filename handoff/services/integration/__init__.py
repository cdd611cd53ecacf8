"""What other systems do with cases by API: each use case checks the key's scopes and queues."""
