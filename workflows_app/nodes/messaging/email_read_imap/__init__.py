"""Email Trigger (IMAP): new mails of a mailbox."""
