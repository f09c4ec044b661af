"""Observed values held against base and target: the course of every indicator by place, as records, table and chart."""
