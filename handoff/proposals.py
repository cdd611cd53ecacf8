"""``python -m handoff.proposals``: what solved cases propose to the content editors, and what became of it.

For the operator at the machine, and for the editor's tools. The proposals are masked; the questions under ``effect``
come as customers wrote them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from handoff.command import at_the_machine, on_one_line, with_database
from handoff.domain.audit import AuditEntry, Did
from handoff.domain.errors import HandoffError
from handoff.domain.proposals import OPEN, Effect, Proposal, ProposalStatus
from handoff.services.proposals import decide
from handoff.store.audit import add_entry
from handoff.store.database import Database
from handoff.store.proposals import effect_of, list_proposals

EPILOG = """status:
  suggested  made by itself, from the root cause of a case
  proposed   made by an agent
  accepted   in the content; `effect` says how its label did since
  ignored    left out
exit codes:
  0  all is well, also when there is no proposal
  1  the database cannot be read, or the proposal is not there or decided already
  2  a wrong argument or setting
"""
STATUSES: Final = {
    "open": OPEN,
    "accepted": (ProposalStatus.ACCEPTED,),
    "ignored": (ProposalStatus.IGNORED,),
    "all": tuple(ProposalStatus),
}


def as_json(proposal: Proposal, number: str, effect: Effect) -> dict[str, object]:
    """A proposal as ``--json`` prints it."""
    return {
        "id": proposal.id,
        "case_number": number,
        "kind": proposal.kind,
        "status": proposal.status,
        "label": proposal.content.label,
        "understood_as": proposal.content.understood_as,
        "examples": list(proposal.content.examples),
        "answer": proposal.content.answer,
        "created_at": proposal.created_at.isoformat(),
        "decided_at": proposal.decided_at.isoformat() if proposal.decided_at else None,
        "effect": {
            "asked": effect.asked,
            "helpful": effect.helpful,
            "unhelpful": effect.unhelpful,
            "handed_over": effect.handed_over,
            "questions": list(effect.questions),
        },
    }


def as_line(proposal: Proposal, number: str) -> str:
    """A proposal for reading."""
    first = on_one_line(proposal.content.examples[0]) if proposal.content.examples else ""
    return f"{proposal.id[:8]}  {number:<9}  {proposal.kind:<8}  {proposal.status:<9}  {first}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m handoff.proposals",
        description="What solved cases propose to the content editors.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print a JSON array on standard output")
    parser.add_argument("--status", choices=list(STATUSES), default="open", help="which ones (default: open)")
    decided = parser.add_mutually_exclusive_group()
    decided.add_argument("--accepted", metavar="ID", help="write down that this one stands in the content, with --as")
    decided.add_argument("--ignored", metavar="ID", help="write down that this one is left out")
    parser.add_argument("--as", dest="label", metavar="LABEL", help="the intent or FAQ that it became a part of")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 1 when it cannot be done, 2 for wrong arguments or settings."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.accepted and not options.label:
        parser.error("--accepted needs --as LABEL: what it became a part of")

    async def work(db: Database) -> int:
        wanted = options.accepted or options.ignored
        if wanted:
            status = ProposalStatus.ACCEPTED if options.accepted else ProposalStatus.IGNORED
            try:
                async with db.write() as connection:
                    now = datetime.now(UTC)
                    decided = await decide(connection, wanted, status, label=options.label, now=now)
                    did = Did.PROPOSAL_ACCEPTED if options.accepted else Did.PROPOSAL_IGNORED
                    told = {"label": options.label} if options.label else {}
                    actor = at_the_machine("handoff.proposals")
                    await add_entry(connection, AuditEntry(now, actor, did, "proposal", decided.id, told))
            except HandoffError as error:
                print(f"handoff.proposals: {error.message}", file=sys.stderr)
                return 1
            return 0
        async with db.read() as connection:
            found = await list_proposals(connection, statuses=STATUSES[options.status])
            effects = [await effect_of(connection, proposal) for proposal, _ in found]
        if options.json:
            rows = [
                as_json(proposal, number, effect) for (proposal, number), effect in zip(found, effects, strict=True)
            ]
            print(json.dumps(rows, ensure_ascii=False, indent=1))
        elif found:
            print("\n".join(as_line(proposal, number) for proposal, number in found))
        else:
            print("There are none.")
        return 0

    return with_database("handoff.proposals", work)


if __name__ == "__main__":
    sys.exit(main())
