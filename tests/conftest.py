"""What every test finds: a scrubbed environment. Also read in Rasa's environment, so standard library only."""

import os

for _name in [name for name in os.environ if name.startswith("WARMLINE_")]:
    if _name not in ("WARMLINE_BROWSER", "WARMLINE_REQUIRE_BROWSER", "WARMLINE_PYTHON310"):
        del os.environ[_name]
