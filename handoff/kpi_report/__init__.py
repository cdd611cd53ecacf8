"""A report of the KPIs as people share it (P33): CSV, tables and charts in a terminal, a page to print."""
