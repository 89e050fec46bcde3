"""Django's settings, one subject a file. Values that differ between machines come from `pumpflix.env` alone."""

from pumpflix.settings.admin import *
from pumpflix.settings.api import *
from pumpflix.settings.base import *
from pumpflix.settings.database import *
from pumpflix.settings.identity import *
from pumpflix.settings.live import *
from pumpflix.settings.logs import *
from pumpflix.settings.security import *
