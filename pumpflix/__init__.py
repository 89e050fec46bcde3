"""The wiring of PumpFlix: settings, the supervised tree, the web and worker entry points."""

__version__ = "0.1.0"
