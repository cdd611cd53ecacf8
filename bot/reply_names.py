"""Which response each reply is: the REST channel gives back the words of a reply but not the response's name.

A client that wants to know whether it was answered or asked a question needs the name. Rasa has no setting for it, so a
method of the channel's collector is replaced; each reply that it collects gets one member more, ``response``.
"""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.channels.rest import QueueOutputChannel

UTTER_ACTION = "utter_action"
RESPONSE = "response"

_send_response = CollectingOutputChannel.send_response


def name_replies() -> None:
    """Puts the names in force for this process."""
    CollectingOutputChannel.send_response = _send_named


async def _send_named(channel: CollectingOutputChannel, recipient_id: str, message: dict[str, Any]) -> None:
    name = message.get(UTTER_ACTION)
    if name is None or isinstance(channel, QueueOutputChannel):
        await _send_response(channel, recipient_id, message)
        return
    before = len(channel.messages)
    await _send_response(channel, recipient_id, message)
    for said in channel.messages[before:]:
        said[RESPONSE] = name
