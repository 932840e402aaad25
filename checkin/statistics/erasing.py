"""What an erasure does in this room: nothing, and that is why what was counted stays whole (docs/security.md)."""

COVERS = {
    "checkin_statistics.MonthlyFact": "no name and no number: what was true and counted, by the key of the row",
    "checkin_statistics.MonthlyTotal": "figures of places",
    "checkin_statistics.MonthlyStatement": "states, names of areas, words of officers about figures",
}
