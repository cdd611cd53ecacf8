"""From the whole escalation policy to the part that scoring needs."""

from __future__ import annotations

from datetime import timedelta

from actions.scoring.policy import (
    AnswerRule,
    AuthorityRule,
    CountRule,
    FrustrationRule,
    LikelihoodRule,
    MeaningRule,
    PolicyView,
    RiskRule,
    RuleView,
    TriageRule,
)
from warmline.policy import EscalationPolicy
from warmline.policy.conditional_rules import RulePolicy
from warmline.policy.signals import CountSignal
from warmline.policy.triage import AnswerPolicy, TriagePolicy


def view_of(policy: EscalationPolicy) -> PolicyView:
    """Return what scoring needs of ``policy``."""
    signals = policy.signals
    hot = signals.frustration
    return PolicyView(
        version=policy.version,
        frustration=FrustrationRule(
            acknowledge=hot.acknowledge,
            offer=hot.offer,
            offer_at_once=hot.offer_at_once,
            now=hot.now,
            keep=0.5 ** (1 / hot.half_life_turns),
            weight=hot.weight,
            severity=hot.severity,
        ),
        repeated_fallback=_count(signals.repeated_fallback),
        same_question_from=signals.repeated_fallback.same_question_from,
        low_confidence=_count(signals.low_confidence),
        low_confidence_below=signals.low_confidence.min_confidence,
        repetition=_count(signals.repetition),
        repeat_in_words=_count(signals.repeat_in_words),
        repeat_meaning_from=signals.repeat_in_words.meaning_from,
        bot_error=_count(signals.bot_error),
        bot_error_phrases=signals.bot_error.phrases,
        same_answer=_count(signals.same_answer),
        like_handoffs=LikelihoodRule(
            signals.like_handoffs.offer,
            signals.like_handoffs.now,
            signals.like_handoffs.now_after_answers,
            signals.like_handoffs.offer_at_once,
            signals.like_handoffs.now_at_once,
            signals.like_handoffs.after_turns,
            signals.like_handoffs.with_meaning,
            signals.like_handoffs.weight,
            signals.like_handoffs.severity,
        ),
        meanings=tuple(
            MeaningRule(
                name,
                rule.label,
                rule.need,
                rule.offer,
                rule.now,
                rule.adds_frustration,
                rule.weight,
                rule.severity,
                rule.level,
                rule.category,
            )
            for name, rule in signals.meanings.items()
        ),
        failed_from=signals.answers.failed_from,
        solved_from=signals.answers.solved_from,
        request_confidence=signals.explicit_request.min_confidence,
        request_meaning_from=signals.explicit_request.meaning_from,
        request_severity=signals.explicit_request.severity,
        superior_level=signals.explicit_request.superior_level,
        contacts=signals.repeat_contact.contacts,
        contact_window=timedelta(days=signals.repeat_contact.window_days),
        contact_severity=signals.repeat_contact.severity,
        agents=policy.people.agents,
        anyone=policy.people.anyone,
        superiors=policy.people.superiors,
        not_people=policy.people.not_these,
        risks=tuple(
            RiskRule(
                name,
                risk.label,
                risk.phrases,
                risk.unless_asked,
                risk.unless,
                risk.even_if_denied,
                risk.category,
                risk.severity,
                risk.level,
                risk.meaning_from,
                risk.alone_from,
                risk.if_meant,
                risk.if_meant_from,
            )
            for name, risk in policy.risks.items()
        ),
        authority=tuple(
            AuthorityRule(name, rule.topics, rule.bot_limit, tuple(sorted(rule.by_level.items())))
            for name, rule in policy.authority.items()
        ),
        authority_severity=signals.authority.severity,
        vip_tiers=policy.vip.tiers,
        vip_severity_up=policy.vip.severity_up,
        vip_offers_early=policy.vip.offer_when_acknowledged,
        combined_offer=policy.combined.offer,
        combined_now=policy.combined.now,
        decline_turns=policy.cooldown.after_decline_turns,
        offer_turns=policy.cooldown.after_offer_turns,
        calm_turns=policy.forgiveness.calm_turns,
        calm_below=policy.forgiveness.calm_below,
        category_from=policy.routing.category_from,
        triage=_triage(policy.triage),
        weights={
            "risk": signals.risk.weight,
            "authority": signals.authority.weight,
            "vip": signals.vip.weight,
        },
        rules=tuple(_rule(rule) for rule in policy.conditional_rules),
    )


def _count(rule: CountSignal) -> CountRule:
    return CountRule(rule.offer, rule.now, rule.weight, rule.severity)


def _triage(triage: TriagePolicy) -> TriageRule:
    return TriageRule(
        money=_answer(triage.money),
        large_sum=triage.money.large_sum,
        large_sum_severity=triage.money.large_sum_severity,
        reputation=_answer(triage.reputation),
        legal=_answer(triage.legal),
        business_critical=_answer(triage.business_critical),
        safety=_answer(triage.safety),
        many_customers=triage.customers.many,
        many_customers_severity=triage.customers.severity,
    )


def _answer(answer: AnswerPolicy) -> AnswerRule:
    return AnswerRule(answer.signals, answer.severity)


def _rule(rule: RulePolicy) -> RuleView:
    when, then = rule.when, rule.then
    return RuleView(
        name=rule.name,
        label=rule.label,
        at_once=then.action == "now",
        severity=then.severity,
        level=then.level,
        category=then.category,
        phrases=when.phrases,
        unless=when.unless,
        categories=when.category,
        topics=when.topic,
        tiers=when.tier,
        amount_from=when.amount_from,
        frustration_from=when.frustration_from,
        contacts_from=when.contacts_from,
        turns_from=when.turns_from,
        minutes_from=when.minutes_from,
    )
