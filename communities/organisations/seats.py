"""Conditions of row-level security about where an organisation has its seat (huifeng/rowscope/policies.py)."""

from huifeng.rowscope.policies import AREAS, BUREAUS, FOR_A_BUREAU


def seat_in_area(column: str, areas: str = BUREAUS) -> str:
    """The organisation named has its seat in an overseen area; one outside the city is any bureau's."""
    return (
        f"EXISTS (SELECT FROM communities_organisations_organisation seat WHERE seat.id = {{own}}.{column}"
        f" AND (seat.division_id ^@ ANY ({areas}) OR seat.division_id IS NULL AND {FOR_A_BUREAU}))"
    )


def seat_among(column: str, areas: str = AREAS) -> str:
    """As `seat_in_area` for many rows: the organisations of the area are looked up once."""
    return (
        f"{{own}}.{column} IN (SELECT seat.id FROM communities_organisations_organisation seat"
        f" WHERE seat.division_id ^@ ANY ({areas}))"
    )
