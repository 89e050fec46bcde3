"""Set (Edit Fields): write fields of items. One file per major version, `fields.py` holds what they share."""
