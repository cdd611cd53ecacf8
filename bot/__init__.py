"""What runs inside Rasa: understanding, the escalation policy and the tracker store.

The components are plain Rasa 3 graph components; docs/bot-components.md says how another project can use them. This
package stays on Python 3.10, the newest that Rasa Open Source runs on.
"""

import warnings

# Rasa looks for its own classes by name and warns when an assistant brings others for the same work: the FAQ selector
# for its ResponseSelector, the pattern extractor for its trained ones, the escalation policy for its RulePolicy.
for _missing in (
    "You have defined training data with examples for training a response selector",
    "You have defined training data consisting of entity examples",
    "'RulePolicy' is not included in the model's policy configuration",
):
    warnings.filterwarnings("ignore", message=_missing, category=UserWarning)
