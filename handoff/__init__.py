"""The handoff service: conversations, cases, queues and the pages that people meet."""
