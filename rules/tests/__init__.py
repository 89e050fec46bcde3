"""Examples of what the rules beside find (`ruleid`) and let pass (`ok`). They are read by semgrep, never run."""
