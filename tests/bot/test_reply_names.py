"""Every reply of the REST channel says which response it is."""

import asyncio

from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.channels.rest import QueueOutputChannel
from rasa.shared.core.events import BotUttered

from bot import reply_names
from bot.reply_names import name_replies


def collected(*messages):
    """What the channel collects of these."""
    channel = CollectingOutputChannel()
    for message in messages:
        asyncio.run(channel.send_response("c-1", message))
    return channel.messages


def named(text, name, **data):
    """A response as Rasa hands it to its channel."""
    return BotUttered(text, data=data or None, metadata={"utter_action": name}).message()


def test_each_part_of_a_response_carries_its_name(monkeypatch):
    monkeypatch.setattr(CollectingOutputChannel, "send_response", reply_names._send_response)
    name_replies()
    said = collected(
        named("Two years.\n\nThree with the plan.", "utter_faq/guarantee"),
        named("Which?", "utter_question_item", buttons=[{"title": "One", "payload": "/one"}]),
    )
    assert [(part["text"], part["response"]) for part in said] == [
        ("Two years.", "utter_faq/guarantee"),
        ("Three with the plan.", "utter_faq/guarantee"),
        ("Which?", "utter_question_item"),
    ]
    assert said[2]["buttons"] == [{"title": "One", "payload": "/one"}]


def test_what_is_no_response_and_what_is_streamed_stay_as_rasa_has_them(monkeypatch):
    monkeypatch.setattr(CollectingOutputChannel, "send_response", reply_names._send_response)
    name_replies()
    assert collected({"text": "Hello", "custom": {"turn": 1}}) == [
        {"recipient_id": "c-1", "text": "Hello"},
        {"recipient_id": "c-1", "custom": {"turn": 1}},
    ]

    async def streamed():
        channel = QueueOutputChannel()
        await channel.send_response("c-1", named("Hello", "utter_greet"))
        return channel.messages.get_nowait()

    assert asyncio.run(streamed()) == {"recipient_id": "c-1", "text": "Hello"}


def test_a_serving_process_names_its_replies(bot):
    assert CollectingOutputChannel.send_response is reply_names._send_named
