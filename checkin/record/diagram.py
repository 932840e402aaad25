"""The table of moves as a picture (Mermaid) and a list: what docs/states.md holds."""

from .models import Act, CheckIn, EndReason, State

# What an arrow is called: the actions that make the move.
ARROWS = {
    Act.SUBMIT: "submit, register, hold_ceremony",
    Act.VERIFY: "verify, or at once when the roster agrees",
    Act.RETURN: "return_to_person",
    Act.SEND_ON: "place, forward (the clock starts again)",
    Act.CONFIRM: "confirm, confirm_many",
    Act.UNDO: "undo_confirm within 24 h",
    Act.WITHDRAW: "withdraw, end_at_death",
    Act.END: "end, end_at_death, or confirm elsewhere",
    Act.RESTORE: "undo_confirm elsewhere, restore_after_death",
}

NEXT = {
    State.DRAFT: "the person",
    State.SUBMITTED: "the unit, its successor, the bureau; for a unit outside, the community",
    State.VERIFIED: "the community; street or bureau while it is not known",
    State.RETURNED: "the person; it stays on the desk that returned it",
}


def as_markdown() -> str:
    """docs/states.md, whole. Raises KeyError for an act without an arrow."""
    lines = [
        "# The states of a check-in (报到)",
        "",
        "Drawn by `manage.py draw_states`; a test keeps it current. The table is `CheckIn.MOVES`.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> draft: start",
    ]
    for act in Act:
        lines += [
            f"    {old.value} --> {new.value}: {ARROWS[act]}" for old, new in CheckIn.MOVES[act].items()
        ]
    lines += ["    withdrawn --> [*]", "```", "", "| state | on the screens | acts next |", "|---|---|---|"]
    lines += [f"| {state.value} | {state.label} | {NEXT.get(state, 'nobody')} |" for state in State]
    reasons = "、".join(f"{reason.label} ({reason.value})" for reason in EndReason)
    return "\n".join([*lines, "", f"Reasons for an end: {reasons}.", ""])
