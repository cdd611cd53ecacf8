"""The escalation policy that operations own (``data/escalation.yml``): its models, its loader, and the one in force.

The policy is the documented escalation matrix (P15): categories by severity with their targets, levels, the
thresholds at which a person is offered or takes over, risks, authority and the order of the queues.
"""

from warmline.policy.live import LivePolicy, PolicyState
from warmline.policy.load import PolicyError, PolicyProblem, load_policy
from warmline.policy.model import EscalationPolicy, Targets

__all__ = ["EscalationPolicy", "LivePolicy", "PolicyError", "PolicyProblem", "PolicyState", "Targets", "load_policy"]
