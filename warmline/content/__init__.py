"""The content editor's tools: check, change, train, evaluate and publish what the assistant understands and says."""
