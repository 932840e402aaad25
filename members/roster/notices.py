"""What other units are told about a roster."""

from communities.notices import actions as outbox
from communities.organisations.models import Organisation

from .models import ImportBatch, TransferProposal

TRANSFERS = "page:roster/transfers/"


def transfers_asked(batch: ImportBatch, unit: Organisation, count: int) -> None:
    outbox.post(
        unit,
        key=f"transfers-{batch.pk}-{unit.pk}",
        kind="transfer_asked",
        words=f"“{batch.organisation.name}”的名册里有本单位的 {count} 位老同志。如已调转，请同意转出；不是就说明理由。",
        link=TRANSFERS,
        sender_id=batch.organisation_id,
    )


def transfer_decided(proposal: TransferProposal) -> None:
    outcome = proposal.get_state_display()
    reason = f"：{proposal.reason}" if proposal.reason else ""
    outbox.post(
        proposal.to_unit,
        key=f"transfer-{proposal.pk}-{proposal.state}",
        kind="transfer_decided",
        words=f"“{proposal.from_unit.name}”答复{proposal.retiree.name}的转入：{outcome}{reason}",
        person=proposal.retiree_id if proposal.state == TransferProposal.State.ACCEPTED else None,
        link=TRANSFERS,
        sender_id=proposal.from_unit_id,
    )
