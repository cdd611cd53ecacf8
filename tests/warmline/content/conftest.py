"""A small shop's content of its own, which the tests may change."""

from __future__ import annotations

from pathlib import Path

import pytest

from warmline.content.sources import Sources
from warmline.paths import PROJECT_ROOT

DOMAIN = """
intents:
  - order_status
  - greet
  - faq
  - nlu_fallback
entities: [order_number]
slots:
  order_number: {type: text, mappings: [{type: from_entity, entity: order_number}]}
forms:
  order_form: {required_slots: [order_number]}
actions: [action_order_status]
"""

NLU = """version: "3.1"

# Where things are.
nlu:
- intent: order_status
  examples: |
    - where is my order
    - where is [LH-10234](order_number)
    - has my parcel been sent yet
    - when does the postman bring it
- intent: greet  # small talk
  examples: |
    - hello
    - good morning
    - hi there

- intent: nlu_fallback
  examples: |
    - what's the weather like
    - who won the football
    - tell me a joke
"""

FAQ = """version: "3.1"

# Money.
nlu:
- intent: faq/billing_methods
  examples: |
    - how can I pay
    - which cards do you take
    - do you take cheques
- intent: faq/billing_invoice
  examples: |
    - do I get an invoice
    - is there a bill in the box
    - are receipts printed on paper

# What we answer.
responses:
  utter_faq/billing_methods:
  - text: |-
      With a card.
      # this line belongs to the answer

      Or with PayPal.

  # Invoices come by e-mail.
  utter_faq/billing_invoice:
  - text: "By e-mail."   # always
"""

RESPONSES = """responses:
  utter_greet:
  - text: Hello!
  - text: 'Good day.'
    buttons:
    - title: My order
      payload: /order_status
"""

RULES = """rules:
  - rule: greet
    steps:
      - intent: greet
      - action: utter_greet
  - rule: status
    steps:
      - intent: order_status
      - action: action_order_status
  - rule: faq
    steps:
      - intent: faq
      - action: utter_faq
  - rule: away
    steps:
      - intent: nlu_fallback
      - action: utter_greet
"""

QUESTIONS = """questions:
  order_status: [did the courier forget me]
  greet: [good evening to you]
  faq/billing_methods: [is American Express alright]
  faq/billing_invoice: [will I find paperwork inside]
  out_of_scope: [how tall is Everest]
"""


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Five files of content, a domain, a test set; the pipeline is the shipped one."""
    files = {
        "domain.yml": DOMAIN,
        "data/nlu/shop.yml": NLU,
        "data/faq/billing.yml": FAQ,
        "data/responses/talk.yml": RESPONSES,
        "data/rules/shop.yml": RULES,
        "questions/questions.yml": QUESTIONS,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Sources(
        data_dir=tmp_path / "data",
        domain=tmp_path / "domain.yml",
        config=PROJECT_ROOT / "config.yml",
        actions_dir=tmp_path / "actions",
        questions_dir=tmp_path / "questions",
        cache_dir=tmp_path / "cache",
    )
