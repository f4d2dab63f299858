"""All scenarios, in the order of the files that hold them."""

import scenarios_host
import scenarios_life
import scenarios_limits
import scenarios_project
import scenarios_screen
import scenarios_ssh
from story import SCENARIOS

FILES = (scenarios_project, scenarios_life, scenarios_host, scenarios_screen, scenarios_limits, scenarios_ssh)

# Probes that only scenarios use.
PROBES = {name for file in FILES for name in getattr(file, "PROBES", ())}

__all__ = ["FILES", "PROBES", "SCENARIOS"]
