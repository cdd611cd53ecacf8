"""One module for each use case: read, decide in the domain, write in one transaction, publish after commit."""
