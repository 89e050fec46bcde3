from django.db import migrations, models

REFUSE = """
CREATE FUNCTION accounts_auditentry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Tests empty their database between two of them; a server that says so on purpose may, too.
    IF TG_OP = 'TRUNCATE' AND current_setting('pumpflix.audit_may_be_emptied', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The audit trail is only ever added to.' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER accounts_auditentry_rows_stay BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_auditentry_stays();
CREATE TRIGGER accounts_auditentry_stays BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_auditentry_stays();
"""
ALLOW = """
DROP TRIGGER accounts_auditentry_stays ON accounts_auditentry;
DROP TRIGGER accounts_auditentry_rows_stay ON accounts_auditentry;
DROP FUNCTION accounts_auditentry_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_chain_the_audit_trail_by_number")]

    operations = [
        migrations.AlterField("auditentry", "number", models.BigIntegerField(unique=True)),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
