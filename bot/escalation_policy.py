"""The policy: Rasa's rules, and above them the escalation decision of the turn; beside them second requests.

The action server scores every turn and puts its decision into the slot ``escalation``; this policy carries it out. So
nobody who writes rules has to think of escalation, nor of messages that ask for two things, or for what might be either
of two. Rasa reads component signatures at run time, so this module must not
postpone the evaluation of annotations.
"""

import json
from typing import Any, Dict, List, Optional, Set, Text, Tuple

from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted, Restarted, UserUtteranceReverted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT

from bot.pending_requests import ASKED_FOR, TAKEN_FOR, as_asked, intent_of_request, message_key, slot_mapping
from bot.recent_states import RecentStates

ESCALATION_SLOT = "escalation_slot"
HANDOFF_ACTION = "handoff_action"
OFFER_ACTION = "offer_action"
OFFER_INSTEAD_OF = "offer_instead_of"
REQUEST_SLOT = "request_slot"
REQUEST_ACTION = "request_action"
QUESTION_SLOT = "question_slot"
QUESTION_ACTION = "question_action"

REMEMBERED_SITUATIONS = 10_000
"""For how many sequences of states the rules that fit are remembered, about 10 MB; then it begins anew."""

DECISION_NOW = "now"
DECISION_OFFER = "offer"
MESSAGE_ID = "message_id"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class EscalatingRulePolicy(RulePolicy):
    """RulePolicy that hands over or offers a person when the decision of this turn says so.

    ``now``: the handoff action runs before anything else, inside a form too, once after each customer message; then the
    bot listens. ``offer``: when the rules are done and would listen, the offer is made first, once after each message;
    it takes the place of answers that only say sorry (``offer_instead_of``).
    After the fallback action (``core_fallback_action_name``) the bot listens, or the open form asks again.

    A request that waits (slot ``request_slot``) is taken up by ``request_action`` when the rules are done and no form
    is open; the rules of its intent then apply as if it had been asked just then. Where the action server wants to know
    which of two things was meant (slot ``question_slot``), ``question_action`` asks, and the bot listens.
    """

    _longest_rule: Optional[int] = None
    _rules_on_text: bool = True
    _recent_states: RecentStates
    _applicable: Dict[Tuple[int, Text], Set[Text]]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """RulePolicy's settings, and the names of the slot and the two actions."""
        return {
            **RulePolicy.get_default_config(),
            ESCALATION_SLOT: "escalation",
            HANDOFF_ACTION: "action_handoff",
            OFFER_ACTION: "utter_offer_person",
            # Answers that only say sorry and ask on: the offer says it better, and both would be one too many.
            OFFER_INSTEAD_OF: ["utter_complain", "utter_not_helpful", "action_another_answer"],
            REQUEST_SLOT: "next_request",
            REQUEST_ACTION: "action_take_request",
            QUESTION_SLOT: "which_request",
            QUESTION_ACTION: "action_ask_which",
        }

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """The next action; see the class for what outranks the rules."""
        decision = self._decision(tracker)
        handoff, offer = self.config[HANDOFF_ACTION], self.config[OFFER_ACTION]
        done = actions_since_last_message(tracker)
        if decision == DECISION_NOW:
            return self._certain(ACTION_LISTEN_NAME if handoff in done else handoff, tracker, domain)
        if decision == DECISION_OFFER and offer in done:
            return self._certain(ACTION_LISTEN_NAME, tracker, domain)
        prediction = self._request_prediction(tracker, domain, done)
        if prediction is None:
            if done and done[0] == self._fallback_action_name:
                prediction = self._after_fallback(tracker, domain)
            else:
                seen = self._seen_by_rules(tracker, domain, done)
                prediction = super().predict_action_probabilities(seen, domain, rule_only_data, **kwargs)
            if self._predicted(prediction, domain) == ACTION_LISTEN_NAME and self._request_waits(tracker, done):
                return self._certain(self.config[REQUEST_ACTION], tracker, domain)
        if decision == DECISION_OFFER and self._predicted(prediction, domain) in self._before_offer:
            return self._certain(offer, tracker, domain)
        return prediction

    def _decision(self, tracker: DialogueStateTracker) -> Optional[Text]:
        """What the decision of this turn asks for; a decision about another message counts for nothing."""
        decision = slot_mapping(tracker, self.config[ESCALATION_SLOT])
        if not decision or tracker.latest_message is None:
            return None
        metadata = tracker.latest_message.metadata or {}
        if decision.get(MESSAGE_ID) != metadata.get(MESSAGE_ID):
            return None
        return decision.get("action")

    def _request_prediction(
        self, tracker: DialogueStateTracker, domain: Domain, done: List[Text]
    ) -> Optional[PolicyPrediction]:
        """What a question between two requests, or a request that is taken up, asks for; None: it is for the rules."""
        question, take = self.config[QUESTION_ACTION], self.config[REQUEST_ACTION]
        if tracker.active_loop_name is None and self._is_now(tracker, QUESTION_SLOT, ASKED_FOR):
            return self._certain(ACTION_LISTEN_NAME if question in done else question, tracker, domain)
        if not self._is_now(tracker, REQUEST_SLOT, TAKEN_FOR):
            return None
        if tracker.active_loop_name is not None:
            return None  # the form steps aside for the button by itself, and comes back
        if take not in done:
            return self._certain(take, tracker, domain)
        if intent_of_request(slot_mapping(tracker, self.config[REQUEST_SLOT]), domain) is None:
            return self._certain(ACTION_LISTEN_NAME, tracker, domain)
        return None

    def _seen_by_rules(self, tracker: DialogueStateTracker, domain: Domain, done: List[Text]) -> DialogueStateTracker:
        """The conversation as the rules see it: a request that was taken up in this turn counts as asked."""
        take, request = self.config[REQUEST_ACTION], slot_mapping(tracker, self.config[REQUEST_SLOT])
        intent = intent_of_request(request, domain)
        return tracker if take not in done or intent is None else as_asked(tracker, take, intent, request)

    def _request_waits(self, tracker: DialogueStateTracker, done: List[Text]) -> bool:
        request = slot_mapping(tracker, self.config[REQUEST_SLOT])
        waits = bool(request) and not request.get(TAKEN_FOR) and self.config[REQUEST_ACTION] not in done
        return waits and tracker.active_loop_name is None

    def _is_now(self, tracker: DialogueStateTracker, slot: Text, member: Text) -> bool:
        """Whether what the slot holds is about the latest message."""
        named = slot_mapping(tracker, self.config[slot]).get(member)
        return named is not None and named == message_key(tracker)

    def _after_fallback(self, tracker: DialogueStateTracker, domain: Domain) -> PolicyPrediction:
        """Back to the open form, which asks its question again, or else the customer's turn.

        Rasa's own fallback action makes the customer's message undone, and with it the score of the turn. Any utterance
        can stand in its place here.
        """
        form = tracker.active_loop_name
        if form is None:
            return self._certain(ACTION_LISTEN_NAME, tracker, domain)
        return self._rule_prediction(
            self._prediction_result(form, tracker, domain), form, returning_from_unhappy_path=True
        )

    def _certain(self, action: Text, tracker: DialogueStateTracker, domain: Domain) -> PolicyPrediction:
        return self._prediction(self._prediction_result(action, tracker, domain))

    @property
    def _before_offer(self) -> Set[Text]:
        """The actions in whose place a person is offered."""
        return {ACTION_LISTEN_NAME, *self.config[OFFER_INSTEAD_OF]}

    @staticmethod
    def _predicted(prediction: PolicyPrediction, domain: Domain) -> Optional[Text]:
        """The action that was predicted; None where no rule fits."""
        if prediction.max_confidence <= 0:
            return None
        return domain.action_names_or_texts[prediction.max_confidence_index]

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: Optional[Dict[Text, Any]] = None,
    ) -> List[State]:
        """Only as many states of the history as the longest rule looks at; older ones cannot change what matches.

        RulePolicy builds the states of the whole history at every prediction, half of a turn's time.
        """
        if self._longest_rule is None or isinstance(tracker, TrackerWithCachedStates):
            return super()._prediction_states(tracker, domain, use_text_for_last_user_input, rule_only_data)
        states = self._recent_states.of(tracker, domain)
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[Text], Optional[Text], bool]:
        """Does not look for rules on the words of a message where there are none: most are on intents."""
        if use_text_for_last_user_input and not self._rules_on_text:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _get_possible_keys(self, lookup: Dict[Text, Text], states: List[State]) -> Set[Text]:
        """The rules that fit these states; remembered, because conversations are alike and all rules are looked at."""
        if self._longest_rule is None or self._rules_on_text:
            return super()._get_possible_keys(lookup, states)
        key = (id(lookup), json.dumps([_without_text(state) for state in states], sort_keys=True))
        if key not in self._applicable:
            if len(self._applicable) >= REMEMBERED_SITUATIONS:
                self._applicable.clear()
            self._applicable[key] = super()._get_possible_keys(lookup, states)
        return self._applicable[key]

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "EscalatingRulePolicy":
        """The trained policy, with what it needs to know of its rules to answer quickly."""
        policy = super().load(config, model_storage, resource, execution_context, **kwargs)
        lookups = (policy.lookup.get(RULES, {}), policy.lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, {}))
        rules = [json.loads(key) for lookup in lookups for key in lookup]
        policy._longest_rule = max(map(len, rules), default=0)
        policy._recent_states = RecentStates(policy._longest_rule + 1)
        policy._applicable = {}
        policy._rules_on_text = any(state.get(USER, {}).get(TEXT) for rule in rules for state in rule)
        return policy


def _without_text(state: State) -> State:
    """The state without the customer's words."""
    user = state.get(USER)
    return {**state, USER: {name: user[name] for name in user if name != TEXT}} if user and TEXT in user else state


def actions_since_last_message(tracker: DialogueStateTracker) -> List[Text]:
    """Names of the actions that ran since the customer's last message, the latest first."""
    names = []
    for event in reversed(tracker.events):
        if isinstance(event, (UserUttered, UserUtteranceReverted, Restarted)):
            break
        if isinstance(event, ActionExecuted):
            names.append(event.action_name)
    return names
