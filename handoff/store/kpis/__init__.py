"""The database's side of the KPIs: the facts of some days, and the days that are added up already."""
