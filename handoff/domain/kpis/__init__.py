"""The KPIs (P30, P31), pure: facts, one function for each KPI, cells that add up, figures. See ``docs/kpis.md``."""
