"""Casework in bulk: months of made-up history, and how long its figures take."""
