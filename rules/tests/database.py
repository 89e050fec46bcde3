"""What the rules of database.yaml find, and what they let pass."""


def one(request, workflow_id, execution, payload):
    # ruleid: row-by-key-alone
    Workflow.objects.get(pk=workflow_id)
    # ruleid: row-by-key-alone
    Workflow.objects.filter(deleted_at=None, id=workflow_id).first()
    # ruleid: row-by-key-alone
    Credential.every.get(pk=request.data["credential"])
    # ruleid: row-by-key-alone
    get_object_or_404(Workflow, pk=workflow_id)
    # ruleid: row-by-key-alone
    get_object_or_404(Workflow.objects, id=workflow_id)
    # ruleid: row-by-key-alone
    get_object_or_404(Execution.objects.select_related("workflow"), pk=workflow_id)
    # ok: row-by-key-alone
    get_object_or_404(Workflow.objects.visible_to(request.user), pk=workflow_id)
    # ok: row-by-key-alone
    get_object_or_404(SavedView, pk=workflow_id, user=request.user)
    # ok: row-by-key-alone
    Workflow.objects.filter(pk=execution.workflow.pk).update(name="")
    # ok: row-by-key-alone
    Workflow.objects.visible_to(request.user).get(pk=workflow_id)


def seen(request, execution_id):
    if not may_see(request.user, request.COOKIES, execution_id):
        raise Http404
    # ok: row-by-key-alone
    return get_object_or_404(Execution.objects.select_related("workflow"), pk=execution_id)


def statements(cursor, name, values):
    # ruleid: sql-of-text
    cursor.execute(f"SELECT * FROM {name}")
    # ruleid: sql-of-text
    cursor.execute("SELECT * FROM {}".format(name))
    # ruleid: sql-of-text
    cursor.executemany("SELECT * FROM %s" % name, [])
    # ruleid: sql-of-text
    cursor.execute("SELECT * FROM " + name)
    # ruleid: sql-of-text
    Workflow.objects.raw(f"SELECT * FROM {name}")
    # ruleid: sql-of-text
    RawSQL(f"count({name})", [])
    # ok: sql-of-text
    cursor.execute("SELECT * FROM workflows WHERE name = %s", [name])
    # ok: sql-of-text
    cursor.execute(STATEMENT, values)
